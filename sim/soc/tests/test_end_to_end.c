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
    soc_pair_run_ok(&pair, build_rmsnorm(bench, 1, 896), "RMSNORM 896");
    soc_pair_run_ok(&pair, build_rmsnorm(bench, 16, 128), "RMSNORM 16 x 128");
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

// A bad image of the last vector refuses the command before a row of the others is written. Bad steps count after it.
static void bad_images(struct soc_pair *pair, const struct build_matrix *matrix) {
    const struct tern_command_matmul *command = &matrix->matmul.matmul;
    const uint64_t image = command->activation + 2 * command->activation_stride;
    uint32_t *columns = bench_at(&pair->model, image + 8), *steps = bench_at(&pair->model, command->steps);
    const uint32_t step = steps[5];
    *columns -= 1;
    for (int i = 0; i < 2; i++) {
        struct tern_completion completion = soc_pair_run(pair, matrix->matmul, "MATMUL with a bad image of vector 2");
        assert_int_equal(completion.status, TERN_STATUS_BAD_ACTIVATION);
        assert_int_equal(completion.detail, 0x202);
        steps[5] = 0xbf800000;
    }
    *columns += 1;
    struct tern_completion completion = soc_pair_run(pair, matrix->matmul, "MATMUL of 3 vectors with a bad step");
    assert_int_equal(completion.status, TERN_STATUS_BAD_STEPS);
    assert_int_equal(completion.detail, 5);
    steps[5] = step;
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
    bad_images(&pair, &matrix);
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

// A MATMUL, commands that may run beside it, and one that waits for all. flags: COMMAND_BESIDE or 0. Returns the
// cycles.
static uint64_t run_beside(struct soc_pair *pair, const struct build_matrix *matrix, uint32_t flags, const char *what) {
    enum { COUNT = 8 };
    static const uint32_t status[COUNT] = {[3] = TERN_STATUS_NON_FINITE, [4] = TERN_STATUS_BAD_ADDRESS};
    struct bench *bench = &pair->model;
    struct tern_completion completions[COUNT];
    union tern_command commands[COUNT] = {matrix->matmul,
                                          build_swiglu(bench, 300),
                                          build_dot(bench, 0, 2, 2, 24, 33),
                                          build_quantize(bench, 64, 1),
                                          build_add(bench, 64),
                                          build_rmsnorm(bench, 1, 896),
                                          build_store(bench, 2, 24, 9, 0),
                                          build_add(bench, 300)};
    *(uint32_t *)bench_at(bench, commands[3].quantize.input) = 0x7f800000;
    commands[4].add.left = bench->window_base - 64;
    commands[7].add.left = matrix->matmul.matmul.output;
    commands[7].add.length = matrix->rows;
    for (uint32_t i = 1; i < COUNT - 1; i++) {
        commands[i].header.opcode |= flags;
    }
    soc_pair_run_batch(pair, commands, COUNT, completions, what);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(completions[i].status, status[i]);
    }
    build_matrix_check(bench, matrix, matrix->rows);
    printf("%-34s %8llu cycles\n", what, (unsigned long long)pair->cycles);
    return pair->cycles;
}

// Commands beside another one leave the same memory and completions, and take less time.
static void test_beside(void **state) {
    (void)state;
    for (int stalls = 0; stalls < 2; stalls++) {
        struct soc_pair pair;
        struct build_matrix matrix;
        soc_pair_open(&pair, 1 << 20, SEED, stalls);
        build_matrix(&pair.model, 250, 896, 3, 3, &matrix);
        soc_pair_run_ok(&pair, matrix.quantize, "QUANTIZE 896");
        const uint64_t apart = run_beside(&pair, &matrix, 0, "one after the other");
        const uint64_t together = run_beside(&pair, &matrix, TERN_COMMAND_BESIDE, "beside a MATMUL");
        // The wider the bus, the less there is to run beside.
        assert_in_range(together, 1, apart - 2000 / pair.rtl.lanes);
        build_matrix_free(&matrix);
        soc_pair_close(&pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations), cmocka_unit_test(test_operations_under_stalls),
        cmocka_unit_test(test_matmul),     cmocka_unit_test(test_matmul_vectors),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_beside),
    };
    return cmocka_run_group_tests_name("soc.end_to_end", tests, NULL, NULL);
}
