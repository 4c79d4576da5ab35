// SPDX-License-Identifier: Apache-2.0
#include "firmware/tests/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/error.h"
#include "cmodel/layout.h"

#define ENTRIES 8u

static void set_pair(struct bench *bench, uint32_t address, uint64_t value) {
    bench_set_register(bench, address, (uint32_t)value);
    bench_set_register(bench, address + 4, (uint32_t)(value >> 32));
}

static uint64_t ring_bytes(const struct bench *bench) {
    return bench->entries * (uint64_t)(TERN_COMMAND_BYTES + TERN_COMPLETION_BYTES);
}

void bench_set_window(struct bench *bench) {
    set_pair(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BASE_LO, bench->window_base);
    set_pair(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BYTES_LO, bench->window_bytes);
}

void bench_open(struct bench *bench, uint64_t bytes, uint64_t seed) {
    memset(bench, 0, sizeof *bench);
    bench->random = test_random_seed(seed);
    bench->entries = ENTRIES;
    bench->window_base = TERN_DEVICE_MEMORY_BASE + BENCH_MARGIN;
    bench->window_bytes = tern_align_up(bytes, 64);
    bench->memory_bytes = bench->window_bytes + 2 * BENCH_MARGIN;
    bench->memory = aligned_alloc(64, bench->memory_bytes);
    bench->before = malloc(bench->memory_bytes);
    assert_non_null(bench->memory);
    assert_non_null(bench->before);
    for (uint64_t i = 0; i < bench->memory_bytes; i++) {
        bench->memory[i] = (uint8_t)(i * 7 + (i >> 8));
    }
    assert_int_equal(
        tern_device_model_create(TERN_DEVICE_MEMORY_BASE, bench->memory_bytes, bench->memory, &bench->model),
        TERN_STATUS_OK);
    memset(tern_device_model_scratch(bench->model), 0xcd, TERN_SCRATCH_BYTES);
    bench->next = bench->window_base;
    bench->ring = bench_alloc(bench, ring_bytes(bench));
    bench_set_window(bench);
    set_pair(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_RING_BASE_LO, bench->ring);
    bench_set_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_RING_ENTRIES, bench->entries);
    bench_set_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WAIT_LIMIT, 1000);
    tern_firmware_start(tern_port_of(bench->model));
}

void bench_close(struct bench *bench) {
    tern_device_model_destroy(bench->model);
    free(bench->memory);
    free(bench->before);
}

uint64_t bench_alloc_skewed(struct bench *bench, uint64_t bytes, uint32_t skew) {
    uint64_t address = tern_align_up(bench->next, 64) + skew;
    // A gap shows a write past the end of a buffer.
    bench->next = address + bytes + 64;
    assert_true(bench->next <= bench->window_base + bench->window_bytes);
    return address;
}

uint64_t bench_alloc(struct bench *bench, uint64_t bytes) {
    return bench_alloc_skewed(bench, bytes, 0);
}

void *bench_at(const struct bench *bench, uint64_t address) {
    return bench->memory + (address - TERN_DEVICE_MEMORY_BASE);
}

float *bench_f32(const struct bench *bench, uint64_t address) {
    return bench_at(bench, address);
}

uint64_t bench_random_f32(struct bench *bench, size_t count, float range) {
    uint64_t address = bench_alloc(bench, 4 * count);
    float *x = bench_f32(bench, address);
    for (size_t i = 0; i < count; i++) {
        x[i] = range * ((float)test_random_between(&bench->random, -1000000, 1000000) / 1e6f);
    }
    return address;
}

uint32_t bench_register(struct bench *bench, uint32_t address) {
    return tern_device_model_read(bench->model, address);
}

void bench_set_register(struct bench *bench, uint32_t address, uint32_t value) {
    tern_device_model_write(bench->model, address, value);
}

struct tern_completion bench_run(struct bench *bench, union tern_command *command) {
    uint32_t number = bench_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL);
    uint32_t index = number % bench->entries;
    command->header.sequence = ++bench->sequence * 0x10001u;
    memcpy(bench_at(bench, bench->ring + index * TERN_COMMAND_BYTES), command, sizeof *command);
    bench_set_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL, number + 1);
    assert_int_equal(bench->poll ? bench->poll(bench->poll_context) : tern_firmware_poll(tern_port_of(bench->model)),
                     1);
    assert_int_equal(bench_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_COMPLETED), number + 1);
    struct tern_completion completion;
    memcpy(&completion,
           bench_at(bench, bench->ring + bench->entries * TERN_COMMAND_BYTES + index * TERN_COMPLETION_BYTES),
           sizeof completion);
    assert_int_equal(completion.sequence, command->header.sequence);
    assert_int_equal(completion.opcode, command->header.opcode & ~TERN_COMMAND_BESIDE);
    return completion;
}

void bench_run_ok(struct bench *bench, union tern_command *command) {
    struct tern_completion completion = bench_run(bench, command);
    if (completion.status != TERN_STATUS_OK) {
        fail_msg("opcode %u ends in %u (%s), detail %u", completion.opcode, completion.status,
                 tern_status_text((enum tern_status)completion.status), completion.detail);
    }
    assert_int_equal(completion.detail, 0);
}

void bench_remember(struct bench *bench) {
    memcpy(bench->before, bench->memory, bench->memory_bytes);
}

void bench_check_unchanged(const struct bench *bench, uint64_t address, uint64_t bytes, const char *what) {
    for (uint64_t i = 0; i < bench->memory_bytes; i++) {
        uint64_t at = TERN_DEVICE_MEMORY_BASE + i;
        if (bench->memory[i] != bench->before[i] && at - bench->ring >= ring_bytes(bench) && at - address >= bytes) {
            fail_msg("%s: byte 0x%llx changed", what, (unsigned long long)at);
        }
    }
}

void bench_run_refused(struct bench *bench, union tern_command *command, enum tern_status status, uint32_t detail,
                       const char *what) {
    bench_remember(bench);
    struct tern_completion completion = bench_run(bench, command);
    if (completion.status != (uint32_t)status || completion.detail != detail) {
        fail_msg("opcode %u, %s: got status %u detail %u, expected %u %u", command->header.opcode, what,
                 completion.status, completion.detail, status, detail);
    }
    bench_check_unchanged(bench, 0, 0, what);
}
