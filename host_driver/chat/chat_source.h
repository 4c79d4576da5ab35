// SPDX-License-Identifier: Apache-2.0
// The chat template of a model and the special tokens that it names, as transformers finds them.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_SOURCE_H
#define TERN_HOST_DRIVER_CHAT_CHAT_SOURCE_H

#include "host_driver/jinja/template.h"

#define TERN_CHAT_TOKENS 7 // bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token
#define TERN_CHAT_MOST_TOKENS 64

struct tern_chat_source {
    char *text; // NULL: no template was looked for
    struct tern_jinja_variable tokens[TERN_CHAT_MOST_TOKENS];
    size_t token_count; // TERN_CHAT_TOKENS and the other names, which are unknown
};

// The template is chat_template.jinja, else chat_template of tokenizer_config.json: a string, or several by name with
// one named "default". The tokens are those of tokenizer_config.json, and of special_tokens_map.json where that has no
// added_tokens_decoder. A token that no file has a key for is unknown: its value would be that of a class.
// Unknown too are tokens of other names, which not all versions of transformers give to a template.
// wants_template: UNSUPPORTED without a template. Release *source with tern_chat_source_release.
enum tern_status tern_chat_source_read(const char *directory, bool wants_template, struct tern_error *error,
                                       struct tern_chat_source *source);
void tern_chat_source_release(struct tern_chat_source *source);

#endif
