// SPDX-License-Identifier: Apache-2.0
// Compares the trit block code of all 256 bytes with the specification's bit rules, written independently. Compares
// CRC-32C with a computation of one bit at a time.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/crc32c.h"
#include "cmodel/matmul/levels.h"
#include "cmodel/matmul/trit_code.h"

static unsigned bits(unsigned value, int high, int low) {
    return value >> low & ((1u << (high - low + 1)) - 1);
}

// Khronos Data Format Specification, ASTC, "Integer Sequence Encoding": T is the byte, C its middle part.
static void decode_by_rules(unsigned t, unsigned digits[5]) {
    unsigned c;
    if (bits(t, 4, 2) == 7) {
        c = bits(t, 7, 5) << 2 | bits(t, 1, 0);
        digits[4] = digits[3] = 2;
    } else {
        c = bits(t, 4, 0);
        digits[4] = bits(t, 6, 5) == 3 ? 2 : bits(t, 7, 7);
        digits[3] = bits(t, 6, 5) == 3 ? bits(t, 7, 7) : bits(t, 6, 5);
    }
    if (bits(c, 1, 0) == 3) {
        digits[2] = 2;
        digits[1] = bits(c, 4, 4);
        digits[0] = bits(c, 3, 3) << 1 | (bits(c, 2, 2) & !bits(c, 3, 3));
    } else if (bits(c, 3, 2) == 3) {
        digits[2] = digits[1] = 2;
        digits[0] = bits(c, 1, 0);
    } else {
        digits[2] = bits(c, 4, 4);
        digits[1] = bits(c, 3, 2);
        digits[0] = bits(c, 1, 1) << 1 | (bits(c, 0, 0) & !bits(c, 1, 1));
    }
}

static void every_byte_decodes_by_the_rules(void **state) {
    static const int8_t trit_of_digit[3] = {0, 1, -1};
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned digits[5];
        int8_t trits[5];
        decode_by_rules(byte, digits);
        tern_trits_decode((uint8_t)byte, trits);
        for (int row = 0; row < 5; row++) {
            if (digits[row] > 2 || trits[row] != trit_of_digit[digits[row]]) {
                fail_msg("byte %u, row %d: got trit %d, expected digit %u", byte, row, trits[row], digits[row]);
            }
            if ((tern_digits_decode((uint8_t)byte) >> 2 * row & 3) != digits[row]) {
                fail_msg("byte %u, row %d: digits 0x%x, expected %u", byte, row, tern_digits_decode((uint8_t)byte),
                         digits[row]);
            }
            assert_int_equal(tern_digit_slots[byte] >> 8 * row & 0xff, digits[row]);
            assert_int_equal(tern_trit_slots[byte] >> 8 * row & 0xff, trits[row] + 1);
        }
        assert_int_equal((tern_digit_slots[byte] | tern_trit_slots[byte]) >> 40, 0);
    }
}

static void canonical_bytes_are_the_smallest_of_243(void **state) {
    int smallest[243], canonical = 0;
    (void)state;
    for (int i = 0; i < 243; i++) {
        smallest[i] = -1;
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned digits[5], value;
        decode_by_rules(byte, digits);
        value = digits[0] + 3 * digits[1] + 9 * digits[2] + 27 * digits[3] + 81 * digits[4];
        if (smallest[value] < 0) {
            smallest[value] = (int)byte;
        }
        if (tern_trits_is_canonical((uint8_t)byte) != (smallest[value] == (int)byte)) {
            fail_msg("byte %u: canonical %d, but the smallest of value %u is %d", byte,
                     tern_trits_is_canonical((uint8_t)byte), value, smallest[value]);
        }
        canonical += smallest[value] == (int)byte;
    }
    assert_int_equal(canonical, 243);
    for (unsigned value = 0; value < 243; value++) {
        if (tern_digits_encode(value) != smallest[value]) {
            fail_msg("value %u: got byte %u, expected %d", value, tern_digits_encode(value), smallest[value]);
        }
    }
}

static void trits_survive_encoding(void **state) {
    (void)state;
    for (unsigned value = 0; value < 243; value++) {
        static const int8_t trit_of[3] = {0, 1, -1};
        int8_t trits[5], back[5];
        for (unsigned row = 0, rest = value; row < 5; row++, rest /= 3) {
            trits[row] = trit_of[rest % 3];
        }
        tern_trits_decode(tern_digits_encode(value), back);
        if (memcmp(trits, back, sizeof trits) != 0) {
            fail_msg("trits %d %d %d %d %d: got %d %d %d %d %d", trits[0], trits[1], trits[2], trits[3], trits[4],
                     back[0], back[1], back[2], back[3], back[4]);
        }
    }
}

static uint32_t crc_bit_by_bit(const uint8_t *bytes, size_t count) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < count; i++) {
        for (int bit = 0; bit < 8; bit++) {
            unsigned feedback = (crc ^ bytes[i] >> bit) & 1;
            crc = crc >> 1 ^ (feedback ? 0x82f63b78u : 0);
        }
    }
    return ~crc;
}

static void crc_matches_the_check_value_and_single_bits(void **state) {
    uint8_t bytes[300];
    unsigned seed = 12345;
    (void)state;
    assert_int_equal(tern_crc32c("123456789", 9), 0xe3069283u);
    assert_int_equal(tern_crc32c_portable("123456789", 9), 0xe3069283u);
    assert_int_equal(tern_crc32c("", 0), 0);
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1103515245u + 12345u;
        bytes[i] = (uint8_t)(seed >> 16);
    }
    for (size_t start = 0; start < 9; start++) {
        for (size_t count = 0; start + count <= sizeof bytes; count++) {
            uint32_t expected = crc_bit_by_bit(bytes + start, count);
            if (tern_crc32c(bytes + start, count) != expected ||
                tern_crc32c_portable(bytes + start, count) != expected) {
                fail_msg("start %zu, %zu bytes: got 0x%08x and 0x%08x, expected 0x%08x", start, count,
                         tern_crc32c(bytes + start, count), tern_crc32c_portable(bytes + start, count), expected);
            }
        }
    }
}

static void limits_are_sums_of_powers_of_three(void **state) {
    int power = 1, limit = 0;
    (void)state;
    for (unsigned depth = 0; depth <= TERN_MAX_DEPTH; depth++) {
        assert_int_equal(tern_power_of_three(depth), power);
        assert_int_equal(tern_level_limit(depth), limit);
        limit += power;
        power *= 3;
    }
    assert_int_equal(tern_level_limit(TERN_MAX_DEPTH), TERN_LARGEST_LEVEL);
    assert_int_equal(tern_level_limit(TERN_MAX_DEPTH + 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_decodes_by_the_rules),
        cmocka_unit_test(canonical_bytes_are_the_smallest_of_243),
        cmocka_unit_test(trits_survive_encoding),
        cmocka_unit_test(limits_are_sums_of_powers_of_three),
        cmocka_unit_test(crc_matches_the_check_value_and_single_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
