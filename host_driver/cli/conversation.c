// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/conversation.h"

#include <stdlib.h>
#include <string.h>

static bool reserve(struct tern_cli_conversation *conversation) {
    if (conversation->count < conversation->capacity) {
        return true;
    }
    size_t capacity = 2 * conversation->capacity + 16;
    struct tern_chat_message *messages = realloc(conversation->messages, capacity * sizeof *messages);
    if (messages) {
        conversation->messages = messages;
        conversation->capacity = capacity;
    }
    return messages;
}

enum tern_status tern_cli_conversation_add(struct tern_cli_conversation *conversation, enum tern_chat_role role,
                                           const char *text, size_t len_bytes, struct tern_error *error) {
    char *copy = reserve(conversation) ? malloc(len_bytes + 1) : NULL;
    if (!copy) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a message of %zu bytes", len_bytes);
    }
    if (len_bytes > 0) {
        memcpy(copy, text, len_bytes);
    }
    copy[len_bytes] = 0;
    conversation->messages[conversation->count++] = (struct tern_chat_message){role, copy, len_bytes};
    return TERN_STATUS_OK;
}

void tern_cli_conversation_cut(struct tern_cli_conversation *conversation, size_t count) {
    while (conversation->count > count) {
        free((char *)conversation->messages[--conversation->count].text);
    }
    if (count == 0) {
        free(conversation->messages);
        *conversation = (struct tern_cli_conversation){NULL, 0, 0};
    }
}
