// SPDX-License-Identifier: Apache-2.0
// The JSON files of a seeded checkpoint.
#ifndef TERN_TOOLS_MAKE_CHECKPOINT_TEXTS_H
#define TERN_TOOLS_MAKE_CHECKPOINT_TEXTS_H

#include <stdint.h>

#include "cmodel/error.h"

// The configuration at `path` as *text, free(). layers and vocabulary replace its values unless 0. Special token ids
// beyond the vocabulary become its last id.
enum tern_status checkpoint_config(const char *path, uint64_t layers, uint64_t vocabulary, const char *dtype_name,
                                   struct tern_error *error, char **text);

// A byte-level tokenizer.json of exactly `vocabulary` ids as *text, free(). It has the bytes, then " 256", " 257" and
// so on, and the stop ids as special tokens. BAD_ARGUMENT for fewer than 256 + stop_count ids.
enum tern_status checkpoint_tokenizer(uint32_t vocabulary, const uint32_t *stop_ids, uint32_t stop_count,
                                      struct tern_error *error, char **text);

#endif
