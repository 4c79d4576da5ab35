// SPDX-License-Identifier: Apache-2.0
// Compares the activation quantizers, portable and host, with the reference in double precision. The tests read
// mantissas, shifts, base exponent, image and tiles.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/vector/bfp.h"
#include "cmodel/float/f32.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/random.h"

#define COLUMNS_MAX 512

static uint8_t image_buffer[TERN_ACTIVATION_HEADER_BYTES + 2 * COLUMNS_MAX + COLUMNS_MAX];

struct view {
    uint32_t header[16];
    int16_t mantissas[COLUMNS_MAX + 64];
    uint8_t shifts[COLUMNS_MAX / 16 + 64];
};

static void image_read(size_t columns, struct view *view) {
    size_t mantissa_bytes = tern_activation_shifts_offset(columns) - TERN_ACTIVATION_HEADER_BYTES;
    memset(view, 0, sizeof *view);
    memcpy(view->header, image_buffer, sizeof view->header);
    memcpy(view->mantissas, image_buffer + TERN_ACTIVATION_HEADER_BYTES, mantissa_bytes);
    memcpy(view->shifts, image_buffer + tern_activation_shifts_offset(columns),
           tern_align_up(tern_groups(columns), 64));
}

static void check_portable(const float *x, size_t columns, const struct view *expected) {
    int16_t mantissas[COLUMNS_MAX + 16];
    uint8_t shifts[COLUMNS_MAX / 16 + 1];
    struct tern_bfp_scan scan;
    size_t bad_index, groups = (columns + 15) / 16;
    tern_bfp_scan_start(&scan);
    assert_int_equal(tern_bfp_scan_tile_portable(&scan, x, columns, &bad_index), TERN_STATUS_OK);
    assert_int_equal(tern_bfp_base_exponent(&scan), (int32_t)expected->header[0]);
    tern_bfp_quantize_tile_portable(tern_bfp_base_exponent(&scan), x, columns, mantissas, shifts);
    assert_memory_equal(mantissas, expected->mantissas, 32 * groups);
    assert_memory_equal(shifts, expected->shifts, groups);
}

// Quantizes x and compares every byte of the image with the reference.
static void check(const char *name, const float *x, size_t columns, uint64_t seed) {
    static struct view got;
    int16_t mantissas[COLUMNS_MAX + 16];
    uint8_t shifts[COLUMNS_MAX / 16 + 1];
    int32_t base_exponent;
    size_t bad_index = 0;
    memset(image_buffer, 0xa5, sizeof image_buffer);
    assert_int_equal(tern_bfp_quantize(x, columns, image_buffer, &bad_index), TERN_STATUS_OK);
    image_read(columns, &got);
    tern_reference_bfp(x, columns, &base_exponent, mantissas, shifts);
    if ((int32_t)got.header[0] != base_exponent) {
        fail_msg("%s: base exponent %d, expected %d (columns %zu, seed %llu)", name, (int32_t)got.header[0],
                 base_exponent, columns, (unsigned long long)seed);
    }
    assert_int_equal(got.header[1], tern_groups(columns));
    assert_int_equal(got.header[2], columns);
    assert_int_equal(got.header[3], TERN_ACTIVATION_MAGIC);
    for (size_t i = 4; i < 16; i++) {
        assert_int_equal(got.header[i], 0);
    }
    size_t padded = tern_groups(columns) * 16;
    for (size_t i = 0; i < padded; i++) {
        int expected = i < columns ? mantissas[i] : 0;
        if (got.mantissas[i] != expected) {
            fail_msg("%s: mantissa %zu of %a: got %d, expected %d (base %d, shift %d, columns %zu, seed %llu)", name, i,
                     i < columns ? x[i] : 0.0f, got.mantissas[i], expected, base_exponent, got.shifts[i / 16], columns,
                     (unsigned long long)seed);
        }
    }
    for (size_t group = 0; group < tern_align_up(padded / 16, 64); group++) {
        int expected = 16 * group < columns ? shifts[group] : 0;
        if (got.shifts[group] != expected) {
            fail_msg("%s: shift %zu: got %d, expected %d (columns %zu, seed %llu)", name, group, got.shifts[group],
                     expected, columns, (unsigned long long)seed);
        }
    }
    check_portable(x, columns, &got);
}

// Random bit patterns with an exponent field in low..high.
static float random_float(struct test_random *random, int low, int high) {
    uint32_t field = (uint32_t)test_random_between(random, low, high);
    return tern_f32_from_bits((test_random_word(random) & 0x807fffffu) | field << 23);
}

static void random_vectors(void **state) {
    (void)state;
    static const int ranges[][2] = {{120, 130}, {100, 150}, {0, 254},   {0, 0},
                                    {0, 12},    {250, 254}, {127, 127}, {105, 112}};
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        struct test_random random = test_random_seed(seed);
        const int *range = ranges[test_random_below(&random, sizeof ranges / sizeof ranges[0])];
        size_t columns = 1 + test_random_below(&random, COLUMNS_MAX - 64);
        uint32_t zero_in = 1 + test_random_below(&random, 8);
        float x[COLUMNS_MAX];
        for (size_t i = 0; i < columns; i++) {
            x[i] = test_random_below(&random, zero_in) ? 0.0f : random_float(&random, range[0], range[1]);
        }
        check("random", x, columns, seed);
    }
}

// The magnitudes of successive groups fall by a factor of two. The shifts go from 15 down to 0, where they are clamped.
static void every_shift_and_the_clamp(void **state) {
    (void)state;
    float x[448];
    struct test_random random = test_random_seed(7);
    for (size_t i = 0; i < 448; i++) {
        x[i] = random_float(&random, 140 - (int)(i / 16), 140 - (int)(i / 16));
    }
    check("falling", x, 448, 7);
    static struct view got;
    image_read(448, &got);
    assert_int_equal(got.shifts[0], 15);
    assert_int_equal(got.shifts[27], 0);
}

static void ties_go_to_even(void **state) {
    (void)state;
    // The largest element 16384 x 2^k makes the group's unit 2^k. The others are halves of it.
    for (int k = -140; k <= 110; k += 25) {
        float x[16] = {16384.0f, 0.5f,      1.5f,        2.5f,        -0.5f,    -1.5f,    -2.5f,     100.5f,
                       101.5f,   -32766.5f, 0.49999997f, 0.50000006f, 32766.5f, 12345.5f, -12346.5f, 0.0f};
        for (size_t i = 0; i < 16; i++) {
            x[i] = ldexpf(x[i], k);
        }
        check("ties", x, 16, (uint64_t)(k + 200));
    }
    float x[16] = {16384.0f, 0.5f, 1.5f, 2.5f, -1.5f};
    static struct view got;
    check("ties", x, 16, 0);
    image_read(16, &got);
    static const int16_t expected[5] = {16384, 0, 2, 2, -2};
    // One group is the largest. It has shift 15, so its unit is 2^(E + 15) = 1.
    assert_int_equal((int32_t)got.header[0], -15);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(got.mantissas[i], expected[i]);
    }
}

static void largest_magnitude_that_rounds_up_takes_the_next_exponent(void **state) {
    (void)state;
    static const struct {
        float largest;
        int16_t mantissa;
        int32_t base_exponent;
    } cases[] = {
        {32767.0f, 32767, -15},   {0x1.fffdfep+14f, 32767, -15}, {32767.5f, 16384, -14}, // 0x1.fffep+14
        {-32767.5f, -16384, -14}, {0x1.fffe02p+14f, 16384, -14}, {32768.0f, 16384, -14},
        {16384.0f, 16384, -15},   {0x1.fffffep+127f, 16384, 99},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        float x[16] = {cases[c].largest, 1.0f, -3.0f};
        static struct view got;
        check("bump", x, 16, c);
        image_read(16, &got);
        assert_int_equal(got.mantissas[0], cases[c].mantissa);
        assert_int_equal((int32_t)got.header[0], cases[c].base_exponent);
        assert_int_equal(got.shifts[0], 15);
    }
}

static void subnormals_and_zeros(void **state) {
    (void)state;
    float x[64] = {0};
    static struct view got;
    check("zeros", x, 64, 0);
    image_read(64, &got);
    assert_int_equal(got.header[0], 0);
    x[3] = -0.0f;
    check("negative zero", x, 50, 0);
    for (uint32_t bits = 1; bits <= 0x00800000u; bits = bits * 2 + 1) {
        x[5] = tern_f32_from_bits(bits);
        x[40] = -tern_f32_from_bits(1);
        check("subnormal", x, 64, bits);
    }
    x[20] = FLT_MAX;
    check("subnormals beside the largest float", x, 64, 0);
}

static void non_finite_is_refused_with_its_place(void **state) {
    (void)state;
    static const uint32_t bad[] = {0x7f800000u, 0xff800000u, 0x7fc00000u, 0xffffffffu, 0x7f800001u};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        float x[100] = {1.0f, 2.0f};
        size_t bad_index = 0;
        x[77] = tern_f32_from_bits(bad[i]);
        x[90] = tern_f32_from_bits(bad[i]);
        assert_int_equal(tern_bfp_quantize(x, 100, image_buffer, &bad_index), TERN_STATUS_NON_FINITE);
        assert_int_equal(bad_index, 77);
        struct tern_bfp_scan scan;
        bad_index = 0;
        tern_bfp_scan_start(&scan);
        assert_int_equal(tern_bfp_scan_tile_portable(&scan, x, 100, &bad_index), TERN_STATUS_NON_FINITE);
        assert_int_equal(bad_index, 77);
    }
}

// Quantizes as the firmware does: scans all tiles, then quantizes tile by tile.
static void tiles_equal_the_whole(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct test_random random = test_random_seed(seed);
        size_t columns = 1 + test_random_below(&random, 400), tile = 16 * (1 + test_random_below(&random, 6));
        float x[400];
        static struct view whole;
        int16_t mantissas[432];
        uint8_t shifts[32];
        struct tern_bfp_scan scan;
        size_t bad_index;
        for (size_t i = 0; i < columns; i++) {
            x[i] = random_float(&random, 90, 140);
        }
        check("whole", x, columns, seed);
        image_read(columns, &whole);
        tern_bfp_scan_start(&scan);
        for (size_t at = 0; at < columns; at += tile) {
            size_t count = columns - at < tile ? columns - at : tile;
            assert_int_equal(tern_bfp_scan_tile(&scan, x + at, count, &bad_index), TERN_STATUS_OK);
        }
        assert_int_equal(tern_bfp_base_exponent(&scan), (int32_t)whole.header[0]);
        for (size_t at = 0; at < columns; at += tile) {
            size_t count = columns - at < tile ? columns - at : tile;
            tern_bfp_quantize_tile(tern_bfp_base_exponent(&scan), x + at, count, mantissas + at, shifts + at / 16);
        }
        size_t groups = (columns + 15) / 16;
        assert_memory_equal(mantissas, whole.mantissas, 32 * groups);
        assert_memory_equal(shifts, whole.shifts, groups);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_vectors),
        cmocka_unit_test(every_shift_and_the_clamp),
        cmocka_unit_test(ties_go_to_even),
        cmocka_unit_test(largest_magnitude_that_rounds_up_takes_the_next_exponent),
        cmocka_unit_test(subnormals_and_zeros),
        cmocka_unit_test(non_finite_is_refused_with_its_place),
        cmocka_unit_test(tiles_equal_the_whole),
    };
    return cmocka_run_group_tests_name("cmodel.bfp", tests, NULL, NULL);
}
