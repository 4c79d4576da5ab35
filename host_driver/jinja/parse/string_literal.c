// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "host_driver/jinja/parse/lexer.h"
#include "host_driver/unicode/utf8.h"

static int digit_of(char digit) {
    const char *digits = "0123456789abcdef", *found = digit ? strchr(digits, digit | 0x20) : NULL;
    return found ? (int)(found - digits) : 16;
}

// Reads `least` to `most` digits. SIZE_MAX with fewer.
static size_t read_digits(struct tern_jinja_text text, size_t at, size_t least, size_t most, uint32_t base,
                          uint32_t *value) {
    size_t count = 0;
    *value = 0;
    for (; count < most && at + count < text.length; count++) {
        uint32_t digit = (uint32_t)digit_of(text.bytes[at + count]);
        if (digit >= base) {
            break;
        }
        *value = *value * base + digit;
    }
    return count < least ? SIZE_MAX : count;
}

// The escapes of one letter; 0 for others.
static char simple_escape(char letter) {
    static const char letters[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? values[found - letters] : 0;
}

// Digits after \x, \u, \U; 0 for other letters.
static size_t digits_after(char letter) {
    return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

// Writes the escape after the backslash at text.bytes[at] and returns its length; SIZE_MAX when it cannot be read.
static size_t write_escape(struct tern_jinja_text text, size_t at, char *out, size_t *written) {
    char letter = text.bytes[at + 1];
    uint32_t value;
    size_t digits = digits_after(letter), length;
    if (letter == '\n') {
        return 2;
    }
    if (simple_escape(letter)) {
        out[(*written)++] = simple_escape(letter);
        return 2;
    }
    if (digits > 0 || (letter >= '0' && letter <= '7')) {
        length = digits > 0 ? read_digits(text, at + 2, digits, digits, 16, &value)
                            : read_digits(text, at + 1, 1, 3, 8, &value);
        if (length == SIZE_MAX || value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
            return SIZE_MAX; // Python allows a zero and halves of pairs, which no prompt can have
        }
        *written += tern_utf8_encode(value, out + *written);
        return 1 + (digits > 0) + length;
    }
    if (letter == 'N' || (unsigned char)letter >= 0x80) {
        return SIZE_MAX;
    }
    out[(*written)++] = '\\'; // an unknown escape stays as it is
    return 1;
}

enum tern_status tern_jinja_unescape(struct tern_jinja_text quoted, uint32_t line, struct tern_arena *arena,
                                     struct tern_error *error, struct tern_jinja_text *text) {
    char *out = tern_arena_take(arena, quoted.length + 1);
    size_t written = 0;
    if (!out) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a string");
    }
    for (size_t at = 0; at < quoted.length;) {
        bool is_escape = quoted.bytes[at] == '\\' && at + 1 < quoted.length;
        size_t length = 1;
        if (is_escape) {
            length = write_escape(quoted, at, out, &written);
        } else {
            out[written++] = quoted.bytes[at];
        }
        if (length == SIZE_MAX) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "line %u: the escape \\%.1s of a string is not known",
                                  line, (unsigned char)quoted.bytes[at + 1] < 0x80 ? quoted.bytes + at + 1 : "");
        }
        at += length;
    }
    *text = (struct tern_jinja_text){out, NULL, written};
    return TERN_STATUS_OK;
}
