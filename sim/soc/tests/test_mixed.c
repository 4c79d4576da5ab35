// SPDX-License-Identifier: Apache-2.0
// Runs that end in an error on the virtual platform with Verilated units and on rtl. Status, detail and every byte of
// memory must be equal, also those that a run has written before its error. The firmware refuses operands outside the
// window itself, so for the units' own check the host starts them again in a smaller window.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/soc/tests/soc_pair.h"

#define SEED 3109
enum { CASES = 8, UNITS = 3 };

struct ending {
    struct tern_completion completion;
    uint8_t *memory;
    uint64_t bytes;
};

// What the device makes of a command when accesses to 16 bytes at `error` end in errors. Without them it must be right.
static struct ending run(struct soc_pair *pair, union tern_command command, uint64_t error, const char *what) {
    struct ending ending = {.bytes = pair->model.memory_bytes};
    soc_set_faults(&pair->rtl, &(struct tern_rtl_faults){error, 16, TERN_RTL_NEVER, TERN_RTL_NEVER});
    ending.completion = soc_pair_run_rtl(pair, command, what);
    ending.memory = malloc(ending.bytes);
    assert_non_null(ending.memory);
    memcpy(ending.memory, pair->got, ending.bytes);
    soc_set_faults(&pair->rtl, NULL);
    soc_pair_run_ok(pair, command, what);
    return ending;
}

// STATUS of a unit that runs its last command again when the window does not hold the operands.
static uint32_t run_outside(struct soc_pair *pair, union tern_command command, uint32_t base, const char *what) {
    soc_pair_run_ok(pair, command, what);
    soc_set_window(&pair->rtl, pair->model.window_base, 64);
    soc_write(&pair->rtl, base + TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_START_MASK);
    soc_advance(&pair->rtl, 1000);
    soc_set_window(&pair->rtl, pair->model.window_base, pair->model.window_bytes);
    return soc_read(&pair->rtl, base + TERN_MATMUL_REG_STATUS);
}

static void run_cases(const char *device, const char *verilated, struct ending endings[CASES],
                      uint32_t outside[UNITS]) {
    struct soc_pair pair;
    struct build_matrix matrix;
    setenv("TERN_TEST_DEVICE", device, 1);
    setenv("TERN_TEST_VERILATED", verilated, 1);
    soc_pair_open(&pair, 1 << 18, SEED, 0);
    build_matrix(&pair.model, 38, 300, 3, 2, &matrix);
    soc_pair_run_ok(&pair, matrix.quantize, "QUANTIZE");
    const union tern_command matmul = matrix.matmul, add = build_add(&pair.model, 1024);
    const union tern_command dot = build_dot(&pair.model, 0, 2, 3, 40, 50);
    const struct {
        const char *what;
        union tern_command command;
        uint64_t error;
    } cases[CASES] = {{"MATMUL, weights", matmul, matmul.matmul.weights + 2048},
                      {"MATMUL, steps", matmul, matmul.matmul.steps},
                      {"MATMUL, output", matmul, matmul.matmul.output + 64},
                      {"ADD, right", add, add.add.right + 1600},
                      {"ADD, output", add, add.add.output + 1024},
                      {"DOT, cache", dot, dot.dot.cache + 512},
                      {"DOT, images", dot, dot.dot.images},
                      {"DOT, output", dot, dot.dot.output + 64}};
    for (int i = 0; i < CASES; i++) {
        endings[i] = run(&pair, cases[i].command, cases[i].error, cases[i].what);
    }
    outside[0] = run_outside(&pair, matmul, TERN_MATMUL_BASE, "MATMUL");
    outside[1] = run_outside(&pair, add, TERN_VECTOR_BASE, "ADD");
    outside[2] = run_outside(&pair, dot, TERN_ATTENTION_BASE, "DOT");
    build_matrix_free(&matrix);
    soc_pair_close(&pair);
}

static void test_errors(void **state) {
    (void)state;
#ifndef TERN_HAS_VERILATED
    skip();
#endif
    struct ending rtl[CASES], mixed[CASES];
    uint32_t rtl_outside[UNITS], mixed_outside[UNITS];
    run_cases("rtl", "", rtl, rtl_outside);
    run_cases("vp", "matmul,vector,attention", mixed, mixed_outside);
    for (int i = 0; i < UNITS; i++) {
        assert_int_equal(TERN_FIELD_GET(MATMUL_STATUS_CODE, rtl_outside[i]), TERN_STATUS_BAD_ADDRESS);
        assert_int_equal(mixed_outside[i], rtl_outside[i]);
    }
    for (int i = 0; i < CASES; i++) {
        printf("%d: status %u, detail %u\n", i, rtl[i].completion.status, rtl[i].completion.detail);
        assert_int_not_equal(rtl[i].completion.status, TERN_STATUS_OK);
        assert_int_equal(mixed[i].completion.status, rtl[i].completion.status);
        assert_int_equal(mixed[i].completion.detail, rtl[i].completion.detail);
        assert_memory_equal(mixed[i].memory, rtl[i].memory, rtl[i].bytes);
        free(rtl[i].memory);
        free(mixed[i].memory);
    }
}

// A run that never ends, under a firmware that would wait for ever. The device says so in time.
static void test_stuck(void **state) {
    (void)state;
#ifndef TERN_HAS_VERILATED
    skip();
#endif
    struct soc_pair pair;
    struct tern_error error = {""};
    setenv("TERN_TEST_DEVICE", "vp", 1);
    setenv("TERN_TEST_VERILATED", "vector", 1);
    soc_pair_open(&pair, 1 << 18, SEED, 0);
    const union tern_command add = build_add(&pair.model, 1024);
    soc_pair_run_ok(&pair, add, "ADD");
    soc_set_unit_faults(&pair.rtl, &(struct tern_device_fault){.vector_hangs = true});
    soc_write(&pair.rtl, TERN_VECTOR_BASE + TERN_VECTOR_REG_CONTROL, TERN_VECTOR_CONTROL_START_MASK);
    enum tern_status status = TERN_STATUS_OK;
    for (int i = 0; i < 30 && status == TERN_STATUS_OK; i++) {
        (void)soc_read(&pair.rtl, TERN_VECTOR_BASE + TERN_VECTOR_REG_STATUS);
        status = pair.rtl.backend.advance(pair.rtl.backend.context, 10000, &error);
    }
    assert_int_equal(status, TERN_STATUS_BAD_DEVICE);
    assert_non_null(strstr(error.message, "vector: a run has moved no data"));
    soc_pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_errors), cmocka_unit_test(test_stuck)};
    return cmocka_run_group_tests_name("soc.mixed", tests, NULL, NULL);
}
