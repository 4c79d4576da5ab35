// SPDX-License-Identifier: Apache-2.0
// The chat format of a model as token ids. A chat_template is a Jinja program, which Tern does not run. Tern recognizes
// the family by its tokens: ChatML as Qwen2.5 has it, or Llama 3.1's. The ids equal those of transformers'
// apply_chat_template without tools, with one exception. Special tokens in a message are encoded as plain text, so that
// a message cannot end its own turn. docs/text.md has the formats.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_TEMPLATE_H
#define TERN_HOST_DRIVER_CHAT_CHAT_TEMPLATE_H

#include <stdbool.h>

#include "host_driver/text/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_chat_template;

// Opens the chat template of `directory`. UNSUPPORTED without a template, for an unknown family, or when the tokenizer
// lacks a token of it. The tokenizer must outlive *out.
enum tern_status tern_chat_template_open(const char *directory, const struct tern_tokenizer *tokenizer,
                                         struct tern_error *error, struct tern_chat_template **out);
void tern_chat_template_close(struct tern_chat_template *chat); // NULL allowed

// The ids that begin a conversation. system: UTF-8, NULL for the template's own system message. BAD_ARGUMENT when
// `system` is not UTF-8 or too long. Release *ids with free().
enum tern_status tern_chat_template_begin(const struct tern_chat_template *chat, const char *system,
                                          struct tern_error *error, uint32_t **ids, size_t *count);
// The ids of a user's turn and of the head of the answer. is_first: no answer came before. Errors and *ids as above.
enum tern_status tern_chat_template_turn(const struct tern_chat_template *chat, bool is_first, const char *text,
                                         size_t len_bytes, struct tern_error *error, uint32_t **ids, size_t *count);
// The special token that ends an answer.
uint32_t tern_chat_template_end_id(const struct tern_chat_template *chat);

#ifdef __cplusplus
}
#endif
#endif
