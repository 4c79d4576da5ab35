// SPDX-License-Identifier: Apache-2.0
// Splits text into words, which byte-pair merging never crosses. Each of several expressions splits the pieces of the
// one before into its matches and the text between them.
#ifndef TERN_HOST_DRIVER_TEXT_PRE_TOKENIZER_H
#define TERN_HOST_DRIVER_TEXT_PRE_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

#define TERN_SPLIT_MAX_STEPS 16

struct tern_pre_tokenizer {
    void *steps[TERN_SPLIT_MAX_STEPS]; // pcre2_code
    size_t step_count;
};

// Memory for tern_pre_tokenizer_split, one for each thread.
struct tern_split_scratch {
    void *matches[TERN_SPLIT_MAX_STEPS]; // pcre2_match_data
    void *limits;                        // pcre2_match_context
};

// Called with each word in order. The word is part of the text. A status other than OK ends the split.
typedef enum tern_status tern_word_visitor(void *context, const char *word, size_t len_bytes, struct tern_error *error);

// Adds a step. pattern: an expression of Oniguruma, or a plain string with `is_literal`. path: begins the error
// sentence. UNSUPPORTED for more than TERN_SPLIT_MAX_STEPS or an expression that engines read differently, BAD_FILE for
// an invalid one.
enum tern_status tern_pre_tokenizer_add(struct tern_pre_tokenizer *pre_tokenizer, const char *pattern, bool is_literal,
                                        const char *path, struct tern_error *error);
void tern_pre_tokenizer_destroy(struct tern_pre_tokenizer *pre_tokenizer);

// Returns false without memory.
bool tern_split_scratch_create(struct tern_split_scratch *scratch, const struct tern_pre_tokenizer *pre_tokenizer);
void tern_split_scratch_destroy(struct tern_split_scratch *scratch);

// text: valid UTF-8. BAD_FILE when an expression exceeds its limit of steps or memory.
enum tern_status tern_pre_tokenizer_split(const struct tern_pre_tokenizer *pre_tokenizer,
                                          struct tern_split_scratch *scratch, const char *text, size_t len_bytes,
                                          tern_word_visitor *visit, void *context, struct tern_error *error);

#endif
