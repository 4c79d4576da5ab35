// SPDX-License-Identifier: Apache-2.0
// Compares each command with the slow references: odd shapes, sizes around a tile, outputs in place of inputs.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "firmware/tests/judge.h"
#include "firmware/tests/operands.h"

#define SEED 20261
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t lengths[] = {1, 3, 15, 16, 17, 64, 172, 288, 896, 2047, 2049, 4095, 4096, 4097, 8192, 8193, 9001};

static void test_nop(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 16, SEED);
    union tern_command command = build_nop();
    bench_remember(&bench);
    bench_run_ok(&bench, &command);
    bench_check_unchanged(&bench, 0, 0, "nop");
    assert_int_equal(bench_register(&bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_FIRMWARE_VERSION), TERN_SPEC_HASH);
    assert_int_equal(bench_register(&bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_FIRMWARE_STATE),
                     TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    bench_close(&bench);
}

static void check_image(const struct bench *bench, uint64_t input, uint64_t output, uint32_t length) {
    size_t groups = tern_groups(length), used = (length + 15) / 16;
    uint8_t *expected = judge_start_image(length, 0);
    tern_reference_bfp(bench_f32(bench, input), length, (int32_t *)(void *)expected, (int16_t *)(void *)(expected + 64),
                       expected + 64 + 32 * groups);
    memset(expected + 64 + 32 * groups + used, 0, tern_align_up(groups, 64) - used);
    judge_bytes("image", length, bench_at(bench, output), expected, tern_activation_bytes(length));
    free(expected);
}

static void test_quantize(void **state) {
    (void)state;
    const uint32_t more[] = {16384, 16385, 29568, 32767, 32768};
    for (size_t i = 0; i < COUNT(lengths) + COUNT(more); i++) {
        uint32_t length = i < COUNT(lengths) ? lengths[i] : more[i - COUNT(lengths)];
        struct bench bench;
        bench_open(&bench, 1 << 19, SEED + i);
        union tern_command command = build_quantize(&bench, length, 7.0f);
        float *x = bench_f32(&bench, command.quantize.input);
        // Groups of very different magnitude, one of zeros, the largest at the end.
        for (uint32_t e = 0; e < length; e++) {
            x[e] = ldexpf(x[e], -(int)(e / 16 % 23) * (e / 16 % 3 == 0));
            x[e] = e / 16 == 2 ? 0.0f : x[e];
        }
        x[length - 1] = 123.0f;
        bench_remember(&bench);
        bench_run_ok(&bench, &command);
        bench_check_unchanged(&bench, command.quantize.output, tern_activation_bytes(length), "quantize");
        check_image(&bench, command.quantize.input, command.quantize.output, command.quantize.length);
        bench_close(&bench);
    }
}

static void test_quantize_rows(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, length, gap;
    } cases[] = {{1, 100, 4}, {3, 24, 0}, {14, 64, 4}, {2, 8200, 60}, {256, 8, 12}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 19, SEED + i);
        union tern_command command = build_quantize_rows(&bench, cases[i].rows, cases[i].length, cases[i].gap);
        struct tern_command_quantize *quantize = &command.quantize;
        bench_run_ok(&bench, &command);
        for (uint32_t row = 0; row < quantize->rows; row++) {
            check_image(&bench, quantize->input + row * quantize->input_stride,
                        quantize->output + row * quantize->output_stride, quantize->length);
        }
        // A row that fails: those before it are written.
        const uint32_t last = quantize->rows - 1;
        const float bad = -INFINITY;
        memcpy(bench_at(&bench, quantize->input + last * quantize->input_stride + 4 * 7), &bad, 4);
        memset(bench_at(&bench, quantize->output), 0, last * quantize->output_stride + 64);
        const struct tern_completion completion = bench_run(&bench, &command);
        assert_int_equal(completion.status, TERN_STATUS_NON_FINITE);
        assert_int_equal(completion.detail, last * quantize->length + 7);
        for (uint32_t row = 0; row < last; row++) {
            check_image(&bench, quantize->input + row * quantize->input_stride,
                        quantize->output + row * quantize->output_stride, quantize->length);
        }
        assert_int_equal(*(uint8_t *)bench_at(&bench, quantize->output + last * quantize->output_stride + 12), 0);
        bench_close(&bench);
    }
}

static void test_quantize_non_finite(void **state) {
    (void)state;
    const uint32_t places[] = {0, 15, 171, 8191, 8192, 20000, 28999};
    const float values[] = {INFINITY, -INFINITY, NAN};
    struct bench bench;
    bench_open(&bench, 1 << 19, SEED);
    union tern_command command = build_quantize(&bench, 29000, 1.0f);
    float *x = bench_f32(&bench, command.quantize.input);
    for (size_t i = 0; i < COUNT(places); i++) {
        float saved = x[places[i]];
        x[places[i]] = values[i % 3];
        bench_run_refused(&bench, &command, TERN_STATUS_NON_FINITE, places[i], "non-finite element");
        x[places[i]] = saved;
        bench_run_ok(&bench, &command);
        check_image(&bench, command.quantize.input, command.quantize.output, command.quantize.length);
    }
    bench_close(&bench);
}

static void test_matmul(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, columns;
    } shapes[] = {{1, 1}, {5, 16}, {7, 64}, {64, 172}, {172, 64}, {288, 96}, {33, 896}, {11, 4864}};
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint32_t depth = 1; depth <= 4; depth++) {
            for (uint32_t used = 1; used <= depth; used++) {
                struct bench bench;
                struct build_matrix matrix;
                bench_open(&bench, 1 << 20, SEED + i);
                build_matrix(&bench, shapes[i].rows, shapes[i].columns, depth, used, &matrix);
                bench_run_ok(&bench, &matrix.quantize);
                bench_remember(&bench);
                bench_run_ok(&bench, &matrix.matmul);
                bench_check_unchanged(&bench, matrix.matmul.matmul.output, 4 * (uint64_t)matrix.rows, "matmul");
                build_matrix_check(&bench, &matrix, matrix.rows);
                build_matrix_free(&matrix);
                bench_close(&bench);
            }
        }
    }
}

static void expect_gaps_unchanged(const struct bench *bench, const struct tern_command_matmul *matmul) {
    const uint64_t row_bytes = 4 * (uint64_t)matmul->rows;
    for (uint32_t i = 0; i < matmul->vectors; i++) {
        uint64_t gap = matmul->output + i * matmul->output_stride + row_bytes;
        assert_memory_equal(bench_at(bench, gap), bench->before + (gap - TERN_DEVICE_MEMORY_BASE),
                            matmul->output_stride - row_bytes);
    }
}

static void test_matmul_vectors(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, columns, vectors;
    } shapes[] = {{1, 1, 2}, {7, 64, 16}, {64, 172, 3}, {33, 896, 15}, {172, 64, 1}};
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct bench bench;
        struct build_matrix matrix;
        bench_open(&bench, 1 << 20, SEED + i);
        build_matrix(&bench, shapes[i].rows, shapes[i].columns, 3, 2 + i % 2, &matrix);
        build_matrix_vectors(&bench, shapes[i].vectors, 64 * (i % 3), &matrix);
        for (uint32_t vector = 0; vector < shapes[i].vectors; vector++) {
            union tern_command quantize = build_matrix_quantize(&matrix, vector);
            bench_run_ok(&bench, &quantize);
        }
        const struct tern_command_matmul *matmul = &matrix.matmul.matmul;
        bench_remember(&bench);
        bench_run_ok(&bench, &matrix.matmul);
        bench_check_unchanged(&bench, matmul->output, matmul->vectors * matmul->output_stride, "matmul");
        expect_gaps_unchanged(&bench, matmul);
        build_matrix_check(&bench, &matrix, matrix.rows);
        build_matrix_free(&matrix);
        bench_close(&bench);
    }
}

// place: 0: the output is apart; 1, 2: it is the first or the last input; 3: all inputs are one and the output too.
static void check_elements(uint32_t opcode, uint32_t length, int place) {
    const char *name = operands_rows[opcode].name;
    struct bench bench;
    struct operands operands;
    bench_open(&bench, 1 << 18, SEED + length);
    operands_rows[opcode].make(&bench, length, &operands);
    const struct operand *first = operands_find(&operands, OPERAND_INPUT, 0);
    const struct operand *second = operands_find(&operands, OPERAND_INPUT, 1);
    const uint32_t left_word = first->word, right_word = second ? second->word : left_word;
    const uint32_t output_word = operands_find(&operands, OPERAND_OUTPUT, 0)->word;
    const uint64_t left_address = operands_address(&operands, left_word);
    operands_set_address(&operands, right_word, place == 3 ? left_address : operands_address(&operands, right_word));
    double *left = judge_doubles(bench_f32(&bench, left_address), length);
    double *right = judge_doubles(bench_f32(&bench, operands_address(&operands, right_word)), length);
    const uint32_t words[] = {output_word, left_word, right_word, left_word};
    operands_set_address(&operands, output_word, operands_address(&operands, words[place]));
    const uint64_t output = operands_address(&operands, output_word);
    bench_remember(&bench);
    bench_run_ok(&bench, &operands.command);
    bench_check_unchanged(&bench, output, 4 * (uint64_t)length, name);
    for (uint32_t e = 0; e < length; e++) {
        left[e] = operands.element(left[e], right[e]);
    }
    judge_close(name, bench_f32(&bench, output), left, length, operands.relative, operands.relative > 0 ? 1e-37 : 0);
    free(left);
    free(right);
    bench_close(&bench);
}

// The commands with a test of their own below or in test_attention.c.
static const enum tern_opcode own_tests[] = {
    TERN_OPCODE_NOP,  TERN_OPCODE_QUANTIZE, TERN_OPCODE_MATMUL, TERN_OPCODE_RMSNORM, TERN_OPCODE_ROPE,
    TERN_OPCODE_COPY, TERN_OPCODE_STORE,    TERN_OPCODE_DOT,    TERN_OPCODE_SOFTMAX, TERN_OPCODE_SCALE};

static bool has_own_test(uint32_t opcode) {
    for (size_t i = 0; i < COUNT(own_tests); i++) {
        if (own_tests[i] == opcode) {
            return true;
        }
    }
    return false;
}

// Every elementwise command. A command that nothing judges fails.
static void test_elementwise(void **state) {
    (void)state;
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        struct bench bench;
        struct operands operands;
        bench_open(&bench, 1 << 18, SEED);
        operands_rows[opcode].make(&bench, 64, &operands);
        bench_close(&bench);
        if (!operands.element == !has_own_test(opcode)) {
            fail_msg("%s needs an element in operands.c or a test of its own here", operands_rows[opcode].name);
        }
        for (size_t i = 0; operands.element && i < COUNT(lengths); i++) {
            for (int place = 0; place < 4; place++) {
                check_elements(opcode, lengths[i], place);
            }
        }
    }
}

static void check_rmsnorm(uint32_t rows, uint32_t length, bool in_place) {
    struct bench bench;
    bench_open(&bench, 1 << 18, SEED + length);
    union tern_command command = build_rmsnorm(&bench, rows, length);
    struct tern_command_rmsnorm *norm = &command.rmsnorm;
    double *input = judge_doubles(bench_f32(&bench, norm->input), (size_t)rows * length);
    double *weight = judge_doubles(bench_f32(&bench, norm->weight), length);
    norm->output = in_place ? norm->input : norm->output;
    bench_remember(&bench);
    bench_run_ok(&bench, &command);
    bench_check_unchanged(&bench, norm->output, 4 * (uint64_t)rows * length, "rmsnorm");
    for (uint32_t row = 0; row < rows; row++) {
        tern_reference_rmsnorm(input + row * length, weight, length, (double)1e-6f, input + row * length);
    }
    // Half the relative error of the sum, (length / 16 + 5) 2^-24, and a few roundings.
    judge_close("rmsnorm", bench_f32(&bench, norm->output), input, rows * length, ldexp(8 + length / 32.0, -24), 0);
    free(input);
    free(weight);
    bench_close(&bench);
}

static void test_rmsnorm(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, length;
    } shapes[] = {{2, 1}, {3, 17}, {16, 128}, {3, 2049}, {TERN_MAX_HEADS, 64}};
    for (int in_place = 0; in_place < 2; in_place++) {
        for (size_t i = 0; i < COUNT(lengths); i++) {
            check_rmsnorm(1, lengths[i], in_place);
        }
        for (size_t i = 0; i < COUNT(shapes); i++) {
            check_rmsnorm(shapes[i].rows, shapes[i].length, in_place);
        }
    }
}

// Rows have the bits of commands of one row each.
static void test_rmsnorm_rows(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 18, SEED);
    union tern_command command = build_rmsnorm(&bench, 16, 128);
    struct tern_command_rmsnorm *norm = &command.rmsnorm;
    const uint64_t bytes = 4 * (uint64_t)norm->rows * norm->length, together = norm->output;
    const uint64_t apart = bench_alloc(&bench, bytes);
    bench_run_ok(&bench, &command);
    norm->output = apart;
    for (norm->rows = 1; norm->output < apart + bytes; norm->output += 4 * norm->length) {
        bench_run_ok(&bench, &command);
        norm->input += 4 * norm->length;
    }
    assert_memory_equal(bench_at(&bench, apart), bench_at(&bench, together), bytes);
    bench_close(&bench);
}

// Norms of several lengths in one poll, which keeps the reciprocals of lengths, give what each gives alone.
static void test_rmsnorm_lengths(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, length;
    } shapes[] = {{1, 96}, {4, 32}, {1, 64}, {2, 48}, {1, 96}, {4, 32}};
    struct bench alone, together;
    bench_open(&alone, 1 << 18, SEED);
    bench_open(&together, 1 << 18, SEED);
    assert_true(COUNT(shapes) <= together.entries);
    union tern_command commands[COUNT(shapes)];
    for (size_t i = 0; i < COUNT(shapes); i++) {
        commands[i] = build_rmsnorm(&alone, shapes[i].rows, shapes[i].length);
        bench_run_ok(&alone, &commands[i]);
        commands[i] = build_rmsnorm(&together, shapes[i].rows, shapes[i].length);
        memcpy(bench_at(&together, together.ring + i * TERN_COMMAND_BYTES), &commands[i], TERN_COMMAND_BYTES);
    }
    bench_set_register(&together, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL, COUNT(shapes));
    assert_int_equal(tern_firmware_poll(tern_port_of(together.model)), COUNT(shapes));
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const uint64_t output = commands[i].rmsnorm.output;
        assert_memory_equal(bench_at(&together, output), bench_at(&alone, output),
                            4 * shapes[i].rows * shapes[i].length);
    }
    bench_close(&alone);
    bench_close(&together);
}

static void test_rope(void **state) {
    (void)state;
    static const struct {
        uint32_t heads, head_size, skew, gap;
    } cases[] = {{1, 2, 0, 0},     {4, 24, 0, 0},   {4, 24, 4, 20}, {14, 64, 12, 4},
                 {2, 64, 0, 8192}, {8, 128, 60, 0}, {3, 256, 8, 12}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 18, SEED + i);
        union tern_command command =
            build_rope(&bench, cases[i].heads, cases[i].head_size, cases[i].skew, cases[i].gap);
        struct tern_command_rope *rope = &command.rope;
        uint32_t size = rope->head_size;
        double *input = judge_doubles(bench_f32(&bench, rope->input), rope->heads * size);
        double *table = judge_doubles(bench_f32(&bench, rope->table), size);
        bench_remember(&bench);
        bench_run_ok(&bench, &command);
        bench_check_unchanged(&bench, rope->output, (rope->heads - 1) * rope->output_stride + 4 * size, "rope");
        tern_reference_rotary(input, rope->heads, size, table, table + size / 2, input);
        for (uint32_t head = 0; head < rope->heads; head++) {
            const float *got = bench_f32(&bench, rope->output + head * rope->output_stride);
            judge_close("rope", got, input + head * size, size, 0, ldexp(8, -23));
        }
        free(input);
        free(table);
        bench_close(&bench);
    }
}

// Units and core give the same memory for every command. SOFTWARE is the switch.
static void test_software(void **state) {
    (void)state;
    struct bench units, core;
    bench_open(&units, 1 << 24, SEED);
    bench_open(&core, 1 << 24, SEED);
    bench_set_register(&core, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_SOFTWARE, UINT32_MAX);
    for (uint32_t trial = 0; trial < 20 * TERN_OPCODE_COUNT; trial++) {
        const uint32_t opcode = trial % TERN_OPCODE_COUNT, size = 1 + trial * 7 % 500;
        struct operands on_units, on_core;
        operands_rows[opcode].make(&units, size, &on_units);
        operands_rows[opcode].make(&core, size, &on_core);
        bench_run_ok(&units, &on_units.first);
        bench_run_ok(&core, &on_core.first);
        bench_run_ok(&units, &on_units.command);
        bench_run_ok(&core, &on_core.command);
        if (memcmp(units.memory, core.memory, units.memory_bytes) != 0) {
            fail_msg("%s, size %u: units and core differ", operands_rows[opcode].name, size);
        }
    }
    bench_close(&units);
    bench_close(&core);
}

static void test_copy(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, bytes, skew_in, skew_out;
    } cases[] = {{1, 4, 0, 0},  {1, 4, 4, 12},      {3, 96, 0, 0},    {2, 256, 8, 4},
                 {5, 20, 4, 4}, {1, 16384, 12, 12}, {2, 16388, 0, 4}, {1, 40000, 60, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 18, SEED + i);
        union tern_command command =
            build_copy(&bench, cases[i].rows, cases[i].bytes, cases[i].skew_in, cases[i].skew_out);
        struct tern_command_copy *copy = &command.copy;
        bench_remember(&bench);
        bench_run_ok(&bench, &command);
        for (uint32_t row = 0; row < copy->rows; row++) {
            void *from = bench_at(&bench, copy->input + row * copy->input_stride);
            uint64_t to = copy->output + row * copy->output_stride;
            assert_memory_equal(bench_at(&bench, to), from, copy->row_bytes);
            // Restores the rows, so that only changes outside them are left.
            memcpy(bench_at(&bench, to), bench.before + (to - TERN_DEVICE_MEMORY_BASE), copy->row_bytes);
        }
        bench_check_unchanged(&bench, 0, 0, "copy");
        bench_close(&bench);
    }
}

// Counts the NaNs among the new values of a buffer. Each must be 0x7fc00000.
static uint32_t count_nans(const struct bench *bench, const char *name, uint64_t address, uint64_t bytes) {
    uint32_t count = 0;
    for (uint64_t at = 0; at < bytes; at += 4) {
        uint32_t got, before;
        memcpy(&got, bench_at(bench, address + at), 4);
        memcpy(&before, bench->before + (address + at - TERN_DEVICE_MEMORY_BASE), 4);
        const bool is_nan = got != before && (got & 0x7fffffff) > 0x7f800000;
        count += is_nan;
        if (is_nan && got != 0x7fc00000) {
            fail_msg("%s: a NaN gives %08x in element %llu", name, got, (unsigned long long)at / 4);
        }
    }
    return count;
}

// A NaN in one float32 input of a command.
static void check_nan(uint32_t opcode, size_t input, uint32_t nan) {
    struct bench bench;
    struct operands operands;
    bench_open(&bench, 1 << 18, SEED);
    operands_rows[opcode].make(&bench, 640, &operands);
    const struct operand *from = operands_find(&operands, OPERAND_INPUT, input);
    const struct operand *to = operands_find(&operands, OPERAND_OUTPUT, 0);
    if (from) {
        memcpy(bench_at(&bench, operands_address(&operands, from->word) + 4 * 5), &nan, 4);
        bench_remember(&bench);
        bench_run_ok(&bench, &operands.command);
        const char *name = operands_rows[opcode].name;
        assert_true(count_nans(&bench, name, operands_address(&operands, to->word), to->bytes) > 0);
    }
    bench_close(&bench);
}

// For any NaN input arithmetic writes 0x7fc00000, as the soft core does.
static void test_nan_is_canonical(void **state) {
    (void)state;
    const uint32_t nans[] = {0xffc00000, 0x7f800001, 0xffffffff, 0x7fc12345};
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        for (size_t i = 0; i < COUNT(nans); i++) {
            for (size_t input = 0; input < 3; input++) {
                check_nan(opcode, input, nans[i]);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nop),           cmocka_unit_test(test_quantize),
        cmocka_unit_test(test_quantize_rows), cmocka_unit_test(test_quantize_non_finite),
        cmocka_unit_test(test_matmul),        cmocka_unit_test(test_matmul_vectors),
        cmocka_unit_test(test_elementwise),   cmocka_unit_test(test_rmsnorm),
        cmocka_unit_test(test_rmsnorm_rows),  cmocka_unit_test(test_rmsnorm_lengths),
        cmocka_unit_test(test_rope),          cmocka_unit_test(test_software),
        cmocka_unit_test(test_copy),          cmocka_unit_test(test_nan_is_canonical),
    };
    return cmocka_run_group_tests_name("fw.commands", tests, NULL, NULL);
}
