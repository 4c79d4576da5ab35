// SPDX-License-Identifier: Apache-2.0
// UTF-8 as Unicode 14 section 3.9 has it: no surrogates, no overlong forms, nothing above U+10FFFF.
#ifndef TERN_HOST_DRIVER_UNICODE_UTF8_H
#define TERN_HOST_DRIVER_UNICODE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TERN_UTF8_MAX_BYTES 4

enum tern_utf8_state {
    TERN_UTF8_COMPLETE,   // *len_bytes (1..4) bytes are one character
    TERN_UTF8_INCOMPLETE, // the bytes there are could begin a character; *len_bytes is all of them
    TERN_UTF8_INVALID,    // *len_bytes (1..3) bytes stand for one U+FFFD
};

// The character at the head of `available_bytes` >= 1 bytes.
enum tern_utf8_state tern_utf8_scan(const unsigned char *bytes, size_t available_bytes, size_t *len_bytes);

// True if all of the text is UTF-8; else *bad_offset is the first byte of what is not.
bool tern_utf8_validate(const char *text, size_t len_bytes, size_t *bad_offset);

// Code point at the head of valid UTF-8, and its length.
uint32_t tern_utf8_decode(const char *text, size_t *len_bytes);
// Code point that ends at `text + end_bytes` (end_bytes >= 1) of valid UTF-8, and its length.
uint32_t tern_utf8_decode_last(const char *text, size_t end_bytes, size_t *len_bytes);
// Writes at most 4 bytes, returns how many.
size_t tern_utf8_encode(uint32_t code_point, char *out);

bool tern_is_white_space(uint32_t code_point);    // Unicode property White_Space
bool tern_is_word_character(uint32_t code_point); // \w of Unicode TR18: Alphabetic, M, Nd, Pc, Join_Control

#endif
