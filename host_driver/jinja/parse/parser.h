// SPDX-License-Identifier: Apache-2.0
// What the parts of the parser share.
#ifndef TERN_HOST_DRIVER_JINJA_PARSER_H
#define TERN_HOST_DRIVER_JINJA_PARSER_H

#include "host_driver/jinja/parse/lexer.h"
#include "host_driver/jinja/parse/node.h"

struct tern_jinja_parser {
    const struct tern_jinja_token *token; // the next one
    struct tern_arena *arena;
    struct tern_error *error;
    uint32_t depth;
    uint32_t loops;                        // around the next token, within its macro
    const struct tern_jinja_node *unknown; // a filter or test that Jinja does not have
};

// A list of nodes that grows at its end.
struct tern_jinja_nodes {
    struct tern_jinja_node *first, *last;
    size_t count;
};
void tern_jinja_add_node(struct tern_jinja_nodes *nodes, struct tern_jinja_node *node);

// "line N: " and the text, UNSUPPORTED.
enum tern_status tern_jinja_syntax(const struct tern_jinja_parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// "expected WHAT instead of" the next token.
enum tern_status tern_jinja_expected(const struct tern_jinja_parser *parser, const char *what);
enum tern_status tern_jinja_new_node(struct tern_jinja_parser *parser, enum tern_jinja_node_kind kind,
                                     struct tern_jinja_node **node);

bool tern_jinja_at_operator(const struct tern_jinja_parser *parser, int operation);
bool tern_jinja_at_name(const struct tern_jinja_parser *parser, const char *name);
// Whether the next token was taken.
bool tern_jinja_skip_operator(struct tern_jinja_parser *parser, int operation);
bool tern_jinja_skip_name(struct tern_jinja_parser *parser, const char *name);
enum tern_status tern_jinja_take_operator(struct tern_jinja_parser *parser, int operation);
enum tern_status tern_jinja_take_name(struct tern_jinja_parser *parser, struct tern_jinja_text *name);

// jinja2 refuses names of filters and tests it does not have before it runs, but not directly in an "if". Between these
// two calls stands what has names of its own. frame_close refuses those found in it.
const struct tern_jinja_node *tern_jinja_frame_open(struct tern_jinja_parser *parser);
enum tern_status tern_jinja_frame_close(struct tern_jinja_parser *parser, const struct tern_jinja_node *outer_unknown);

// Makes names that jinja2 lets be undefined so, as names.c describes. Refuses a value for the name "loop" in a loop.
enum tern_status tern_jinja_names(struct tern_jinja_parser *parser, struct tern_jinja_node **body);

// Refuses a list of parameters or of arguments with names that is already as long as any may be. Each new one is
// compared with all before it.
enum tern_status tern_jinja_check_count(const struct tern_jinja_parser *parser, const struct tern_jinja_nodes *nodes);

// The value of true, false, none; NULL for a name that can be given a value.
const struct tern_jinja_value *tern_jinja_constant(struct tern_jinja_text name);

// A level of nesting; the caller subtracts one from parser->depth when it returns OK.
enum tern_status tern_jinja_nest(struct tern_jinja_parser *parser);

// a if b else c
enum tern_status tern_jinja_expression(struct tern_jinja_parser *parser, struct tern_jinja_node **node);
// One expression, or several with commas as a tuple. without_choice: "if" and "else" end it.
enum tern_status tern_jinja_tuple(struct tern_jinja_parser *parser, bool without_choice, struct tern_jinja_node **node);
// A value with what is behind it: attributes, items, calls; no filters.
enum tern_status tern_jinja_postfix(struct tern_jinja_parser *parser, struct tern_jinja_node **node);
// Filters, tests and calls after *node.
enum tern_status tern_jinja_filters(struct tern_jinja_parser *parser, struct tern_jinja_node **node);
// The arguments of a call in their brackets, into child[1] and child[2] of `call`.
enum tern_status tern_jinja_arguments(struct tern_jinja_parser *parser, struct tern_jinja_node *call);

#endif
