// SPDX-License-Identifier: Apache-2.0
// Makes small tokenizer.json files for the tests and reads committed ones.
#ifndef TERN_HOST_DRIVER_TEXT_TESTS_FIXTURE_H
#define TERN_HOST_DRIVER_TEXT_TESTS_FIXTURE_H

#include "host_driver/text/tokenizer.h"

#include <cjson/cJSON.h>

// A tokenizer.json of Qwen2's layout. Ids 0..255 are the byte symbols in order of the byte. Ids from 256 are the merges
// h+e, l+l, he+ll, hell+o, G+h (G is the symbol of the blank) and Gh+ello. No merge makes the others, "<263>" to
// "<299>". Added tokens are <|end|> (special, 300) and <note> (301). No order of merges gives " hello" as one token.
// Free with cJSON_Delete.
cJSON *fixture_json(void);
// Adds the token `left``right` as the next free id and the merge that makes it.
void fixture_add_merge(cJSON *root, const char *left, const char *right);
// id: the next free one, or the file is refused.
void fixture_add_token(cJSON *root, const char *content, uint32_t id, const char *flags_json);

// Writes a temporary file, opens it as a tokenizer and removes the file.
enum tern_status fixture_open(const cJSON *root, struct tern_error *error, struct tern_tokenizer **out);
enum tern_status fixture_open_text(const char *json, size_t len_bytes, struct tern_error *error,
                                   struct tern_tokenizer **out);

// The contents of a file below the source directory, free(); NULL when it does not exist.
char *fixture_read(const char *relative_path, size_t *len_bytes);
struct tern_tokenizer *fixture_open_committed(const char *relative_path); // NULL when the file does not exist

// Encodes and compares; on a difference prints text, got and expected, and fails the test.
void assert_ids(const struct tern_tokenizer *tokenizer, unsigned encode_flags, const char *text, size_t len_bytes,
                const uint32_t *expected, size_t expected_count);

// xorshift64*; the state must not be 0.
uint64_t fixture_random(uint64_t *state);

#endif
