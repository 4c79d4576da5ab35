// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_template.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/chat/chat_family.h"
#include "host_driver/unicode/utf8.h"

struct tern_chat_template {
    const struct tern_tokenizer *tokenizer;
    const struct tern_chat_family *family;
    char *system; // the template's own system message, NULL: none
    uint32_t end_id;
};

struct id_list {
    uint32_t *ids;
    size_t count;
};

static enum tern_status add_ids(struct id_list *list, const uint32_t *ids, size_t count, struct tern_error *error) {
    uint32_t *longer = realloc(list->ids, (list->count + count + 1) * sizeof *longer);
    if (!longer) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the ids of a turn");
    }
    memcpy(longer + list->count, ids, count * sizeof *ids);
    list->ids = longer;
    list->count += count;
    return TERN_STATUS_OK;
}

static enum tern_status add_text(const struct tern_chat_template *chat, const char *text, size_t len_bytes,
                                 struct tern_error *error, struct id_list *list) {
    uint32_t *ids;
    size_t count;
    TERN_TRY(tern_tokenizer_encode_with(chat->tokenizer, TERN_ENCODE_SPECIAL_AS_TEXT | TERN_ENCODE_WITHOUT_TEMPLATE,
                                        text, len_bytes, error, &ids, &count));
    enum tern_status status = add_ids(list, ids, count, error);
    free(ids);
    return status;
}

static enum tern_status add_special(const struct tern_chat_template *chat, const char *content, size_t len_bytes,
                                    struct tern_error *error, struct id_list *list) {
    char name[64];
    size_t kept = len_bytes < sizeof name ? len_bytes : sizeof name - 1;
    memcpy(name, content, kept);
    name[kept] = 0;
    uint32_t id = tern_tokenizer_special_id(chat->tokenizer, name);
    if (id == TERN_NO_TOKEN) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "tokenizer.json has no token %s, which %s needs", name,
                              chat->family->name);
    }
    return add_ids(list, &id, 1, error);
}

// As the filter "trim" of Jinja: removes white space at both ends.
static void trim(const char **text, size_t *len_bytes) {
    size_t length;
    while (*len_bytes > 0 && tern_is_white_space(tern_utf8_decode(*text, &length))) {
        *text += length;
        *len_bytes -= length;
    }
    while (*len_bytes > 0 && tern_is_white_space(tern_utf8_decode_last(*text, *len_bytes, &length))) {
        *len_bytes -= length;
    }
}

// A pattern is text with <|special|> tokens and one "{}" for the message. The text between two special tokens is
// encoded as one piece, as transformers does when it encodes the whole conversation. piece: working space.
static enum tern_status add_pieces(const struct tern_chat_template *chat, const char *pattern, const char *said,
                                   size_t said_bytes, char *piece, struct tern_error *error, struct id_list *list) {
    size_t used = 0;
    for (const char *at = pattern; *at || used > 0;) {
        const char *end = strncmp(at, "<|", 2) == 0 ? strstr(at, "|>") : NULL;
        if ((end || !*at) && used > 0) {
            TERN_TRY(add_text(chat, piece, used, error, list));
            used = 0;
        } else if (end) {
            TERN_TRY(add_special(chat, at, (size_t)(end + 2 - at), error, list));
            at = end + 2;
        } else if (strncmp(at, "{}", 2) == 0) {
            memcpy(piece + used, said, said_bytes);
            used += said_bytes;
            at += 2;
        } else {
            piece[used++] = *at++;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status add_pattern(const struct tern_chat_template *chat, const char *pattern, const char *said,
                                    size_t said_bytes, struct tern_error *error, struct id_list *list) {
    char *piece = malloc(strlen(pattern) + said_bytes + 1);
    if (!piece) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a turn of %zu bytes", said_bytes);
    }
    enum tern_status status = add_pieces(chat, pattern, said, said_bytes, piece, error, list);
    free(piece);
    return status;
}

static enum tern_status check_text(const char *text, size_t len_bytes, struct tern_error *error) {
    size_t bad = 0;
    if (len_bytes > TERN_TEXT_MAX_BYTES || !tern_utf8_validate(text, len_bytes, &bad)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the message is not UTF-8 at byte %zu, or too long",
                              bad);
    }
    return TERN_STATUS_OK;
}

static enum tern_status add_said(const struct tern_chat_template *chat, const char *pattern, const char *text,
                                 size_t len_bytes, struct tern_error *error, struct id_list *list) {
    TERN_TRY(check_text(text, len_bytes, error));
    if (chat->family->trims) {
        trim(&text, &len_bytes);
    }
    return add_pattern(chat, pattern, text, len_bytes, error, list);
}

static enum tern_status add_begin(const struct tern_chat_template *chat, const char *system, struct tern_error *error,
                                  struct id_list *list) {
    TERN_TRY(add_pattern(chat, chat->family->begin, NULL, 0, error, list));
    return system ? add_said(chat, chat->family->system, system, strlen(system), error, list) : TERN_STATUS_OK;
}

static enum tern_status add_turn(const struct tern_chat_template *chat, bool is_first, const char *text,
                                 size_t len_bytes, struct tern_error *error, struct id_list *list) {
    TERN_TRY(add_pattern(chat, is_first ? "" : chat->family->after_answer, NULL, 0, error, list));
    return add_said(chat, chat->family->user, text, len_bytes, error, list);
}

static enum tern_status give(enum tern_status status, struct id_list *list, uint32_t **ids, size_t *count) {
    if (status != TERN_STATUS_OK) {
        free(list->ids);
        *list = (struct id_list){NULL, 0};
    }
    *ids = list->ids;
    *count = list->count;
    return status;
}

enum tern_status tern_chat_template_begin(const struct tern_chat_template *chat, const char *system,
                                          struct tern_error *error, uint32_t **ids, size_t *count) {
    struct id_list list = {NULL, 0};
    return give(add_begin(chat, system ? system : chat->system, error, &list), &list, ids, count);
}

enum tern_status tern_chat_template_turn(const struct tern_chat_template *chat, bool is_first, const char *text,
                                         size_t len_bytes, struct tern_error *error, uint32_t **ids, size_t *count) {
    struct id_list list = {NULL, 0};
    return give(add_turn(chat, is_first, text, len_bytes, error, &list), &list, ids, count);
}

uint32_t tern_chat_template_end_id(const struct tern_chat_template *chat) {
    return chat->end_id;
}

// Encodes every pattern once, `end` last, so that a missing special token is an error here.
static enum tern_status add_all(struct tern_chat_template *chat, struct tern_error *error, struct id_list *list) {
    const char *const patterns[] = {chat->family->begin, chat->family->system, chat->family->user,
                                    chat->family->after_answer, chat->family->end};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        TERN_TRY(add_pattern(chat, patterns[i], "", 0, error, list));
    }
    chat->end_id = list->ids[list->count - 1];
    return TERN_STATUS_OK;
}

static enum tern_status load(struct tern_chat_template *chat, const char *directory, struct tern_error *error) {
    struct id_list list = {NULL, 0};
    TERN_TRY(tern_chat_family_find(directory, error, &chat->family, &chat->system));
    enum tern_status status = add_all(chat, error, &list);
    free(list.ids);
    return status;
}

enum tern_status tern_chat_template_open(const char *directory, const struct tern_tokenizer *tokenizer,
                                         struct tern_error *error, struct tern_chat_template **out) {
    struct tern_chat_template *chat = calloc(1, sizeof *chat);
    if (!chat) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a chat template");
    }
    chat->tokenizer = tokenizer;
    enum tern_status status = load(chat, directory, error);
    if (status != TERN_STATUS_OK) {
        tern_chat_template_close(chat);
        return status;
    }
    *out = chat;
    return TERN_STATUS_OK;
}

void tern_chat_template_close(struct tern_chat_template *chat) {
    if (chat) {
        free(chat->system);
        free(chat);
    }
}
