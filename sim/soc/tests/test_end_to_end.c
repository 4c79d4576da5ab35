// SPDX-License-Identifier: Apache-2.0
// Commands through ring and doorbell: the whole SoC with the RV32 firmware against the model device with the native
// one. Equal memory before, every byte equal after, completions and the ring included.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/image.h"
#include "firmware/tests/build.h"
#include "sim/soc/tests/soc_bench.h"

#define SEED 424
#define WAIT_LIMIT 20000u
#define COMMAND_LIMIT_CYCLES 20000000u
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

struct pair {
    struct bench model;
    struct soc_bench rtl;
    uint8_t *expected, *got;
    uint64_t cycles;
};

static void open_pair(struct pair *pair, uint64_t bytes, int stalls) {
    bench_open(&pair->model, bytes, SEED);
    uint64_t memory_bytes = pair->model.memory_bytes;
    soc_open(&pair->rtl, memory_bytes, SEED, stalls);
    assert_int_equal(pair->rtl.backend.memory_base, BENCH_BASE);
    assert_true(pair->rtl.backend.memory_bytes >= memory_bytes);
    pair->expected = malloc(memory_bytes);
    pair->got = malloc(memory_bytes);
    assert_non_null(pair->expected);
    assert_non_null(pair->got);
    soc_set_window(&pair->rtl, pair->model.window_base, pair->model.window_bytes);
    soc_write_pair(&pair->rtl, SYSTEM(RING_BASE_LO), pair->model.ring);
    soc_write(&pair->rtl, SYSTEM(RING_ENTRIES), pair->model.entries);
    soc_write(&pair->rtl, SYSTEM(WAIT_LIMIT), WAIT_LIMIT);
    soc_run_image(&pair->rtl, tern_firmware_image, tern_firmware_image_words);
    soc_advance(&pair->rtl, 100000);
    assert_int_equal(soc_read(&pair->rtl, SYSTEM(FIRMWARE_STATE)), 1);
    assert_int_equal(soc_read(&pair->rtl, SYSTEM(FIRMWARE_VERSION)), TERN_SPEC_HASH);
}

static void close_pair(struct pair *pair) {
    soc_close(&pair->rtl);
    bench_close(&pair->model);
    free(pair->expected);
    free(pair->got);
}

static uint64_t now(struct pair *pair) {
    return (uint64_t)soc_read(&pair->rtl, SYSTEM(TIME_HI)) << 32 | soc_read(&pair->rtl, SYSTEM(TIME_LO));
}

static void run_on_rtl(struct pair *pair, const char *what) {
    uint32_t number = soc_read(&pair->rtl, SYSTEM(DOORBELL)) + 1;
    uint64_t start = now(pair);
    soc_write(&pair->rtl, SYSTEM(DOORBELL), number);
    while (soc_read(&pair->rtl, SYSTEM(COMPLETED)) != number) {
        if (now(pair) - start > COMMAND_LIMIT_CYCLES || soc_read(&pair->rtl, SYSTEM(STATUS)) != 1) {
            fail_msg("%s: no completion, status %u", what, soc_read(&pair->rtl, SYSTEM(STATUS)));
        }
        soc_advance(&pair->rtl, 1000);
    }
    pair->cycles = now(pair) - start;
}

// Takes a command of the model's bench, whose memory both devices get first.
static struct tern_completion run_both(struct pair *pair, union tern_command command, const char *what) {
    struct tern_backend *backend = &pair->rtl.backend;
    struct bench *model = &pair->model;
    struct tern_error error = {""};
    memcpy(pair->expected, model->memory, model->memory_bytes);
    struct tern_completion completion = bench_run(model, &command);
    uint32_t index = (soc_read(&pair->rtl, SYSTEM(DOORBELL))) % model->entries;
    memcpy(pair->expected + (model->ring - BENCH_BASE) + index * TERN_COMMAND_BYTES, &command, sizeof command);
    assert_int_equal(backend->memory_write(backend->context, BENCH_BASE, pair->expected, model->memory_bytes, &error),
                     TERN_STATUS_OK);
    run_on_rtl(pair, what);
    assert_int_equal(backend->memory_read(backend->context, BENCH_BASE, pair->got, model->memory_bytes, &error),
                     TERN_STATUS_OK);
    for (uint64_t i = 0; i < model->memory_bytes; i++) {
        if (pair->got[i] != model->memory[i]) {
            fail_msg("%s: memory differs at 0x%llx: model %02x, rtl %02x, seed %d", what,
                     (unsigned long long)(BENCH_BASE + i), model->memory[i], pair->got[i], SEED);
        }
    }
    return completion;
}

static void run_ok(struct pair *pair, union tern_command command, const char *what) {
    struct tern_completion completion = run_both(pair, command, what);
    if (completion.status != TERN_STATUS_OK) {
        fail_msg("%s: status %u, detail %u", what, completion.status, completion.detail);
    }
    printf("soc.end_to_end: %-26s %8llu cycles\n", what, (unsigned long long)pair->cycles);
}

static void operations(int stalls) {
    struct pair pair;
    open_pair(&pair, 1 << 19, stalls);
    struct bench *bench = &pair.model;
    run_ok(&pair, build_nop(), "NOP");
    run_ok(&pair, build_quantize(bench, 896, 4.0f), "QUANTIZE 896");
    run_ok(&pair, build_quantize(bench, 172, 4.0f), "QUANTIZE 172");
    run_ok(&pair, build_add(bench, 4099), "ADD 4099");
    run_ok(&pair, build_rmsnorm(bench, 896), "RMSNORM 896");
    run_ok(&pair, build_rope(bench, 4, 64, 4, 20), "ROPE 4 x 64");
    run_ok(&pair, build_swiglu(bench, 300), "SWIGLU 300");
    run_ok(&pair, build_attention(bench, 4, 2, 24, 33, 40), "ATTENTION 4 x 24 x 33");
    run_ok(&pair, build_copy(bench, 3, 256, 4, 8), "COPY 3 x 64 words, shifted");
    close_pair(&pair);
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
    struct pair pair;
    open_pair(&pair, 1 << 19, 1);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct build_matrix matrix;
        char what[64];
        build_matrix(&pair.model, shapes[i].rows, shapes[i].columns, shapes[i].stored, shapes[i].used, &matrix);
        snprintf(what, sizeof what, "MATMUL %u x %u, %u of %u", shapes[i].rows, shapes[i].columns, shapes[i].used,
                 shapes[i].stored);
        run_ok(&pair, matrix.quantize, "QUANTIZE of it");
        run_ok(&pair, matrix.matmul, what);
        build_matrix_check(&pair.model, &matrix, shapes[i].rows);
        build_matrix_free(&matrix);
    }
    close_pair(&pair);
}

// One weight stream for all vectors on the model, one each on the RTL; a bad strip leaves the same memory all the same.
static void test_matmul_vectors(void **state) {
    (void)state;
    struct pair pair;
    struct build_matrix matrix;
    open_pair(&pair, 1 << 19, 1);
    struct bench *bench = &pair.model;
    build_matrix(bench, 21, 300, 3, 2, &matrix);
    build_matrix_vectors(bench, 3, 128, &matrix);
    for (uint32_t vector = 0; vector < 3; vector++) {
        run_ok(&pair, build_matrix_quantize(&matrix, vector), "QUANTIZE of a vector");
    }
    uint8_t *weights = bench_at(bench, matrix.matmul.matmul.weights);
    weights[3 * (64 + 3 * 16 * 20) + 100] ^= 1;
    struct tern_completion completion = run_both(&pair, matrix.matmul, "MATMUL of 3 vectors with a flipped bit");
    assert_int_equal(completion.status, TERN_STATUS_CHECKSUM);
    assert_int_equal(completion.detail, 3);
    build_matrix_check(bench, &matrix, 15);
    weights[3 * (64 + 3 * 16 * 20) + 100] ^= 1;
    run_ok(&pair, matrix.matmul, "MATMUL of 3 vectors");
    build_matrix_check(bench, &matrix, 21);
    build_matrix_free(&matrix);
    close_pair(&pair);
}

// Refused or failing in the same way on both, and the next command is right.
static void test_refusals(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, 1 << 18, 0);
    struct bench *bench = &pair.model;
    struct build_matrix matrix;
    build_matrix(bench, 17, 300, 3, 3, &matrix);
    run_ok(&pair, matrix.quantize, "QUANTIZE 300");
    union tern_command command = matrix.matmul;
    uint8_t *weights = bench_at(bench, command.matmul.weights);
    // Strip 2 of 4; one flipped bit in its first plane in use
    weights[2 * (64 + 3 * 16 * 20) + 64 + 5] ^= 4;
    struct tern_completion completion = run_both(&pair, command, "MATMUL with a flipped bit");
    assert_int_equal(completion.status, TERN_STATUS_CHECKSUM);
    assert_int_equal(completion.detail, 2);
    weights[2 * (64 + 3 * 16 * 20) + 64 + 5] ^= 4;
    run_ok(&pair, matrix.matmul, "MATMUL with it mended");
    command = matrix.matmul;
    command.matmul.output = bench->window_base + bench->window_bytes - 64;
    assert_int_equal(run_both(&pair, command, "output leaves the window").status, TERN_STATUS_BAD_ADDRESS);
    command = build_add(bench, 64);
    command.add.left = bench->window_base - 64;
    assert_int_equal(run_both(&pair, command, "input below the window").status, TERN_STATUS_BAD_ADDRESS);
    command = build_nop();
    command.header.opcode = TERN_OPCODE_COUNT;
    assert_int_equal(run_both(&pair, command, "no such operation").status, TERN_STATUS_BAD_OPCODE);
    run_ok(&pair, matrix.matmul, "MATMUL after refusals");
    build_matrix_free(&matrix);
    close_pair(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations), cmocka_unit_test(test_operations_under_stalls),
        cmocka_unit_test(test_matmul),     cmocka_unit_test(test_matmul_vectors),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("soc.end_to_end", tests, NULL, NULL);
}
