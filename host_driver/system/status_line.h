// SPDX-License-Identifier: Apache-2.0
// A line that says how far a long work is. On a terminal it is rewritten, where it stands or below a text that grows.
// Elsewhere it becomes whole lines, without escape sequences, at a calmer pace.
#ifndef TERN_HOST_DRIVER_SYSTEM_STATUS_LINE_H
#define TERN_HOST_DRIVER_SYSTEM_STATUS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum tern_status_place {
    TERN_STATUS_NOWHERE,  // there is no stream
    TERN_STATUS_LOG,      // a file, a pipe, or a terminal that TERM does not name or calls dumb: whole lines
    TERN_STATUS_IN_PLACE, // a terminal: over the line before
    TERN_STATUS_BELOW,    // a terminal that text may go to as well: on the line below the cursor, which stays
};

enum { TERN_STATUS_BYTES = 256 }; // most of a status and its NUL

struct tern_status_line {
    FILE *stream;
    enum tern_status_place place;
    bool has_text_beside; // the text goes to the same terminal, file or pipe
    bool is_shown;
    double own_interval_s, shown_s, quiet_to_s, shown_share;
    char shown[TERN_STATUS_BYTES];
    // BELOW, set by the writer of the text:
    bool is_full;    // the text fills its line, so that the cursor hangs at its end
    bool is_wrapped; // read and reset by the writer: the status ended that line, so that a '\n' is done
};

// stream: NULL for silence. text: where text without line ends goes meanwhile, NULL for none. The environment variable
// TERN_PROGRESS_SECONDS replaces the interval.
void tern_status_line_begin(struct tern_status_line *line, FILE *stream, FILE *text);
// Whether it is time for a new status. share: of the work that is done, 0..1.
bool tern_status_line_is_due(struct tern_status_line *line, double share);
// Shows a status, cut to the width of the terminal.
void tern_status_line_show(struct tern_status_line *line, const char *status);
// Takes the status off a terminal, for text that comes now.
void tern_status_line_clear(struct tern_status_line *line);
// After tern_status_line_clear and the text: shows the status again if the text is on this terminal.
void tern_status_line_restore(struct tern_status_line *line);

// Whether text has to wait until the work ends, so that no status splits it: both are lines of one file.
bool tern_status_line_holds_text(const struct tern_status_line *line);
// What a notice on stderr begins with, so that it has a line of its own. text: as above.
const char *tern_status_line_break(FILE *text);
// Columns of the terminal, 80 where that is unknown.
unsigned tern_status_line_width(const struct tern_status_line *line);

#endif
