// SPDX-License-Identifier: Apache-2.0
// Expressions from the loosest operator to the tightest, as jinja2's parser has them.
#include "host_driver/jinja/parse/parser.h"

typedef enum tern_status parse_function(struct tern_jinja_parser *parser, struct tern_jinja_node **node);

// Makes *node the first child of a new node with `second` as the other.
static enum tern_status join(struct tern_jinja_parser *parser, enum tern_jinja_node_kind kind, int operation,
                             struct tern_jinja_node *second, struct tern_jinja_node **node) {
    struct tern_jinja_node *joined;
    TERN_TRY(tern_jinja_new_node(parser, kind, &joined));
    joined->operation = operation;
    joined->child[0] = *node;
    joined->child[1] = second;
    *node = joined;
    return TERN_STATUS_OK;
}

// part OPERATOR part OPERATOR part ... from the left. operators: ends with 0.
static enum tern_status parse_chain(struct tern_jinja_parser *parser, const int *operators, parse_function *parse_part,
                                    struct tern_jinja_node **node) {
    struct tern_jinja_node *right;
    TERN_TRY(parse_part(parser, node));
    for (const int *at = operators; *at;) {
        if (tern_jinja_skip_operator(parser, *at)) {
            TERN_TRY(parse_part(parser, &right));
            TERN_TRY(join(parser, TERN_JINJA_BINARY, *at, right, node));
            at = operators;
        } else {
            at++;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status parse_signed(struct tern_jinja_parser *parser, bool has_filters,
                                     struct tern_jinja_node **node) {
    int sign = tern_jinja_at_operator(parser, '-') ? '-' : tern_jinja_at_operator(parser, '+') ? '+' : 0;
    if (sign) {
        TERN_TRY(tern_jinja_nest(parser));
        parser->token++;
        TERN_TRY(parse_signed(parser, false, node));
        TERN_TRY(join(parser, TERN_JINJA_SIGN, sign, NULL, node));
        parser->depth--;
    } else {
        TERN_TRY(tern_jinja_postfix(parser, node));
    }
    return has_filters ? tern_jinja_filters(parser, node) : TERN_STATUS_OK;
}

static enum tern_status parse_unary(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    return parse_signed(parser, true, node);
}

static enum tern_status parse_power(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    static const int operators[] = {TERN_JINJA_OPERATOR('*', '*'), 0};
    return parse_chain(parser, operators, parse_unary, node);
}

static enum tern_status parse_product(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    static const int operators[] = {'*', '/', TERN_JINJA_OPERATOR('/', '/'), '%', 0};
    return parse_chain(parser, operators, parse_power, node);
}

static enum tern_status parse_joined(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    struct tern_jinja_nodes parts = {NULL, NULL, 0};
    TERN_TRY(parse_product(parser, node));
    if (!tern_jinja_at_operator(parser, '~')) {
        return TERN_STATUS_OK;
    }
    tern_jinja_add_node(&parts, *node);
    while (tern_jinja_skip_operator(parser, '~')) {
        TERN_TRY(parse_product(parser, node));
        tern_jinja_add_node(&parts, *node);
    }
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_JOINED, node));
    (*node)->child[0] = parts.first;
    return TERN_STATUS_OK;
}

static enum tern_status parse_sum(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    static const int operators[] = {'+', '-', 0};
    return parse_chain(parser, operators, parse_joined, node);
}

// Takes the operator of a comparison; 0 without one.
static int take_comparison(struct tern_jinja_parser *parser) {
    static const int operators[] = {TERN_JINJA_OPERATOR('=', '='),
                                    TERN_JINJA_OPERATOR('!', '='),
                                    TERN_JINJA_OPERATOR('<', '='),
                                    TERN_JINJA_OPERATOR('>', '='),
                                    '<',
                                    '>',
                                    0};
    for (const int *at = operators; *at; at++) {
        if (tern_jinja_skip_operator(parser, *at)) {
            return *at;
        }
    }
    if (tern_jinja_skip_name(parser, "in")) {
        return 'i';
    }
    if (tern_jinja_at_name(parser, "not") && parser->token[1].kind == TERN_JINJA_TOKEN_NAME &&
        tern_jinja_text_is(parser->token[1].text, "in")) {
        parser->token += 2;
        return 'n';
    }
    return 0;
}

static enum tern_status parse_comparison(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    struct tern_jinja_nodes operands = {NULL, NULL, 0};
    struct tern_jinja_node *operand;
    TERN_TRY(parse_sum(parser, node));
    for (int operation; (operation = take_comparison(parser));) {
        TERN_TRY(parse_sum(parser, &operand));
        TERN_TRY(join(parser, TERN_JINJA_OPERAND, operation, NULL, &operand));
        tern_jinja_add_node(&operands, operand);
    }
    return operands.first ? join(parser, TERN_JINJA_COMPARED, 0, operands.first, node) : TERN_STATUS_OK;
}

static enum tern_status parse_not(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    if (!tern_jinja_skip_name(parser, "not")) {
        return parse_comparison(parser, node);
    }
    TERN_TRY(tern_jinja_nest(parser));
    TERN_TRY(parse_not(parser, node));
    parser->depth--;
    return join(parser, TERN_JINJA_NOT, 0, NULL, node);
}

static enum tern_status parse_and(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    struct tern_jinja_node *right;
    TERN_TRY(parse_not(parser, node));
    while (tern_jinja_skip_name(parser, "and")) {
        TERN_TRY(parse_not(parser, &right));
        TERN_TRY(join(parser, TERN_JINJA_AND, 0, right, node));
    }
    return TERN_STATUS_OK;
}

static enum tern_status parse_or(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    struct tern_jinja_node *right;
    TERN_TRY(parse_and(parser, node));
    while (tern_jinja_skip_name(parser, "or")) {
        TERN_TRY(parse_and(parser, &right));
        TERN_TRY(join(parser, TERN_JINJA_OR, 0, right, node));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_expression(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    const struct tern_jinja_node *unknown = parser->unknown;
    TERN_TRY(tern_jinja_nest(parser));
    TERN_TRY(parse_or(parser, node));
    while (tern_jinja_skip_name(parser, "if")) {
        struct tern_jinja_node *condition, *otherwise = NULL;
        TERN_TRY(parse_or(parser, &condition));
        if (tern_jinja_skip_name(parser, "else")) {
            TERN_TRY(tern_jinja_expression(parser, &otherwise));
        }
        TERN_TRY(join(parser, TERN_JINJA_CHOICE, 0, condition, node));
        (*node)->child[2] = otherwise;
        parser->unknown = unknown;
    }
    parser->depth--;
    return TERN_STATUS_OK;
}

static bool ends_tuple(const struct tern_jinja_parser *parser) {
    return parser->token->kind == TERN_JINJA_TOKEN_PRINT_END || parser->token->kind == TERN_JINJA_TOKEN_TAG_END ||
           tern_jinja_at_operator(parser, ')');
}

enum tern_status tern_jinja_tuple(struct tern_jinja_parser *parser, bool without_choice,
                                  struct tern_jinja_node **node) {
    struct tern_jinja_nodes items = {NULL, NULL, 0};
    parse_function *parse_item = without_choice ? parse_or : tern_jinja_expression;
    TERN_TRY(parse_item(parser, node));
    if (!tern_jinja_at_operator(parser, ',')) {
        return TERN_STATUS_OK;
    }
    tern_jinja_add_node(&items, *node);
    while (tern_jinja_skip_operator(parser, ',') && !ends_tuple(parser)) {
        TERN_TRY(parse_item(parser, node));
        tern_jinja_add_node(&items, *node);
    }
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_ROW_NODE, node));
    (*node)->child[0] = items.first;
    (*node)->is_tuple = true;
    return TERN_STATUS_OK;
}
