// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/tests/bench.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/crc32c.h"
#include "host_driver/device/tests/pass_through.h"

static struct tern_model *model;

const struct tern_model *bench_model(void) {
    struct tern_error error;
    if (!model) {
        assert_int_equal(tern_model_open(TERN_SOURCE_DIR "/testvectors/tiny", 3, &error, &model), TERN_STATUS_OK);
    }
    return model;
}

void bench_model_close(void) {
    tern_model_close(model);
    model = NULL;
}

static enum tern_status record(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                               struct tern_error *error) {
    struct bench_trace *trace = context;
    (void)error;
    if (stage->layer == 0 && strcmp(stage->name, "input_norm") == 0) {
        trace->stages[stage->position] = 0;
    }
    uint32_t at = trace->stages[stage->position]++;
    assert_in_range(at, 0, BENCH_STAGES - 1);
    const uint32_t parts[3] = {tern_crc32c(stage->name, strlen(stage->name)), (uint32_t)stage->layer,
                               tern_crc32c(data, bytes)};
    trace->checksum[stage->position][at] = tern_crc32c(parts, sizeof parts);
    return TERN_STATUS_OK;
}

// The model back end with a doorbell that passes one command at a time.
struct slow_device {
    struct pass_through model;
    uint32_t rung, passed;
};

static enum tern_status slow_register_write(void *context, uint32_t address, uint32_t value, struct tern_error *error) {
    struct slow_device *slow = context;
    if (address == TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL && value != 0) {
        slow->rung = value;
        return TERN_STATUS_OK;
    }
    return pass_register_write(slow, address, value, error);
}

static enum tern_status slow_advance(void *context, uint64_t cycles, struct tern_error *error) {
    struct slow_device *slow = context;
    if (slow->passed != slow->rung) {
        slow->passed++;
        TERN_TRY(pass_register_write(slow, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL, slow->passed, error));
    }
    return pass_advance(slow, cycles, error);
}

static void slow_close(void *context) {
    pass_close(context);
    free(context);
}

static struct tern_device *open_device(uint64_t memory_bytes) {
    const struct tern_backend_config config = {.memory_bytes = memory_bytes};
    struct tern_device *device;
    assert_int_equal(tern_device_open("model", &config, NULL, &device), TERN_STATUS_OK);
    return device;
}

static struct tern_device *open_slow(uint64_t memory_bytes) {
    const struct tern_backend_config config = {.memory_bytes = memory_bytes};
    struct slow_device *slow = calloc(1, sizeof *slow);
    struct tern_device *device;
    assert_non_null(slow);
    struct tern_backend backend;
    assert_int_equal(pass_through_open(&config, &slow->model, &backend, NULL), TERN_STATUS_OK);
    backend.register_write = slow_register_write;
    backend.advance = slow_advance;
    backend.close = slow_close;
    assert_int_equal(tern_device_attach(&backend, NULL, &device), TERN_STATUS_OK);
    return device;
}

// Opens the runner of a bench whose devices are open.
static struct bench *open_runner(struct bench *bench, uint32_t depth, const uint8_t *placement) {
    struct tern_error error = {{0}};
    struct tern_runner_options options = {.capacity = BENCH_POSITIONS,
                                          .depth = depth,
                                          .tap = record,
                                          .tap_context = &bench->trace,
                                          .others = bench->others,
                                          .placement = placement};
    while (options.other_count < TERN_RUNNER_DEVICES - 1 && bench->others[options.other_count]) {
        options.other_count++;
    }
    if (tern_runner_open(bench_model(), bench->device, &options, &error, &bench->runner) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    return bench;
}

static struct bench *new_bench(struct tern_device *device) {
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    bench->device = device;
    return bench;
}

struct bench *bench_open(uint64_t memory_bytes, uint32_t depth) {
    return open_runner(new_bench(open_device(memory_bytes)), depth, NULL);
}

struct bench *bench_open_slow(uint64_t memory_bytes, uint32_t depth) {
    return open_runner(new_bench(open_slow(memory_bytes)), depth, NULL);
}

struct bench *bench_open_devices(uint64_t memory_bytes, const uint8_t *placement) {
    struct bench *bench = new_bench(open_device(memory_bytes));
    uint32_t most = 0;
    for (uint32_t layer = 0; layer < tern_model_config(bench_model())->layers; layer++) {
        most = placement[layer] > most ? placement[layer] : most;
    }
    for (uint32_t i = 0; i < most; i++) {
        bench->others[i] = i % 2 ? open_device(memory_bytes) : open_slow(memory_bytes);
    }
    return open_runner(bench, 0, placement);
}

void bench_close(struct bench *bench) {
    tern_runner_close(bench->runner);
    tern_device_close(bench->device);
    for (uint32_t i = 0; i < TERN_RUNNER_DEVICES - 1; i++) {
        tern_device_close(bench->others[i]);
    }
    free(bench);
}

void bench_feed(struct bench *bench, const uint32_t *ids, uint32_t count) {
    float *logits[BENCH_POSITIONS];
    uint32_t first = tern_runner_positions(bench->runner);
    assert_in_range(first + count, 1, BENCH_POSITIONS);
    for (uint32_t i = 0; i < count; i++) {
        logits[i] = bench->trace.logits[first + i];
    }
    struct tern_error error = {{0}};
    if (tern_runner_tokens(bench->runner, ids, count, logits, &error) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(tern_runner_positions(bench->runner), first + count);
}

void bench_expect_same(const struct bench_trace *expected, const struct bench_trace *got, uint32_t count) {
    for (uint32_t position = 0; position < count; position++) {
        assert_int_equal(got->stages[position], expected->stages[position]);
        for (uint32_t stage = 0; stage < expected->stages[position]; stage++) {
            if (got->checksum[position][stage] != expected->checksum[position][stage]) {
                fail_msg("position %u, stage number %u differs", position, stage);
            }
        }
        assert_memory_equal(got->logits[position], expected->logits[position], sizeof expected->logits[position]);
    }
}
