// SPDX-License-Identifier: Apache-2.0
// Compares the tile functions bit for bit with a second, plain implementation of docs/numerics-vector.md. The size of
// tiles must not change bits. Compares the portable functions with the host's on every kind of number. fw.commands
// measures the distance from double precision on whole commands.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32_math.h"
#include "cmodel/tests/random.h"
#include "cmodel/vector/vector.h"

#define SEED 20264
#define LARGEST 2048
// The range is small, so that many positions share the weight. Then the order of every sum matters.
#define SCALE 1e-4f

struct arrays {
    float a[LARGEST], b[LARGEST], out[LARGEST], expected[LARGEST];
};

static float random_value(struct test_random *random) {
    float value = (float)test_random_between(random, -8000000, 8000000) / 4e6f;
    return ldexpf(value, test_random_between(random, -8, 8));
}

static struct arrays *random_arrays(uint64_t seed) {
    struct arrays *arrays = malloc(sizeof *arrays);
    struct test_random random = test_random_seed(seed);
    for (int i = 0; i < LARGEST; i++) {
        arrays->a[i] = random_value(&random);
        arrays->b[i] = random_value(&random);
    }
    return arrays;
}

static void check_bits(const char *what, size_t count, const float *got, const float *expected, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (tern_f32_to_bits(got[i]) != tern_f32_to_bits(expected[i])) {
            fail_msg("%s, %zu elements, seed %d, result %zu: got %a, expected %a", what, count, SEED, i, (double)got[i],
                     (double)expected[i]);
        }
    }
}

// Adds up partial sum after partial sum, then the tree down to element 0.
static float plain_sum16(const float *terms, size_t count) {
    volatile float partial[16];
    for (size_t part = 0; part < 16; part++) {
        partial[part] = 0.0f;
        for (size_t i = part; i < count; i += 16) {
            partial[part] = partial[part] + terms[i];
        }
    }
    for (size_t i = 0; i < 8; i++) {
        partial[i] = partial[i] + partial[i + 8];
    }
    for (size_t i = 0; i < 4; i++) {
        partial[i] = partial[i] + partial[i + 4];
    }
    for (size_t i = 0; i < 2; i++) {
        partial[i] = partial[i] + partial[i + 2];
    }
    return partial[0] + partial[1];
}

static float plain_dot(const float *a, const float *b, size_t count) {
    float terms[LARGEST];
    for (size_t i = 0; i < count; i++) {
        terms[i] = a[i] * b[i];
    }
    return plain_sum16(terms, count);
}

static void test_sums(void **state) {
    (void)state;
    struct arrays *arrays = random_arrays(SEED);
    for (size_t count = 0; count <= 400; count++) {
        // Computes in tiles whose lengths are multiples of 16, and at once.
        for (size_t tile = 16; tile <= 416; tile += 80) {
            struct tern_sum16 sum, products;
            tern_sum16_start(&sum);
            tern_sum16_start(&products);
            for (size_t start = 0; start < count; start += tile) {
                size_t length = count - start < tile ? count - start : tile;
                tern_sum16_add(&sum, arrays->a + start, length);
                tern_sum16_add_products(&products, arrays->a + start, arrays->b + start, length);
            }
            const float got[2] = {tern_sum16_finish(&sum), tern_sum16_finish(&products)};
            const float expected[2] = {plain_sum16(arrays->a, count), plain_dot(arrays->a, arrays->b, count)};
            check_bits("sum, dot", count, got, expected, 2);
        }
    }
    free(arrays);
}

static void test_elementwise(void **state) {
    (void)state;
    struct arrays *arrays = random_arrays(SEED + 1);
    const float *a = arrays->a, *b = arrays->b;
    for (size_t count = 1; count < 200; count += 7) {
        tern_vector_add(a, b, count, arrays->out);
        for (size_t i = 0; i < count; i++) {
            arrays->expected[i] = a[i] + b[i];
        }
        check_bits("add", count, arrays->out, arrays->expected, count);
        tern_vector_swiglu(a, b, count, arrays->out);
        for (size_t i = 0; i < count; i++) {
            arrays->expected[i] = tern_f32_silu(a[i]) * b[i];
        }
        check_bits("swiglu", count, arrays->out, arrays->expected, count);
        tern_rmsnorm_apply(a, 1.7f, b, count, arrays->out);
        for (size_t i = 0; i < count; i++) {
            float normal = a[i] * 1.7f;
            arrays->expected[i] = normal * b[i];
        }
        check_bits("rmsnorm", count, arrays->out, arrays->expected, count);
        memcpy(arrays->out, a, count * sizeof(float));
        tern_rmsnorm_apply(arrays->out, 1.7f, b, count, arrays->out);
        check_bits("rmsnorm in place", count, arrays->out, arrays->expected, count);
        tern_vector_swiglu(a, arrays->out, count, arrays->out);
        for (size_t i = 0; i < count; i++) {
            arrays->expected[i] = tern_f32_silu(a[i]) * arrays->expected[i];
        }
        check_bits("swiglu in place", count, arrays->out, arrays->expected, count);
    }
    free(arrays);
}

// All sixteen arguments are ordinary but one, at every place of the sixteen.
static void test_exponentials(void **state) {
    (void)state;
    static const float others[] = {-80.0f, -100.0f, -104.5f, -INFINITY};
    struct arrays *arrays = random_arrays(SEED + 6);
    for (size_t count = 1; count < 80; count++) {
        for (size_t i = 0; i < count; i++) {
            arrays->out[i] = -fmodf(fabsf(arrays->a[i]), 79.0f);
        }
        arrays->out[count / 2] = others[count / 4 % 4];
        for (size_t i = 0; i < count; i++) {
            arrays->expected[i] = tern_f32_exp(arrays->out[i] - 0.5f);
        }
        tern_attention_exponentials(arrays->out, count, 0.5f);
        check_bits("exponentials", count, arrays->out, arrays->expected, count);
    }
    free(arrays);
}

static void test_rmsnorm_factor(void **state) {
    (void)state;
    struct test_random random = test_random_seed(SEED + 2);
    for (int trial = 0; trial < 2000; trial++) {
        float squares = fabsf(random_value(&random)) * 100.0f;
        uint32_t length = 1 + test_random_below(&random, 262144);
        float mean = squares * tern_f32_reciprocal((float)length);
        const float expected = tern_f32_reciprocal_sqrt(mean + 1e-6f);
        const float got = tern_rmsnorm_factor(squares, length, 1e-6f);
        check_bits("rmsnorm factor", length, &got, &expected, 1);
    }
}

static void test_rope(void **state) {
    (void)state;
    struct arrays *arrays = random_arrays(SEED + 3);
    for (size_t size = 2; size <= 256; size += 2) {
        size_t half = size / 2;
        for (size_t i = 0; i < half; i++) {
            float cosine = arrays->b[i], sine = arrays->b[half + i];
            float first = arrays->a[i] * cosine, second = arrays->a[half + i] * sine;
            arrays->expected[i] = first - second;
            first = arrays->a[half + i] * cosine;
            second = arrays->a[i] * sine;
            arrays->expected[half + i] = first + second;
        }
        memcpy(arrays->out, arrays->a, size * sizeof(float));
        tern_rope_head(arrays->out, arrays->b, arrays->b + half, size, arrays->out);
        check_bits("rope in place", size, arrays->out, arrays->expected, size);
    }
    free(arrays);
}

// Computes one head in one go by the rules of the page.
static void plain_attention(const float *query, const float *keys, const float *values, size_t head_size,
                            size_t positions, float scale, float *out) {
    float weights[LARGEST], terms[LARGEST];
    float largest = 0.0f;
    for (size_t p = 0; p < positions; p++) {
        weights[p] = plain_dot(query, keys + p * head_size, head_size) * scale;
        largest = p == 0 ? weights[0] : largest < weights[p] ? weights[p] : largest;
    }
    for (size_t p = 0; p < positions; p++) {
        weights[p] = tern_f32_exp(weights[p] - largest);
    }
    float factor = tern_f32_reciprocal(plain_sum16(weights, positions));
    for (size_t e = 0; e < head_size; e++) {
        for (size_t p = 0; p < positions; p++) {
            terms[p] = weights[p] * values[p * head_size + e];
        }
        out[e] = plain_sum16(terms, positions) * factor;
    }
}

static void tiled_attention(const float *query, const float *keys, const float *values, size_t head_size,
                            size_t positions, float scale, size_t tile, float *out) {
    float scores[LARGEST], *partial = calloc(16 * head_size, sizeof(float));
    float largest = 0.0f;
    struct tern_sum16 sum;
    for (size_t start = 0; start < positions; start += tile) {
        size_t count = positions - start < tile ? positions - start : tile;
        tern_attention_scores(query, keys + start * head_size, head_size, count, scale, start == 0, scores + start,
                              &largest);
    }
    tern_sum16_start(&sum);
    for (size_t start = 0; start < positions; start += tile) {
        size_t count = positions - start < tile ? positions - start : tile;
        tern_attention_exponentials(scores + start, count, largest);
        tern_sum16_add(&sum, scores + start, count);
        tern_attention_values(scores + start, values + start * head_size, head_size, count, partial);
    }
    tern_attention_finish(partial, head_size, tern_f32_reciprocal(tern_sum16_finish(&sum)), out);
    free(partial);
}

static void test_attention(void **state) {
    (void)state;
    static const struct {
        size_t head_size, positions;
    } cases[] = {{1, 1}, {2, 1000}, {10, 33}, {24, 16}, {24, 50}, {64, 31}, {128, 13}, {256, 7}, {6, 300}};
    struct arrays *arrays = random_arrays(SEED + 4);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t head_size = cases[i].head_size, positions = cases[i].positions;
        const float *query = arrays->b + LARGEST - 256;
        plain_attention(query, arrays->a, arrays->b, head_size, positions, SCALE, arrays->expected);
        for (size_t tile = 16; tile <= 1024; tile *= 4) {
            tiled_attention(query, arrays->a, arrays->b, head_size, positions, SCALE, tile, arrays->out);
            check_bits("attention", positions, arrays->out, arrays->expected, head_size);
        }
    }
    free(arrays);
}

// A single position has weight 1 whatever its score. The result is the values unchanged.
static void test_attention_of_one(void **state) {
    (void)state;
    struct arrays *arrays = random_arrays(SEED + 5);
    tiled_attention(arrays->a, arrays->b, arrays->a + 64, 64, 1, 100.0f, 16, arrays->out);
    check_bits("attention of one", 1, arrays->out, arrays->a + 64, 64);
    // The largest score may be below zero.
    float score, largest;
    tern_attention_scores(arrays->a, arrays->a, 64, 1, -1.0f, 1, &score, &largest);
    assert_true(score < 0.0f);
    check_bits("largest score", 1, &largest, &score, 1);
    free(arrays);
}

// Makes ordinary numbers, and one in `rarity` of every other kind.
static void fill_with_specials(float *x, size_t count, uint32_t rarity, struct test_random *random) {
    static const uint32_t specials[] = {0,           0x80000000u, 1,           0x80000001u, 0x007fffffu, 0x807fffffu,
                                        0x7f7fffffu, 0xff7fffffu, 0x7f800000u, 0xff800000u, 0x7fc00000u, 0xffc12345u,
                                        0x42aeac50u, 0xc2cff1b5u, 0x35800000u, 0xb57fffffu, 0x3f800000u, 0x00800000u};
    for (size_t i = 0; i < count; i++) {
        x[i] = test_random_below(random, rarity)
                   ? random_value(random)
                   : tern_f32_from_bits(specials[test_random_below(random, sizeof specials / sizeof *specials)]);
    }
}

static void check_same(const char *what, size_t count, float *fast, float *portable, size_t length) {
    tern_f32_canonical(fast, length);
    tern_f32_canonical(portable, length);
    check_bits(what, count, fast, portable, length);
}

// The output is in place, then out of place.
static void same_elementwise(const float *a, const float *b, size_t count) {
    float fast[LARGEST], portable[LARGEST];
    tern_vector_add(a, b, count, fast);
    tern_vector_add_portable(a, b, count, portable);
    check_same("add, portable", count, fast, portable, count);
    tern_vector_swiglu(fast, b, count, fast);
    tern_vector_swiglu_portable(portable, b, count, portable);
    check_same("swiglu, portable", count, fast, portable, count);
    tern_vector_swiglu(a, b, count, fast);
    tern_vector_swiglu_portable(a, b, count, portable);
    check_same("swiglu, portable", count, fast, portable, count);
    tern_rmsnorm_apply(fast, 0x1.3p-3f, b, count, fast);
    tern_rmsnorm_apply_portable(portable, 0x1.3p-3f, b, count, portable);
    check_same("rmsnorm, portable", count, fast, portable, count);
}

static void same_attention(const float *query, const float *keys, const float *values, size_t head_size,
                           size_t positions, bool is_first) {
    float fast[LARGEST], portable[LARGEST], fast_parts[16 * 64], portable_parts[16 * 64];
    float fast_largest = 0.25f, portable_largest = 0.25f;
    tern_attention_scores(query, keys, head_size, positions, SCALE, is_first, fast, &fast_largest);
    tern_attention_scores_portable(query, keys, head_size, positions, SCALE, is_first, portable, &portable_largest);
    check_same("scores, portable", positions, fast, portable, positions);
    check_same("largest, portable", positions, &fast_largest, &portable_largest, 1);
    tern_attention_exponentials(fast, positions, fast_largest);
    tern_attention_exponentials_portable(portable, positions, portable_largest);
    check_same("exponentials, portable", positions, fast, portable, positions);
    memcpy(fast_parts, values, sizeof fast_parts);
    memcpy(portable_parts, values, sizeof portable_parts);
    tern_attention_values(fast, values, head_size, positions, fast_parts);
    tern_attention_values_portable(portable, values, head_size, positions, portable_parts);
    check_same("values, portable", positions, fast_parts, portable_parts, 16 * head_size);
    tern_attention_finish(fast_parts, head_size, 1.75f, fast);
    tern_attention_finish_portable(portable_parts, head_size, 1.75f, portable);
    check_same("attention, portable", positions, fast, portable, head_size);
}

static void test_portable(void **state) {
    (void)state;
    static struct arrays arrays;
    for (uint32_t trial = 0; trial < 2000; trial++) {
        struct test_random random = test_random_seed(SEED + 100 + trial);
        const uint32_t rarity = trial % 4 == 0 ? 1 : trial % 4 == 1 ? 5 : trial % 4 == 2 ? 100 : LARGEST;
        const size_t head_size = 1 + test_random_below(&random, 64);
        const size_t positions =
            1 + test_random_below(&random, (uint32_t)(LARGEST / head_size > 100 ? 100 : LARGEST / head_size));
        fill_with_specials(arrays.a, LARGEST, rarity, &random);
        fill_with_specials(arrays.b, LARGEST, rarity, &random);
        same_elementwise(arrays.a, arrays.b, 1 + test_random_below(&random, 200));
        same_attention(arrays.a + LARGEST - 64, arrays.a, arrays.b, head_size, positions, trial % 3 != 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_elementwise),
        cmocka_unit_test(test_rmsnorm_factor),
        cmocka_unit_test(test_rope),
        cmocka_unit_test(test_exponentials),
        cmocka_unit_test(test_attention),
        cmocka_unit_test(test_attention_of_one),
        cmocka_unit_test(test_portable),
    };
    return cmocka_run_group_tests_name("cmodel.vector", tests, NULL, NULL);
}
