// SPDX-License-Identifier: Apache-2.0
#include "sim/soc/tests/soc_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/image.h"

#define COMMAND_LIMIT_CYCLES 20000000u
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

void soc_pair_open(struct soc_pair *pair, uint64_t bytes, uint32_t seed, int stalls) {
    bench_open(&pair->model, bytes, seed);
    uint64_t memory_bytes = pair->model.memory_bytes;
    soc_open(&pair->rtl, memory_bytes, seed, stalls);
    assert_int_equal(pair->rtl.backend.memory_base, TERN_DEVICE_MEMORY_BASE);
    assert_true(pair->rtl.backend.memory_bytes >= memory_bytes);
    pair->expected = malloc(memory_bytes);
    pair->got = malloc(memory_bytes);
    assert_non_null(pair->expected);
    assert_non_null(pair->got);
    soc_set_window(&pair->rtl, pair->model.window_base, pair->model.window_bytes);
    soc_write_pair(&pair->rtl, SYSTEM(RING_BASE_LO), pair->model.ring);
    soc_write(&pair->rtl, SYSTEM(RING_ENTRIES), pair->model.entries);
    soc_write(&pair->rtl, SYSTEM(WAIT_LIMIT), SOC_WAIT_LIMIT);
    soc_run_image(&pair->rtl, tern_firmware_image, tern_firmware_image_words);
    soc_advance(&pair->rtl, 100000);
    assert_int_equal(soc_read(&pair->rtl, SYSTEM(FIRMWARE_STATE)), TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    assert_int_equal(soc_read(&pair->rtl, SYSTEM(FIRMWARE_VERSION)), TERN_SPEC_HASH);
}

void soc_pair_close(struct soc_pair *pair) {
    soc_close(&pair->rtl);
    bench_close(&pair->model);
    free(pair->expected);
    free(pair->got);
}

static uint64_t now(struct soc_pair *pair) {
    return (uint64_t)soc_read(&pair->rtl, SYSTEM(TIME_HI)) << 32 | soc_read(&pair->rtl, SYSTEM(TIME_LO));
}

static void run_on_rtl(struct soc_pair *pair, uint32_t count, const char *what) {
    uint32_t number = soc_read(&pair->rtl, SYSTEM(DOORBELL)) + count;
    uint64_t start = now(pair);
    soc_write(&pair->rtl, SYSTEM(DOORBELL), number);
    while (soc_read(&pair->rtl, SYSTEM(COMPLETED)) != number) {
        if (now(pair) - start > COMMAND_LIMIT_CYCLES ||
            soc_read(&pair->rtl, SYSTEM(STATUS)) != TERN_SYSTEM_STATUS_RUNS_MASK) {
            fail_msg("%s: no completion, status %u", what, soc_read(&pair->rtl, SYSTEM(STATUS)));
        }
        soc_advance(&pair->rtl, 1000);
    }
    pair->cycles = now(pair) - start;
}

static void write_memory(struct soc_pair *pair, const uint8_t *data) {
    struct tern_backend *backend = &pair->rtl.backend;
    struct tern_error error = {""};
    assert_int_equal(
        backend->memory_write(backend->context, TERN_DEVICE_MEMORY_BASE, data, pair->model.memory_bytes, &error),
        TERN_STATUS_OK);
}

static void read_memory(struct soc_pair *pair, uint8_t *data) {
    struct tern_backend *backend = &pair->rtl.backend;
    struct tern_error error = {""};
    assert_int_equal(
        backend->memory_read(backend->context, TERN_DEVICE_MEMORY_BASE, data, pair->model.memory_bytes, &error),
        TERN_STATUS_OK);
}

static uint32_t next_index(struct soc_pair *pair) {
    return soc_read(&pair->rtl, SYSTEM(DOORBELL)) % pair->model.entries;
}

// Returns the ring's entry `index` in an image of memory.
static uint8_t *command_at(struct soc_pair *pair, uint8_t *image, uint32_t index) {
    return image + (pair->model.ring - TERN_DEVICE_MEMORY_BASE) + index * TERN_COMMAND_BYTES;
}

void soc_pair_run_batch(struct soc_pair *pair, union tern_command *commands, uint32_t count,
                        struct tern_completion *completions, const char *what) {
    struct bench *model = &pair->model;
    const uint32_t first = next_index(pair);
    assert_in_range(count, 1, model->entries);
    memcpy(pair->expected, model->memory, model->memory_bytes);
    for (uint32_t i = 0; i < count; i++) {
        completions[i] = bench_run(model, &commands[i]);
        memcpy(command_at(pair, pair->expected, (first + i) % model->entries), &commands[i], sizeof *commands);
    }
    write_memory(pair, pair->expected);
    run_on_rtl(pair, count, what);
    read_memory(pair, pair->got);
    for (uint64_t i = 0; i < model->memory_bytes; i++) {
        if (pair->got[i] != model->memory[i]) {
            fail_msg("%s: memory differs at 0x%llx: model %02x, rtl %02x, seed %u", what,
                     (unsigned long long)(TERN_DEVICE_MEMORY_BASE + i), model->memory[i], pair->got[i], pair->rtl.seed);
        }
    }
}

struct tern_completion soc_pair_run(struct soc_pair *pair, union tern_command command, const char *what) {
    struct tern_completion completion;
    soc_pair_run_batch(pair, &command, 1, &completion, what);
    return completion;
}

struct tern_completion soc_pair_run_rtl(struct soc_pair *pair, union tern_command command, const char *what) {
    struct bench *model = &pair->model;
    union tern_command nop = build_nop();
    bench_run_ok(model, &nop);
    command.header.sequence = nop.header.sequence;
    uint32_t index = next_index(pair);
    memcpy(pair->expected, model->memory, model->memory_bytes);
    memcpy(command_at(pair, pair->expected, index), &command, sizeof command);
    uint64_t place =
        model->ring - TERN_DEVICE_MEMORY_BASE + model->entries * TERN_COMMAND_BYTES + index * TERN_COMPLETION_BYTES;
    memset(pair->expected + place, 0, TERN_COMPLETION_BYTES);
    write_memory(pair, pair->expected);
    run_on_rtl(pair, 1, what);
    read_memory(pair, pair->got);
    struct tern_completion completion;
    memcpy(&completion, pair->got + place, sizeof completion);
    return completion;
}

void soc_pair_run_model(struct soc_pair *pair, union tern_command command, const char *what) {
    struct bench *model = &pair->model;
    union tern_command nop = build_nop();
    bench_run_ok(model, &command);
    memcpy(pair->expected, model->memory, model->memory_bytes);
    memcpy(command_at(pair, pair->expected, next_index(pair)), &nop, sizeof nop);
    write_memory(pair, pair->expected);
    run_on_rtl(pair, 1, what);
}

void soc_pair_run_ok(struct soc_pair *pair, union tern_command command, const char *what) {
    struct tern_completion completion = soc_pair_run(pair, command, what);
    if (completion.status != TERN_STATUS_OK) {
        fail_msg("%s: status %u, detail %u", what, completion.status, completion.detail);
    }
    printf("%-34s %8llu cycles\n", what, (unsigned long long)pair->cycles);
}
