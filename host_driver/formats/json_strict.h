// SPDX-License-Identifier: Apache-2.0
// What cJSON does not do. It takes texts that are no JSON, and keeps both values of a key that stands twice. It forgets
// how a number was written.
#ifndef TERN_HOST_DRIVER_FORMATS_JSON_STRICT_H
#define TERN_HOST_DRIVER_FORMATS_JSON_STRICT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

// Checks text[bytes] before cJSON parses it. BAD_FILE names what RFC 8259 forbids and cJSON takes: a byte order mark, a
// control character, or a number such as 01. It also names bytes that are not UTF-8, and a zero byte or \u0000, at
// which cJSON would end the string. A text of more than 4 million values is refused, since their tree would be too
// large.
enum tern_status tern_json_check_text(const char *text, size_t bytes, const char *path, struct tern_error *error);

// BAD_FILE names a key that stands twice in one object. Python takes the last value, Rust's serde refuses the file,
// cJSON finds the first: which one was meant is not known. Time and memory are linear in the number of keys.
enum tern_status tern_json_check_keys(const cJSON *root, const char *path, struct tern_error *error);

// Makes every number of the tree cJSON_Raw with the text that it has in text[bytes], of which the tree was made. cJSON
// would print 8.0 as 8, which is another type in Python. Returns false without memory.
bool tern_json_keep_numbers(const char *text, size_t bytes, cJSON *root);

#endif
