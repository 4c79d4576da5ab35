// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/progress.h"

#include "cmodel/fast/seconds.h"

struct unit {
    double size;
    const char *before; // of the amount, "" for a plain one
    const char *name;   // of the total and the rate
    int digits;         // of the amount after the point
};

static const struct unit *unit_of(const struct tern_progress *progress) {
    static const struct unit units[] = {[TERN_PROGRESS_BYTES] = {1e6, "", "MB", 1},
                                        [TERN_PROGRESS_TOKENS] = {1, "token ", "tokens", 1},
                                        [TERN_PROGRESS_POSITIONS] = {1, "position ", "positions", 1},
                                        [TERN_PROGRESS_ROWS] = {1, "", "rows", 0}};
    return &units[progress->unit];
}

void tern_progress_start(struct tern_progress *progress, FILE *stream, FILE *text, const char *label,
                         enum tern_progress_unit unit, double total) {
    *progress = (struct tern_progress){
        .label = label, .unit = unit, .total = total, .start_s = tern_seconds(), .lock = PTHREAD_MUTEX_INITIALIZER};
    progress->first_s = progress->start_s;
    tern_status_line_begin(&progress->line, stream, text);
}

static double share(const struct tern_progress *progress) {
    return progress->total > 0 ? progress->done / progress->total : 1;
}

// ", 12 s left" once there is a rate.
static void describe_rest(const struct tern_progress *progress, double rate, char *text, size_t bytes) {
    const double left_s = rate > 0 ? (progress->total - progress->done) / rate : -1;
    if (left_s < 0) {
        *text = 0;
    } else if (left_s < 100) {
        snprintf(text, bytes, ", %.0f s left", left_s);
    } else if (left_s < 100 * 60.0) {
        snprintf(text, bytes, ", %.0f min left", left_s / 60);
    } else {
        snprintf(text, bytes, ", %.1f h left", left_s / 3600);
    }
}

void tern_progress_show(struct tern_progress *progress, const char *more) {
    const struct unit *unit = unit_of(progress);
    const double seconds = tern_seconds() - progress->first_s, done = progress->done - progress->first;
    const double rate = seconds > 0 ? done / seconds : 0;
    char text[TERN_STATUS_BYTES], rest[40], speed[40] = "";
    describe_rest(progress, rate, rest, sizeof rest);
    if (rate > 0) {
        snprintf(speed, sizeof speed, ", %.*f %s/s", rate / unit->size < 100 ? 2 : 0, rate / unit->size, unit->name);
    }
    snprintf(text, sizeof text, "%s: %s%.*f of %.0f%s%s (%.0f %%)%s%s%s", progress->label, unit->before, unit->digits,
             progress->done / unit->size, progress->total / unit->size, *unit->before ? "" : " ",
             *unit->before ? "" : unit->name, 100 * share(progress), speed, rest, more);
    tern_status_line_show(&progress->line, text);
}

static void advance(struct tern_progress *progress, double amount, double earlier) {
    pthread_mutex_lock(&progress->lock);
    progress->first += earlier;
    if (tern_progress_reach(progress, progress->done + amount)) {
        tern_progress_show(progress, "");
    }
    pthread_mutex_unlock(&progress->lock);
}

void tern_progress_add(struct tern_progress *progress, double amount) {
    advance(progress, amount, 0);
}

void tern_progress_skip(struct tern_progress *progress, double amount) {
    advance(progress, amount, amount);
}

void tern_progress_restart_rate(struct tern_progress *progress) {
    progress->first = progress->done;
    progress->first_s = tern_seconds();
}

bool tern_progress_reach(struct tern_progress *progress, double done) {
    progress->done = done < progress->total ? done : progress->total;
    return tern_status_line_is_due(&progress->line, share(progress));
}

void tern_progress_end(struct tern_progress *progress, bool says_done) {
    tern_status_line_clear(&progress->line);
    if (progress->line.stream && says_done) {
        const struct unit *unit = unit_of(progress);
        const double seconds = tern_seconds() - progress->start_s;
        const double done = (progress->done - progress->first) / unit->size;
        fprintf(progress->line.stream, "%s done, %.1f %s in %.1f s, %.1f %s/s\n", progress->label, done, unit->name,
                seconds, seconds > 0 ? done / seconds : 0.0, unit->name);
    }
    pthread_mutex_destroy(&progress->lock);
}
