// SPDX-License-Identifier: Apache-2.0
// The chat format of a model. Its chat_template is a program in Jinja; Tern does not run it but recognises the family
// by its tokens: ChatML as Qwen2.5 has it, and Llama 3's. Anything else is refused by name. Without tools; the ids are
// those of transformers' apply_chat_template, except that special tokens in a user's text are plain text: nobody can
// end his own turn. docs/text.md has the formats.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_TEMPLATE_H
#define TERN_HOST_DRIVER_CHAT_CHAT_TEMPLATE_H

#include "host_driver/text/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_chat_template;

// From chat_template in DIRECTORY/tokenizer_config.json, or from DIRECTORY/chat_template.jinja. UNSUPPORTED when there
// is none, when its family is not known, or when the tokenizer lacks its tokens. The tokenizer must outlive it.
enum tern_status tern_chat_template_open(const char *directory, const struct tern_tokenizer *tokenizer,
                                         struct tern_error *error, struct tern_chat_template **out);
void tern_chat_template_close(struct tern_chat_template *chat); // NULL allowed

// How a conversation begins. system: NULL for what the template itself says without one. Free *ids with free().
enum tern_status tern_chat_template_begin(const struct tern_chat_template *chat, const char *system,
                                          struct tern_error *error, uint32_t **ids, size_t *count);
// A user's turn and the head of the answer; is_first: no answer came before. Free *ids with free().
enum tern_status tern_chat_template_turn(const struct tern_chat_template *chat, int is_first, const char *text,
                                         size_t len_bytes, struct tern_error *error, uint32_t **ids, size_t *count);
// What an answer ends with.
uint32_t tern_chat_template_end_id(const struct tern_chat_template *chat);

#ifdef __cplusplus
}
#endif
#endif
