// SPDX-License-Identifier: Apache-2.0
// Where jinja2 lets a name be undefined though the template was given a value for it. Bodies with names of their own
// are the template, a loop, a macro, a set and generation. One that sets a name hides the given value from its start
// on. Only a name that it reads before, or sets first in an "if", begins with that value. Names that a body around it
// reads or sets are those of that body.
#include "host_driver/jinja/parse/parser.h"

#define MOST_NAMES 500

struct names {
    struct tern_jinja_parser *parser;
    struct tern_jinja_text name[MOST_NAMES]; // of the bodies from the outermost to this one
    size_t count, first;                     // first: of this body
    size_t loops;                            // around this body
    struct tern_jinja_node **body;
};

static bool has(const struct names *names, size_t from, struct tern_jinja_text name) {
    for (size_t i = from; i < names->count; i++) {
        if (tern_jinja_text_equals(names->name[i], name)) {
            return true;
        }
    }
    return false;
}

static enum tern_status add(struct names *names, struct tern_jinja_text name) {
    if (has(names, names->first, name)) {
        return TERN_STATUS_OK;
    }
    if (names->count == MOST_NAMES) {
        return tern_jinja_syntax(names->parser, "it has more than %d names", MOST_NAMES);
    }
    names->name[names->count++] = name;
    return TERN_STATUS_OK;
}

// Adds the names in a list of expressions. Chains such as a.b.c are as long as they like, so they are followed in a
// loop.
static enum tern_status read_names(struct names *names, const struct tern_jinja_node *list) {
    for (const struct tern_jinja_node *node = list; node; node = node->next) {
        for (const struct tern_jinja_node *at = node; at; at = at->child[0]) {
            if (at->kind == TERN_JINJA_NAME_NODE) {
                TERN_TRY(add(names, at->text));
            }
            for (size_t i = 1; i < sizeof at->child / sizeof *at->child; i++) {
                TERN_TRY(read_names(names, at->child[i]));
            }
            TERN_TRY(read_names(names, at == node ? NULL : at->next));
        }
    }
    return TERN_STATUS_OK;
}

// Puts {% set NAME = undefined %} before the body.
static enum tern_status begin_undefined(struct names *names, const struct tern_jinja_node *name) {
    struct tern_jinja_node *set;
    TERN_TRY(tern_jinja_new_node(names->parser, TERN_JINJA_SET, &set));
    TERN_TRY(tern_jinja_new_node(names->parser, TERN_JINJA_NAME_NODE, &set->child[0]));
    TERN_TRY(tern_jinja_new_node(names->parser, TERN_JINJA_CONSTANT, &set->child[1]));
    set->line = name->line;
    set->child[0]->text = name->text;
    set->child[1]->constant = tern_jinja_undefined(name->text);
    set->next = *names->body;
    *names->body = set;
    return TERN_STATUS_OK;
}

// Of the names of a target, a list.
static const struct tern_jinja_node *first_name(const struct tern_jinja_node *target) {
    return target->kind == TERN_JINJA_ROW_NODE ? target->child[0] : target;
}

// jinja2 refuses the name "loop" within a loop.
static enum tern_status check_target(const struct names *names, const struct tern_jinja_node *target) {
    return names->loops > 0 && tern_jinja_text_is(target->text, "loop")
               ? tern_jinja_syntax(names->parser, "\"loop\" is given a value in a loop, line %u", target->line)
               : TERN_STATUS_OK;
}

static enum tern_status set_name(struct names *names, const struct tern_jinja_node *node, bool is_in_if) {
    if (!is_in_if && !has(names, 0, node->text)) {
        TERN_TRY(begin_undefined(names, node));
    }
    return add(names, node->text);
}

// The target of a set. A namespace's attribute sets no name.
static enum tern_status set_target(struct names *names, const struct tern_jinja_node *target, bool is_in_if) {
    for (const struct tern_jinja_node *at = first_name(target); at; at = at->next) {
        TERN_TRY(check_target(names, at));
        TERN_TRY(at->child[0] ? add(names, at->text) : set_name(names, at, is_in_if));
    }
    return TERN_STATUS_OK;
}

// The names of a body, without those of the bodies in it.
static enum tern_status take_names(struct names *names, const struct tern_jinja_node *node, bool is_in_if) {
    for (; node; node = node->next) {
        switch (node->kind) {
        case TERN_JINJA_PRINT: TERN_TRY(read_names(names, node->child[0])); break;
        case TERN_JINJA_IF:
            for (const struct tern_jinja_node *branch = node->child[0]; branch; branch = branch->next) {
                TERN_TRY(read_names(names, branch->child[0]));
                TERN_TRY(take_names(names, branch->child[1], true));
            }
            break;
        case TERN_JINJA_FOR: TERN_TRY(read_names(names, node->child[1])); break;
        case TERN_JINJA_SET: TERN_TRY(read_names(names, node->child[1])); // fall through
        case TERN_JINJA_SET_BODY: TERN_TRY(set_target(names, node->child[0], is_in_if)); break;
        case TERN_JINJA_MACRO_NODE: TERN_TRY(set_name(names, node, is_in_if)); break;
        default: break;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status take_bodies(struct names *names, struct tern_jinja_node *node);

// parameters: names that have a value when the body begins.
static enum tern_status take_body(struct names *names, const struct tern_jinja_node *parameters,
                                  struct tern_jinja_node **body) {
    struct tern_jinja_node **outer_body = names->body;
    const size_t outer_first = names->first;
    names->first = names->count;
    names->body = body;
    TERN_TRY(read_names(names, parameters));
    TERN_TRY(take_names(names, *body, false));
    TERN_TRY(take_bodies(names, *body));
    names->count = names->first;
    names->first = outer_first;
    names->body = outer_body;
    return TERN_STATUS_OK;
}

static enum tern_status take_loop(struct names *names, struct tern_jinja_node *node) {
    names->loops++;
    for (const struct tern_jinja_node *at = first_name(node->child[0]); at; at = at->next) {
        TERN_TRY(check_target(names, at));
    }
    TERN_TRY(take_body(names, node->child[0], &node->child[3]));
    TERN_TRY(take_body(names, NULL, &node->child[4]));
    names->loops--;
    return TERN_STATUS_OK;
}

// The bodies in a body, whose own names are all known now.
static enum tern_status take_bodies(struct names *names, struct tern_jinja_node *node) {
    for (; node; node = node->next) {
        switch (node->kind) {
        case TERN_JINJA_IF:
            for (const struct tern_jinja_node *branch = node->child[0]; branch; branch = branch->next) {
                TERN_TRY(take_bodies(names, branch->child[1]));
            }
            break;
        case TERN_JINJA_FOR: TERN_TRY(take_loop(names, node)); break;
        case TERN_JINJA_SET_BODY: TERN_TRY(take_body(names, NULL, &node->child[1])); break;
        case TERN_JINJA_MACRO_NODE: TERN_TRY(take_body(names, node->child[0], &node->child[1])); break;
        case TERN_JINJA_SCOPED: TERN_TRY(take_body(names, NULL, &node->child[0])); break;
        default: break;
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_names(struct tern_jinja_parser *parser, struct tern_jinja_node **body) {
    struct names names = {.parser = parser};
    return take_body(&names, NULL, body);
}
