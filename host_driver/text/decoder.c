// SPDX-License-Identifier: Apache-2.0
// Decodes ids to bytes, and a stream of ids to whole characters.
#include <stdlib.h>
#include <string.h>

#include "host_driver/unicode/byte_alphabet.h"
#include "host_driver/text/tokenizer_internal.h"
#include "host_driver/unicode/utf8.h"

static const char replacement[] = "\xEF\xBF\xBD"; // U+FFFD
#define REPLACEMENT_BYTES 3

// The token of an id that gives text, or NULL.
static const struct tern_token *visible_token(const struct tern_tokenizer *tokenizer, unsigned decode_flags,
                                              uint32_t id) {
    const struct tern_token *token = tern_vocabulary_token(&tokenizer->vocabulary, id);
    if (!token) {
        return NULL;
    }
    bool skipped = (decode_flags & TERN_DECODE_SKIP_SPECIAL) && (token->flags & TERN_TOKEN_SPECIAL);
    return skipped ? NULL : token;
}

// Writes at most token->len_bytes bytes and returns their number.
static size_t write_token(const struct tern_tokenizer *tokenizer, const struct tern_token *token, char *out) {
    const char *text = tokenizer->vocabulary.arena + token->offset_bytes;
    if (!(token->flags & TERN_TOKEN_ADDED)) {
        return tern_byte_symbols_decode(text, token->len_bytes, out);
    }
    memcpy(out, text, token->len_bytes);
    return token->len_bytes;
}

enum tern_status tern_tokenizer_decode(const struct tern_tokenizer *tokenizer, unsigned decode_flags,
                                       const uint32_t *ids, size_t count, struct tern_error *error, char **bytes,
                                       size_t *len_bytes) {
    if (!tokenizer || (!ids && count > 0) || !bytes || !len_bytes) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "tern_tokenizer_decode: a pointer is NULL");
    }
    *bytes = NULL;
    *len_bytes = 0;
    size_t room = 1;
    for (size_t i = 0; i < count; i++) {
        const struct tern_token *token = visible_token(tokenizer, decode_flags, ids[i]);
        if (!token) {
            continue;
        }
        if (room > SIZE_MAX / 2) {
            return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "the text of %zu tokens is too long", count);
        }
        room += token->len_bytes;
    }
    char *text = malloc(room);
    if (!text) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for %zu bytes of text", room);
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct tern_token *token = visible_token(tokenizer, decode_flags, ids[i]);
        if (token) {
            used += write_token(tokenizer, token, text + used);
        }
    }
    text[used] = '\0';
    *bytes = text;
    *len_bytes = used;
    return TERN_STATUS_OK;
}

void tern_text_stream_begin(struct tern_text_stream *stream, const struct tern_tokenizer *tokenizer,
                            unsigned decode_flags) {
    *stream = (struct tern_text_stream){.tokenizer = tokenizer, .decode_flags = decode_flags};
}

void tern_text_stream_end(struct tern_text_stream *stream) {
    free(stream->text);
    stream->text = NULL;
    stream->capacity_bytes = 0;
    stream->waiting_bytes = 0;
}

// Returns room for `raw_count` raw bytes. The buffer has room for the whole characters first, three bytes for each raw
// byte, then for the raw bytes.
static char *raw_bytes(struct tern_text_stream *stream, size_t raw_count) {
    size_t needed = (REPLACEMENT_BYTES + 1) * raw_count + 1;
    if (needed > stream->capacity_bytes) {
        char *text = realloc(stream->text, needed);
        if (!text) {
            return NULL;
        }
        stream->text = text;
        stream->capacity_bytes = needed;
    }
    return stream->text + REPLACEMENT_BYTES * raw_count + 1;
}

// Moves whole characters from `raw` to the start of the buffer and keeps an unfinished one for later.
static size_t take_characters(struct tern_text_stream *stream, const char *raw, size_t raw_bytes_count) {
    size_t used = 0;
    stream->waiting_bytes = 0;
    for (size_t at = 0, length; at < raw_bytes_count; at += length) {
        switch (tern_utf8_scan((const unsigned char *)raw + at, raw_bytes_count - at, &length)) {
        case TERN_UTF8_COMPLETE:
            memmove(stream->text + used, raw + at, length);
            used += length;
            break;
        case TERN_UTF8_INVALID:
            memcpy(stream->text + used, replacement, REPLACEMENT_BYTES);
            used += REPLACEMENT_BYTES;
            break;
        case TERN_UTF8_INCOMPLETE:
            memcpy(stream->waiting, raw + at, length);
            stream->waiting_bytes = length;
            break;
        }
    }
    stream->text[used] = '\0';
    return used;
}

enum tern_status tern_text_stream_push(struct tern_text_stream *stream, uint32_t id, struct tern_error *error,
                                       const char **text, size_t *len_bytes) {
    const struct tern_token *token = visible_token(stream->tokenizer, stream->decode_flags, id);
    char *raw = raw_bytes(stream, stream->waiting_bytes + (token ? token->len_bytes : 0));
    if (!raw) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for the text of token %u", id);
    }
    memcpy(raw, stream->waiting, stream->waiting_bytes);
    size_t raw_count = stream->waiting_bytes;
    if (token) {
        raw_count += write_token(stream->tokenizer, token, raw + raw_count);
    }
    *len_bytes = take_characters(stream, raw, raw_count);
    *text = stream->text;
    return TERN_STATUS_OK;
}

enum tern_status tern_text_stream_flush(struct tern_text_stream *stream, struct tern_error *error, const char **text,
                                        size_t *len_bytes) {
    if (!raw_bytes(stream, TERN_UTF8_MAX_BYTES)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for the end of the text");
    }
    *len_bytes = stream->waiting_bytes > 0 ? REPLACEMENT_BYTES : 0;
    memcpy(stream->text, replacement, *len_bytes);
    stream->text[*len_bytes] = '\0';
    stream->waiting_bytes = 0;
    *text = stream->text;
    return TERN_STATUS_OK;
}
