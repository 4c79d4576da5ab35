// SPDX-License-Identifier: Apache-2.0
// A line about work under way: share done, rate, estimate. Rewritten in place on a terminal, every ten seconds
// otherwise.
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
    bool terminal, printed;
    pthread_mutex_t lock;
};

void tern_progress_start(struct tern_progress *progress, FILE *stream, const char *label, uint64_t total_bytes);
// Bytes done now; from any thread.
void tern_progress_add(struct tern_progress *progress, uint64_t bytes);
// Bytes an earlier run did: part of the share, not of the rate.
void tern_progress_skip(struct tern_progress *progress, uint64_t bytes);
// The last line, with the total time when `success`.
void tern_progress_end(struct tern_progress *progress, bool success);

#endif
