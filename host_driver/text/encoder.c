// SPDX-License-Identifier: Apache-2.0
// Encodes text to ids. Finds added tokens in the raw text and normalizes the rest. Finds added tokens in that, splits
// the rest into words, and merges the bytes of each word.
#include <stdlib.h>
#include <string.h>

#include "host_driver/unicode/byte_alphabet.h"
#include "host_driver/text/tokenizer_internal.h"
#include "host_driver/unicode/utf8.h"

struct encoding {
    const struct tern_tokenizer *tokenizer;
    struct tern_added_text text; // the whole of it
    struct tern_merge_scratch merge;
    struct tern_split_scratch split;
    char *symbols; // a word in the byte alphabet, to look up the whole word
    size_t symbols_capacity_bytes;
    uint32_t *ids;
    size_t count;
    size_t capacity;
};

static enum tern_status no_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to encode the text");
}

static bool reserve_ids(struct encoding *encoding, size_t more) {
    size_t needed = encoding->count + more;
    if (needed <= encoding->capacity) {
        return true;
    }
    size_t capacity = needed > 2 * encoding->capacity ? needed : 2 * encoding->capacity;
    uint32_t *ids = realloc(encoding->ids, capacity * sizeof *ids);
    if (!ids) {
        return false;
    }
    encoding->ids = ids;
    encoding->capacity = capacity;
    return true;
}

static bool append_ids(struct encoding *encoding, const uint32_t *ids, size_t count) {
    if (!reserve_ids(encoding, count)) {
        return false;
    }
    if (count > 0) {
        memcpy(encoding->ids + encoding->count, ids, count * sizeof *ids);
    }
    encoding->count += count;
    return true;
}

// Finds the id of a word that is a whole token of the model; *found is TERN_NO_TOKEN without one. Returns false without
// memory.
static bool find_whole_word(struct encoding *encoding, const char *word, size_t len_bytes, uint32_t *found) {
    *found = TERN_NO_TOKEN;
    if (len_bytes > TERN_TOKENIZER_MAX_TOKEN_BYTES) {
        return true;
    }
    if (encoding->symbols_capacity_bytes < 2 * len_bytes) {
        char *symbols = realloc(encoding->symbols, 2 * len_bytes);
        if (!symbols) {
            return false;
        }
        encoding->symbols = symbols;
        encoding->symbols_capacity_bytes = 2 * len_bytes;
    }
    size_t used = 0;
    for (size_t i = 0; i < len_bytes; i++) {
        used += tern_byte_symbol_write((uint8_t)word[i], encoding->symbols + used);
    }
    const struct tern_vocabulary *vocabulary = &encoding->tokenizer->vocabulary;
    uint32_t id = tern_vocabulary_find(vocabulary, encoding->symbols, used);
    if (id != TERN_NO_TOKEN && (vocabulary->tokens[id].flags & TERN_TOKEN_MODEL)) {
        *found = id;
    }
    return true;
}

// Writes the ids of a word's bytes and returns their number.
static size_t byte_ids(const struct tern_tokenizer *tokenizer, const char *word, size_t len_bytes, uint32_t *ids) {
    size_t count = 0;
    bool was_unknown = false;
    for (size_t i = 0; i < len_bytes; i++) {
        const uint32_t known = tokenizer->byte_ids[(uint8_t)word[i]];
        const bool is_unknown = known == TERN_NO_TOKEN, is_fused = was_unknown && tokenizer->fuses_unknown;
        const uint32_t id = is_unknown ? tokenizer->unknown_id : known;
        if (id != TERN_NO_TOKEN && !(is_unknown && is_fused)) {
            ids[count++] = id;
        }
        was_unknown = is_unknown;
    }
    return count;
}

static enum tern_status encode_word(void *context, const char *word, size_t len_bytes, struct tern_error *error) {
    struct encoding *encoding = context;
    const struct tern_tokenizer *tokenizer = encoding->tokenizer;
    if (tokenizer->ignores_merges) {
        uint32_t whole;
        if (!find_whole_word(encoding, word, len_bytes, &whole)) {
            return no_memory(error);
        }
        if (whole != TERN_NO_TOKEN) {
            return append_ids(encoding, &whole, 1) ? TERN_STATUS_OK : no_memory(error);
        }
    }
    if (!reserve_ids(encoding, len_bytes)) {
        return no_memory(error);
    }
    uint32_t *ids = encoding->ids + encoding->count;
    size_t count = byte_ids(tokenizer, word, len_bytes, ids);
    if (!tern_merge_word(&tokenizer->merges, &encoding->merge, ids, &count)) {
        return no_memory(error);
    }
    encoding->count += count;
    return TERN_STATUS_OK;
}

typedef enum tern_status piece_encoder(struct encoding *encoding, const char *text, size_t len_bytes,
                                       struct tern_error *error);

static enum tern_status encode_words(struct encoding *encoding, const char *text, size_t len_bytes,
                                     struct tern_error *error) {
    return tern_pre_tokenizer_split(&encoding->tokenizer->pre_tokenizer, &encoding->split, text, len_bytes, encode_word,
                                    encoding, error);
}

// Appends the ids of the added tokens of `set` and passes the text between them to `encode_piece`.
static enum tern_status encode_around(struct encoding *encoding, const struct tern_added_set *set,
                                      const struct tern_added_text *text, piece_encoder *encode_piece,
                                      struct tern_error *error) {
    size_t taken = 0, cursor = 0;
    struct tern_added_match match;
    while (tern_added_set_next(set, text, taken, &cursor, &match)) {
        if (match.start > taken) {
            TERN_TRY(encode_piece(encoding, text->bytes + taken, match.start - taken, error));
        }
        if (!append_ids(encoding, &match.token->id, 1)) {
            return no_memory(error);
        }
        taken = match.end;
    }
    return taken < text->len_bytes ? encode_piece(encoding, text->bytes + taken, text->len_bytes - taken, error)
                                   : TERN_STATUS_OK;
}

// Whether special tokens of the normalized text could depend on which of its bytes are plain.
static bool needs_plain(const struct tern_added_text *text, const struct tern_added_set *set) {
    for (size_t i = 0; text->plain && i < set->count; i++) {
        if (set->tokens[i].is_special) {
            return true;
        }
    }
    return false;
}

// text: a piece of encoding->text.
static enum tern_status encode_normalized(struct encoding *encoding, const char *text, size_t len_bytes,
                                          struct tern_error *error) {
    const struct tern_added_set *set = &encoding->tokenizer->added_normalized;
    struct tern_added_text piece = {text, len_bytes, encoding->text.is_plain, encoding->text.plain};
    char *normalized = NULL;
    if (piece.plain) {
        piece.plain += text - encoding->text.bytes;
    }
    if (encoding->tokenizer->normalizes_nfc) {
        TERN_TRY(tern_normalize_nfc(text, len_bytes, error, &normalized, &piece.len_bytes));
    }
    if (normalized && needs_plain(&piece, set)) {
        free(normalized);
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "the text changes in NFC, and special tokens are looked for after that");
    }
    piece.bytes = normalized ? normalized : text;
    piece.plain = normalized ? NULL : piece.plain;
    enum tern_status status = encode_around(encoding, set, &piece, encode_words, error);
    free(normalized);
    return status;
}

static enum tern_status check_text(const char *utf8, size_t len_bytes, struct tern_error *error) {
    if (!utf8 && len_bytes > 0) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the text is NULL");
    }
    if (len_bytes > TERN_TEXT_MAX_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "text of %zu bytes is longer than %zu", len_bytes,
                              TERN_TEXT_MAX_BYTES);
    }
    size_t bad;
    if (tern_utf8_validate(utf8, len_bytes, &bad)) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the text is not UTF-8: byte 0x%02x at offset %zu",
                          (unsigned char)utf8[bad], bad);
}

static enum tern_status encode_all(struct encoding *encoding, bool with_template, struct tern_error *error) {
    const struct tern_tokenizer *tokenizer = encoding->tokenizer;
    // A quarter of the bytes is a usual number of tokens. It is never 0, so that *ids is never NULL.
    if (!reserve_ids(encoding, encoding->text.len_bytes / 4 + 16)) {
        return no_memory(error);
    }
    if (!tern_split_scratch_create(&encoding->split, &tokenizer->pre_tokenizer)) {
        return no_memory(error);
    }
    if (with_template && !append_ids(encoding, tokenizer->before.ids, tokenizer->before.count)) {
        return no_memory(error);
    }
    TERN_TRY(encode_around(encoding, &tokenizer->added_raw, &encoding->text, encode_normalized, error));
    if (with_template && !append_ids(encoding, tokenizer->after.ids, tokenizer->after.count)) {
        return no_memory(error);
    }
    return TERN_STATUS_OK;
}

static enum tern_status encode(const struct tern_tokenizer *tokenizer, const struct tern_added_text *text,
                               bool with_template, struct tern_error *error, uint32_t **ids, size_t *count) {
    if (!tokenizer || !ids || !count) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "tern_tokenizer_encode: a pointer is NULL");
    }
    *ids = NULL;
    *count = 0;
    TERN_TRY(check_text(text->bytes, text->len_bytes, error));
    struct encoding encoding = {.tokenizer = tokenizer, .text = *text};
    enum tern_status status = encode_all(&encoding, with_template, error);
    tern_merge_scratch_destroy(&encoding.merge);
    tern_split_scratch_destroy(&encoding.split);
    free(encoding.symbols);
    if (status != TERN_STATUS_OK) {
        free(encoding.ids);
        return status;
    }
    *ids = encoding.ids;
    *count = encoding.count;
    return TERN_STATUS_OK;
}

enum tern_status tern_tokenizer_encode_with(const struct tern_tokenizer *tokenizer, unsigned encode_flags,
                                            const char *utf8, size_t len_bytes, struct tern_error *error,
                                            uint32_t **ids, size_t *count) {
    const struct tern_added_text text = {utf8, len_bytes, (encode_flags & TERN_ENCODE_SPECIAL_AS_TEXT) != 0, NULL};
    return encode(tokenizer, &text, !(encode_flags & TERN_ENCODE_WITHOUT_TEMPLATE), error, ids, count);
}

enum tern_status tern_tokenizer_encode(const struct tern_tokenizer *tokenizer, const char *utf8, size_t len_bytes,
                                       struct tern_error *error, uint32_t **ids, size_t *count) {
    return tern_tokenizer_encode_with(tokenizer, TERN_ENCODE_DEFAULT, utf8, len_bytes, error, ids, count);
}

enum tern_status tern_tokenizer_encode_plain(const struct tern_tokenizer *tokenizer, const char *utf8,
                                             const uint8_t *plain, size_t len_bytes, struct tern_error *error,
                                             uint32_t **ids, size_t *count) {
    const struct tern_added_text text = {utf8, len_bytes, false, plain};
    return encode(tokenizer, &text, false, error, ids, count);
}
