// SPDX-License-Identifier: Apache-2.0
// Tests UTF-8 against an independent rule: decode by bit fields, encode again, compare.
#include "host_driver/unicode/byte_alphabet.h"
#include "host_driver/text/tests/fixture.h"
#include "host_driver/unicode/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// The length of the character at the start of four bytes, 0 without one, by the definition.
static size_t reference_length(const unsigned char *bytes) {
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = bytes[0] < 0x80 ? 1 : bytes[0] >> 5 == 6 ? 2 : bytes[0] >> 4 == 14 ? 3 : 4 * (bytes[0] >> 3 == 30);
    if (length == 0) {
        return 0;
    }
    uint32_t code_point = length == 1 ? bytes[0] : bytes[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (bytes[i] >> 6 != 2) {
            return 0;
        }
        code_point = code_point << 6 | (bytes[i] & 63u);
    }
    bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
    return code_point < smallest[length] || code_point > 0x10FFFF || is_surrogate ? 0 : length;
}

// Tests every first and second byte, and third and fourth bytes on both sides of each limit.
static void test_scan_all_heads(void **state) {
    (void)state;
    static const unsigned char borders[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (unsigned head = 0; head < 0x10000; head++) {
        for (size_t i = 0; i < sizeof borders * sizeof borders; i++) {
            unsigned char bytes[4] = {(unsigned char)(head >> 8), (unsigned char)head, borders[i / sizeof borders],
                                      borders[i % sizeof borders]};
            size_t length = 99, expected = reference_length(bytes);
            enum tern_utf8_state got = tern_utf8_scan(bytes, 4, &length);
            if ((got == TERN_UTF8_COMPLETE) != (expected != 0) || (expected && length != expected)) {
                fail_msg("%02x %02x %02x %02x: state %d length %zu, expected %zu", bytes[0], bytes[1], bytes[2],
                         bytes[3], got, length, expected);
            }
        }
    }
}

static void test_every_code_point_round_trips(void **state) {
    (void)state;
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        if (code_point >= 0xD800 && code_point < 0xE000) {
            continue;
        }
        char text[8] = {'x', 'x'};
        size_t length = tern_utf8_encode(code_point, text + 2), read, bad;
        if (tern_utf8_decode(text + 2, &read) != code_point || read != length) {
            fail_msg("U+%04X", code_point);
        }
        if (tern_utf8_decode_last(text, 2 + length, &read) != code_point) {
            fail_msg("U+%04X from its end", code_point);
        }
        if (!tern_utf8_validate(text, 2 + length, &bad)) {
            fail_msg("U+%04X refused at %zu", code_point, bad);
        }
    }
}

static void test_bad_byte_is_found_at_every_offset(void **state) {
    (void)state;
    char text[41];
    for (size_t at = 0; at < sizeof text; at++) {
        memset(text, 'a', sizeof text);
        text[at] = (char)0x80;
        size_t bad = 999;
        assert_false(tern_utf8_validate(text, sizeof text, &bad));
        assert_int_equal(bad, at);
    }
    size_t bad = 999;
    assert_false(tern_utf8_validate("abcdefgh\xE2\x82", 10, &bad));
    assert_int_equal(bad, 8);
}

static void test_white_space(void **state) {
    (void)state;
    unsigned count = 0;
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        count += tern_is_white_space(code_point);
    }
    assert_int_equal(count, 25);
    assert_false(tern_is_white_space(0x180E));
    assert_false(tern_is_white_space(0x200B));
}

static void test_byte_alphabet_is_a_bijection(void **state) {
    (void)state;
    uint32_t expected_moved = 0x100;
    for (unsigned byte = 0; byte < 256; byte++) {
        bool printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
        uint32_t expected = printable ? byte : expected_moved++;
        assert_int_equal(tern_byte_symbol((uint8_t)byte), expected);
        assert_int_equal(tern_byte_of_symbol(expected), byte);
    }
    unsigned count = 0;
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        count += tern_byte_of_symbol(code_point) >= 0;
    }
    assert_int_equal(count, 256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_all_heads),
        cmocka_unit_test(test_every_code_point_round_trips),
        cmocka_unit_test(test_bad_byte_is_found_at_every_offset),
        cmocka_unit_test(test_white_space),
        cmocka_unit_test(test_byte_alphabet_is_a_bijection),
    };
    return cmocka_run_group_tests_name("driver.unicode.utf8", tests, NULL, NULL);
}
