// SPDX-License-Identifier: Apache-2.0
// Loads normalizer, pre_tokenizer, post_processor, decoder and the options of the model from a tokenizer.json.
#include <string.h>

#include "host_driver/text/tokenizer_internal.h"

// The split expression of ByteLevel with use_regex.
static const char gpt2_pattern[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

// Punctuation of Hugging Face: ASCII, and that of an old Unicode version, which lacks these and has two more.
static const char punctuation_pattern[] =
    "(?!["
    "\u061d\u09fd\u0a76\u0c77\u0c84\u1b7d\u1b7e\u2e43-\u2e4f\u2e52-\u2e5d\U00010ead"
    "\U00010f55-\U00010f59\U00010f86-\U00010f89\U0001144b-\U0001144f\U0001145a\U0001145b\U0001145d"
    "\U00011660-\U0001166c\U000116b9\U0001183b\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46"
    "\U00011a9a-\U00011a9c\U00011a9e-\U00011aa2\U00011c41-\U00011c45\U00011c70\U00011c71"
    "\U00011ef7\U00011ef8\U00011fff\U00012ff1\U00012ff2\U00016e97-\U00016e9a\U00016fe2"
    "\U0001e95e\U0001e95f"
    "])[!-/:-@\\[-`{-~\\p{P}\u166d\U000111c9]";

struct loading {
    const char *path;
    struct tern_error *error;
    struct tern_tokenizer *tokenizer;
    bool has_byte_level;
};

typedef enum tern_status part_loader(struct loading *loading, const cJSON *part);

static bool is_nothing(const cJSON *item) {
    return !item || cJSON_IsNull(item);
}

static enum tern_status refuse(struct loading *loading, const char *part, const char *what) {
    return tern_error_set(loading->error, TERN_STATUS_UNSUPPORTED, "%s: %s: %.64s is not supported", loading->path,
                          part, what);
}

static enum tern_status refuse_type(struct loading *loading, const char *part, const cJSON *object) {
    if (!cJSON_IsObject(object) || tern_json_type(object)[0] == '\0') {
        return tern_error_set(loading->error, TERN_STATUS_BAD_FILE, "%s: %s: not an object with a type", loading->path,
                              part);
    }
    return tern_error_set(loading->error, TERN_STATUS_UNSUPPORTED, "%s: %s: type \"%.64s\" is not supported",
                          loading->path, part, tern_json_type(object));
}

// Loads a part or the parts of a Sequence, whose list has its own name. A Sequence in a Sequence is refused.
static enum tern_status load_sequence(struct loading *loading, const char *part, const cJSON *object,
                                      const char *list_name, part_loader *load) {
    if (is_nothing(object)) {
        return TERN_STATUS_OK;
    }
    if (strcmp(tern_json_type(object), "Sequence") != 0) {
        return load(loading, object);
    }
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, list_name);
    if (!cJSON_IsArray(list)) {
        return tern_error_set(loading->error, TERN_STATUS_BAD_FILE, "%s: %s: a Sequence without a list \"%s\"",
                              loading->path, part, list_name);
    }
    for (const cJSON *item = list->child; item; item = item->next) {
        TERN_TRY(load(loading, item));
    }
    return TERN_STATUS_OK;
}

static enum tern_status load_normalizer(struct loading *loading, const cJSON *part) {
    if (strcmp(tern_json_type(part), "NFC") != 0) {
        return refuse_type(loading, "normalizer", part);
    }
    loading->tokenizer->normalizes_nfc = true;
    return TERN_STATUS_OK;
}

// A step after ByteLevel splits byte symbols.
static enum tern_status add_rule(struct loading *loading, struct tern_split_rule rule) {
    rule.of_symbols = loading->has_byte_level;
    return tern_pre_tokenizer_add(&loading->tokenizer->pre_tokenizer, &rule, loading->path, loading->error);
}

static enum tern_status load_byte_level(struct loading *loading, const cJSON *part) {
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(part, "add_prefix_space"))) {
        return refuse(loading, "pre_tokenizer", "ByteLevel with add_prefix_space");
    }
    if (loading->has_byte_level) {
        return refuse(loading, "pre_tokenizer", "a second ByteLevel");
    }
    // Hugging Face takes a missing use_regex as true.
    if (!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(part, "use_regex"))) {
        TERN_TRY(add_rule(loading, (struct tern_split_rule){.pattern = gpt2_pattern}));
    }
    loading->has_byte_level = true;
    return TERN_STATUS_OK;
}

// Whether `part` has the flag; a missing one is false.
static bool has_flag(const cJSON *part, const char *name) {
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(part, name));
}

// Each character of \p{N} is a piece, or each run of them.
static enum tern_status load_digits(struct loading *loading, const cJSON *part) {
    const struct tern_split_rule rule = {.pattern = "\\p{N}",
                                         .behavior = has_flag(part, "individual_digits") ? TERN_SPLIT_ISOLATED
                                                                                         : TERN_SPLIT_CONTIGUOUS};
    return add_rule(loading, rule);
}

static enum tern_status read_behavior(struct loading *loading, const cJSON *item, enum tern_split_behavior *behavior) {
    static const char *const names[] = {"Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (cJSON_IsString(item) && strcmp(item->valuestring, names[i]) == 0) {
            *behavior = (enum tern_split_behavior)i;
            return TERN_STATUS_OK;
        }
    }
    return tern_error_set(loading->error, TERN_STATUS_BAD_FILE, "%s: pre_tokenizer: an unknown behavior of matches",
                          loading->path);
}

// A missing behavior is Isolated.
static enum tern_status load_punctuation(struct loading *loading, const cJSON *part) {
    const cJSON *behavior = cJSON_GetObjectItemCaseSensitive(part, "behavior");
    struct tern_split_rule rule = {.pattern = punctuation_pattern};
    TERN_TRY(behavior ? read_behavior(loading, behavior, &rule.behavior) : TERN_STATUS_OK);
    return add_rule(loading, rule);
}

static enum tern_status load_split(struct loading *loading, const cJSON *part) {
    const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(part, "pattern");
    const cJSON *expression = cJSON_GetObjectItemCaseSensitive(pattern, "Regex");
    const cJSON *literal = cJSON_GetObjectItemCaseSensitive(pattern, "String");
    const cJSON *given = expression ? expression : literal;
    if (!cJSON_IsString(given)) {
        return tern_error_set(loading->error, TERN_STATUS_BAD_FILE,
                              "%s: pre_tokenizer: a Split whose pattern is neither a Regex nor a String",
                              loading->path);
    }
    struct tern_split_rule rule = {
        .pattern = given->valuestring, .is_literal = !expression, .is_inverted = has_flag(part, "invert")};
    TERN_TRY(read_behavior(loading, cJSON_GetObjectItemCaseSensitive(part, "behavior"), &rule.behavior));
    return add_rule(loading, rule);
}

static enum tern_status load_pre_tokenizer(struct loading *loading, const cJSON *part) {
    static const struct {
        const char *type;
        part_loader *load;
    } loaders[] = {{"ByteLevel", load_byte_level},
                   {"Split", load_split},
                   {"Digits", load_digits},
                   {"Punctuation", load_punctuation}};
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++) {
        if (strcmp(tern_json_type(part), loaders[i].type) == 0) {
            return loaders[i].load(loading, part);
        }
    }
    return refuse_type(loading, "pre_tokenizer", part);
}

// Appends the ids of one special token of a template, from the template's table.
static enum tern_status append_template_ids(struct loading *loading, const cJSON *processor, const cJSON *special,
                                            struct tern_template *template) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(special, "id");
    const cJSON *table = cJSON_GetObjectItemCaseSensitive(processor, "special_tokens");
    const cJSON *entry = cJSON_IsString(name) ? cJSON_GetObjectItemCaseSensitive(table, name->valuestring) : NULL;
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(entry, "ids");
    if (!cJSON_IsArray(ids)) {
        return tern_error_set(loading->error, TERN_STATUS_BAD_FILE,
                              "%s: post_processor: a special token without a list of ids", loading->path);
    }
    for (const cJSON *item = ids->child; item; item = item->next) {
        uint32_t id;
        if (!tern_json_id(item, &id) || !tern_vocabulary_token(&loading->tokenizer->vocabulary, id)) {
            return tern_error_set(loading->error, TERN_STATUS_BAD_FILE,
                                  "%s: post_processor: \"%.64s\" has an id that is no token's", loading->path,
                                  name->valuestring);
        }
        if (template->count == TERN_TOKENIZER_MAX_TEMPLATE) {
            return refuse(loading, "post_processor", "a template of more than 16 tokens");
        }
        template->ids[template->count++] = id;
    }
    return TERN_STATUS_OK;
}

static enum tern_status load_template(struct loading *loading, const cJSON *processor) {
    const cJSON *single = cJSON_GetObjectItemCaseSensitive(processor, "single");
    bool text_seen = false;
    const cJSON *piece = cJSON_IsArray(single) ? single->child : NULL;
    for (; piece; piece = piece->next) {
        const cJSON *special = cJSON_GetObjectItemCaseSensitive(piece, "SpecialToken");
        if (!special) {
            if (text_seen || !cJSON_GetObjectItemCaseSensitive(piece, "Sequence")) {
                break;
            }
            text_seen = true;
            continue;
        }
        struct tern_template *template = text_seen ? &loading->tokenizer->after : &loading->tokenizer->before;
        TERN_TRY(append_template_ids(loading, processor, special, template));
    }
    if (text_seen && !piece) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(loading->error, TERN_STATUS_BAD_FILE,
                          "%s: post_processor: \"single\" is no list of special tokens and one sequence",
                          loading->path);
}

static enum tern_status load_post_processor(struct loading *loading, const cJSON *part) {
    if (strcmp(tern_json_type(part), "ByteLevel") == 0) {
        return TERN_STATUS_OK; // moves offsets only
    }
    if (strcmp(tern_json_type(part), "TemplateProcessing") != 0) {
        return refuse_type(loading, "post_processor", part);
    }
    if (loading->tokenizer->before.count > 0 || loading->tokenizer->after.count > 0) {
        return refuse(loading, "post_processor", "a second template");
    }
    return load_template(loading, part);
}

static enum tern_status load_decoder(struct loading *loading, const cJSON *part) {
    if (strcmp(tern_json_type(part), "ByteLevel") == 0) {
        return TERN_STATUS_OK;
    }
    return refuse_type(loading, "decoder", part);
}

static bool is_empty_text(const cJSON *item) {
    return is_nothing(item) || (cJSON_IsString(item) && item->valuestring[0] == '\0');
}

static enum tern_status load_model_options(struct loading *loading, const cJSON *model) {
    if (!cJSON_IsObject(model)) {
        return tern_error_set(loading->error, TERN_STATUS_BAD_FILE, "%s: model is missing or not an object",
                              loading->path);
    }
    if (strcmp(tern_json_type(model), "BPE") != 0) {
        return refuse_type(loading, "model", model);
    }
    const cJSON *dropout = cJSON_GetObjectItemCaseSensitive(model, "dropout");
    bool drops = !is_nothing(dropout) && !(cJSON_IsNumber(dropout) && dropout->valuedouble == 0);
    if (drops) {
        return refuse(loading, "model", "dropout");
    }
    if (!is_empty_text(cJSON_GetObjectItemCaseSensitive(model, "continuing_subword_prefix"))) {
        return refuse(loading, "model", "continuing_subword_prefix");
    }
    if (!is_empty_text(cJSON_GetObjectItemCaseSensitive(model, "end_of_word_suffix"))) {
        return refuse(loading, "model", "end_of_word_suffix");
    }
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(model, "byte_fallback"))) {
        return refuse(loading, "model", "byte_fallback");
    }
    loading->tokenizer->ignores_merges = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(model, "ignore_merges")) != 0;
    return TERN_STATUS_OK; // unk_token and fuse_unk belong to the vocabulary
}

enum tern_status tern_tokenizer_load_options(const cJSON *root, const char *path, struct tern_error *error,
                                             struct tern_tokenizer *tokenizer) {
    struct loading loading = {.path = path, .error = error, .tokenizer = tokenizer};
    TERN_TRY(load_model_options(&loading, cJSON_GetObjectItemCaseSensitive(root, "model")));
    TERN_TRY(load_sequence(&loading, "normalizer", cJSON_GetObjectItemCaseSensitive(root, "normalizer"), "normalizers",
                           load_normalizer));
    TERN_TRY(load_sequence(&loading, "pre_tokenizer", cJSON_GetObjectItemCaseSensitive(root, "pre_tokenizer"),
                           "pretokenizers", load_pre_tokenizer));
    if (!loading.has_byte_level) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: pre_tokenizer: no ByteLevel; only byte-level vocabularies are supported", path);
    }
    return load_sequence(&loading, "decoder", cJSON_GetObjectItemCaseSensitive(root, "decoder"), "decoders",
                         load_decoder);
}

enum tern_status tern_tokenizer_load_template(const cJSON *root, const char *path, struct tern_error *error,
                                              struct tern_tokenizer *tokenizer) {
    struct loading loading = {.path = path, .error = error, .tokenizer = tokenizer};
    return load_sequence(&loading, "post_processor", cJSON_GetObjectItemCaseSensitive(root, "post_processor"),
                         "processors", load_post_processor);
}
