// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>

#include "host_driver/jinja/parse/parser.h"

#define MOST_NESTED 100
#define MOST_PARAMETERS 100

void tern_jinja_add_node(struct tern_jinja_nodes *nodes, struct tern_jinja_node *node) {
    *(nodes->last ? &nodes->last->next : &nodes->first) = node;
    nodes->last = node;
    nodes->count++;
}

enum tern_status tern_jinja_check_count(const struct tern_jinja_parser *parser, const struct tern_jinja_nodes *nodes) {
    return nodes->count < MOST_PARAMETERS
               ? TERN_STATUS_OK
               : tern_jinja_syntax(parser, "more than %d parameters or arguments with names", MOST_PARAMETERS);
}

enum tern_status tern_jinja_syntax(const struct tern_jinja_parser *parser, const char *format, ...) {
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return tern_error_set(parser->error, TERN_STATUS_UNSUPPORTED, "line %u: %s", parser->token->line, text);
}

enum tern_status tern_jinja_expected(const struct tern_jinja_parser *parser, const char *what) {
    static const char *const names[] = {"text", "{{",       "}}", "{%", "%}",
                                        "",     "a string", "",   "",   "the end of the template"};
    const struct tern_jinja_token *token = parser->token;
    int length = token->text.length < 40 ? (int)token->text.length : 40;
    const char *name = names[token->kind];
    return *name ? tern_jinja_syntax(parser, "expected %s instead of %s", what, name)
                 : tern_jinja_syntax(parser, "expected %s instead of \"%.*s\"", what, length, token->text.bytes);
}

enum tern_status tern_jinja_new_node(struct tern_jinja_parser *parser, enum tern_jinja_node_kind kind,
                                     struct tern_jinja_node **node) {
    *node = tern_arena_take(parser->arena, sizeof **node);
    if (!*node) {
        return tern_error_set(parser->error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a template");
    }
    (*node)->kind = kind;
    (*node)->line = parser->token->line;
    return TERN_STATUS_OK;
}

bool tern_jinja_at_operator(const struct tern_jinja_parser *parser, int operation) {
    return parser->token->kind == TERN_JINJA_TOKEN_OPERATOR && parser->token->number == operation;
}

bool tern_jinja_at_name(const struct tern_jinja_parser *parser, const char *name) {
    return parser->token->kind == TERN_JINJA_TOKEN_NAME && tern_jinja_text_is(parser->token->text, name);
}

bool tern_jinja_skip_operator(struct tern_jinja_parser *parser, int operation) {
    bool is_there = tern_jinja_at_operator(parser, operation);
    parser->token += is_there;
    return is_there;
}

bool tern_jinja_skip_name(struct tern_jinja_parser *parser, const char *name) {
    bool is_there = tern_jinja_at_name(parser, name);
    parser->token += is_there;
    return is_there;
}

enum tern_status tern_jinja_take_operator(struct tern_jinja_parser *parser, int operation) {
    char name[] = {'"', (char)operation, '"', 0};
    return tern_jinja_skip_operator(parser, operation) ? TERN_STATUS_OK : tern_jinja_expected(parser, name);
}

enum tern_status tern_jinja_take_name(struct tern_jinja_parser *parser, struct tern_jinja_text *name) {
    if (parser->token->kind != TERN_JINJA_TOKEN_NAME) {
        return tern_jinja_expected(parser, "a name");
    }
    *name = parser->token++->text;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_nest(struct tern_jinja_parser *parser) {
    if (parser->depth >= MOST_NESTED) {
        return tern_jinja_syntax(parser, "tags or expressions are nested more than %d deep", MOST_NESTED);
    }
    parser->depth++;
    return TERN_STATUS_OK;
}

const struct tern_jinja_node *tern_jinja_frame_open(struct tern_jinja_parser *parser) {
    const struct tern_jinja_node *outer_unknown = parser->unknown;
    parser->unknown = NULL;
    return outer_unknown;
}

enum tern_status tern_jinja_frame_close(struct tern_jinja_parser *parser, const struct tern_jinja_node *outer_unknown) {
    const struct tern_jinja_node *unknown = parser->unknown;
    parser->unknown = outer_unknown;
    return unknown ? tern_jinja_syntax(parser, "Jinja has no %s %.*s, line %u",
                                       unknown->kind == TERN_JINJA_TEST ? "test" : "filter",
                                       TERN_JINJA_NAME(unknown->text), unknown->line)
                   : TERN_STATUS_OK;
}
