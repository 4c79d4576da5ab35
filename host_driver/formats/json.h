// SPDX-License-Identifier: Apache-2.0
// Strict reading of JSON files, whose numbers become buffer sizes. Every error names the file and the key. BAD_FILE
// unless said otherwise.
#ifndef TERN_HOST_DRIVER_FORMATS_JSON_H
#define TERN_HOST_DRIVER_FORMATS_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

// Parses text[bytes] as one JSON object; only white space may follow it. Refuses what json_strict.h names, such as a
// key that stands twice. The caller frees *object with cJSON_Delete(). It is NULL on error.
enum tern_status tern_json_parse(const char *text, size_t bytes, const char *path, struct tern_error *error,
                                 cJSON **object);
// The same for a file of at most 64 MiB. IO when it cannot be read.
enum tern_status tern_json_load(const char *path, struct tern_error *error, cJSON **object);
// The same; *object is NULL without an error when there is no such file.
enum tern_status tern_json_load_optional(const char *path, struct tern_error *error, cJSON **object);
// tern_json_load to print again: numbers are cJSON_Raw and stay as the file has them.
enum tern_status tern_json_load_as_written(const char *path, struct tern_error *error, cJSON **object);

// A whole number in [least, most]. fallback: the value of a missing or null key; NULL when the key must be there.
enum tern_status tern_json_number(const cJSON *object, const char *key, uint32_t least, uint32_t most,
                                  const uint32_t *fallback, const char *path, struct tern_error *error,
                                  uint32_t *value);
// A positive finite number.
enum tern_status tern_json_real(const cJSON *object, const char *key, const double *fallback, const char *path,
                                struct tern_error *error, double *value);
// true or false.
enum tern_status tern_json_flag(const cJSON *object, const char *key, bool fallback, const char *path,
                                struct tern_error *error, bool *value);

#endif
