// SPDX-License-Identifier: Apache-2.0
// Built-in templates, for a model without one or with one that Tern refuses.
#ifndef TERN_HOST_DRIVER_CHAT_CHAT_FAMILY_H
#define TERN_HOST_DRIVER_CHAT_CHAT_FAMILY_H

struct tern_chat_family {
    const char *name;
    const char *source;    // in Jinja
    const char *tokens[5]; // the tokenizer must have them; NULL ends the list
};

// NULL for an unknown name.
const struct tern_chat_family *tern_chat_family_find(const char *name);

#endif
