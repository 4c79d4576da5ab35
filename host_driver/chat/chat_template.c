// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_template.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/chat/chat_family.h"
#include "host_driver/unicode/utf8.h"

struct tern_chat_template {
    const struct tern_tokenizer *tokenizer;
    const struct tern_chat_family *family;
    char *system; // what the template says without a system message, NULL: nothing
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
    enum tern_status status =
        tern_tokenizer_encode_with(chat->tokenizer, TERN_ENCODE_SPECIAL_AS_TEXT | TERN_ENCODE_WITHOUT_TEMPLATE, text,
                                   len_bytes, error, &ids, &count);
    if (status == TERN_STATUS_OK) {
        status = add_ids(list, ids, count, error);
        free(ids);
    }
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

// transformers' "trim" takes white space off both ends.
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

// A pattern is text with <|special|> tokens and one "{}" for what is said. What stands between two special tokens is
// cut into words together, as it is when transformers encodes the whole conversation.
static enum tern_status add_pattern(const struct tern_chat_template *chat, const char *pattern, const char *said,
                                    size_t said_bytes, struct tern_error *error, struct id_list *list) {
    char *piece = malloc(strlen(pattern) + said_bytes + 1);
    if (!piece) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a turn of %zu bytes", said_bytes);
    }
    size_t used = 0;
    enum tern_status status = TERN_STATUS_OK;
    for (const char *at = pattern; status == TERN_STATUS_OK && (*at || used > 0);) {
        const char *end = strncmp(at, "<|", 2) == 0 ? strstr(at, "|>") : NULL;
        if ((end || !*at) && used > 0) {
            status = add_text(chat, piece, used, error, list);
            used = 0;
        } else if (end) {
            status = add_special(chat, at, (size_t)(end + 2 - at), error, list);
            at = end + 2;
        } else if (strncmp(at, "{}", 2) == 0) {
            memcpy(piece + used, said, said_bytes);
            used += said_bytes;
            at += 2;
        } else {
            piece[used++] = *at++;
        }
    }
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
    enum tern_status status = check_text(text, len_bytes, error);
    if (status == TERN_STATUS_OK && chat->family->trims) {
        trim(&text, &len_bytes);
    }
    return status == TERN_STATUS_OK ? add_pattern(chat, pattern, text, len_bytes, error, list) : status;
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
    const char *said = system ? system : chat->system;
    enum tern_status status = add_pattern(chat, chat->family->begin, NULL, 0, error, &list);
    if (status == TERN_STATUS_OK && said) {
        status = add_said(chat, chat->family->system, said, strlen(said), error, &list);
    }
    return give(status, &list, ids, count);
}

enum tern_status tern_chat_template_turn(const struct tern_chat_template *chat, int is_first, const char *text,
                                         size_t len_bytes, struct tern_error *error, uint32_t **ids, size_t *count) {
    struct id_list list = {NULL, 0};
    enum tern_status status = add_pattern(chat, is_first ? "" : chat->family->after_answer, NULL, 0, error, &list);
    if (status == TERN_STATUS_OK) {
        status = add_said(chat, chat->family->user, text, len_bytes, error, &list);
    }
    return give(status, &list, ids, count);
}

uint32_t tern_chat_template_end_id(const struct tern_chat_template *chat) {
    return chat->end_id;
}

// Each special token of the format must be there: everything is encoded once.
static enum tern_status check_tokens(struct tern_chat_template *chat, struct tern_error *error) {
    struct id_list list = {NULL, 0};
    const char *const patterns[] = {chat->family->begin, chat->family->system, chat->family->user,
                                    chat->family->after_answer, chat->family->end};
    enum tern_status status = TERN_STATUS_OK;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && status == TERN_STATUS_OK; i++) {
        status = add_pattern(chat, patterns[i], "", 0, error, &list);
    }
    chat->end_id = status == TERN_STATUS_OK ? list.ids[list.count - 1] : TERN_NO_TOKEN;
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
    enum tern_status status = tern_chat_family_find(directory, error, &chat->family, &chat->system);
    if (status == TERN_STATUS_OK) {
        status = check_tokens(chat, error);
    }
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
