// SPDX-License-Identifier: Apache-2.0
// A runner on several devices must give the results of one on a single device, at every stage. Tests several placements
// of the layers, resident and streamed weights, passes of all sizes, rewinds and failures.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/tests/random.h"
#include "host_driver/runner/plan.h"
#include "host_driver/runner/tests/bench.h"

enum { IDS = 40, LAYERS = 4 };
static uint32_t ids[IDS];
static struct bench_trace *alone;
static const uint8_t placements[][LAYERS] = {{0, 1, 1, 0}, {1, 0, 0, 1}, {1, 1, 1, 1}, {3, 2, 0, 1}, {0, 1, 0, 1}};
enum { PLACEMENTS = sizeof placements / sizeof *placements };
static const uint64_t memories[] = {0, 155648}; // resident; streamed

static int set_up(void **state) {
    (void)state;
    struct test_random random = test_random_seed(9);
    for (uint32_t i = 0; i < IDS; i++) {
        ids[i] = test_random_below(&random, BENCH_VOCABULARY);
    }
    struct bench *bench = bench_open(0, 0);
    bench_feed(bench, ids, IDS);
    alone = malloc(sizeof *alone);
    *alone = bench->trace;
    bench_close(bench);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(alone);
    bench_model_close();
    return 0;
}

// With taps, which wait after each stage, and without, when the devices are busy at the borders.
static void test_placements(void **state) {
    (void)state;
    struct test_random random = test_random_seed(5);
    for (uint32_t round = 0; round < 4 * PLACEMENTS; round++) {
        const bool is_tapped = round % 2;
        struct bench *bench = bench_open_devices(memories[round / 2 % 2], placements[round / 4]);
        bench->runner->options.tap = is_tapped ? bench->runner->options.tap : NULL;
        for (uint32_t fed; (fed = tern_runner_positions(bench->runner)) < IDS;) {
            bench_feed(bench, ids + fed, 1 + test_random_below(&random, IDS - fed));
            if (test_random_below(&random, 3) == 0) {
                const uint32_t back = test_random_below(&random, tern_runner_positions(bench->runner) + 1);
                assert_int_equal(tern_runner_rewind(bench->runner, back, NULL), TERN_STATUS_OK);
            }
        }
        if (is_tapped) {
            bench_expect_same(alone, &bench->trace, IDS);
        } else {
            assert_memory_equal(bench->trace.logits, alone->logits, IDS * sizeof *alone->logits);
        }
        bench_close(bench);
    }
}

// Each weight goes to one device: all devices together get the bytes that a single one gets, and the tables.
static void test_uploads(void **state) {
    (void)state;
    struct bench *single = bench_open(0, 0), *several = bench_open_devices(0, placements[3]);
    bench_feed(single, ids, 1);
    bench_feed(several, ids, 1);
    const uint64_t whole = tern_runner_uploaded_bytes(single->runner);
    const uint64_t table = tern_model_config(bench_model())->head_size * sizeof(float);
    uint64_t streamed = 0;
    assert_int_equal(tern_runner_uploaded_bytes(several->runner), whole + 3 * table);
    assert_int_equal(tern_runner_devices(several->runner), 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct tern_runner_part part = tern_runner_part_of(several->runner, i);
        assert_int_equal(part.layers, 1);
        assert_true(part.is_resident);
        assert_in_range(part.uploaded_bytes, whole / 5, whole / 3);
        assert_int_equal(tern_runner_device_of(several->runner, i), placements[3][i]);
        streamed += part.weight_bytes;
    }
    assert_int_equal(streamed, tern_runner_weight_bytes(single->runner));
    assert_int_equal(streamed, tern_runner_weight_bytes(several->runner));
    bench_close(single);
    bench_close(several);
}

static void draw(void *context, float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)test_random_below(context, 1000) / 500 - 1;
    }
}

static void run_layers(struct bench *bench, float *hidden) {
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        struct test_random random = test_random_seed(layer);
        assert_int_equal(tern_runner_set_cache(bench->runner, layer, 20, draw, &random, NULL), TERN_STATUS_OK);
        assert_int_equal(tern_runner_layer(bench->runner, layer, hidden, NULL), TERN_STATUS_OK);
    }
}

// A single layer and its cache are on the layer's device.
static void test_layers(void **state) {
    (void)state;
    float one[128] = {1, 2, 3}, other[128] = {1, 2, 3};
    assert_in_range(tern_model_config(bench_model())->hidden_size, 3, 128);
    struct bench *single = bench_open(0, 0), *several = bench_open_devices(0, placements[3]);
    run_layers(single, one);
    run_layers(several, other);
    assert_memory_equal(one, other, sizeof one);
    bench_close(single);
    bench_close(several);
}

static enum tern_status stop(void *context, double tokens, struct tern_error *error) {
    return tokens < *(const double *)context ? TERN_STATUS_OK : tern_error_set(error, TERN_STATUS_INTERRUPTED, "stop");
}

// A call that ends in any layer leaves all devices ready for the next one.
static void test_stops(void **state) {
    (void)state;
    struct bench *bench = bench_open_devices(0, placements[0]);
    bench->runner->options.tap = NULL;
    bench_feed(bench, ids, 20);
    for (double share = 0.05; share < 1; share += 0.1) {
        double at = 3 * share;
        tern_runner_watch(bench->runner, stop, &at);
        assert_int_equal(tern_runner_tokens(bench->runner, ids + 20, 3, NULL, NULL), TERN_STATUS_INTERRUPTED);
        assert_int_equal(tern_runner_positions(bench->runner), 20);
    }
    tern_runner_watch(bench->runner, NULL, NULL);
    bench_feed(bench, ids + 20, IDS - 20);
    assert_memory_equal(bench->trace.logits, alone->logits, IDS * sizeof *alone->logits);
    bench_close(bench);
}

static void test_refused(void **state) {
    (void)state;
    struct tern_error error = {{0}};
    struct bench *bench = bench_open(0, 0);
    struct tern_device *others[TERN_RUNNER_DEVICES] = {0};
    struct tern_runner *runner;
    const uint8_t outside[LAYERS] = {0, 0, 2, 0};
    struct tern_runner_options options = {.capacity = 1, .others = others, .placement = outside};
    options.other_count = TERN_RUNNER_DEVICES;
    assert_int_equal(tern_runner_open(bench_model(), bench->device, &options, &error, &runner),
                     TERN_STATUS_BAD_ARGUMENT);
    assert_string_equal(error.message, "9 devices, 8 at most");
    options.other_count = 1;
    assert_int_equal(tern_runner_open(bench_model(), bench->device, &options, &error, &runner),
                     TERN_STATUS_BAD_ARGUMENT);
    assert_string_equal(error.message, "layer 2 is for device number 2 of 2");
    bench_close(bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_placements), cmocka_unit_test(test_uploads), cmocka_unit_test(test_layers),
        cmocka_unit_test(test_stops),      cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests_name("driver.runner.devices", tests, set_up, tear_down);
}
