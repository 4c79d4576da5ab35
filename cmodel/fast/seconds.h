// SPDX-License-Identifier: Apache-2.0
// Host time, for rates and profiles; no result depends on it.
#ifndef TERN_CMODEL_FAST_SECONDS_H
#define TERN_CMODEL_FAST_SECONDS_H

#include <time.h>

// Seconds since some fixed point.
static inline double tern_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
