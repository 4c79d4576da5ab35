// SPDX-License-Identifier: Apache-2.0
// Statements: text, {{ }} and the tags that chat templates use.
#include "host_driver/jinja/parse/parser.h"

// Parses up to a tag whose name is one of `ends`, which ends with NULL. NULL: up to the end of the template.
static enum tern_status parse_body(struct tern_jinja_parser *parser, const char *const *ends,
                                   struct tern_jinja_node **body);

static enum tern_status take_tag_end(struct tern_jinja_parser *parser) {
    if (parser->token->kind != TERN_JINJA_TOKEN_TAG_END) {
        return tern_jinja_expected(parser, "%}");
    }
    parser->token++;
    return TERN_STATUS_OK;
}

// The end of a tag, then a body, then the name of the tag that ends it is the next token.
static enum tern_status parse_tagged(struct tern_jinja_parser *parser, const char *const *ends,
                                     struct tern_jinja_node **body) {
    tern_jinja_skip_operator(parser, ':');
    TERN_TRY(take_tag_end(parser));
    TERN_TRY(tern_jinja_nest(parser));
    TERN_TRY(parse_body(parser, ends, body));
    parser->depth--;
    return TERN_STATUS_OK;
}

// A body up to the tag `end`, whose name is taken.
static enum tern_status parse_until(struct tern_jinja_parser *parser, const char *end, struct tern_jinja_node **body) {
    const char *const ends[] = {end, NULL};
    TERN_TRY(parse_tagged(parser, ends, body));
    parser->token++;
    return TERN_STATUS_OK;
}

static enum tern_status parse_if(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    static const char *const ends[] = {"elif", "else", "endif", NULL};
    struct tern_jinja_nodes branches = {NULL, NULL, 0};
    struct tern_jinja_node *branch;
    const struct tern_jinja_node *unknown = parser->unknown;
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_IF, node));
    do {
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_BRANCH, &branch));
        TERN_TRY(tern_jinja_tuple(parser, true, &branch->child[0]));
        TERN_TRY(parse_tagged(parser, ends, &branch->child[1]));
        tern_jinja_add_node(&branches, branch);
    } while (tern_jinja_skip_name(parser, "elif"));
    (*node)->child[0] = branches.first;
    if (!tern_jinja_skip_name(parser, "endif")) {
        parser->token++; // else
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_BRANCH, &branch));
        tern_jinja_add_node(&branches, branch);
        TERN_TRY(parse_until(parser, "endif", &branch->child[1]));
    }
    parser->unknown = unknown;
    return TERN_STATUS_OK;
}

// The same for a body with names of its own.
static enum tern_status parse_frame(struct tern_jinja_parser *parser, const char *end, struct tern_jinja_node **body) {
    const struct tern_jinja_node *unknown = tern_jinja_frame_open(parser);
    const uint32_t loops = parser->loops;
    parser->loops = 0;
    TERN_TRY(parse_until(parser, end, body));
    parser->loops = loops;
    return tern_jinja_frame_close(parser, unknown);
}

// A name that is given a value.
static enum tern_status take_new_name(struct tern_jinja_parser *parser, struct tern_jinja_text *name) {
    return parser->token->kind == TERN_JINJA_TOKEN_NAME && tern_jinja_constant(parser->token->text)
               ? tern_jinja_expected(parser, "a name that can have a value")
               : tern_jinja_take_name(parser, name);
}

// A name or names with commas between them, in brackets or not. A namespace's attribute where `has_attributes`.
static enum tern_status parse_target(struct tern_jinja_parser *parser, bool has_attributes,
                                     struct tern_jinja_node **node) {
    struct tern_jinja_nodes names = {NULL, NULL, 0};
    struct tern_jinja_node *name;
    bool has_bracket = tern_jinja_skip_operator(parser, '('), is_tuple = false;
    do {
        if (parser->token->kind != TERN_JINJA_TOKEN_NAME && is_tuple) {
            break; // after the last comma
        }
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_NAME_NODE, &name));
        TERN_TRY(take_new_name(parser, &name->text));
        if (has_attributes && tern_jinja_skip_operator(parser, '.')) {
            TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_ATTRIBUTE, &name->child[0]));
            TERN_TRY(tern_jinja_take_name(parser, &name->child[0]->text));
        }
        tern_jinja_add_node(&names, name);
        is_tuple = is_tuple || tern_jinja_at_operator(parser, ',');
    } while (tern_jinja_skip_operator(parser, ','));
    *node = names.first;
    if (is_tuple) {
        TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_ROW_NODE, node));
        (*node)->child[0] = names.first;
    }
    return has_bracket ? tern_jinja_take_operator(parser, ')') : TERN_STATUS_OK;
}

// What stands behind the items of a loop: a condition, the body, "else".
static enum tern_status parse_turns(struct tern_jinja_parser *parser, struct tern_jinja_node *node) {
    static const char *const ends[] = {"endfor", "else", NULL};
    if (tern_jinja_skip_name(parser, "if")) {
        TERN_TRY(tern_jinja_expression(parser, &node->child[2]));
    }
    if (tern_jinja_at_name(parser, "recursive")) {
        return tern_jinja_syntax(parser, "a recursive loop is not known");
    }
    parser->loops++;
    TERN_TRY(parse_tagged(parser, ends, &node->child[3]));
    parser->loops--;
    if (tern_jinja_skip_name(parser, "endfor")) {
        return TERN_STATUS_OK;
    }
    parser->token++; // else
    return parse_until(parser, "endfor", &node->child[4]);
}

static enum tern_status parse_for(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_FOR, node));
    TERN_TRY(parse_target(parser, false, &(*node)->child[0]));
    if (!tern_jinja_skip_name(parser, "in")) {
        return tern_jinja_expected(parser, "\"in\"");
    }
    TERN_TRY(tern_jinja_tuple(parser, true, &(*node)->child[1]));
    const struct tern_jinja_node *unknown = tern_jinja_frame_open(parser);
    TERN_TRY(parse_turns(parser, *node));
    return tern_jinja_frame_close(parser, unknown);
}

static enum tern_status parse_set(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_SET, node));
    TERN_TRY(parse_target(parser, true, &(*node)->child[0]));
    if (tern_jinja_skip_operator(parser, '=')) {
        return tern_jinja_tuple(parser, false, &(*node)->child[1]);
    }
    if (tern_jinja_at_operator(parser, '|')) {
        return tern_jinja_syntax(parser, "a filter in the tag set is not known");
    }
    (*node)->kind = TERN_JINJA_SET_BODY;
    return parse_frame(parser, "endset", &(*node)->child[1]);
}

// A name, or a name with a default: after one of those all have a default.
static enum tern_status parse_parameter(struct tern_jinja_parser *parser, struct tern_jinja_nodes *parameters) {
    struct tern_jinja_node *parameter;
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_NAME_NODE, &parameter));
    TERN_TRY(take_new_name(parser, &parameter->text));
    if (tern_jinja_skip_operator(parser, '=')) {
        TERN_TRY(tern_jinja_expression(parser, &parameter->child[0]));
    }
    TERN_TRY(tern_jinja_check_count(parser, parameters));
    for (const struct tern_jinja_node *at = parameters->first; at; at = at->next) {
        if (tern_jinja_text_equals(at->text, parameter->text) || (at->child[0] && !parameter->child[0])) {
            return tern_jinja_syntax(parser, "the parameter %.*s of a macro does not go with those before it",
                                     TERN_JINJA_NAME(parameter->text));
        }
    }
    tern_jinja_add_node(parameters, parameter);
    return TERN_STATUS_OK;
}

static enum tern_status parse_macro(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    struct tern_jinja_nodes parameters = {NULL, NULL, 0};
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_MACRO_NODE, node));
    TERN_TRY(take_new_name(parser, &(*node)->text));
    TERN_TRY(tern_jinja_take_operator(parser, '('));
    while (!tern_jinja_skip_operator(parser, ')')) {
        if (parameters.first) {
            TERN_TRY(tern_jinja_take_operator(parser, ','));
        }
        TERN_TRY(parse_parameter(parser, &parameters));
    }
    (*node)->child[0] = parameters.first;
    return parse_frame(parser, "endmacro", &(*node)->child[1]);
}

static enum tern_status parse_scoped(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_SCOPED, node));
    return parse_frame(parser, "endgeneration", &(*node)->child[0]);
}

static enum tern_status parse_leaving(struct tern_jinja_parser *parser, enum tern_jinja_node_kind kind,
                                      struct tern_jinja_node **node) {
    return parser->loops > 0 ? tern_jinja_new_node(parser, kind, node)
                             : tern_jinja_syntax(parser, "break or continue without a loop");
}

static enum tern_status parse_break(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    return parse_leaving(parser, TERN_JINJA_BREAK, node);
}

static enum tern_status parse_continue(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    return parse_leaving(parser, TERN_JINJA_CONTINUE, node);
}

static enum tern_status parse_statement(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    static const struct {
        const char *name;
        enum tern_status (*parse)(struct tern_jinja_parser *, struct tern_jinja_node **);
    } tags[] = {{"if", parse_if},
                {"for", parse_for},
                {"set", parse_set},
                {"macro", parse_macro},
                {"generation", parse_scoped},
                {"break", parse_break},
                {"continue", parse_continue}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (tern_jinja_skip_name(parser, tags[i].name)) {
            TERN_TRY(tags[i].parse(parser, node));
            return take_tag_end(parser);
        }
    }
    struct tern_jinja_text name = tern_jinja_literal("");
    TERN_TRY(tern_jinja_take_name(parser, &name));
    return tern_jinja_syntax(parser, "the tag %.*s is not known", TERN_JINJA_NAME(name));
}

static bool is_end(const struct tern_jinja_parser *parser, const char *const *ends) {
    for (; ends && *ends; ends++) {
        if (tern_jinja_at_name(parser, *ends)) {
            return true;
        }
    }
    return false;
}

static enum tern_status parse_print(struct tern_jinja_parser *parser, struct tern_jinja_node **node) {
    TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_PRINT, node));
    TERN_TRY(tern_jinja_tuple(parser, false, &(*node)->child[0]));
    if (parser->token->kind != TERN_JINJA_TOKEN_PRINT_END) {
        return tern_jinja_expected(parser, "}}");
    }
    parser->token++;
    return TERN_STATUS_OK;
}

static enum tern_status parse_body(struct tern_jinja_parser *parser, const char *const *ends,
                                   struct tern_jinja_node **body) {
    struct tern_jinja_nodes nodes = {NULL, NULL, 0};
    struct tern_jinja_node *node;
    *body = NULL;
    while (parser->token->kind != TERN_JINJA_TOKEN_END) {
        enum tern_jinja_token_kind kind = parser->token->kind;
        if (kind == TERN_JINJA_TOKEN_DATA) {
            TERN_TRY(tern_jinja_new_node(parser, TERN_JINJA_DATA, &node));
            node->text = parser->token++->text;
        } else if (kind == TERN_JINJA_TOKEN_PRINT) {
            parser->token++;
            TERN_TRY(parse_print(parser, &node));
        } else {
            parser->token++; // {%
            if (is_end(parser, ends)) {
                *body = nodes.first;
                return TERN_STATUS_OK;
            }
            TERN_TRY(parse_statement(parser, &node));
        }
        tern_jinja_add_node(&nodes, node);
    }
    *body = nodes.first;
    return ends ? tern_jinja_expected(parser, *ends) : TERN_STATUS_OK;
}

enum tern_status tern_jinja_parse(const char *source, size_t bytes, struct tern_arena *arena, struct tern_error *error,
                                  struct tern_jinja_node **body) {
    struct tern_jinja_token *tokens;
    TERN_TRY(tern_jinja_lex(source, bytes, arena, error, &tokens));
    struct tern_jinja_parser parser = {.token = tokens, .arena = arena, .error = error};
    TERN_TRY(parse_body(&parser, NULL, body));
    TERN_TRY(tern_jinja_frame_close(&parser, NULL));
    return tern_jinja_names(&parser, body);
}
