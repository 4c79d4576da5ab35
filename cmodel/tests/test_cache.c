// SPDX-License-Identifier: Apache-2.0
// Groups of the key/value cache against the reference, their limit, and the layout of a record.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/attention/cache.h"
#include "cmodel/float/f32.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/random.h"

static void check(const float *x, size_t count) {
    int16_t mantissas[48], expected[16];
    uint8_t exponents[3], exponent;
    size_t bad_index;
    assert_int_equal(tern_cache_check(x, count, &bad_index), TERN_STATUS_OK);
    tern_cache_quantize(x, count, mantissas, exponents);
    for (size_t start = 0; start < count; start += 16) {
        tern_reference_cache_group(x + start, count - start < 16 ? count - start : 16, expected, &exponent);
        if (exponents[start / 16] != exponent) {
            fail_msg("exponent %u of a group with %a: expected %u", exponents[start / 16], x[start], exponent);
        }
        assert_memory_equal(mantissas + start, expected, sizeof expected);
    }
}

// Magnitudes of 2^low to 2^high.
static float draw(struct test_random *random, int low, int high) {
    float fraction = 1.0f + (float)test_random_below(random, 1u << 23) * 0x1p-23f;
    float sign = test_random_below(random, 2) ? -1.0f : 1.0f;
    return ldexpf(sign * fraction, test_random_between(random, low, high - 1));
}

static void groups_are_those_of_the_reference(void **state) {
    static const int ranges[][2] = {{-40, 15}, {-10, 4}, {-149, -120}, {-33, -12}, {-17, -15}, {12, 15}};
    struct test_random random = test_random_seed(1);
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        float x[48];
        const int *range = ranges[i % 6];
        size_t count = 1 + test_random_below(&random, 48);
        for (size_t k = 0; k < count; k++) {
            x[k] = test_random_below(&random, 10) ? draw(&random, range[0], range[1]) : 0.0f;
        }
        check(x, count);
    }
}

static void edges(void **state) {
    static const float values[] = {0.0f,          -0.0f,         0x1p-149f,      0x1p-31f, 0x1.8p-30f, 32767 * 0x1p-30f,
                                   0x1.fffep-16f, 0x1.ffffp-16f, 0x1.fffdfep15f, 65534.0f, -65534.99f};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check(&values[i], 1);
    }
}

static void expect_refused(float value) {
    float x[20] = {0};
    size_t bad_index = 99;
    x[17] = value;
    assert_int_equal(tern_cache_check(x, 20, &bad_index), TERN_STATUS_NON_FINITE);
    assert_int_equal(bad_index, 17);
}

static void too_large_is_refused(void **state) {
    (void)state;
    expect_refused(65535.0f);
    expect_refused(-65535.0f);
    expect_refused(1e30f);
    expect_refused(INFINITY);
    expect_refused(-INFINITY);
    expect_refused(tern_f32_from_bits(TERN_F32_NAN_BITS));
}

// The numbers of docs/architecture.md and of the unit: bytes of a record.
static void layout(void **state) {
    static const uint32_t rows[][4] = {// head size, key record, value record, offset of the value mantissas
                                       {8, 576, 320, 64},      {16, 576, 576, 64},     {40, 1600, 1344, 64},
                                       {64, 2112, 2112, 64},   {80, 2688, 2688, 128},  {96, 3200, 3200, 128},
                                       {128, 4224, 4224, 128}, {256, 8448, 8448, 256}, {1, 576, 128, 64}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(tern_cache_record_bytes(TERN_CACHE_KEYS, rows[i][0]), rows[i][1]);
        assert_int_equal(tern_cache_record_bytes(TERN_CACHE_VALUES, rows[i][0]), rows[i][2]);
        assert_int_equal(tern_cache_mantissas_offset(TERN_CACHE_VALUES, rows[i][0]), rows[i][3]);
    }
    assert_int_equal(tern_cache_head_bytes(TERN_CACHE_KEYS, 64, 16), 2112);
    assert_int_equal(tern_cache_head_bytes(TERN_CACHE_KEYS, 64, 17), 2 * 2112);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_those_of_the_reference),
        cmocka_unit_test(edges),
        cmocka_unit_test(too_large_is_refused),
        cmocka_unit_test(layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
