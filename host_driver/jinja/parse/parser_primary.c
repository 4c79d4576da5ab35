// SPDX-License-Identifier: Apache-2.0
// Values and what stands directly behind them.
#include <string.h>

#include "host_driver/jinja/builtins/builtin.h"
#include "host_driver/jinja/parse/parser.h"

static enum tern_status new_constant(struct tern_jinja_parser *parser, struct tern_jinja_value value,
                                     struct tern_jinja_node **node) {
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_CONSTANT, node));
    (*node)->constant = value;
    return TERN_STATUS_OK;
}

const struct tern_jinja_value *tern_jinja_constant(struct tern_jinja_text name) {
    static const struct {
        const char *name;
        struct tern_jinja_value value;
    } constants[] = {{"true", {TERN_JINJA_BOOLEAN, {1}}},  {"True", {TERN_JINJA_BOOLEAN, {1}}},
                     {"false", {TERN_JINJA_BOOLEAN, {0}}}, {"False", {TERN_JINJA_BOOLEAN, {0}}},
                     {"none", {TERN_JINJA_NONE, {0}}},     {"None", {TERN_JINJA_NONE, {0}}}};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (tern_jinja_text_is(name, constants[i].name)) {
            return &constants[i].value;
        }
    }
    return NULL;
}

// jinja2 itself gives a value to some names where they are read.
static enum tern_status parse_name(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    const struct tern_jinja_text name = parser->token->text;
    if (tern_jinja_text_is(name, "self") || tern_jinja_text_is(name, "varargs") || tern_jinja_text_is(name, "kwargs")) {
        return tern_jinja_syntax(parser, "the name %.*s is not known", TERN_JINJA_NAME(name));
    }
    const struct tern_jinja_value *constant = tern_jinja_constant(name);
    TERN_TRY(constant ? new_constant(parser, *constant, node)
                      : tern_jinja_new_node(parser, TERN_JINJA_NAME_NODE, node));
    (*node)->text = name;
    parser->token++;
    return TERN_STATUS_OK;
}

// Strings side by side are one.
static enum tern_status parse_strings(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    size_t length = 0, used = 0;
    const struct tern_jinja_token *first = parser->token;
    for (; parser->token->kind == TERN_JINJA_TOKEN_STRING; parser->token++) {
        length += parser->token->text.length;
    }
    char *bytes = tern_arena_take(parser->arena, length + 1);
    if (!bytes) {
        return tern_error_set(parser->error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a string");
    }
    for (; first < parser->token; first++) {
        memcpy(bytes + used, first->text.bytes, first->text.length);
        used += first->text.length;
    }
    return new_constant(parser, tern_jinja_text_value((struct tern_jinja_text){bytes, NULL, length}), node);
}

// The items of [a, b] or, with pairs, {a: b, c: d}, after the opening bracket.
static enum tern_status parse_items(struct tern_jinja_parser *parser, int closing, bool has_pairs,
                                    struct tern_jinja_node **node) {
    struct tern_jinja_nodes items = {NULL, NULL, 0};
    struct tern_jinja_node *item;
    while (!tern_jinja_skip_operator(parser, closing)) {
        if (items.first) {
            TERN_TRY(tern_jinja_take_operator(parser, ','));
            if (tern_jinja_skip_operator(parser, closing)) {
                break;
            }
        }
        TERN_TRY(tern_jinja_expression(parser, &item));
        tern_jinja_add_node(&items, item);
        if (has_pairs) {
            TERN_TRY(tern_jinja_take_operator(parser, ':'));
            TERN_TRY(tern_jinja_expression(parser, &item));
            tern_jinja_add_node(&items, item);
        }
    }
    TERN_TRY(tern_jinja_new_node(parser, has_pairs ? TERN_JINJA_PAIRS : TERN_JINJA_ROW_NODE, node));
    (*node)->child[0] = items.first;
    return TERN_STATUS_OK;
}

// ( ) is an empty tuple, (a) is a.
static enum tern_status parse_brackets(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    if (tern_jinja_skip_operator(parser, ')')) {
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_ROW_NODE, node));
        (*node)->is_tuple = true;
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_jinja_tuple(parser, false, node));
    return tern_jinja_take_operator(parser, ')');
}

static enum tern_status parse_primary(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    switch (parser->token->kind) {
    case TERN_JINJA_TOKEN_NAME: return parse_name(parser, node);
    case TERN_JINJA_TOKEN_STRING: return parse_strings(parser, node);
    case TERN_JINJA_TOKEN_NUMBER: return new_constant(parser, tern_jinja_number(parser->token++->number), node);
    default: break;
    }
    if (tern_jinja_skip_operator(parser, '(')) {
        return parse_brackets(parser, node);
    }
    if (tern_jinja_skip_operator(parser, '[')) {
        return parse_items(parser, ']', false, node);
    }
    return tern_jinja_skip_operator(parser, '{') ? parse_items(parser, '}', true, node)
                                                 : tern_jinja_expected(parser, "a value");
}

static bool ends_bound(const struct tern_jinja_parser *parser) {
    return tern_jinja_at_operator(parser, ':') || tern_jinja_at_operator(parser, ']');
}

// [index] or [start:end:step] after the bracket. of: the value before it, then the result.
static enum tern_status parse_index(struct tern_jinja_parser *parser, struct tern_jinja_node **of) {
    struct tern_jinja_node *node;
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_ITEM, &node));
    node->child[0] = *of;
    for (size_t i = 1; i < 4; i++) {
        if (!ends_bound(parser)) {
            TERN_TRY(tern_jinja_expression(parser, &node->child[i]));
        }
        if (!tern_jinja_skip_operator(parser, ':')) {
            break;
        }
        node->kind = TERN_JINJA_SLICE;
    }
    if (node->kind == TERN_JINJA_ITEM && !node->child[1]) {
        return tern_jinja_expected(parser, "an index");
    }
    *of = node;
    return tern_jinja_take_operator(parser, ']');
}

// .name, or .0 for an index
static enum tern_status parse_attribute(struct tern_jinja_parser *parser, struct tern_jinja_node **of) {
    struct tern_jinja_node *node;
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_ATTRIBUTE, &node));
    node->child[0] = *of;
    *of = node;
    if (parser->token->kind == TERN_JINJA_TOKEN_NUMBER) {
        node->kind = TERN_JINJA_ITEM;
        return new_constant(parser, tern_jinja_number(parser->token++->number), &node->child[1]);
    }
    return tern_jinja_take_name(parser, &node->text);
}

static enum tern_status check_new(const struct tern_jinja_parser *parser, const struct tern_jinja_nodes *named) {
    for (const struct tern_jinja_node *at = named->first; at; at = at->next) {
        if (tern_jinja_text_equals(at->text, parser->token->text)) {
            return tern_jinja_syntax(parser, "the argument %.*s is given twice", TERN_JINJA_NAME(at->text));
        }
    }
    return tern_jinja_check_count(parser, named);
}

static enum tern_status parse_argument(struct tern_jinja_parser *parser, struct tern_jinja_nodes *plain,
                                       struct tern_jinja_nodes *named) {
    struct tern_jinja_node *node;
    const struct tern_jinja_token *next = parser->token + (parser->token->kind == TERN_JINJA_TOKEN_NAME);
    if (tern_jinja_at_operator(parser, '*') || tern_jinja_at_operator(parser, TERN_JINJA_OPERATOR('*', '*'))) {
        return tern_jinja_syntax(parser, "arguments with * are not known");
    }
    if (next > parser->token && next->kind == TERN_JINJA_TOKEN_OPERATOR && next->number == '=') {
        TERN_TRY(check_new(parser, named));
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_NAMED, &node));
        node->text = parser->token->text;
        parser->token += 2;
        tern_jinja_add_node(named, node);
        return tern_jinja_expression(parser, &node->child[0]);
    }
    if (named->first) {
        return tern_jinja_syntax(parser, "an argument without a name after one with a name");
    }
    TERN_TRY(tern_jinja_expression(parser, &node));
    tern_jinja_add_node(plain, node);
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_arguments(struct tern_jinja_parser *parser, struct tern_jinja_node *call) {
    struct tern_jinja_nodes plain = {NULL, NULL, 0}, named = {NULL, NULL, 0};
    TERN_TRY(tern_jinja_take_operator(parser, '('));
    while (!tern_jinja_skip_operator(parser, ')')) {
        if (plain.first || named.first) {
            TERN_TRY(tern_jinja_take_operator(parser, ','));
            if (tern_jinja_skip_operator(parser, ')')) {
                break;
            }
        }
        TERN_TRY(parse_argument(parser, &plain, &named));
    }
    call->child[1] = plain.first;
    call->child[2] = named.first;
    return TERN_STATUS_OK;
}

static enum tern_status parse_call(struct tern_jinja_parser *parser, struct tern_jinja_node **callee) {
    struct tern_jinja_node *node;
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_CALL, &node));
    node->child[0] = *callee;
    *callee = node;
    return tern_jinja_arguments(parser, node);
}

enum tern_status tern_jinja_postfix(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    TERN_TRY(parse_primary(parser, node));
    for (;;) {
        if (tern_jinja_skip_operator(parser, '.')) {
            TERN_TRY(parse_attribute(parser, node));
        } else if (tern_jinja_skip_operator(parser, '[')) {
            TERN_TRY(parse_index(parser, node));
        } else if (tern_jinja_at_operator(parser, '(')) {
            TERN_TRY(parse_call(parser, node));
        } else {
            return TERN_STATUS_OK;
        }
    }
}

// The name of a filter or test and its arguments. One that only Tern does not have is refused where it is reached,
// since most templates speak of tools.
static enum tern_status parse_filter(struct tern_jinja_parser *parser, enum tern_jinja_node_kind kind,
                                     struct tern_jinja_node **value) {
    struct tern_jinja_node *node;
    TERN_TRY(tern_jinja_new_node(parser, kind, &node));
    node->child[0] = *value;
    *value = node;
    TERN_TRY(tern_jinja_take_name(parser, &node->text));
    if (tern_jinja_at_operator(parser, '.')) {
        return tern_jinja_syntax(parser, "the filter or test %.*s. with a dot is not known",
                                 TERN_JINJA_NAME(node->text));
    }
    const struct tern_jinja_builtin *known = kind == TERN_JINJA_TEST
                                                 ? tern_jinja_builtin_find(tern_jinja_test_table, node->text)
                                                 : tern_jinja_filter_find(node->text);
    parser->unknown = known ? parser->unknown : node;
    return tern_jinja_at_operator(parser, '(') ? tern_jinja_arguments(parser, node) : TERN_STATUS_OK;
}

// Whether the next token begins the argument of a test without brackets, as in "is divisibleby 3".
static bool begins_argument(const struct tern_jinja_parser *parser) {
    switch (parser->token->kind) {
    case TERN_JINJA_TOKEN_STRING:
    case TERN_JINJA_TOKEN_NUMBER: return true;
    case TERN_JINJA_TOKEN_NAME:
        return !tern_jinja_at_name(parser, "else") && !tern_jinja_at_name(parser, "or") &&
               !tern_jinja_at_name(parser, "and");
    default: return tern_jinja_at_operator(parser, '[') || tern_jinja_at_operator(parser, '{');
    }
}

// After "is".
static enum tern_status parse_test(struct tern_jinja_parser *parser, struct tern_jinja_node **value) {
    struct tern_jinja_node *negated, *test = *value;
    bool is_negated = tern_jinja_skip_name(parser, "not");
    TERN_TRY(parse_filter(parser, TERN_JINJA_TEST, &test));
    if (!test->child[1] && !test->child[2] && begins_argument(parser)) {
        if (tern_jinja_at_name(parser, "is")) {
            return tern_jinja_syntax(parser, "tests that follow each other");
        }
        TERN_TRY(tern_jinja_postfix(parser, &test->child[1]));
    }
    *value = test;
    if (is_negated) {
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_NOT, &negated));
        negated->child[0] = test;
        *value = negated;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_filters(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    for (;;) {
        if (tern_jinja_skip_operator(parser, '|')) {
            TERN_TRY(parse_filter(parser, TERN_JINJA_FILTER, node));
        } else if (tern_jinja_skip_name(parser, "is")) {
            TERN_TRY(parse_test(parser, node));
        } else if (tern_jinja_at_operator(parser, '(')) {
            TERN_TRY(parse_call(parser, node));
        } else {
            return TERN_STATUS_OK;
        }
    }
}
