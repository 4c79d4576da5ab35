// SPDX-License-Identifier: Apache-2.0
#include "host_driver/unicode/utf8.h"

#include <string.h>
#include <utf8proc.h>

static bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

// The range of the second byte excludes surrogates, overlong forms and code points above U+10FFFF.
static bool second_byte_fits(unsigned char first, unsigned char second) {
    switch (first) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return is_continuation(second);
    }
}

static size_t expected_bytes(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        return 4;
    }
    return 0;
}

enum tern_utf8_state tern_utf8_scan(const unsigned char *bytes, size_t available_bytes, size_t *len_bytes) {
    size_t expected = expected_bytes(bytes[0]);
    *len_bytes = 1;
    if (expected == 0) {
        return TERN_UTF8_INVALID;
    }
    while (*len_bytes < expected) {
        if (*len_bytes == available_bytes) {
            return TERN_UTF8_INCOMPLETE;
        }
        unsigned char next = bytes[*len_bytes];
        bool fits = *len_bytes == 1 ? second_byte_fits(bytes[0], next) : is_continuation(next);
        if (!fits) {
            return TERN_UTF8_INVALID;
        }
        ++*len_bytes;
    }
    return TERN_UTF8_COMPLETE;
}

bool tern_utf8_validate(const char *text, size_t len_bytes, size_t *bad_offset) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < len_bytes) {
        uint64_t eight;
        if (len_bytes - at >= sizeof eight) {
            memcpy(&eight, bytes + at, sizeof eight);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                at += sizeof eight;
                continue;
            }
        }
        size_t length;
        if (tern_utf8_scan(bytes + at, len_bytes - at, &length) != TERN_UTF8_COMPLETE) {
            *bad_offset = at;
            return false;
        }
        at += length;
    }
    return true;
}

uint32_t tern_utf8_decode(const char *text, size_t *len_bytes) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = expected_bytes(bytes[0]);
    static const unsigned char first_mask[TERN_UTF8_MAX_BYTES + 1] = {0x7F, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code_point = bytes[0] & first_mask[length];
    for (size_t i = 1; i < length; i++) {
        code_point = code_point << 6 | (bytes[i] & 0x3Fu);
    }
    *len_bytes = length;
    return code_point;
}

uint32_t tern_utf8_decode_last(const char *text, size_t end_bytes, size_t *len_bytes) {
    size_t start = end_bytes - 1;
    while (start > 0 && is_continuation((unsigned char)text[start])) {
        --start;
    }
    return tern_utf8_decode(text + start, len_bytes);
}

size_t tern_utf8_encode(uint32_t code_point, char *out) {
    return (size_t)utf8proc_encode_char((utf8proc_int32_t)code_point, (utf8proc_uint8_t *)out);
}

bool tern_is_white_space(uint32_t code_point) {
    if (code_point >= 0x2000 && code_point <= 0x200A) {
        return true;
    }
    switch (code_point) {
    case 0x09:
    case 0x0A:
    case 0x0B:
    case 0x0C:
    case 0x0D:
    case 0x20:
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000: return true;
    default: return false;
    }
}

// Alphabetic symbols outside the letter categories: circled and squared Latin letters.
static bool is_alphabetic_symbol(uint32_t code_point) {
    return (code_point >= 0x24B6 && code_point <= 0x24E9) || (code_point >= 0x1F130 && code_point <= 0x1F149) ||
           (code_point >= 0x1F150 && code_point <= 0x1F169) || (code_point >= 0x1F170 && code_point <= 0x1F189);
}

bool tern_is_word_character(uint32_t code_point) {
    if (code_point == 0x200C || code_point == 0x200D || is_alphabetic_symbol(code_point)) {
        return true;
    }
    switch (utf8proc_category((utf8proc_int32_t)code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC: return true;
    default: return false;
    }
}
