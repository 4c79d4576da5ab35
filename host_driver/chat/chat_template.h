// SPDX-License-Identifier: Apache-2.0
// The prompt of a conversation, by the chat template of the model. The template is run, so the text is that of
// transformers' apply_chat_template without tools, and so are the ids, with one exception. Special tokens in a message
// are encoded as plain text, so that a message cannot end its own turn. What Tern does not know of Jinja is refused by
// name. docs/text.md has the list.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_TEMPLATE_H
#define TERN_HOST_DRIVER_CHAT_CHAT_TEMPLATE_H

#include <stdbool.h>

#include "host_driver/text/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_chat_template;

enum tern_chat_role { TERN_CHAT_SYSTEM, TERN_CHAT_USER, TERN_CHAT_ASSISTANT };

struct tern_chat_message {
    enum tern_chat_role role;
    const char *text; // UTF-8
    size_t len_bytes;
};

// Opens the chat template of `directory`, or the built-in one named `family` ("chatml", "llama3"; NULL for the model's
// own). UNSUPPORTED without a template, and for one that Tern does not run or that writes no message. UNSUPPORTED too
// when the tokenizer lacks a token of the family. BAD_ARGUMENT for an unknown family. The tokenizer must outlive *out.
enum tern_status tern_chat_template_open(const char *directory, const char *family,
                                         const struct tern_tokenizer *tokenizer, struct tern_error *error,
                                         struct tern_chat_template **out);
void tern_chat_template_close(struct tern_chat_template *chat); // NULL allowed

// The text that asks for the next answer: all `count` messages and the head of the answer. BAD_ARGUMENT for a message
// that is too long or not UTF-8. UNSUPPORTED as above, also when the template leaves out the system message or the last
// message. *text ends with a zero byte, which *len_bytes does not count; free().
enum tern_status tern_chat_template_prompt(const struct tern_chat_template *chat,
                                           const struct tern_chat_message *messages, size_t count,
                                           struct tern_error *error, char **text, size_t *len_bytes);
// The same as token ids; free(). The ids of a longer conversation mostly begin with those of a shorter one, but a
// template may change earlier turns.
enum tern_status tern_chat_template_encode(const struct tern_chat_template *chat,
                                           const struct tern_chat_message *messages, size_t count,
                                           struct tern_error *error, uint32_t **ids, size_t *id_count);
// The special token that the template puts after an answer, TERN_NO_TOKEN if it puts none.
uint32_t tern_chat_template_end_id(const struct tern_chat_template *chat);

#ifdef __cplusplus
}
#endif
#endif
