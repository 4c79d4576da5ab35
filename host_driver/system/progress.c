// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/system/progress.h"

#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#define TERMINAL_INTERVAL_S 0.2
#define LOG_INTERVAL_S 10.0

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void tern_progress_start(struct tern_progress *progress, FILE *stream, const char *label, uint64_t total_bytes) {
    *progress = (struct tern_progress){
        .stream = stream, .label = label, .total_bytes = total_bytes, .lock = PTHREAD_MUTEX_INITIALIZER};
    progress->start_s = progress->shown_s = now_s();
    progress->is_terminal = stream && isatty(fileno(stream));
}

static void show(struct tern_progress *progress, double now) {
    double elapsed_s = now - progress->start_s, share = 1.0;
    uint64_t done = progress->done_bytes + progress->skipped_bytes;
    if (progress->total_bytes) {
        share = (double)done / (double)progress->total_bytes;
    }
    double rate = elapsed_s > 0 ? (double)progress->done_bytes / elapsed_s : 0;
    double left_s = rate > 0 ? (double)(progress->total_bytes - done) / rate : 0;
    fprintf(progress->stream, "%s%s %.0f %%, %.0f of %.0f MB, %.0f MB/s, %.0f s left%s",
            progress->is_terminal ? "\r" : "", progress->label, 100 * share, (double)done / 1e6,
            (double)progress->total_bytes / 1e6, rate / 1e6, left_s, progress->is_terminal ? "\033[K" : "\n");
    fflush(progress->stream);
    progress->is_printed = true;
    progress->shown_s = now;
}

static void advance(struct tern_progress *progress, uint64_t *counter, uint64_t bytes) {
    pthread_mutex_lock(&progress->lock);
    *counter += bytes;
    double now = now_s();
    if (progress->stream && now - progress->shown_s >= (progress->is_terminal ? TERMINAL_INTERVAL_S : LOG_INTERVAL_S)) {
        show(progress, now);
    }
    pthread_mutex_unlock(&progress->lock);
}

void tern_progress_add(struct tern_progress *progress, uint64_t bytes) {
    advance(progress, &progress->done_bytes, bytes);
}

void tern_progress_skip(struct tern_progress *progress, uint64_t bytes) {
    advance(progress, &progress->skipped_bytes, bytes);
}

void tern_progress_end(struct tern_progress *progress, bool is_done) {
    if (progress->stream && progress->is_terminal && progress->is_printed) {
        fprintf(progress->stream, "\n");
    }
    if (progress->stream && is_done) {
        double elapsed_s = now_s() - progress->start_s;
        fprintf(progress->stream, "%s done, %.1f MB in %.1f s, %.1f MB/s\n", progress->label,
                (double)progress->done_bytes / 1e6, elapsed_s,
                elapsed_s > 0 ? (double)progress->done_bytes / 1e6 / elapsed_s : 0.0);
    }
    pthread_mutex_destroy(&progress->lock);
}
