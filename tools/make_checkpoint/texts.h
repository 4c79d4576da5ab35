// SPDX-License-Identifier: Apache-2.0
// The JSON files of a made checkpoint.
#ifndef TERN_TOOLS_MAKE_CHECKPOINT_TEXTS_H
#define TERN_TOOLS_MAKE_CHECKPOINT_TEXTS_H

#include <stdint.h>

#include "cmodel/error.h"

// The configuration at `path` as text on the heap, with another number of layers and vocabulary where not 0 (special
// token ids that would fall outside move to its end) and the dtype's name.
enum tern_status checkpoint_config(const char *path, uint64_t layers, uint64_t vocabulary, const char *dtype_name,
                                   struct tern_error *error, char **text);

// A byte-level tokenizer.json of exactly `vocabulary` ids, at least 256 + stop_count: the bytes, then " 256", " 257",
// ..., and the stop ids as special tokens.
enum tern_status checkpoint_tokenizer(uint32_t vocabulary, const uint32_t *stop_ids, uint32_t stop_count,
                                      struct tern_error *error, char **text);

#endif
