// SPDX-License-Identifier: Apache-2.0
// The runs whose durations are compared.
#ifndef TERN_SIM_DEVICES_VP_TIMING_TABLE_CASES_H
#define TERN_SIM_DEVICES_VP_TIMING_TABLE_CASES_H

#include "sim/devices/vp/timing_table/bench.h"

#define TIMING_MOST_CASES 800u

struct timing_cases {
    struct timing_case list[TIMING_MOST_CASES];
    uint32_t count;
    uint32_t vectors;            // that the device takes at once
    uint32_t latency, bandwidth; // of the cases that are made
};

// Every unit at the latencies 20, 60, 120 and 200. is_short: few cases, for a test.
void timing_cases_make(bool is_short, uint32_t bandwidth, uint32_t vectors, struct timing_cases *cases);

#endif
