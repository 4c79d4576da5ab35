// SPDX-License-Identifier: Apache-2.0
// Tests tern_round_sum() with ties, limits, and random sums. The reference gives the results of random sums.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmodel/matmul/round.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/random.h"

static void expect_round(__int128 sum, int32_t exponent, uint32_t expected) {
    uint32_t got = tern_round_sum(sum, exponent);
    if (got != expected) {
        unsigned __int128 bits = (unsigned __int128)sum;
        fail_msg("round(%016llx%016llx x 2^%d): got %08x, expected %08x", (unsigned long long)(bits >> 64),
                 (unsigned long long)bits, exponent, got, expected);
    }
}

// Checks both signs of a sum. Zero has one sign.
static void expect_both(__int128 sum, int32_t exponent, uint32_t expected) {
    expect_round(sum, exponent, expected);
    expect_round(-sum, exponent, expected | 0x80000000u);
}

static const __int128 one = 1;

static void zero_is_positive(void **state) {
    (void)state;
    expect_round(0, 0, 0);
    expect_round(0, 1000, 0);
    expect_round(0, INT32_MIN, 0);
}

static void exact_values(void **state) {
    (void)state;
    expect_both(1, 0, 0x3f800000u);
    expect_both(3, -1, 0x3fc00000u);
    expect_both(0xffffff, 0, 0x4b7fffffu);
    expect_both(one << 100, -100, 0x3f800000u);
    expect_both(one << 119, -245, 0x00800000u);
    expect_both(one << 119, -246, 0x00400000u);
    expect_both(1, -149, 1);
    expect_both(1, 127, 0x7f000000u);
}

static void ties(void **state) {
    (void)state;
    for (int up = 0; up <= 90; up += 9) {
        // The sums have 24 kept bits, then the rest: below, at and above a half, after an even and an odd last place.
        expect_both((__int128)(2 * 0x800000ll + 1) << up, -24 - up, 0x3f800000u);
        expect_both((__int128)(2 * 0x800001ll + 1) << up, -24 - up, 0x3f800002u);
        if (up > 0) {
            expect_both(((__int128)(2 * 0x800000ll + 1) << up) + 1, -24 - up, 0x3f800001u);
            expect_both(((__int128)(2 * 0x800000ll + 1) << up) - 1, -24 - up, 0x3f800000u);
            expect_both(((__int128)(2 * 0x800001ll + 1) << up) - 1, -24 - up, 0x3f800001u);
        }
        // The carry passes through all ones into the exponent.
        expect_both((__int128)(2 * 0xffffffll + 1) << up, -24 - up, 0x40000000u);
    }
}

static void subnormal_results(void **state) {
    (void)state;
    expect_both(1, -150, 0); // half of the smallest: tie to even zero, sign kept
    expect_both(3, -151, 1);
    expect_both(3, -150, 2); // 1.5: tie to even
    expect_both(5, -150, 2); // 2.5
    expect_both((one << 60) + 1, -210, 1);
    expect_both((one << 60), -210, 0);
    expect_both((one << 60) - 1, -210, 0);
    expect_both(one << 119, -270, 0);
    expect_both(one << 119, INT32_MIN, 0);
    expect_both(0x7fffff, -149, 0x007fffffu);
    expect_both(0xffffff, -150, 0x00800000u); // the largest subnormal and a half: up to the smallest normal
    expect_both(0x1fffffd, -151, 0x007fffffu);
    expect_both(0x1fffffe, -151, 0x00800000u);
}

static void overflow(void **state) {
    (void)state;
    expect_both(0xffffff, 104, 0x7f7fffffu);
    expect_both(1, 128, 0x7f800000u);
    expect_both(2 * 0xffffff + 1, 103, 0x7f800000u); // half a last place above the largest: tie to infinity
    expect_both(((__int128)(2 * 0xffffff + 1) << 40) - 1, 63, 0x7f7fffffu);
    expect_both(1, INT32_MAX, 0x7f800000u);
    expect_both((one << 120) - 1, INT32_MAX, 0x7f800000u);
    expect_both((one << 120) - 1, 8, 0x7f800000u);
    expect_both((one << 120) - 1, 7, 0x7f000000u);
}

static void random_sums(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 6000; seed++) {
        struct test_random random = test_random_seed(seed);
        uint32_t bits = 1 + test_random_below(&random, 119);
        unsigned __int128 magnitude = 0;
        for (int word = 0; word < 4; word++) {
            magnitude = magnitude << 32 | test_random_word(&random);
        }
        magnitude >>= 128 - bits;
        if (test_random_below(&random, 2) && bits > 30) {
            // Long runs of zeros or ones behind the last place give near ties.
            uint32_t cut = bits - 26;
            magnitude = (magnitude >> cut << cut) - test_random_below(&random, 2);
        }
        __int128 sum = test_random_below(&random, 2) ? (__int128)magnitude : -(__int128)magnitude;
        int32_t exponent = test_random_below(&random, 2) ? test_random_between(&random, -280, 140)
                                                         : -149 - (int32_t)bits + test_random_between(&random, -3, 30);
        struct tern_reference_exact exact = {{0}};
        // The sum is added in two parts of 60 bits, since the reference adds 64-bit numbers.
        tern_reference_accumulate(&exact, (int64_t)(sum >> 60), exponent + 60);
        tern_reference_accumulate(&exact, (int64_t)(sum & ((one << 60) - 1)), exponent);
        expect_round(sum, exponent, tern_reference_round(&exact));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_positive),  cmocka_unit_test(exact_values), cmocka_unit_test(ties),
        cmocka_unit_test(subnormal_results), cmocka_unit_test(overflow),     cmocka_unit_test(random_sums),
    };
    return cmocka_run_group_tests_name("cmodel.matmul_round", tests, NULL, NULL);
}
