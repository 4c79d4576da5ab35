// SPDX-License-Identifier: Apache-2.0
// Splits text into words, which byte-pair merging never crosses. Each of several steps splits the pieces of the one
// before into its matches and the text between them.
#ifndef TERN_HOST_DRIVER_TEXT_PRE_TOKENIZER_H
#define TERN_HOST_DRIVER_TEXT_PRE_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

#define TERN_SPLIT_MAX_STEPS 16

// What becomes of the matches, as in Hugging Face `tokenizers`.
enum tern_split_behavior {
    TERN_SPLIT_ISOLATED,      // a piece each
    TERN_SPLIT_REMOVED,       // dropped
    TERN_SPLIT_CONTIGUOUS,    // neighbours are one piece
    TERN_SPLIT_WITH_PREVIOUS, // a match belongs to the text before it
    TERN_SPLIT_WITH_NEXT,     // and to the text after it
};

struct tern_split_rule {
    const char *pattern; // an expression of Oniguruma, or a plain string with `is_literal`
    bool is_literal;
    enum tern_split_behavior behavior;
    bool is_inverted; // matches and the text between them swap roles
    bool of_symbols;  // splits the text in byte symbols (unicode/byte_alphabet.h), and so do all later steps
};

struct tern_split_step {
    void *code;                  // pcre2_code
    struct tern_split_rule rule; // without its pattern
};

struct tern_pre_tokenizer {
    struct tern_split_step steps[TERN_SPLIT_MAX_STEPS];
    size_t step_count;
};

// Memory for tern_pre_tokenizer_split, one for each thread.
struct tern_split_scratch {
    void *matches[TERN_SPLIT_MAX_STEPS]; // pcre2_match_data
    void *limits;                        // pcre2_match_context
    char *symbols, *bytes;               // a piece in byte symbols, and one back in bytes
    size_t symbols_capacity, bytes_capacity;
};

// Called with each word in order. The word is valid during the call. A status other than OK ends the split.
typedef enum tern_status tern_word_visitor(void *context, const char *word, size_t len_bytes, struct tern_error *error);

// Adds a step. path: begins the error sentence. UNSUPPORTED for more than TERN_SPLIT_MAX_STEPS or an expression that
// engines read differently, BAD_FILE for an invalid one.
enum tern_status tern_pre_tokenizer_add(struct tern_pre_tokenizer *pre_tokenizer, const struct tern_split_rule *rule,
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
