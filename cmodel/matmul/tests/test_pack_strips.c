// SPDX-License-Identifier: Apache-2.0
// Tests whole strips. Packing and unpacking agree, every element lies where docs/packed-format.md says, every flaw is
// found.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/strip.h"
#include "cmodel/matmul/trit_code.h"

struct strip_case {
    unsigned seed, rows, depth;
    size_t columns, groups, pitch, code_pitch, bytes;
    int8_t *levels;
    uint8_t *codes, *strip;
    uint32_t crc[TERN_MAX_DEPTH + 1];
};

static unsigned next_random(unsigned *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

// The content is random. In every fourth case all values are at their limits.
static struct strip_case case_make(unsigned seed, unsigned rows, size_t columns, unsigned depth) {
    struct strip_case c = {
        .seed = seed, .rows = rows, .depth = depth, .columns = columns, .groups = (columns + 15) / 16};
    int limit = tern_level_limit(depth);
    unsigned state = seed;
    c.pitch = columns + seed % 3;
    c.code_pitch = c.groups + seed % 2;
    c.bytes = tern_strip_bytes(columns, depth);
    c.levels = calloc(5, c.pitch + 1);
    c.codes = calloc(5, c.code_pitch + 1);
    c.strip = malloc(c.bytes);
    memset(c.strip, 0xa5, c.bytes);
    for (unsigned row = 0; row < rows; row++) {
        for (size_t i = 0; i < columns; i++) {
            c.levels[row * c.pitch + i] =
                (int8_t)(seed % 4 == 3 ? (next_random(&state) & 1 ? limit : -limit)
                                       : (int)(next_random(&state) % (2u * limit + 1)) - limit);
        }
        for (size_t i = 0; i < c.groups; i++) {
            c.codes[row * c.code_pitch + i] = (uint8_t)(next_random(&state) % TERN_STEPS);
        }
    }
    tern_strip_pack(c.levels, c.pitch, c.codes, c.code_pitch, rows, columns, depth, c.strip, c.crc);
    return c;
}

static void case_free(struct strip_case *c) {
    free(c->levels);
    free(c->codes);
    free(c->strip);
}

static void check_round_trip(const struct strip_case *c) {
    int8_t *levels = malloc(5 * c->columns);
    uint8_t *codes = malloc(5 * c->groups);
    size_t bad = 0;
    enum tern_status status = tern_strip_unpack(c->strip, c->crc, c->rows, c->columns, c->depth, 1, levels, c->columns,
                                                codes, c->groups, &bad);
    if (status != TERN_STATUS_OK) {
        fail_msg("seed %u, %u x %zu, depth %u: status %d at byte %zu", c->seed, c->rows, c->columns, c->depth, status,
                 bad);
    }
    for (unsigned row = 0; row < c->rows; row++) {
        for (size_t i = 0; i < c->columns; i++) {
            if (levels[row * c->columns + i] != c->levels[row * c->pitch + i]) {
                fail_msg("seed %u, depth %u, row %u, column %zu: got %d, expected %d", c->seed, c->depth, row, i,
                         levels[row * c->columns + i], c->levels[row * c->pitch + i]);
            }
        }
        for (size_t i = 0; i < c->groups; i++) {
            if (codes[row * c->groups + i] != c->codes[row * c->code_pitch + i]) {
                fail_msg("seed %u, row %u, group %zu: got code %u, expected %u", c->seed, row, i,
                         codes[row * c->groups + i], c->codes[row * c->code_pitch + i]);
            }
        }
    }
    free(levels);
    free(codes);
}

// These are the formulas of the page. G is the number of groups, d the depth.
//   trit of plane j, row r, column i           digit r of byte codes + 16 G (d-1-j) + i
//   digit m of the code of row r and group g   digit r of byte 3 g + m
static void check_places(const struct strip_case *c) {
    size_t groups = (c->groups + 3) / 4 * 4, codes_bytes = (3 * groups + 63) / 64 * 64;
    assert_int_equal(c->bytes, codes_bytes + 16 * groups * c->depth);
    for (unsigned row = 0; row < c->rows; row++) {
        for (size_t i = 0; i < c->columns; i++) {
            int level = 0, power = 1;
            for (unsigned plane = 0; plane < c->depth; plane++, power *= 3) {
                int8_t trits[5];
                tern_trits_decode(c->strip[codes_bytes + 16 * groups * (c->depth - 1 - plane) + i], trits);
                level += power * trits[row];
            }
            if (level != c->levels[row * c->pitch + i]) {
                fail_msg("seed %u, row %u, column %zu: %d by the formula, expected %d", c->seed, row, i, level,
                         c->levels[row * c->pitch + i]);
            }
        }
        for (size_t g = 0; g < c->groups; g++) {
            unsigned code = 0;
            for (int m = 0; m < 3; m++) {
                code = 3 * code + (tern_digits_decode(c->strip[3 * g + m]) >> 2 * row & 3);
            }
            if (code != c->codes[row * c->code_pitch + g]) {
                fail_msg("seed %u, row %u, group %zu: code %u by the formula, expected %u", c->seed, row, g, code,
                         c->codes[row * c->code_pitch + g]);
            }
        }
    }
}

static void strips_of_all_sizes_come_back(void **state) {
    static const size_t columns[] = {1, 15, 16, 17, 63, 64, 65, 172, 288, 340, 341, 896, 1365};
    unsigned seed = 1;
    (void)state;
    for (unsigned depth = 1; depth <= TERN_MAX_DEPTH; depth++) {
        for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
            for (unsigned rows = 1; rows <= 5; rows++) {
                struct strip_case c = case_make(seed++, rows, columns[i], depth);
                check_round_trip(&c);
                check_places(&c);
                case_free(&c);
            }
        }
    }
}

// Dropping the last planes rounds to nearest: level = 3 x (level of the cut strip) + a trit.
static void leading_planes_are_a_smaller_depth(void **state) {
    struct strip_case c = case_make(77, 5, 100, 3);
    size_t groups = tern_groups(100), bad = 0, codes_bytes = tern_codes_bytes(100);
    uint8_t *cut = malloc(tern_strip_bytes(100, 2)), codes[5 * 8];
    int8_t levels[500];
    (void)state;
    memcpy(cut, c.strip, codes_bytes + 2 * 16 * groups);
    assert_int_equal(tern_strip_unpack(cut, c.crc, 5, 100, 2, 1, levels, 100, codes, groups, &bad), TERN_STATUS_OK);
    for (unsigned row = 0; row < 5; row++) {
        for (size_t i = 0; i < 100; i++) {
            assert_in_range(c.levels[row * c.pitch + i] - 3 * levels[row * 100 + i] + 1, 0, 2);
        }
    }
    free(cut);
    case_free(&c);
}

static enum tern_status unpack_status(const struct strip_case *c, const uint32_t *crc, bool strict, size_t *bad) {
    int8_t *levels = malloc(5 * c->columns);
    uint8_t *codes = malloc(5 * c->groups);
    enum tern_status status = tern_strip_unpack(c->strip, crc, c->rows, c->columns, c->depth, strict, levels,
                                                c->columns, codes, c->groups, bad);
    free(levels);
    free(codes);
    return status;
}

static void every_flipped_bit_is_seen_in_its_segment(void **state) {
    struct strip_case c = case_make(5, 5, 70, 2);
    size_t codes_bytes = tern_codes_bytes(70), plane_bytes = tern_plane_bytes(70);
    (void)state;
    for (size_t bit = 0; bit < 8 * c.bytes; bit++) {
        size_t bad = SIZE_MAX, byte = bit / 8;
        size_t segment = byte < codes_bytes ? 0 : codes_bytes + (byte - codes_bytes) / plane_bytes * plane_bytes;
        c.strip[byte] ^= (uint8_t)(1u << bit % 8);
        enum tern_status status = unpack_status(&c, c.crc, 0, &bad);
        c.strip[byte] ^= (uint8_t)(1u << bit % 8);
        if (status != TERN_STATUS_CHECKSUM || bad != segment) {
            fail_msg("bit %zu: status %d at byte %zu, expected a checksum error at %zu", bit, status, bad, segment);
        }
    }
    case_free(&c);
}

static void expect_flaw(struct strip_case *c, size_t byte, uint8_t value) {
    size_t bad = SIZE_MAX;
    uint8_t held = c->strip[byte];
    c->strip[byte] = value;
    enum tern_status strict = unpack_status(c, NULL, 1, &bad), lenient = unpack_status(c, NULL, 0, &bad);
    c->strip[byte] = held;
    if (strict != TERN_STATUS_BAD_FILE || bad != byte || lenient != TERN_STATUS_OK) {
        fail_msg("byte %zu = %u: strict %d at %zu, lenient %d", byte, value, strict, bad, lenient);
    }
}

static void strict_reading_refuses_what_a_packer_never_writes(void **state) {
    struct strip_case c = case_make(9, 3, 70, 2);
    size_t codes_bytes = tern_codes_bytes(70), plane_bytes = tern_plane_bytes(70);
    size_t bad = 0;
    (void)state;
    assert_int_equal(unpack_status(&c, c.crc, 1, &bad), TERN_STATUS_OK);
    for (unsigned byte = 0; byte < 256; byte++) {
        if (!tern_trits_is_canonical((uint8_t)byte)) {
            expect_flaw(&c, codes_bytes + 3, (uint8_t)byte);
        }
    }
    expect_flaw(&c, 0, tern_digits_encode(27));               // row 3 of 3
    expect_flaw(&c, codes_bytes + 5, tern_digits_encode(81)); // row 4 of 3
    expect_flaw(&c, 3 * 5, 1);                                // a group that does not exist
    expect_flaw(&c, codes_bytes - 1, 1);                      // padding of the codes
    expect_flaw(&c, codes_bytes + 70, 1);                     // a column that does not exist
    expect_flaw(&c, codes_bytes + 2 * plane_bytes - 1, 1);    // last byte of the last plane
    case_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_of_all_sizes_come_back),
        cmocka_unit_test(leading_planes_are_a_smaller_depth),
        cmocka_unit_test(every_flipped_bit_is_seen_in_its_segment),
        cmocka_unit_test(strict_reading_refuses_what_a_packer_never_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
