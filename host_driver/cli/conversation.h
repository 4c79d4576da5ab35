// SPDX-License-Identifier: Apache-2.0
// The messages of `tern chat` so far.
#ifndef TERN_HOST_DRIVER_CLI_CONVERSATION_H
#define TERN_HOST_DRIVER_CLI_CONVERSATION_H

#include "host_driver/chat/chat_template.h"

struct tern_cli_conversation {
    struct tern_chat_message *messages; // [count], each with a text of its own
    size_t count, capacity;
};

// Copies the text to the end of the conversation.
enum tern_status tern_cli_conversation_add(struct tern_cli_conversation *conversation, enum tern_chat_role role,
                                           const char *text, size_t len_bytes, struct tern_error *error);
// Removes all messages from `count` on, and with count 0 the memory too.
void tern_cli_conversation_cut(struct tern_cli_conversation *conversation, size_t count);

#endif
