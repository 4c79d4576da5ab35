// SPDX-License-Identifier: Apache-2.0
// A progress line: share done, rate, time left. On a terminal it is rewritten in place, elsewhere it appears every ten
// seconds.
#ifndef TERN_HOST_DRIVER_SYSTEM_PROGRESS_H
#define TERN_HOST_DRIVER_SYSTEM_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct tern_progress {
    FILE *stream; // NULL: silent
    const char *label;
    uint64_t total_bytes, done_bytes, skipped_bytes;
    double start_s, shown_s;
    bool is_terminal, is_printed;
    pthread_mutex_t lock;
};

void tern_progress_start(struct tern_progress *progress, FILE *stream, const char *label, uint64_t total_bytes);
// Adds bytes done now; from any thread.
void tern_progress_add(struct tern_progress *progress, uint64_t bytes);
// Adds bytes that an earlier run did. They count in the share, not in the rate.
void tern_progress_skip(struct tern_progress *progress, uint64_t bytes);
// Ends the line; is_done: prints the total time.
void tern_progress_end(struct tern_progress *progress, bool is_done);

#endif
