// SPDX-License-Identifier: Apache-2.0
// The tiny model on a device, with a checksum of every stage of every position.
#ifndef TERN_HOST_DRIVER_RUNNER_TESTS_BENCH_H
#define TERN_HOST_DRIVER_RUNNER_TESTS_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host_driver/runner/runner.h"

enum { BENCH_POSITIONS = 96, BENCH_STAGES = 128, BENCH_VOCABULARY = 512 };

// The last run of every position: checksums of name, layer and result, in order; logits.
struct bench_trace {
    uint32_t stages[BENCH_POSITIONS], checksum[BENCH_POSITIONS][BENCH_STAGES];
    float logits[BENCH_POSITIONS][BENCH_VOCABULARY];
};

struct bench {
    struct tern_device *device, *others[TERN_RUNNER_DEVICES - 1];
    struct tern_runner *runner;
    struct bench_trace trace;
};

// One for the whole program; depth 3, closed by bench_model_close.
const struct tern_model *bench_model(void);
void bench_model_close(void);

// memory_bytes: of the device, 0 for more than enough.
struct bench *bench_open(uint64_t memory_bytes, uint32_t depth);
// The same on a device that completes one command for each wait, as hardware does, not all at once.
struct bench *bench_open_slow(uint64_t memory_bytes, uint32_t depth);
// On several devices; every other one completes one command for each wait. placement: which device runs each of the 4
// layers (struct tern_runner_options). memory_bytes: of each device.
struct bench *bench_open_devices(uint64_t memory_bytes, const uint8_t *placement);
void bench_close(struct bench *bench);

// Feeds ids [count] with logits for each.
void bench_feed(struct bench *bench, const uint32_t *ids, uint32_t count);
// Fails where the first `count` positions of the two differ.
void bench_expect_same(const struct bench_trace *expected, const struct bench_trace *got, uint32_t count);

#endif
