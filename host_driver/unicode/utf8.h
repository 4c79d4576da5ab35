// SPDX-License-Identifier: Apache-2.0
// UTF-8 by Unicode 14 section 3.9: no surrogates, no overlong forms, no code point above U+10FFFF.
#ifndef TERN_HOST_DRIVER_UNICODE_UTF8_H
#define TERN_HOST_DRIVER_UNICODE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERN_UTF8_MAX_BYTES 4

enum tern_utf8_state {
    TERN_UTF8_COMPLETE,   // *len_bytes (1..4) bytes are one character
    TERN_UTF8_INCOMPLETE, // all *len_bytes bytes are the start of a character
    TERN_UTF8_INVALID,    // *len_bytes (1..3) bytes become one U+FFFD
};

// Examines the character at the start of `available_bytes` >= 1 bytes.
enum tern_utf8_state tern_utf8_scan(const unsigned char *bytes, size_t available_bytes, size_t *len_bytes);

// Whether the whole text is UTF-8; if not, *bad_offset is the first bad byte.
bool tern_utf8_validate(const char *text, size_t len_bytes, size_t *bad_offset);

// The code point at the start of valid UTF-8, and its length.
uint32_t tern_utf8_decode(const char *text, size_t *len_bytes);
// The code point that ends at `text + end_bytes` of valid UTF-8, and its length. end_bytes >= 1.
uint32_t tern_utf8_decode_last(const char *text, size_t end_bytes, size_t *len_bytes);
// Writes at most 4 bytes and returns their number.
size_t tern_utf8_encode(uint32_t code_point, char *out);

bool tern_is_white_space(uint32_t code_point);    // Unicode property White_Space
bool tern_is_word_character(uint32_t code_point); // \w of Unicode TR18: Alphabetic, M, Nd, Pc, Join_Control

#endif
