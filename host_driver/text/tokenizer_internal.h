// SPDX-License-Identifier: Apache-2.0
// The parts of an open tokenizer, for the files that load it and those that use it.
#ifndef TERN_HOST_DRIVER_TEXT_TOKENIZER_INTERNAL_H
#define TERN_HOST_DRIVER_TEXT_TOKENIZER_INTERNAL_H

#include <cjson/cJSON.h>

#include "host_driver/text/added_tokens.h"
#include "host_driver/text/bpe_merge.h"
#include "host_driver/text/pre_tokenizer.h"
#include "host_driver/text/tokenizer.h"
#include "host_driver/text/vocabulary.h"

#define TERN_TOKENIZER_MAX_IDS (UINT32_C(1) << 22)
#define TERN_TOKENIZER_MAX_TOKEN_BYTES ((size_t)1 << 16)
#define TERN_TOKENIZER_MAX_TEMPLATE 16

struct tern_template {
    uint32_t ids[TERN_TOKENIZER_MAX_TEMPLATE];
    size_t count;
};

struct tern_tokenizer {
    struct tern_vocabulary vocabulary;
    struct tern_merge_table merges;
    struct tern_pre_tokenizer pre_tokenizer;
    struct tern_added_set added_raw;        // found in the raw text
    struct tern_added_set added_normalized; // found in the normalized text
    struct tern_template before;            // ids that the post-processor puts before the text
    struct tern_template after;             // and after it
    uint32_t byte_ids[256];                 // id of each byte's symbol, or TERN_NO_TOKEN
    uint32_t unknown_id;                    // of bytes without one; TERN_NO_TOKEN drops them
    bool fuses_unknown;                     // neighbours of them are one token
    bool normalizes_nfc;
    bool ignores_merges; // a word that is a whole token is not merged from its bytes
};

// A JSON file beside tokenizer.json; cJSON_Delete() *object. It is NULL without such a file.
enum tern_status tern_tokenizer_load_beside(const char *directory, const char *name, struct tern_error *error,
                                            cJSON **object);
// "tokenizer_class" of tokenizer_config.json, or NULL.
const char *tern_tokenizer_class_name(const cJSON *config);
// Whether the class of a tokenizer is `class` or that with "Fast". Without a name tokenizer_config.json leaves it to
// the model type of config.json: `models` has those of the class, with blanks between. config and model may be NULL.
bool tern_tokenizer_is_class(const cJSON *config, const cJSON *model, const char *class, const char *models);

// What transformers makes of the files vocab.json, merges.txt and others in `directory`, in the form of a
// tokenizer.json; cJSON_Delete() *root. *label begins error sentences about it; free(). Both are NULL after an error.
// UNSUPPORTED for tokenizer classes other than those of Qwen2 and GPT-2.
enum tern_status tern_tokenizer_assemble(const char *directory, struct tern_error *error, char **label, cJSON **root);

// Each function fills its part of `tokenizer` from the root of the file. They run in this order.
typedef enum tern_status tern_tokenizer_part_loader(const cJSON *root, const char *path, struct tern_error *error,
                                                    struct tern_tokenizer *tokenizer);
tern_tokenizer_part_loader tern_tokenizer_load_options; // of the model; normalizer, pre_tokenizer, decoder
tern_tokenizer_part_loader tern_tokenizer_load_vocabulary;
tern_tokenizer_part_loader tern_tokenizer_load_merges; // before the added tokens, which merges may not name
tern_tokenizer_part_loader tern_tokenizer_load_added_tokens;
tern_tokenizer_part_loader tern_tokenizer_load_template; // post_processor

// Reads an id. Returns false unless it is a whole number below TERN_TOKENIZER_MAX_IDS.
bool tern_json_id(const cJSON *item, uint32_t *id);
// The "type" of an object, "" without one.
const char *tern_json_type(const cJSON *object);

// Normalizes valid UTF-8 to NFC. *normalized: free(); NULL when the text needs no change.
enum tern_status tern_normalize_nfc(const char *text, size_t len_bytes, struct tern_error *error, char **normalized,
                                    size_t *normalized_bytes);

#endif
