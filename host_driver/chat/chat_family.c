// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_family.h"

#include <stddef.h>
#include <string.h>

// llama3 has the dates of Llama 3.1's own template without a date.
static const struct tern_chat_family families[] = {
    {"chatml",
     "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
     {"<|im_start|>", "<|im_end|>"}},
    {"llama3",
     "{% set head = '<|start_header_id|>%<|end_header_id|>\\n\\n' %}"
     "{{ '<|begin_of_text|>' + head.replace('%', 'system') }}"
     "{{ 'Cutting Knowledge Date: December 2023\\nToday Date: 26 Jul 2024\\n\\n' }}"
     "{% if messages[0].role == 'system' %}{{ messages[0].content | trim }}{% set messages = messages[1:] %}{% endif %}"
     "{{ '<|eot_id|>' }}"
     "{% for m in messages %}{{ head.replace('%', m.role) + m.content | trim + '<|eot_id|>' }}{% endfor %}"
     "{% if add_generation_prompt %}{{ head.replace('%', 'assistant') }}{% endif %}",
     {"<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}},
};

const struct tern_chat_family *tern_chat_family_find(const char *name) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (strcmp(families[i].name, name) == 0) {
            return &families[i];
        }
    }
    return NULL;
}
