// SPDX-License-Identifier: Apache-2.0
// How far a long work is: amount done, rate, time left, on a status line.
#ifndef TERN_HOST_DRIVER_SYSTEM_PROGRESS_H
#define TERN_HOST_DRIVER_SYSTEM_PROGRESS_H

#include <pthread.h>

#include "host_driver/system/status_line.h"

enum tern_progress_unit {
    TERN_PROGRESS_BYTES, // shown as MB
    TERN_PROGRESS_TOKENS,
    TERN_PROGRESS_POSITIONS,
    TERN_PROGRESS_ROWS,
};

struct tern_progress {
    const char *label;
    enum tern_progress_unit unit;
    double total, done;
    double first, first_s; // done, and the second, from which on the rate counts
    double start_s;
    struct tern_status_line line;
    pthread_mutex_t lock;
};

// stream, text: as for tern_status_line_begin.
void tern_progress_start(struct tern_progress *progress, FILE *stream, FILE *text, const char *label,
                         enum tern_progress_unit unit, double total);
// Adds what is done now; from any thread. Shows it when that is due.
void tern_progress_add(struct tern_progress *progress, double amount);
// Adds what an earlier run did. It counts in the share, not in the rate.
void tern_progress_skip(struct tern_progress *progress, double amount);
// Work of another pace begins: the rate counts from here.
void tern_progress_restart_rate(struct tern_progress *progress);
// Notes that `done` is done, and whether to show it.
bool tern_progress_reach(struct tern_progress *progress, double done);
// more: what follows the figures, such as ", rtl 1.28 M cycles/s".
void tern_progress_show(struct tern_progress *progress, const char *more);
// Takes the line off; says_done: prints the total time.
void tern_progress_end(struct tern_progress *progress, bool says_done);

#endif
