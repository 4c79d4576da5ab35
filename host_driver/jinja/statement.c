// SPDX-License-Identifier: Apache-2.0
// Statements. A loop's body and a macro's have a scope of their own, "if" has none.
#include "host_driver/jinja/evaluate.h"

enum tern_status tern_jinja_open_scope(struct tern_jinja_run *run, struct tern_jinja_scope *outer,
                                       struct tern_jinja_scope **scope) {
    void *memory;
    TERN_TRY(tern_jinja_take(run, sizeof **scope, &memory));
    *scope = memory;
    (*scope)->outer = outer;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_capture(struct tern_jinja_run *run, const struct tern_jinja_node *body,
                                    struct tern_jinja_scope *scope, struct tern_jinja_value *value) {
    struct tern_jinja_builder captured = {0}, *out = run->out;
    struct tern_jinja_scope *outer = run->scope;
    run->out = &captured;
    run->scope = scope;
    TERN_TRY(tern_jinja_execute(run, body));
    run->out = out;
    run->scope = outer;
    *value = tern_jinja_text_value(tern_jinja_built(&captured));
    return TERN_STATUS_OK;
}

static enum tern_status print(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    struct tern_jinja_value value;
    struct tern_jinja_text text;
    TERN_TRY(tern_jinja_evaluate(run, node->child[0], &value));
    TERN_TRY(tern_jinja_to_text(run, &value, &text));
    return tern_jinja_append(run, run->out, text);
}

static enum tern_status run_if(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    for (const struct tern_jinja_node *branch = node->child[0]; branch; branch = branch->next) {
        struct tern_jinja_value condition = tern_jinja_boolean(true);
        if (branch->child[0]) {
            TERN_TRY(tern_jinja_evaluate(run, branch->child[0], &condition));
        }
        if (tern_jinja_is_true(&condition)) {
            return tern_jinja_execute(run, branch->child[1]);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status set_attribute(struct tern_jinja_run *run, struct tern_jinja_text name,
                                      struct tern_jinja_text attribute, struct tern_jinja_value value) {
    for (struct tern_jinja_scope *scope = run->scope; scope; scope = scope->outer) {
        struct tern_jinja_value *found = tern_jinja_mapping_find(&scope->variables, name);
        if (found && found->kind == TERN_JINJA_NAMESPACE) {
            return attribute.bytes[0] == '_' ? tern_jinja_refuse(run, "a private attribute of a namespace")
                                             : tern_jinja_mapping_set(run, found->mapping, attribute, value);
        }
        if (found) {
            break;
        }
    }
    return tern_jinja_refuse(run, "\"%.*s\" is no namespace", TERN_JINJA_NAME(name));
}

// Gives a value to a name, to a namespace's attribute, or its items to names.
static enum tern_status assign(struct tern_jinja_run *run, const struct tern_jinja_node *target,
                               struct tern_jinja_value value) {
    const struct tern_jinja_list *items;
    if (target->kind == TERN_JINJA_NAME_NODE) {
        return target->child[0] ? set_attribute(run, target->text, target->child[0]->text, value)
                                : tern_jinja_mapping_set(run, &run->scope->variables, target->text, value);
    }
    TERN_TRY(tern_jinja_items(run, &value, &items));
    size_t i = 0;
    for (const struct tern_jinja_node *name = target->child[0]; name; name = name->next, i++) {
        if (i == items->count) {
            break;
        }
        TERN_TRY(assign(run, name, items->items[i]));
        if (!name->next && i + 1 == items->count) {
            return TERN_STATUS_OK;
        }
    }
    return tern_jinja_refuse(run, "%zu values do not fit the names", items->count);
}

static enum tern_status run_set(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    struct tern_jinja_value value;
    struct tern_jinja_scope *scope;
    if (node->kind == TERN_JINJA_SET) {
        TERN_TRY(tern_jinja_evaluate(run, node->child[1], &value));
    } else {
        TERN_TRY(tern_jinja_open_scope(run, run->scope, &scope));
        TERN_TRY(tern_jinja_capture(run, node->child[1], scope, &value));
    }
    return assign(run, node->child[0], value);
}

static enum tern_status define_macro(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    void *memory;
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_macro), &memory));
    struct tern_jinja_value value = {TERN_JINJA_MACRO, {.macro = memory}};
    *value.macro = (struct tern_jinja_macro){node, run->scope};
    return tern_jinja_mapping_set(run, &run->scope->variables, node->text, value);
}

// A scope for one turn of a loop, in which the loop's names have their values.
static enum tern_status open_turn(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                  struct tern_jinja_scope *outer, struct tern_jinja_value item) {
    TERN_TRY(tern_jinja_open_scope(run, outer, &run->scope));
    return assign(run, node->child[0], item);
}

// The items for which the loop's condition is true.
static enum tern_status choose_items(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                     const struct tern_jinja_list *all, struct tern_jinja_list *chosen) {
    struct tern_jinja_scope *outer = run->scope;
    struct tern_jinja_value list, condition;
    *chosen = *all;
    if (!node->child[2]) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_jinja_new_list(run, all->row, all->count, &list));
    chosen->items = list.list->items;
    chosen->count = 0;
    for (size_t i = 0; i < all->count; i++) {
        TERN_TRY(open_turn(run, node, outer, all->items[i]));
        struct tern_jinja_value none = tern_jinja_undefined(tern_jinja_literal("loop"));
        TERN_TRY(tern_jinja_mapping_set(run, &run->scope->variables, none.text, none));
        TERN_TRY(tern_jinja_evaluate(run, node->child[2], &condition));
        if (tern_jinja_is_true(&condition)) {
            chosen->items[chosen->count++] = all->items[i];
        }
    }
    run->scope = outer;
    return TERN_STATUS_OK;
}

// *has_ended: a turn came to its end, without break or continue.
static enum tern_status run_turns(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                  const struct tern_jinja_list *items, bool *has_ended) {
    struct tern_jinja_scope *outer = run->scope;
    for (size_t i = 0; i < items->count && run->flow != TERN_JINJA_BREAKS; i++) {
        void *loop;
        TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_loop), &loop));
        struct tern_jinja_value value = {TERN_JINJA_LOOP, {.loop = loop}};
        *value.loop = (struct tern_jinja_loop){items, i};
        TERN_TRY(open_turn(run, node, outer, items->items[i]));
        TERN_TRY(tern_jinja_mapping_set(run, &run->scope->variables, tern_jinja_literal("loop"), value));
        run->flow = TERN_JINJA_GOES_ON;
        TERN_TRY(tern_jinja_execute(run, node->child[3]));
        *has_ended = *has_ended || run->flow == TERN_JINJA_GOES_ON;
    }
    run->flow = TERN_JINJA_GOES_ON;
    run->scope = outer;
    return TERN_STATUS_OK;
}

// "else" runs when no turn came to its end: so jinja2 does it.
static enum tern_status run_for(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    struct tern_jinja_value iterable;
    const struct tern_jinja_list *all;
    void *chosen;
    bool has_ended = false;
    TERN_TRY(tern_jinja_evaluate(run, node->child[1], &iterable));
    TERN_TRY(tern_jinja_items(run, &iterable, &all));
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_list), &chosen));
    TERN_TRY(choose_items(run, node, all, chosen));
    TERN_TRY(run_turns(run, node, chosen, &has_ended));
    if (has_ended) {
        return TERN_STATUS_OK;
    }
    struct tern_jinja_scope *outer = run->scope;
    TERN_TRY(tern_jinja_open_scope(run, outer, &run->scope));
    TERN_TRY(tern_jinja_execute(run, node->child[4]));
    run->scope = outer;
    return TERN_STATUS_OK;
}

static enum tern_status run_scoped(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    struct tern_jinja_scope *scope;
    struct tern_jinja_value text;
    TERN_TRY(tern_jinja_open_scope(run, run->scope, &scope));
    TERN_TRY(tern_jinja_capture(run, node->child[0], scope, &text));
    return tern_jinja_append(run, run->out, text.text);
}

static enum tern_status run_statement(struct tern_jinja_run *run, const struct tern_jinja_node *node) {
    switch (node->kind) {
    case TERN_JINJA_DATA: return tern_jinja_append(run, run->out, node->text);
    case TERN_JINJA_PRINT: return print(run, node);
    case TERN_JINJA_IF: return run_if(run, node);
    case TERN_JINJA_FOR: return run_for(run, node);
    case TERN_JINJA_SET:
    case TERN_JINJA_SET_BODY: return run_set(run, node);
    case TERN_JINJA_MACRO_NODE: return define_macro(run, node);
    case TERN_JINJA_SCOPED: return run_scoped(run, node);
    case TERN_JINJA_BREAK: run->flow = TERN_JINJA_BREAKS; return TERN_STATUS_OK;
    default: run->flow = TERN_JINJA_CONTINUES; return TERN_STATUS_OK;
    }
}

enum tern_status tern_jinja_execute(struct tern_jinja_run *run, const struct tern_jinja_node *body) {
    for (; body && run->flow == TERN_JINJA_GOES_ON; body = body->next) {
        run->line = body->line;
        TERN_TRY(tern_jinja_enter(run));
        TERN_TRY(run_statement(run, body));
        run->depth--;
    }
    return TERN_STATUS_OK;
}
