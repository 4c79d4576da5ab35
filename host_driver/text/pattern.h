// SPDX-License-Identifier: Apache-2.0
// Translates split expressions of a tokenizer.json from Oniguruma to PCRE2, which reads most of them alike. It rewrites
// \s and \S, because only PCRE2 counts U+180E as white space. It refuses everything that the two engines read
// differently: \w, \b, \h, scripts, class intersections, nested classes and others.
#ifndef TERN_HOST_DRIVER_TEXT_PATTERN_H
#define TERN_HOST_DRIVER_TEXT_PATTERN_H

#include <stddef.h>

#define TERN_PATTERN_MAX_BYTES 8192
// \s grows most, from 2 bytes to 15.
#define TERN_PATTERN_TRANSLATED_MAX_BYTES (8 * TERN_PATTERN_MAX_BYTES)

// pattern: a C string of at most TERN_PATTERN_MAX_BYTES. out: room for TERN_PATTERN_TRANSLATED_MAX_BYTES and a zero
// byte. Returns NULL, or a phrase for the refused part ("a class intersection") with its offset in *offset.
const char *tern_pattern_translate(const char *pattern, char *out, size_t *offset);

#endif
