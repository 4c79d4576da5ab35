// SPDX-License-Identifier: Apache-2.0
// Compares rotary tables with libm in long double. The bounds are those of docs/numerics.md, section 6. With an
// argument the program is the test cmodel.rotary_all: every position, not one of 89.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/vector/rotary.h"

#define HALF_MAX (TERN_MAX_HEAD_SIZE / 2)

static uint32_t stride = 89; // of the positions from 64 on

static double bound_of(long double exact) {
    int exponent;
    frexpl(exact, &exponent);
    return 0.5 * ldexp(1.0, (exponent - 24 < -149 ? -149 : exponent - 24)) + 2e-10;
}

static void check_value(const char *name, double theta, uint32_t head_size, uint32_t position, uint32_t i, float got,
                        long double exact) {
    if (!(fabsl((long double)got - exact) <= bound_of(exact))) {
        fail_msg("%s: theta %g, head size %u, position %u, pair %u: got %.10g, exact %.15Lg", name, theta, head_size,
                 position, i, (double)got, exact);
    }
}

// Returns the number of values that are not correctly rounded.
static unsigned check_table(double theta, uint32_t head_size, uint32_t position, const double *frequencies) {
    float cosine[HALF_MAX], sine[HALF_MAX];
    unsigned off = 0;
    assert_int_equal(tern_rotary_angles(frequencies, head_size / 2, position, cosine, sine), TERN_STATUS_OK);
    for (uint32_t i = 0; i < head_size / 2; i++) {
        long double angle = position * powl((long double)theta, -2.0L * i / (long double)head_size);
        long double exact_cosine = cosl(angle), exact_sine = sinl(angle);
        assert_true(fabsl((long double)((double)position * frequencies[i]) - angle) <= 1e-11L);
        check_value("cosine", theta, head_size, position, i, cosine[i], exact_cosine);
        check_value("sine", theta, head_size, position, i, sine[i], exact_sine);
        off += (cosine[i] != (float)exact_cosine) + (sine[i] != (float)exact_sine);
    }
    return off;
}

static void tables_of_the_models_served(void **state) {
    (void)state;
    static const struct {
        double theta;
        uint32_t head_size;
    } cases[] = {{1e6, 64},  {1e6, 128}, {1e4, 64}, {1e4, 24}, {1e4, 256},
                 {5e5, 128}, {1e7, 128}, {1.0, 8},  {1e12, 2}, {46340.0, 64}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        double frequencies[HALF_MAX];
        unsigned off = 0, values = 0;
        assert_int_equal(tern_rotary_frequencies(cases[c].theta, cases[c].head_size, frequencies), TERN_STATUS_OK);
        for (uint32_t position = 0; position < TERN_MAX_POSITIONS; position += position < 64 ? 1 : stride) {
            off += check_table(cases[c].theta, cases[c].head_size, position, frequencies);
            values += cases[c].head_size;
        }
        off += check_table(cases[c].theta, cases[c].head_size, TERN_MAX_POSITIONS - 1, frequencies);
        printf("theta %g, head size %u: %u of %u values not correctly rounded\n", cases[c].theta, cases[c].head_size,
               off, values);
        assert_true(off < values / 1000 + 1);
    }
}

// Every head size. The error of an exponent of up to ln theta is that of a frequency, so that it grows with theta.
static void frequencies_of_every_head_size(void **state) {
    (void)state;
    static const double thetas[] = {1.0, 1.5, 1e4, 46340.0, 1e5, 2.5e5, 5e5, 1e6, 1e7, 1e9, 1e12};
    long double largest = 0;
    for (size_t t = 0; t < sizeof thetas / sizeof *thetas; t++) {
        for (uint32_t head_size = 2; head_size <= TERN_MAX_HEAD_SIZE; head_size += 2) {
            double frequencies[HALF_MAX];
            assert_int_equal(tern_rotary_frequencies(thetas[t], head_size, frequencies), TERN_STATUS_OK);
            for (uint32_t i = 0; i < head_size / 2; i++) {
                const long double exact = powl((long double)thetas[t], -2.0L * i / (long double)head_size);
                const long double error = fabsl((long double)frequencies[i] - exact) / exact * 0x1p53L;
                largest = error > largest ? error : largest;
            }
        }
    }
    printf("frequencies: at most %.1Lf x 2^-53, relative\n", largest);
    assert_true(largest <= 64);
}

// Scales by wavelength, as the scaling is usually written, in long double.
static long double scaled_exactly(long double frequency, const struct tern_rotary_scaling *scaling) {
    const long double two_pi = 6.283185307179586476925287L;
    long double wavelength = two_pi / frequency, original = scaling->original_positions;
    if (wavelength > original / scaling->low_turns) {
        return frequency / scaling->factor;
    }
    if (wavelength < original / scaling->high_turns) {
        return frequency;
    }
    long double share = (original / wavelength - scaling->low_turns) / (scaling->high_turns - scaling->low_turns);
    return (1 - share) * frequency / scaling->factor + share * frequency;
}

static void scaled_frequencies(void **state) {
    (void)state;
    static const struct {
        double theta;
        uint32_t head_size;
        struct tern_rotary_scaling scaling;
    } cases[] = {{5e5, 128, {8, 1, 4, 8192}},
                 {5e5, 64, {32, 1, 4, 8192}},
                 {1e4, 24, {8, 1, 4, 32}},
                 {1e6, 128, {1, 0.5, 8, 1}},
                 {5e5, 128, {1e6, 1e-3, 1e6, 16777216}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double plain[HALF_MAX], scaled[HALF_MAX];
        unsigned kinds[3] = {0};
        uint32_t half = cases[c].head_size / 2;
        assert_int_equal(tern_rotary_frequencies(cases[c].theta, cases[c].head_size, plain), TERN_STATUS_OK);
        memcpy(scaled, plain, sizeof plain);
        assert_int_equal(tern_rotary_scale(&cases[c].scaling, half, scaled), TERN_STATUS_OK);
        for (uint32_t i = 0; i < half; i++) {
            long double exact = scaled_exactly(plain[i], &cases[c].scaling);
            // 2^-53 x (blend's own error of a few roundings of numbers up to turns / width) of the larger end
            if (!(fabsl((long double)scaled[i] - exact) <= 0x1p-50L * plain[i])) {
                fail_msg("case %zu, pair %u: got %.17g, exact %.20Lg", c, i, scaled[i], exact);
            }
            kinds[scaled[i] == plain[i] ? 0 : scaled[i] == plain[i] / cases[c].scaling.factor ? 1 : 2]++;
        }
        printf("case %zu: %u frequencies stay, %u are divided, %u lie between\n", c, kinds[0], kinds[1], kinds[2]);
    }
}

static void scalings_out_of_range(void **state) {
    (void)state;
    const double nan = (double)NAN, infinity = (double)INFINITY;
    const struct tern_rotary_scaling bad[] = {
        {0.5, 1, 4, 8192}, {nan, 1, 4, 8192},      {infinity, 1, 4, 8192}, {8, 0, 4, 8192}, {8, 4, 4, 8192},
        {8, 1, nan, 8192}, {8, 1, infinity, 8192}, {8, 1, 4, 0},           {8, 1, 4, nan},  {8, 1, 4, 1e9}};
    double frequencies[2] = {1.0, 0.5};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(tern_rotary_scale(&bad[i], 2, frequencies), TERN_STATUS_BAD_ARGUMENT);
    }
    assert_true(frequencies[0] == 1.0 && frequencies[1] == 0.5);
}

// Fixes bits. It finds a compiler or host that computes another way.
static void known_bits(void **state) {
    (void)state;
    float cosine[64], sine[64];
    double frequencies[64];
    assert_int_equal(tern_rotary_frequencies(1e6, 128, frequencies), TERN_STATUS_OK);
    assert_int_equal(tern_rotary_angles(frequencies, 64, 32767, cosine, sine), TERN_STATUS_OK);
    uint32_t hash = 0;
    for (unsigned i = 0; i < 64; i++) {
        hash = hash * 31 + tern_f32_to_bits(cosine[i]);
        hash = hash * 31 + tern_f32_to_bits(sine[i]);
    }
    if (hash != 0x6f175374u) {
        fail_msg("theta 1e6, head size 128, position 32767: hash of the bits %08x, expected 6f175374", hash);
    }
    assert_int_equal(tern_rotary_frequencies(1e6, 64, frequencies), TERN_STATUS_OK);
    assert_int_equal(tern_rotary_angles(frequencies, 32, 0, cosine, sine), TERN_STATUS_OK);
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(tern_f32_to_bits(cosine[i]), 0x3f800000u);
        assert_int_equal(tern_f32_to_bits(sine[i]), 0);
    }
}

static void arguments_out_of_range(void **state) {
    (void)state;
    float cosine[HALF_MAX], sine[HALF_MAX];
    double frequencies[HALF_MAX + 1] = {1.0, 0.5};
    assert_int_equal(tern_rotary_frequencies(0.5, 64, frequencies), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_frequencies((double)NAN, 64, frequencies), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_frequencies((double)INFINITY, 64, frequencies), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_frequencies(1e4, 0, frequencies), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_frequencies(1e4, 63, frequencies), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_frequencies(1e4, TERN_MAX_HEAD_SIZE + 2, frequencies), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_angles(frequencies, 2, TERN_MAX_POSITIONS, cosine, sine), TERN_STATUS_BAD_ARGUMENT);
    frequencies[1] = -1.0;
    assert_int_equal(tern_rotary_angles(frequencies, 2, 1, cosine, sine), TERN_STATUS_BAD_ARGUMENT);
    frequencies[1] = (double)NAN;
    assert_int_equal(tern_rotary_angles(frequencies, 2, 1, cosine, sine), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_rotary_angles(frequencies, HALF_MAX + 1, 1, cosine, sine), TERN_STATUS_BAD_ARGUMENT);
}

int main(int argc, char **argv) {
    (void)argv;
    stride = argc > 1 ? 1 : stride;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_the_models_served),
        cmocka_unit_test(frequencies_of_every_head_size),
        cmocka_unit_test(scaled_frequencies),
        cmocka_unit_test(scalings_out_of_range),
        cmocka_unit_test(known_bits),
        cmocka_unit_test(arguments_out_of_range),
    };
    return cmocka_run_group_tests_name("cmodel.rotary", tests, NULL, NULL);
}
