// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/status_line.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmodel/fast/seconds.h"

#define TERMINAL_INTERVAL_S 0.25
#define LOG_INTERVAL_S 10.0
// A log also has a line for each tenth of the work, unless they come fast.
#define LOG_SHARE 0.1
#define LOG_SHARE_INTERVAL_S 1.0
// A program behind a pipe needs time to print text before the cursor is used again.
#define QUIET_S 0.05
#define DEFAULT_COLUMNS 80

static bool has_cursor(int descriptor) {
    const char *terminal = getenv("TERM");
    return isatty(descriptor) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

static bool is_same(FILE *a, FILE *b) {
    struct stat left, right;
    return a && b && fstat(fileno(a), &left) == 0 && fstat(fileno(b), &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

static bool is_regular(FILE *file) {
    struct stat state;
    return fstat(fileno(file), &state) == 0 && S_ISREG(state.st_mode);
}

static enum tern_status_place place_of(FILE *stream, FILE *text) {
    if (!stream) {
        return TERN_STATUS_NOWHERE;
    }
    if (!has_cursor(fileno(stream))) {
        return TERN_STATUS_LOG;
    }
    return text && !is_regular(text) ? TERN_STATUS_BELOW : TERN_STATUS_IN_PLACE;
}

void tern_status_line_begin(struct tern_status_line *line, FILE *stream, FILE *text) {
    const char *seconds = getenv("TERN_PROGRESS_SECONDS");
    char *end = NULL;
    const double own = seconds ? strtod(seconds, &end) : -1;
    *line = (struct tern_status_line){.stream = stream,
                                      .place = place_of(stream, text),
                                      .has_text_beside = is_same(stream, text),
                                      .own_interval_s = end && end != seconds && !*end && own >= 0 ? own : -1,
                                      .shown_s = tern_seconds()};
}

bool tern_status_line_is_due(struct tern_status_line *line, double share) {
    if (line->place == TERN_STATUS_NOWHERE) {
        return false;
    }
    const double now = tern_seconds(), since = now - line->shown_s;
    bool is_due = since >= (line->place == TERN_STATUS_LOG ? LOG_INTERVAL_S : TERMINAL_INTERVAL_S);
    if (line->place == TERN_STATUS_LOG && share - line->shown_share >= LOG_SHARE) {
        is_due = since >= LOG_SHARE_INTERVAL_S;
    }
    is_due = line->own_interval_s >= 0 ? since >= line->own_interval_s : is_due && now >= line->quiet_to_s;
    if (is_due) {
        line->shown_s = now;
        line->shown_share = share;
    }
    return is_due;
}

unsigned tern_status_line_width(const struct tern_status_line *line) {
    struct winsize size = {0};
    const bool is_known = line->stream && ioctl(fileno(line->stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return is_known ? size.ws_col : DEFAULT_COLUMNS;
}

// Ends a full line, since the cursor would not come back to its end on all terminals. False: text that does not pass
// here may go on there, so that nothing can be shown.
static bool leave_full_line(struct tern_status_line *line) {
    if (!line->is_full) {
        return true;
    }
    if (!line->has_text_beside) {
        return false;
    }
    line->is_full = false;
    line->is_wrapped = true;
    fputs("\r\n", line->stream);
    return true;
}

// Index and reverse index make room for a line without changing the column. Then the cursor is saved, moved, restored.
static void draw_below(struct tern_status_line *line, int columns) {
    if (leave_full_line(line)) {
        fprintf(line->stream, "\033D\033M\0337\033D\r\033[K%.*s\0338", columns, line->shown);
        line->is_shown = true;
    }
}

// One column stays free, so that no line wraps.
static void draw(struct tern_status_line *line) {
    const int columns = (int)tern_status_line_width(line) - 1;
    switch (line->place) {
    case TERN_STATUS_NOWHERE: return;
    case TERN_STATUS_LOG: fprintf(line->stream, "%s\n", line->shown); break;
    case TERN_STATUS_IN_PLACE:
        fprintf(line->stream, "\r%.*s\033[K", columns, line->shown);
        line->is_shown = true;
        break;
    case TERN_STATUS_BELOW: draw_below(line, columns); break;
    }
    fflush(line->stream);
}

void tern_status_line_show(struct tern_status_line *line, const char *status) {
    snprintf(line->shown, sizeof line->shown, "%s", status);
    draw(line);
}

void tern_status_line_clear(struct tern_status_line *line) {
    if (!line->is_shown) {
        return;
    }
    fputs(line->place == TERN_STATUS_BELOW ? "\0337\033D\r\033[K\0338" : "\r\033[K", line->stream);
    fflush(line->stream);
    line->is_shown = false;
}

void tern_status_line_restore(struct tern_status_line *line) {
    if (line->place != TERN_STATUS_BELOW) {
        return;
    }
    if (!line->has_text_beside) {
        line->quiet_to_s = tern_seconds() + QUIET_S;
    } else if (*line->shown && !line->is_full) {
        draw(line);
    }
}

bool tern_status_line_holds_text(const struct tern_status_line *line) {
    return line->place == TERN_STATUS_LOG && line->has_text_beside;
}

// Ctrl-C at a terminal drops what was not yet shown, which may cut an escape sequence. The cut one then takes the first
// carriage return.
const char *tern_status_line_break(FILE *text) {
    switch (place_of(stderr, text)) {
    case TERN_STATUS_BELOW: return "\r\r\n\033[K";
    case TERN_STATUS_IN_PLACE: return "\r\r\033[K";
    default: return isatty(STDERR_FILENO) ? "\n" : "";
    }
}
