// SPDX-License-Identifier: Apache-2.0
// Runs commands through ring and doorbell. Compares the whole SoC with the RV32 firmware and the model device with the
// native firmware. Memory is equal before and must be equal after, completions and the ring included.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/tests/operands.h"
#include "sim/soc/tests/soc_pair.h"

#define SEED 424

// Every command of the specification, and a few larger ones.
static void operations(int stalls) {
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 19, SEED, stalls);
    struct bench *bench = &pair.model;
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        struct operands operands;
        operands_rows[opcode].make(bench, 300, &operands);
        soc_pair_run_ok(&pair, operands.first, "first");
        soc_pair_run_ok(&pair, operands.command, operands_rows[opcode].name);
    }
    soc_pair_run_ok(&pair, build_quantize(bench, 896, 4.0f), "QUANTIZE 896");
    soc_pair_run_ok(&pair, build_add(bench, 4099), "ADD 4099");
    soc_pair_run_ok(&pair, build_rmsnorm(bench, 896), "RMSNORM 896");
    soc_pair_run_ok(&pair, build_store(bench, 2, 24, 9, 0), "STORE 2 x 24 x 9");
    soc_pair_run_ok(&pair, build_dot(bench, 0, 2, 2, 24, 33), "DOT of keys, 4 x 24 x 33");
    soc_pair_run_ok(&pair, build_dot(bench, 1, 2, 2, 24, 33), "DOT of values, 4 x 24 x 33");
    soc_pair_close(&pair);
}

static void test_operations(void **state) {
    (void)state;
    operations(0);
}

static void test_operations_under_stalls(void **state) {
    (void)state;
    operations(1);
}

static void test_matmul(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, columns, stored, used;
    } shapes[] = {{5, 64, 1, 1}, {64, 288, 3, 2}, {7, 172, 4, 4}, {13, 896, 3, 3}, {31, 64, 4, 1}, {21, 2048, 3, 3}};
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 19, SEED, 1);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct build_matrix matrix;
        char what[64];
        build_matrix(&pair.model, shapes[i].rows, shapes[i].columns, shapes[i].stored, shapes[i].used, &matrix);
        snprintf(what, sizeof what, "MATMUL %u x %u, %u of %u", shapes[i].rows, shapes[i].columns, shapes[i].used,
                 shapes[i].stored);
        soc_pair_run_ok(&pair, matrix.quantize, "QUANTIZE of it");
        soc_pair_run_ok(&pair, matrix.matmul, what);
        build_matrix_check(&pair.model, &matrix, shapes[i].rows);
        build_matrix_free(&matrix);
    }
    soc_pair_close(&pair);
}

// The model has one weight stream for all vectors, the RTL one each. A bad strip must leave the same memory.
static void test_matmul_vectors(void **state) {
    (void)state;
    struct soc_pair pair;
    struct build_matrix matrix;
    soc_pair_open(&pair, 1 << 19, SEED, 1);
    struct bench *bench = &pair.model;
    build_matrix(bench, 21, 300, 3, 2, &matrix);
    build_matrix_vectors(bench, 3, 128, &matrix);
    for (uint32_t vector = 0; vector < 3; vector++) {
        soc_pair_run_ok(&pair, build_matrix_quantize(&matrix, vector), "QUANTIZE of a vector");
    }
    uint8_t *weights = bench_at(bench, matrix.matmul.matmul.weights);
    weights[3 * (64 + 3 * 16 * 20) + 100] ^= 1;
    struct tern_completion completion = soc_pair_run(&pair, matrix.matmul, "MATMUL of 3 vectors with a flipped bit");
    assert_int_equal(completion.status, TERN_STATUS_CHECKSUM);
    assert_int_equal(completion.detail, 3);
    build_matrix_check(bench, &matrix, 15);
    weights[3 * (64 + 3 * 16 * 20) + 100] ^= 1;
    soc_pair_run_ok(&pair, matrix.matmul, "MATMUL of 3 vectors");
    build_matrix_check(bench, &matrix, 21);
    build_matrix_free(&matrix);
    soc_pair_close(&pair);
}

// Both refuse a command or fail in the same way. The next command must be right.
static void test_refusals(void **state) {
    (void)state;
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 18, SEED, 0);
    struct bench *bench = &pair.model;
    struct build_matrix matrix;
    build_matrix(bench, 17, 300, 3, 3, &matrix);
    soc_pair_run_ok(&pair, matrix.quantize, "QUANTIZE 300");
    union tern_command command = matrix.matmul;
    uint8_t *weights = bench_at(bench, command.matmul.weights);
    // Strip 2 of 4. The flipped bit is in its first plane in use.
    weights[2 * (64 + 3 * 16 * 20) + 64 + 5] ^= 4;
    struct tern_completion completion = soc_pair_run(&pair, command, "MATMUL with a flipped bit");
    assert_int_equal(completion.status, TERN_STATUS_CHECKSUM);
    assert_int_equal(completion.detail, 2);
    weights[2 * (64 + 3 * 16 * 20) + 64 + 5] ^= 4;
    soc_pair_run_ok(&pair, matrix.matmul, "MATMUL with it mended");
    command = matrix.matmul;
    command.matmul.output = bench->window_base + bench->window_bytes - 64;
    assert_int_equal(soc_pair_run(&pair, command, "output leaves the window").status, TERN_STATUS_BAD_ADDRESS);
    command = build_add(bench, 64);
    command.add.left = bench->window_base - 64;
    assert_int_equal(soc_pair_run(&pair, command, "input below the window").status, TERN_STATUS_BAD_ADDRESS);
    command = build_nop();
    command.header.opcode = TERN_OPCODE_COUNT;
    assert_int_equal(soc_pair_run(&pair, command, "no such operation").status, TERN_STATUS_BAD_OPCODE);
    soc_pair_run_ok(&pair, matrix.matmul, "MATMUL after refusals");
    build_matrix_free(&matrix);
    soc_pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations), cmocka_unit_test(test_operations_under_stalls),
        cmocka_unit_test(test_matmul),     cmocka_unit_test(test_matmul_vectors),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("soc.end_to_end", tests, NULL, NULL);
}
