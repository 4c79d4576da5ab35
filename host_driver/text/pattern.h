// SPDX-License-Identifier: Apache-2.0
// Split expressions of a tokenizer.json are written for Oniguruma; PCRE2 reads most of them alike. Rewritten: \s and
// \S (PCRE2 counts U+180E as white space, Oniguruma does not). Refused: what the two read differently without notice
// (\w, \b, \h, scripts, class intersections, nested classes ...), so that none splits text in a way of its own.
#ifndef TERN_HOST_DRIVER_TEXT_PATTERN_H
#define TERN_HOST_DRIVER_TEXT_PATTERN_H

#include <stddef.h>

#define TERN_PATTERN_MAX_BYTES 8192
// \s grows from 2 bytes to 15; nothing grows more.
#define TERN_PATTERN_TRANSLATED_MAX_BYTES (8 * TERN_PATTERN_MAX_BYTES)

// `pattern` is a C string of at most TERN_PATTERN_MAX_BYTES; `out` has room for the translated maximum and a zero
// byte. Returns NULL, or what is refused as a phrase ("the escape \\w"), with its place in *offset.
const char *tern_pattern_translate(const char *pattern, char *out, size_t *offset);

#endif
