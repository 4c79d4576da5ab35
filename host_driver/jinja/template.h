// SPDX-License-Identifier: Apache-2.0
// Chat templates: the part of Jinja that they use, evaluated as transformers configures jinja2 (trim_blocks,
// lstrip_blocks, the immutable sandbox, loop controls, its own tojson). A run either gives jinja2's text or ends with
// UNSUPPORTED and a sentence that names the line and what is not known; nothing is guessed. docs/text.md has the list.
//
// Templates come from strangers: memory, work and depth of a run are limited (run.h).
#ifndef TERN_HOST_DRIVER_JINJA_TEMPLATE_H
#define TERN_HOST_DRIVER_JINJA_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "cmodel/error.h"

struct tern_jinja_template;

// Parses `bytes` of UTF-8. The source may be freed afterwards.
enum tern_status tern_jinja_open(const char *source, size_t bytes, struct tern_error *error,
                                 struct tern_jinja_template **out);
void tern_jinja_close(struct tern_jinja_template *template); // NULL allowed

// A message of a conversation. The bytes of `text`, which must be UTF-8, bring `mark` (not 0) into the output.
struct tern_jinja_message {
    const char *role;
    const char *text;
    size_t len_bytes;
    uint8_t mark;
};

struct tern_jinja_variable {
    const char *name, *value; // value NULL: undefined
    bool is_unknown;          // a template that reads it is refused
};

// What the template sees: messages, add_generation_prompt, tools and documents (None), and the variables.
struct tern_jinja_input {
    const struct tern_jinja_message *messages;
    size_t message_count;
    const struct tern_jinja_variable *variables;
    size_t variable_count;
    bool has_answer_head; // add_generation_prompt
    const struct tm *now; // for strftime_now
};

struct tern_jinja_output {
    char *text;     // with a zero byte at its end
    uint8_t *marks; // [len_bytes] of each byte: that of its message, 0 for text of the template
    size_t len_bytes;
};

// UNSUPPORTED as above, also when the template itself refuses the conversation. Release *output with
// tern_jinja_output_release.
enum tern_status tern_jinja_run_template(const struct tern_jinja_template *template,
                                         const struct tern_jinja_input *input, struct tern_error *error,
                                         struct tern_jinja_output *output);
void tern_jinja_output_release(struct tern_jinja_output *output);

#endif
