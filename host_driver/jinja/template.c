// SPDX-License-Identifier: Apache-2.0
#include "host_driver/jinja/template.h"

#include <stdlib.h>
#include <string.h>

#include "host_driver/jinja/evaluate.h"
#include "host_driver/unicode/utf8.h"

#define TEMPLATE_BYTES ((size_t)256 << 20) // of a parsed template

struct tern_jinja_template {
    struct tern_arena arena;
    struct tern_jinja_node *body;
};

static enum tern_status parse(struct tern_jinja_template *template, const char *source, size_t bytes,
                              struct tern_error *error) {
    size_t bad;
    if (!tern_utf8_validate(source, bytes, &bad)) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "it is not UTF-8 at byte %zu", bad);
    }
    return tern_jinja_parse(source, bytes, &template->arena, error, &template->body);
}

enum tern_status tern_jinja_open(const char *source, size_t bytes, struct tern_error *error,
                                 struct tern_jinja_template **out) {
    struct tern_jinja_template *template = calloc(1, sizeof *template);
    if (!template) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a template");
    }
    template->arena.limit_bytes = TEMPLATE_BYTES;
    enum tern_status status = parse(template, source, bytes, error);
    if (status != TERN_STATUS_OK) {
        tern_jinja_close(template);
        return status;
    }
    *out = template;
    return TERN_STATUS_OK;
}

void tern_jinja_close(struct tern_jinja_template *template) {
    if (template) {
        tern_arena_release(&template->arena);
        free(template);
    }
}

static enum tern_status set_text(struct tern_jinja_run *run, struct tern_jinja_mapping *mapping, const char *key,
                                 struct tern_jinja_text text) {
    return tern_jinja_mapping_set(run, mapping, tern_jinja_literal(key), tern_jinja_text_value(text));
}

static enum tern_status add_message(struct tern_jinja_run *run, const struct tern_jinja_message *message,
                                    struct tern_jinja_value *value) {
    void *mapping, *marks;
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_mapping), &mapping));
    TERN_TRY(tern_jinja_take(run, message->len_bytes, &marks));
    memset(marks, message->mark, message->len_bytes);
    *value = (struct tern_jinja_value){TERN_JINJA_MAPPING, {.mapping = mapping}};
    TERN_TRY(set_text(run, mapping, "role", tern_jinja_literal(message->role)));
    return set_text(run, mapping, "content", (struct tern_jinja_text){message->text, marks, message->len_bytes});
}

static enum tern_status define(struct tern_jinja_run *run, const char *name, struct tern_jinja_value value) {
    return tern_jinja_mapping_set(run, &run->scope->variables, tern_jinja_literal(name), value);
}

static enum tern_status define_all(struct tern_jinja_run *run, const struct tern_jinja_input *input) {
    const struct tern_jinja_value none = {.kind = TERN_JINJA_NONE};
    struct tern_jinja_value messages;
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_LIST, input->message_count, &messages));
    for (size_t i = 0; i < input->message_count; i++) {
        TERN_TRY(add_message(run, &input->messages[i], &messages.list->items[i]));
    }
    TERN_TRY(define(run, "messages", messages));
    TERN_TRY(define(run, "tools", none));
    TERN_TRY(define(run, "documents", none));
    TERN_TRY(define(run, "add_generation_prompt", tern_jinja_boolean(input->has_answer_head)));
    for (size_t i = 0; i < input->variable_count; i++) {
        const struct tern_jinja_variable *variable = &input->variables[i];
        if (variable->is_unknown) {
            TERN_TRY(define(run, variable->name, (struct tern_jinja_value){.kind = TERN_JINJA_UNKNOWN}));
        } else if (variable->value) {
            struct tern_jinja_text text = tern_jinja_literal(variable->value);
            TERN_TRY(define(run, variable->name, tern_jinja_text_value(text)));
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_all(struct tern_jinja_run *run, const struct tern_jinja_node *body,
                                const struct tern_jinja_input *input, struct tern_jinja_value *text) {
    struct tern_jinja_scope *context, *top;
    TERN_TRY(tern_jinja_open_scope(run, NULL, &context));
    run->scope = context;
    TERN_TRY(define_all(run, input));
    TERN_TRY(tern_jinja_open_scope(run, context, &top));
    return tern_jinja_capture(run, body, top, text);
}

static enum tern_status give_output(struct tern_jinja_text text, struct tern_error *error,
                                    struct tern_jinja_output *output) {
    *output = (struct tern_jinja_output){malloc(text.length + 1), calloc(text.length + 1, 1), text.length};
    if (!output->text || !output->marks) {
        tern_jinja_output_release(output);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a prompt of %zu bytes",
                              text.length);
    }
    memcpy(output->text, text.bytes, text.length);
    output->text[text.length] = 0;
    if (text.marks) {
        memcpy(output->marks, text.marks, text.length);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_run_template(const struct tern_jinja_template *template,
                                         const struct tern_jinja_input *input, struct tern_error *error,
                                         struct tern_jinja_output *output) {
    struct tern_jinja_run run = {
        .arena = {.limit_bytes = TERN_JINJA_RUN_BYTES}, .error = error, .line = 1, .now = input->now};
    struct tern_jinja_value text;
    *output = (struct tern_jinja_output){0};
    enum tern_status status = run_all(&run, template->body, input, &text);
    if (status == TERN_STATUS_OK) {
        status = give_output(text.text, error, output);
    }
    tern_arena_release(&run.arena);
    return status;
}

void tern_jinja_output_release(struct tern_jinja_output *output) {
    free(output->text);
    free(output->marks);
    *output = (struct tern_jinja_output){0};
}
