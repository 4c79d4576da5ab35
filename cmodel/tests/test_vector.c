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

// All sixteen arguments are ordinary but one, at every place of the sixteen. The total has the order of every sum.
static void test_softmax_weights(void **state) {
    (void)state;
    static const float others[] = {-80.0f, -100.0f, -104.5f, -INFINITY};
    struct arrays *arrays = random_arrays(SEED + 6);
    for (size_t count = 1; count < 80; count++) {
        for (size_t i = 0; i < count; i++) {
            arrays->out[i] = -fmodf(fabsf(arrays->a[i]), 79.0f);
        }
        arrays->out[count / 2] = others[count / 4 % 4];
        for (size_t i = 0; i < count; i++) {
            const float difference = arrays->out[i] - 0.5f;
            arrays->expected[i] = tern_f32_exp(difference * 1.25f);
        }
        struct tern_sum16 total;
        tern_sum16_start(&total);
        tern_softmax_weights(arrays->out, count, 0.5f, 1.25f, &total);
        check_bits("weights", count, arrays->out, arrays->expected, count);
        const float got = tern_sum16_finish(&total), expected = plain_sum16(arrays->expected, count);
        check_bits("total", count, &got, &expected, 1);
    }
    free(arrays);
}

// One bad score at every place of two tiles, or a row without a number.
static void test_softmax_scan(void **state) {
    (void)state;
    static const float bad[] = {NAN, INFINITY, -NAN};
    struct arrays *arrays = random_arrays(SEED + 7);
    for (size_t count = 1; count < 80; count += 3) {
        for (size_t place = 0; place <= count; place++) {
            const float saved = arrays->a[place];
            struct tern_softmax_scan scan;
            size_t index;
            float largest = -INFINITY;
            arrays->a[place] = place < count ? bad[place % 3] : saved;
            tern_softmax_start(&scan);
            tern_softmax_scan_tile(&scan, arrays->a, count / 32 * 16);
            tern_softmax_scan_tile(&scan, arrays->a + count / 32 * 16, count - count / 32 * 16);
            for (size_t i = 0; i < count; i++) {
                largest = arrays->a[i] > largest ? arrays->a[i] : largest;
            }
            check_bits("largest score", count, &scan.largest, &largest, 1);
            const bool is_bad = tern_softmax_check(&scan, &index) != TERN_STATUS_OK;
            assert_int_equal(is_bad, place < count);
            assert_true(!is_bad || index == (isinf(largest) && largest < 0 ? 0 : place));
            arrays->a[place] = saved;
        }
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
    tern_vector_scale(a, b[0], count, fast);
    tern_vector_scale_portable(a, b[0], count, portable);
    check_same("scale, portable", count, fast, portable, count);
}

static void same_softmax(const float *scores, size_t count, float scale) {
    struct tern_softmax_scan fast, portable;
    struct tern_sum16 fast_total, portable_total;
    float fast_weights[LARGEST], portable_weights[LARGEST];
    tern_softmax_start(&fast);
    tern_softmax_start(&portable);
    tern_softmax_scan_tile(&fast, scores, count);
    tern_softmax_scan_tile_portable(&portable, scores, count);
    assert_true(fast.largest == portable.largest); // zeros may differ in sign
    assert_int_equal(fast.bad_index, portable.bad_index);
    assert_int_equal(fast.scanned, portable.scanned);
    memcpy(fast_weights, scores, count * sizeof *scores);
    memcpy(portable_weights, scores, count * sizeof *scores);
    tern_sum16_start(&fast_total);
    tern_sum16_start(&portable_total);
    tern_softmax_weights(fast_weights, count, fast.largest, scale, &fast_total);
    tern_softmax_weights_portable(portable_weights, count, fast.largest, scale, &portable_total);
    check_same("weights, portable", count, fast_weights, portable_weights, count);
    check_same("total, portable", count, fast_total.partial, portable_total.partial, 16);
}

static void test_portable(void **state) {
    (void)state;
    static struct arrays arrays;
    for (uint32_t trial = 0; trial < 2000; trial++) {
        struct test_random random = test_random_seed(SEED + 100 + trial);
        const uint32_t rarity = trial % 4 == 0 ? 1 : trial % 4 == 1 ? 5 : trial % 4 == 2 ? 100 : LARGEST;
        fill_with_specials(arrays.a, LARGEST, rarity, &random);
        fill_with_specials(arrays.b, LARGEST, rarity, &random);
        same_elementwise(arrays.a, arrays.b, 1 + test_random_below(&random, 200));
        same_softmax(arrays.a, 1 + test_random_below(&random, 200), ldexpf(1.3f, test_random_between(&random, -9, 9)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),     cmocka_unit_test(test_elementwise),     cmocka_unit_test(test_rmsnorm_factor),
        cmocka_unit_test(test_rope),     cmocka_unit_test(test_softmax_weights), cmocka_unit_test(test_softmax_scan),
        cmocka_unit_test(test_portable),
    };
    return cmocka_run_group_tests_name("cmodel.vector", tests, NULL, NULL);
}
