// SPDX-License-Identifier: Apache-2.0
// Tests tern_step_table_make(): exact values, refused entries and their index.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/matmul/step_table.h"
#include "cmodel/tests/random.h"

static void expect_kept(const uint32_t bits[TERN_STEPS], uint64_t seed) {
    struct tern_step_table table;
    uint32_t bad_entry = 99;
    assert_int_equal(tern_step_table_make(bits, &table, &bad_entry), TERN_STATUS_OK);
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        double value = ldexp((double)table.mantissa[i], table.shift[i] + table.base_exponent);
        if (value != (double)tern_f32_from_bits(bits[i]) || table.mantissa[i] >> 24 || table.shift[i] > 32) {
            fail_msg("step %u of bits %08x: got %a (mantissa %06x, shift %u, base %d), seed %llu", i, bits[i], value,
                     table.mantissa[i], table.shift[i], table.base_exponent, (unsigned long long)seed);
        }
    }
}

static void values_are_exact(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct test_random random = test_random_seed(seed);
        uint32_t bits[TERN_STEPS];
        int32_t low = test_random_between(&random, 0, 222);
        for (uint32_t i = 0; i < TERN_STEPS; i++) {
            uint32_t field = (uint32_t)test_random_between(&random, low, low + 32);
            bits[i] = test_random_below(&random, 5) ? field << 23 | (test_random_word(&random) & 0x7fffffu) : 0;
        }
        expect_kept(bits, seed);
    }
}

static void base_exponent_is_that_of_the_smallest(void **state) {
    (void)state;
    struct tern_step_table table;
    uint32_t bad_entry;
    uint32_t bits[TERN_STEPS] = {0};
    assert_int_equal(tern_step_table_make(bits, &table, &bad_entry), TERN_STATUS_OK);
    assert_int_equal(table.base_exponent, 0);
    bits[4] = 0x3f800000u;
    bits[9] = 0x40000000u;
    assert_int_equal(tern_step_table_make(bits, &table, &bad_entry), TERN_STATUS_OK);
    assert_int_equal(table.base_exponent, -23);
    assert_int_equal(table.mantissa[4], 0x800000);
    assert_int_equal(table.shift[4], 0);
    assert_int_equal(table.shift[9], 1);
    assert_int_equal(table.mantissa[0], 0);
    assert_int_equal(table.shift[0], 0);
    bits[0] = 1; // subnormals share the exponent of the smallest normal
    bits[4] = 0x00800000u;
    bits[9] = 33u << 23;
    assert_int_equal(tern_step_table_make(bits, &table, &bad_entry), TERN_STATUS_OK);
    assert_int_equal(table.base_exponent, -149);
    assert_int_equal(table.mantissa[0], 1);
    assert_int_equal(table.shift[4], 0);
    assert_int_equal(table.shift[9], 32);
}

static void expect_refused(uint32_t entry, uint32_t value) {
    struct tern_step_table table;
    uint32_t bad_entry = 99;
    uint32_t bits[TERN_STEPS];
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        bits[i] = 0x3f800000u;
    }
    bits[entry] = value;
    assert_int_equal(tern_step_table_make(bits, &table, &bad_entry), TERN_STATUS_BAD_STEPS);
    assert_int_equal(bad_entry, entry);
}

static void refused_with_the_entry(void **state) {
    (void)state;
    static const uint32_t bad[] = {0x80000000u, 0xbf800000u, 0x80000001u, 0x7f800000u,       0xff800000u,
                                   0x7fc00000u, 0xffc00000u, 0x7f800001u, (127u + 33u) << 23};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (uint32_t entry = 0; entry < TERN_STEPS; entry++) {
            expect_refused(entry, bad[i]);
        }
    }
    // The magnitude of -0 is legal, so only its sign can refuse it.
    struct tern_step_table table;
    uint32_t bad_entry = 99;
    uint32_t zeros[TERN_STEPS] = {0};
    zeros[11] = 0x80000000u;
    assert_int_equal(tern_step_table_make(zeros, &table, &bad_entry), TERN_STATUS_BAD_STEPS);
    assert_int_equal(bad_entry, 11);
    // One small entry makes all others too large. The first of them is reported.
    uint32_t bits[TERN_STEPS] = {0, (127u - 33u) << 23, 0, 0x3f800000u, 0x3f800000u};
    assert_int_equal(tern_step_table_make(bits, &table, &bad_entry), TERN_STATUS_BAD_STEPS);
    assert_int_equal(bad_entry, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_exact),
        cmocka_unit_test(base_exponent_is_that_of_the_smallest),
        cmocka_unit_test(refused_with_the_entry),
    };
    return cmocka_run_group_tests_name("cmodel.matmul_steps", tests, NULL, NULL);
}
