// SPDX-License-Identifier: Apache-2.0
// Compares each command with the slow references: odd shapes, sizes around a tile, outputs in place of inputs.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/attention/cache.h"
#include "cmodel/float/f32_math.h"
#include "cmodel/float/reduce.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "firmware/tests/operands.h"

#define SEED 20261
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint32_t lengths[] = {1, 3, 15, 16, 17, 64, 172, 288, 896, 4095, 4096, 4097, 8192, 8193, 9001};

static double *doubles_of(const float *x, size_t count) {
    double *copy = malloc(count * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = x[i];
    }
    return copy;
}

// |got - expected| <= relative * |expected| + absolute.
static void check_close(const char *what, const float *got, const double *expected, size_t count, double relative,
                        double absolute) {
    for (size_t i = 0; i < count; i++) {
        if (!(fabs(got[i] - expected[i]) <= relative * fabs(expected[i]) + absolute)) {
            fail_msg("%s of %zu, element %zu: got %.9g, expected %.9g, seed %d", what, count, i, (double)got[i],
                     expected[i], SEED);
        }
    }
}

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

// An image without mantissas and shifts; free().
static uint8_t *start_image(uint32_t length, int32_t base_exponent) {
    uint8_t *image = calloc(1, tern_activation_bytes(length));
    const uint32_t header[] = {(uint32_t)base_exponent, (uint32_t)tern_groups(length), length, TERN_ACTIVATION_MAGIC};
    memcpy(image, header, sizeof header);
    return image;
}

static void check_bytes(const char *what, uint32_t length, const uint8_t *got, const uint8_t *expected, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (got[i] != expected[i]) {
            fail_msg("%s of %u, byte %zu: got %02x, expected %02x", what, length, i, got[i], expected[i]);
        }
    }
}

static void check_image(const struct bench *bench, uint64_t input, uint64_t output, uint32_t length) {
    size_t groups = tern_groups(length), used = (length + 15) / 16;
    uint8_t *expected = start_image(length, 0);
    tern_reference_bfp(bench_f32(bench, input), length, (int32_t *)(void *)expected, (int16_t *)(void *)(expected + 64),
                       expected + 64 + 32 * groups);
    memset(expected + 64 + 32 * groups + used, 0, tern_align_up(groups, 64) - used);
    check_bytes("image", length, bench_at(bench, output), expected, tern_activation_bytes(length));
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
    double *left = doubles_of(bench_f32(&bench, left_address), length);
    double *right = doubles_of(bench_f32(&bench, operands_address(&operands, right_word)), length);
    const uint32_t words[] = {output_word, left_word, right_word, left_word};
    operands_set_address(&operands, output_word, operands_address(&operands, words[place]));
    const uint64_t output = operands_address(&operands, output_word);
    bench_remember(&bench);
    bench_run_ok(&bench, &operands.command);
    bench_check_unchanged(&bench, output, 4 * (uint64_t)length, name);
    for (uint32_t e = 0; e < length; e++) {
        left[e] = operands.element(left[e], right[e]);
    }
    check_close(name, bench_f32(&bench, output), left, length, operands.relative, operands.relative > 0 ? 1e-37 : 0);
    free(left);
    free(right);
    bench_close(&bench);
}

// The commands with a test of their own below.
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

static void test_rmsnorm(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (int in_place = 0; in_place < 2; in_place++) {
            struct bench bench;
            bench_open(&bench, 1 << 18, SEED + i);
            union tern_command command = build_rmsnorm(&bench, lengths[i]);
            struct tern_command_rmsnorm *norm = &command.rmsnorm;
            double *input = doubles_of(bench_f32(&bench, norm->input), norm->length);
            double *weight = doubles_of(bench_f32(&bench, norm->weight), norm->length);
            norm->output = in_place ? norm->input : norm->output;
            bench_remember(&bench);
            bench_run_ok(&bench, &command);
            bench_check_unchanged(&bench, norm->output, 4 * (uint64_t)norm->length, "rmsnorm");
            tern_reference_rmsnorm(input, weight, norm->length, (double)1e-6f, input);
            // Half the relative error of the sum, (length / 16 + 5) 2^-24, and a few roundings.
            check_close("rmsnorm", bench_f32(&bench, norm->output), input, norm->length,
                        ldexp(8 + norm->length / 32.0, -24), 0);
            free(input);
            free(weight);
            bench_close(&bench);
        }
    }
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
        double *input = doubles_of(bench_f32(&bench, rope->input), rope->heads * size);
        double *table = doubles_of(bench_f32(&bench, rope->table), size);
        bench_remember(&bench);
        bench_run_ok(&bench, &command);
        bench_check_unchanged(&bench, rope->output, (rope->heads - 1) * rope->output_stride + 4 * size, "rope");
        tern_reference_rotary(input, rope->heads, size, table, table + size / 2, input);
        for (uint32_t head = 0; head < rope->heads; head++) {
            const float *got = bench_f32(&bench, rope->output + head * rope->output_stride);
            check_close("rope", got, input + head * size, size, 0, ldexp(8, -23));
        }
        free(input);
        free(table);
        bench_close(&bench);
    }
}

// Writes what STORE should write into a copy of memory.
static void expect_store(const struct bench *bench, const struct tern_command_store *store, uint8_t *memory) {
    const uint32_t groups = (store->length + 15) / 16;
    for (uint32_t i = 0; i < store->heads * store->rows * groups; i++) {
        const uint32_t row = i / groups, part = i % groups, head = row / store->rows,
                       group = i - head * store->rows * groups;
        const float *x = bench_f32(bench, store->input + row * store->input_stride) + 16 * part;
        const uint64_t at = head * store->head_stride - TERN_DEVICE_MEMORY_BASE;
        int16_t mantissas[16];
        tern_reference_cache_group(x, store->length - 16 * part < 16 ? store->length - 16 * part : 16, mantissas,
                                   memory + store->exponents + at + group);
        memcpy(memory + store->mantissas + at + 32 * group, mantissas, sizeof mantissas);
    }
}

static void check_store(struct bench *bench, union tern_command *command) {
    uint8_t *expected = malloc(bench->memory_bytes);
    memcpy(expected, bench->memory, bench->memory_bytes);
    expect_store(bench, &command->store, expected);
    bench_run_ok(bench, command);
    memcpy(bench->before, expected, bench->memory_bytes);
    bench_check_unchanged(bench, 0, 0, "store");
    free(expected);
}

static void test_store(void **state) {
    (void)state;
    static const struct {
        uint32_t heads, rows, length, first;
    } cases[] = {{1, 1, 1, 0},  {2, 1, 24, 6},   {2, 24, 3, 0},  {2, 64, 16, 0},   {1, 1, 8, 7},  {8, 1, 128, 24},
                 {3, 80, 9, 0}, {1, 256, 16, 0}, {2, 256, 7, 0}, {1, 200, 250, 3}, {5, 1, 8, 13}, {2, 3, 256, 2}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 20, SEED + i);
        union tern_command command =
            build_store(&bench, cases[i].heads, cases[i].rows, cases[i].length, cases[i].first);
        float *x = bench_f32(&bench, command.store.input);
        const size_t count = cases[i].heads * cases[i].rows * command.store.input_stride / 4 - 3;
        // Groups of very different magnitude, a subnormal number, and the largest that fits.
        for (size_t e = 0; e < count; e++) {
            x[e] = ldexpf(x[e], e / 16 % 3 == 0 ? 12 - (int)(e / 16 % 50) : 0);
        }
        x[count / 3] = 1e-40f;
        x[count - 1] = 65534.996f;
        check_store(&bench, &command);
        command.store.input_stride = 0;
        check_store(&bench, &command);
        bench_close(&bench);
    }
}

static void test_store_refusals(void **state) {
    (void)state;
    static const float values[] = {INFINITY, -INFINITY, NAN, 65535.0f, -65535.0f, 1e30f};
    struct bench bench;
    bench_open(&bench, 1 << 20, SEED);
    union tern_command command = build_store(&bench, 2, 64, 40, 0);
    for (size_t i = 0; i < COUNT(values); i++) {
        const uint32_t row = 23 * (uint32_t)i, column = 7 * (uint32_t)i;
        float *x = bench_f32(&bench, command.store.input + row * command.store.input_stride) + column, saved = *x;
        *x = values[i];
        bench_run_refused(&bench, &command, TERN_STATUS_NON_FINITE, 40 * row + column, "too large for the cache");
        *x = saved;
    }
    check_store(&bench, &command);
    bench_close(&bench);
}

static void check_dot(uint32_t kind, uint32_t kv_heads, uint32_t vectors, uint32_t head_size, uint32_t positions) {
    struct bench bench;
    bench_open(&bench, 1 << 21, SEED + positions);
    union tern_command command = build_dot(&bench, kind, kv_heads, vectors, head_size, positions);
    const struct tern_command_dot *dot = &command.dot;
    const uint32_t images = kv_heads * vectors, results = kind ? head_size : positions;
    bench_remember(&bench);
    bench_run_ok(&bench, &command);
    for (uint32_t image = 0; image < images; image++) {
        const uint8_t *records = bench_at(&bench, dot->cache + image / vectors * dot->head_stride);
        const uint8_t *data = bench_at(&bench, dot->images + image * dot->image_stride);
        uint32_t *got = bench_at(&bench, dot->output + image * dot->output_stride);
        for (uint32_t i = 0; i < results; i += 1 + results / 40) {
            const uint32_t expected = kind ? tern_reference_dot_value(records, head_size, positions, i, data)
                                           : tern_reference_dot_key(records, head_size, i, data);
            if (got[i] != expected) {
                fail_msg("kind %u, %u heads of %u, %u vectors, %u positions: result %u of image %u is %08x, expected "
                         "%08x",
                         kind, kv_heads, head_size, vectors, positions, i, image, got[i], expected);
            }
        }
        memcpy(got, bench.before + ((uint8_t *)got - bench.memory), 4 * results);
    }
    bench_check_unchanged(&bench, 0, 0, "dot");
    bench_close(&bench);
}

static void test_dot(void **state) {
    (void)state;
    for (uint32_t kind = 0; kind < 2; kind++) {
        check_dot(kind, 1, 1, 1, 1);
        check_dot(kind, 2, 2, 24, 37);
        check_dot(kind, 2, 7, 64, 129);
        check_dot(kind, 8, 1, 128, 16);
        check_dot(kind, 3, 9, 80, 17);
        check_dot(kind, 1, 20, 8, 100);
        check_dot(kind, 2, 3, 256, 33);
        check_dot(kind, 1, 2, 10, 4200); // two parts of values
    }
}

// The weights by the rules of the page, without tiles. Half a weight has the shift above the cache's exponent that the
// weight has above the exponent of SOFTMAX.
static void check_softmax(const struct bench *bench, const float *scores, const struct tern_command_softmax *softmax,
                          uint32_t row) {
    const uint32_t length = softmax->length;
    uint8_t *expected = start_image(length, TERN_SOFTMAX_BASE_EXPONENT);
    uint8_t *shifts = expected + tern_activation_shifts_offset(length);
    struct tern_sum16 total;
    float largest = -INFINITY;
    for (uint32_t p = 0; p < length; p++) {
        largest = largest < scores[p] ? scores[p] : largest;
    }
    tern_sum16_start(&total);
    for (uint32_t group = 0; group < (length + 15) / 16; group++) {
        const uint32_t count = length - 16 * group < 16 ? length - 16 * group : 16;
        float halves[16];
        for (uint32_t i = 0; i < count; i++) {
            const float difference = scores[16 * group + i] - largest;
            const float weight = tern_f32_exp(difference * 0.125f);
            const double exact = exp(((double)scores[16 * group + i] - (double)largest) * 0.125);
            check_close("weight", &weight, &exact, 1, ldexp(3 + 4 * fmin(fabs((double)difference), 1e4) * 0.125, -24), 1e-44);
            halves[i] = 0.5f * weight;
            total.partial[i] = tern_f32_add(total.partial[i], weight);
        }
        tern_reference_cache_group(halves, count, (int16_t *)(void *)(expected + 64) + 16 * group, &shifts[group]);
    }
    check_bytes("weights", length, bench_at(bench, softmax->output + row * softmax->output_stride), expected,
                tern_activation_bytes(length));
    const float sum = tern_sum16_finish(&total);
    assert_memory_equal(bench_f32(bench, softmax->totals) + row, &sum, sizeof sum);
    free(expected);
}

static void test_softmax(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, length, gap;
    } cases[] = {{1, 1, 0}, {3, 17, 64}, {14, 100, 0}, {2, 8193, 64}, {1, 32768, 0}, {256, 3, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 19, SEED + i);
        union tern_command command = build_softmax(&bench, cases[i].rows, cases[i].length, cases[i].gap);
        const struct tern_command_softmax *softmax = &command.softmax;
        float *scores = bench_f32(&bench, softmax->input);
        scores[cases[i].length / 2] = cases[i].length > 1 ? -INFINITY : -3.0f;
        bench_run_ok(&bench, &command);
        for (uint32_t row = 0; row < softmax->rows; row++) {
            check_softmax(&bench, bench_f32(&bench, softmax->input + row * softmax->input_stride), softmax, row);
        }
        bench_close(&bench);
    }
}

// A row that fails: images and totals of the rows before it are written.
static void test_softmax_refusals(void **state) {
    (void)state;
    static const struct {
        uint32_t length, place;
        float value, others; // others: 0: random scores
        uint32_t detail;
    } cases[] = {{100, 50, NAN, 0, 250},      {100, 0, INFINITY, 0, 200},
                 {9000, 8999, NAN, 0, 26999}, {20, 4, -INFINITY, -INFINITY, 40},
                 {20, 4, NAN, -INFINITY, 40}, {20, 4, INFINITY, -INFINITY, 44}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 19, SEED + i);
        union tern_command command = build_softmax(&bench, 4, cases[i].length, 0);
        const struct tern_command_softmax *softmax = &command.softmax;
        float *scores = bench_f32(&bench, softmax->input + 2 * softmax->input_stride);
        for (uint32_t p = 0; cases[i].others != 0 && p < cases[i].length; p++) {
            scores[p] = cases[i].others;
        }
        scores[cases[i].place] = cases[i].value;
        bench_remember(&bench);
        const struct tern_completion completion = bench_run(&bench, &command);
        assert_int_equal(completion.status, TERN_STATUS_NON_FINITE);
        assert_int_equal(completion.detail, cases[i].detail);
        for (uint32_t row = 0; row < 2; row++) {
            check_softmax(&bench, bench_f32(&bench, softmax->input + row * softmax->input_stride), softmax, row);
            memcpy(bench_at(&bench, softmax->output + row * softmax->output_stride),
                   bench.before + (softmax->output + row * softmax->output_stride - TERN_DEVICE_MEMORY_BASE),
                   tern_activation_bytes(softmax->length));
        }
        bench_check_unchanged(&bench, softmax->totals, 8, "softmax that fails");
        bench_close(&bench);
    }
}

static void test_scale(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, length, gap;
    } cases[] = {{1, 1, 0}, {4, 24, 4}, {14, 64, 0}, {256, 8, 12}, {3, 256, 40}};
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        struct bench bench;
        bench_open(&bench, 1 << 18, SEED + i);
        union tern_command command = build_scale(&bench, cases[i / 2].rows, cases[i / 2].length, cases[i / 2].gap);
        struct tern_command_scale *scale = &command.scale;
        const size_t words = scale->rows * scale->input_stride / 4;
        double *input = doubles_of(bench_f32(&bench, scale->input), words);
        if (i % 2) { // in place
            scale->output = scale->input;
            scale->output_stride = scale->input_stride;
        }
        bench_remember(&bench);
        bench_run_ok(&bench, &command);
        for (uint32_t row = 0; row < scale->rows; row++) {
            double expected[TERN_MAX_HEAD_SIZE];
            for (uint32_t e = 0; e < scale->length; e++) {
                expected[e] = input[row * scale->input_stride / 4 + e] / (double)bench_f32(&bench, scale->totals)[row];
            }
            float *got = bench_f32(&bench, scale->output + row * scale->output_stride);
            check_close("scale", got, expected, scale->length, ldexp(4, -24), 0);
            memcpy(got, bench.before + ((uint8_t *)got - bench.memory), 4 * scale->length);
        }
        bench_check_unchanged(&bench, 0, 0, "scale");
        free(input);
        bench_close(&bench);
    }
}

// The cache of random keys and values, quantized by STORE position after position as the runner does.
static void fill_cache(struct bench *bench, const double *keys, const double *values,
                       const struct tern_command_dot *dot, uint64_t key_cache) {
    const uint32_t h = dot->head_size, heads = dot->kv_heads, capacity = dot->positions;
    const uint32_t key_bytes = tern_cache_record_bytes(TERN_CACHE_KEYS, h);
    const uint32_t value_bytes = tern_cache_record_bytes(TERN_CACHE_VALUES, h), groups = tern_cache_head_groups(h);
    union tern_command store = build_start(bench, TERN_OPCODE_STORE);
    const uint64_t key = bench_alloc(bench, 4 * heads * h), history = bench_alloc(bench, 4 * 16 * heads * h);
    for (uint32_t p = 0; p < capacity; p++) {
        for (uint32_t i = 0; i < heads * h; i++) {
            const size_t from = (i / h * (size_t)capacity + p) * h + i % h;
            bench_f32(bench, key)[i] = (float)keys[from];
            bench_f32(bench, history)[16 * i + p % 16] = (float)values[from];
        }
        store.store.heads = heads;
        store.store.rows = 1;
        store.store.length = h;
        store.store.input = key;
        store.store.input_stride = 4 * (uint64_t)h;
        store.store.exponents = key_cache + p / 16 * key_bytes + p % 16 * groups;
        store.store.mantissas =
            key_cache + p / 16 * key_bytes + tern_cache_mantissas_offset(TERN_CACHE_KEYS, h) + 32 * (p % 16 * groups);
        store.store.head_stride = tern_cache_head_bytes(TERN_CACHE_KEYS, h, capacity);
        bench_run_ok(bench, &store);
        store.store.rows = h;
        store.store.length = p % 16 + 1;
        store.store.input = history;
        store.store.input_stride = 64;
        store.store.exponents = dot->cache + p / 16 * value_bytes;
        store.store.mantissas = store.store.exponents + tern_cache_mantissas_offset(TERN_CACHE_VALUES, h);
        store.store.head_stride = dot->head_stride;
        bench_run_ok(bench, &store);
    }
}

static double *random_doubles(struct bench *bench, size_t count) {
    double *x = malloc(count * sizeof *x);
    for (size_t i = 0; i < count; i++) {
        x[i] = (double)((float)test_random_between(&bench->random, -1000000, 1000000) / 5e5f);
    }
    return x;
}

// The commands of a layer's attention against doubles. docs/numerics-vector.md has the bound.
static void check_attention(uint32_t heads, uint32_t kv_heads, uint32_t h, uint32_t positions) {
    struct bench bench;
    bench_open(&bench, 1 << 22, SEED + positions);
    union tern_command values = build_dot(&bench, TERN_CACHE_VALUES, kv_heads, heads / kv_heads, h, positions);
    union tern_command keys = build_dot(&bench, TERN_CACHE_KEYS, kv_heads, heads / kv_heads, h, positions);
    union tern_command quantize = build_quantize_rows(&bench, heads, h, 0);
    union tern_command softmax = build_softmax(&bench, heads, positions, 0), scale = build_scale(&bench, heads, h, 0);
    const size_t cache = (size_t)kv_heads * positions * h;
    double *query = random_doubles(&bench, heads * h), *key = random_doubles(&bench, cache);
    double *value = random_doubles(&bench, cache), *scores = malloc(positions * sizeof *scores);
    for (uint32_t i = 0; i < heads * h; i++) {
        bench_f32(&bench, quantize.quantize.input)[i] = (float)query[i];
    }
    keys.dot.head_stride = tern_cache_head_bytes(TERN_CACHE_KEYS, h, positions);
    fill_cache(&bench, key, value, &values.dot, keys.dot.cache);
    quantize.quantize.output = keys.dot.images;
    quantize.quantize.output_stride = keys.dot.image_stride;
    softmax.softmax.input = keys.dot.output;
    softmax.softmax.input_stride = keys.dot.output_stride;
    softmax.softmax.output = values.dot.images;
    softmax.softmax.output_stride = values.dot.image_stride;
    scale.scale.input = values.dot.output;
    scale.scale.input_stride = values.dot.output_stride;
    scale.scale.totals = softmax.softmax.totals;
    union tern_command *commands[] = {&quantize, &keys, &softmax, &values, &scale};
    for (size_t i = 0; i < COUNT(commands); i++) {
        bench_run_ok(&bench, commands[i]);
    }
    tern_reference_attention(query, key, value, heads, kv_heads, h, positions, positions, 0.125, scores, query);
    const double score_error = 0.125 * h * 4 * ldexp(1, -14), rest = ldexp(positions / 16.0 + 32, -24);
    check_close("attention", bench_f32(&bench, scale.scale.output), query, heads * h, 0,
                2 * (2 * score_error + ldexp(1, -11) + ldexp(1, -15) + ldexp(positions, -30) + rest));
    free(query);
    free(key);
    free(value);
    free(scores);
    bench_close(&bench);
}

static void test_attention(void **state) {
    (void)state;
    check_attention(1, 1, 1, 1);
    check_attention(4, 2, 24, 37);
    check_attention(14, 2, 64, 129);
    check_attention(6, 3, 80, 64);
    check_attention(3, 3, 256, 33);
    check_attention(4, 1, 8, 600);
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
        cmocka_unit_test(test_nop),
        cmocka_unit_test(test_quantize),
        cmocka_unit_test(test_quantize_rows),
        cmocka_unit_test(test_quantize_non_finite),
        cmocka_unit_test(test_matmul),
        cmocka_unit_test(test_matmul_vectors),
        cmocka_unit_test(test_elementwise),
        cmocka_unit_test(test_rmsnorm),
        cmocka_unit_test(test_rope),
        cmocka_unit_test(test_store),
        cmocka_unit_test(test_store_refusals),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_refusals),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_nan_is_canonical),
    };
    return cmocka_run_group_tests_name("fw.commands", tests, NULL, NULL);
}
