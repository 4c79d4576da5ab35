// SPDX-License-Identifier: Apache-2.0
// A parsed template: nodes in the arena of the template. The parser makes them, the evaluator reads them.
#ifndef TERN_HOST_DRIVER_JINJA_NODE_H
#define TERN_HOST_DRIVER_JINJA_NODE_H

#include "cmodel/error.h"
#include "host_driver/jinja/arena.h"
#include "host_driver/jinja/value.h"

// Operators of one or two bytes as a number: TERN_JINJA_OPERATOR('=', '=').
#define TERN_JINJA_OPERATOR(first, second) ((first) << 8 | (second))

enum tern_jinja_node_kind {
    // Expressions: what the children are.
    TERN_JINJA_CONSTANT,  // constant
    TERN_JINJA_NAME_NODE, // text; as a macro's parameter: its default
    TERN_JINJA_ROW_NODE,  // items; is_tuple
    TERN_JINJA_PAIRS,     // items: a key, a value, a key ...
    TERN_JINJA_ATTRIBUTE, // of; text
    TERN_JINJA_ITEM,      // of, index
    TERN_JINJA_SLICE,     // of, start, end, step; each may be NULL
    TERN_JINJA_CALL,      // callee, arguments, named arguments
    TERN_JINJA_NAMED,     // value; text: name of an argument
    TERN_JINJA_FILTER,    // value, arguments, named arguments; text
    TERN_JINJA_TEST,      // the same
    TERN_JINJA_NOT,       // value
    TERN_JINJA_SIGN,      // value; operation - or +
    TERN_JINJA_AND,       // left, right
    TERN_JINJA_OR,        // left, right
    TERN_JINJA_BINARY,    // left, right; operation
    TERN_JINJA_JOINED,    // items: a ~ b ~ c
    TERN_JINJA_COMPARED,  // left, operands
    TERN_JINJA_OPERAND,   // right; operation: also 'i' for in, 'n' for not in
    TERN_JINJA_CHOICE,    // then, condition, otherwise (may be NULL)
    // Statements.
    TERN_JINJA_DATA,       // text
    TERN_JINJA_PRINT,      // value
    TERN_JINJA_IF,         // branches
    TERN_JINJA_BRANCH,     // condition (NULL: else), body
    TERN_JINJA_FOR,        // target, iterable, condition (may be NULL), body, body without items
    TERN_JINJA_SET,        // target, value
    TERN_JINJA_SET_BODY,   // target, body
    TERN_JINJA_MACRO_NODE, // parameters, body; text
    TERN_JINJA_SCOPED,     // body: {% generation %}
    TERN_JINJA_BREAK,
    TERN_JINJA_CONTINUE,
};

struct tern_jinja_node {
    enum tern_jinja_node_kind kind;
    uint32_t line;
    int operation;
    bool is_tuple;
    struct tern_jinja_text text;
    struct tern_jinja_value constant;
    struct tern_jinja_node *child[5];
    struct tern_jinja_node *next; // in a list
};

// Parses a template of UTF-8 without zero bytes into *body, NULL for an empty one. UNSUPPORTED names the line and what
// is wrong or not known.
enum tern_status tern_jinja_parse(const char *source, size_t bytes, struct tern_arena *arena, struct tern_error *error,
                                  struct tern_jinja_node **body);

#endif
