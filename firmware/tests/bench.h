// SPDX-License-Identifier: Apache-2.0
// For the tests of firmware/: a model device with the native command processor, a window in its memory, and a ring.
#ifndef TERN_FIRMWARE_TESTS_BENCH_H
#define TERN_FIRMWARE_TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/tests/random.h"
#include "firmware/native.h"

// Device memory is larger than the window on both sides, so that a bad address can be real memory. It begins at
// TERN_DEVICE_MEMORY_BASE.
#define BENCH_MARGIN UINT64_C(0x4000)

struct bench {
    struct tern_device_model *model;
    uint8_t *memory, *before;
    uint64_t memory_bytes, window_base, window_bytes, ring, next;
    uint32_t entries, sequence;
    struct test_random random;
    // Runs the commands up to DOORBELL; NULL: the native command processor.
    uint32_t (*poll)(void *context);
    void *poll_context;
};

// Opens a window of `bytes` bytes and fills memory with a pattern. Aborts the test program without host memory.
void bench_open(struct bench *bench, uint64_t bytes, uint64_t seed);
void bench_close(struct bench *bench);
// Sets the window that commands may touch to that of the bench, which the caller changed.
void bench_set_window(struct bench *bench);

// A buffer at a multiple of 64 plus `skew` bytes.
uint64_t bench_alloc_skewed(struct bench *bench, uint64_t bytes, uint32_t skew);
uint64_t bench_alloc(struct bench *bench, uint64_t bytes);
void *bench_at(const struct bench *bench, uint64_t address);
float *bench_f32(const struct bench *bench, uint64_t address);
// A buffer of `count` values in -range..range.
uint64_t bench_random_f32(struct bench *bench, size_t count, float range);

uint32_t bench_register(struct bench *bench, uint32_t address);
void bench_set_register(struct bench *bench, uint32_t address, uint32_t value);

// Rings the doorbell for one command and returns its completion after checking sequence, opcode and COMPLETED.
struct tern_completion bench_run(struct bench *bench, union tern_command *command);
// The same; fails the test unless the command ends with OK.
void bench_run_ok(struct bench *bench, union tern_command *command);
// bench_remember keeps a copy of all memory. The second function fails the test at the first changed byte outside the
// ring and [address, address + bytes).
void bench_remember(struct bench *bench);
void bench_check_unchanged(const struct bench *bench, uint64_t address, uint64_t bytes, const char *what);
// Runs a command that must end with this status and detail and must not change memory.
void bench_run_refused(struct bench *bench, union tern_command *command, enum tern_status status, uint32_t detail,
                       const char *what);

#endif
