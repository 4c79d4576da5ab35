// SPDX-License-Identifier: Apache-2.0
// Compares the commands of attention with the slow references, each by itself and all together.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/attention/dot.h"
#include "cmodel/attention/cache.h"
#include "cmodel/float/f32_math.h"
#include "cmodel/float/reduce.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "firmware/tests/build.h"
#include "firmware/tests/judge.h"

#define SEED 20267
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
                                   memory + (store->exponents + at + group));
        memcpy(memory + (store->mantissas + at + 32 * group), mantissas, sizeof mantissas);
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
    struct tern_command_dot *dot = &command.dot;
    const uint32_t images = kv_heads * vectors, results = kind ? head_size : positions;
    if (images == 1) {
        dot->image_stride = dot->head_stride = dot->output_stride = UINT64_MAX; // ignored
    }
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
        check_dot(kind, 1, 9, 256, 33);  // on the core; the sums of two vectors at a time
        check_dot(kind, 1, 2, 10, 4200); // three parts of values
    }
}

// The sums of eight vectors of the largest head do not fit scratch memory. A fault of the last one is found all the
// same before anything is written.
static void test_dot_refusals(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 20, SEED);
    union tern_command command = build_dot(&bench, TERN_CACHE_VALUES, 1, 9, 256, 40); // 9: not for the unit
    const struct tern_command_dot *dot = &command.dot;
    uint8_t *image = bench_at(&bench, dot->images + 7 * dot->image_stride);
    uint8_t *record = bench_at(&bench, dot->cache + 2 * tern_cache_record_bytes(TERN_CACHE_VALUES, 256));
    uint8_t *const shift = image + tern_activation_shifts_offset(40) + 2, saved_shift = *shift, saved = record[255];
    *shift = TERN_MAX_SHIFT + 1;
    bench_run_refused(&bench, &command, TERN_STATUS_BAD_ACTIVATION, tern_dot_image_place(7, TERN_DOT_IMAGE_SHIFT_WORD),
                      "a shift");
    *shift = saved_shift;
    record[255] = TERN_CACHE_MAX_SHIFT + 1;
    bench_run_refused(&bench, &command, TERN_STATUS_BAD_ACTIVATION, tern_dot_record_place(0, 2), "an exponent");
    record[255] = saved;
    bench_run_ok(&bench, &command);
    bench_close(&bench);
}

// The weights by the rules of the page, without tiles. Half a weight has the shift above the cache's exponent that the
// weight has above the exponent of SOFTMAX.
static void check_softmax(const struct bench *bench, const float *scores, const struct tern_command_softmax *softmax,
                          uint32_t row) {
    const uint32_t length = softmax->length;
    uint8_t *expected = judge_start_image(length, TERN_SOFTMAX_BASE_EXPONENT);
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
            judge_close("weight", &weight, &exact, 1, ldexp(3 + 4 * fmin(fabs((double)difference), 1e4) * 0.125, -24),
                        1e-44);
            halves[i] = 0.5f * weight;
            total.partial[i] = tern_f32_add(total.partial[i], weight);
        }
        tern_reference_cache_group(halves, count, (int16_t *)(void *)(expected + 64) + 16 * group, &shifts[group]);
    }
    judge_bytes("weights", length, bench_at(bench, softmax->output + row * softmax->output_stride), expected,
                tern_activation_bytes(length));
    const float sum = tern_sum16_finish(&total);
    assert_memory_equal(bench_f32(bench, softmax->totals) + row, &sum, sizeof sum);
    free(expected);
}

static void test_softmax(void **state) {
    (void)state;
    static const struct {
        uint32_t rows, length, gap;
    } cases[] = {{1, 1, 0}, {3, 17, 64}, {14, 100, 0}, {2, 2049, 64}, {2, 8193, 64}, {1, 32768, 0}, {256, 3, 0}};
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
        double *input = judge_doubles(bench_f32(&bench, scale->input), words);
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
            judge_close("scale", got, expected, scale->length, ldexp(4, -24), 0);
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
    judge_close("attention", bench_f32(&bench, scale.scale.output), query, heads * h, 0,
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store),   cmocka_unit_test(test_store_refusals),
        cmocka_unit_test(test_dot),     cmocka_unit_test(test_dot_refusals),
        cmocka_unit_test(test_softmax), cmocka_unit_test(test_softmax_refusals),
        cmocka_unit_test(test_scale),   cmocka_unit_test(test_attention),
    };
    return cmocka_run_group_tests_name("fw.attention", tests, NULL, NULL);
}
