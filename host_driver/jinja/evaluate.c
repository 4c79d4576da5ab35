// SPDX-License-Identifier: Apache-2.0
#include "host_driver/jinja/evaluate.h"

#include "host_driver/jinja/builtins/builtin.h"

// A variable of the scopes, then a function. Other names are undefined.
static enum tern_status find_name(struct tern_jinja_run *run, struct tern_jinja_text name,
                                  struct tern_jinja_value *value) {
    for (const struct tern_jinja_scope *scope = run->scope; scope; scope = scope->outer) {
        const struct tern_jinja_value *found = tern_jinja_mapping_find(&scope->variables, name);
        TERN_TRY(tern_jinja_work(run, scope->variables.count));
        if (found) {
            *value = *found;
            return found->kind != TERN_JINJA_UNKNOWN
                       ? TERN_STATUS_OK
                       : tern_jinja_refuse(run, "the value of %.*s is not known", TERN_JINJA_NAME(name));
        }
    }
    const struct tern_jinja_builtin *function = tern_jinja_builtin_find(tern_jinja_function_table, name);
    *value =
        function ? (struct tern_jinja_value){TERN_JINJA_FUNCTION, {.function = function}} : tern_jinja_undefined(name);
    return TERN_STATUS_OK;
}

static size_t count_nodes(const struct tern_jinja_node *node) {
    size_t count = 0;
    for (; node; node = node->next) {
        count++;
    }
    return count;
}

static enum tern_status evaluate_row(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                     struct tern_jinja_value *value) {
    enum tern_jinja_row row = node->is_tuple ? TERN_JINJA_ROW_TUPLE : TERN_JINJA_ROW_LIST;
    TERN_TRY(tern_jinja_new_list(run, row, count_nodes(node->child[0]), value));
    size_t i = 0;
    for (const struct tern_jinja_node *item = node->child[0]; item; item = item->next) {
        TERN_TRY(tern_jinja_evaluate(run, item, &value->list->items[i++]));
    }
    return TERN_STATUS_OK;
}

static enum tern_status evaluate_pairs(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                       struct tern_jinja_value *value) {
    void *mapping;
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_mapping), &mapping));
    *value = (struct tern_jinja_value){TERN_JINJA_MAPPING, {.mapping = mapping}};
    for (const struct tern_jinja_node *item = node->child[0]; item; item = item->next->next) {
        struct tern_jinja_value key, of_key;
        struct tern_jinja_text name;
        TERN_TRY(tern_jinja_evaluate(run, item, &key));
        TERN_TRY(tern_jinja_evaluate(run, item->next, &of_key));
        TERN_TRY(tern_jinja_need_text(run, "the key of a mapping", &key, &name));
        TERN_TRY(tern_jinja_mapping_set(run, mapping, name, of_key));
    }
    return TERN_STATUS_OK;
}

static enum tern_status evaluate_slice(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                       struct tern_jinja_value *value) {
    struct tern_jinja_value of, bounds[3];
    TERN_TRY(tern_jinja_evaluate(run, node->child[0], &of));
    for (size_t i = 0; i < 3; i++) {
        bounds[i] = (struct tern_jinja_value){.kind = TERN_JINJA_NONE};
        if (node->child[i + 1]) {
            TERN_TRY(tern_jinja_evaluate(run, node->child[i + 1], &bounds[i]));
        }
    }
    return tern_jinja_get_slice(run, &of, bounds, value);
}

static enum tern_status evaluate_item(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                      struct tern_jinja_value *value) {
    struct tern_jinja_value of, index;
    TERN_TRY(tern_jinja_evaluate(run, node->child[0], &of));
    if (node->kind == TERN_JINJA_ATTRIBUTE) {
        return tern_jinja_get_attribute(run, &of, node->text, value);
    }
    TERN_TRY(tern_jinja_evaluate(run, node->child[1], &index));
    return tern_jinja_get_item(run, &of, &index, value);
}

// The parts of a ~ b ~ c as text.
static enum tern_status evaluate_joined(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                        struct tern_jinja_value *value) {
    struct tern_jinja_builder joined = {0};
    for (const struct tern_jinja_node *item = node->child[0]; item; item = item->next) {
        struct tern_jinja_text text;
        TERN_TRY(tern_jinja_evaluate(run, item, value));
        TERN_TRY(tern_jinja_to_text(run, value, &text));
        TERN_TRY(tern_jinja_append(run, &joined, text));
    }
    *value = tern_jinja_text_value(tern_jinja_built(&joined));
    return TERN_STATUS_OK;
}

// a < b < c is a < b and b < c.
static enum tern_status evaluate_compared(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                          struct tern_jinja_value *value) {
    struct tern_jinja_value left, right;
    bool is_so = true;
    TERN_TRY(tern_jinja_evaluate(run, node->child[0], &left));
    for (const struct tern_jinja_node *operand = node->child[1]; operand && is_so; operand = operand->next) {
        TERN_TRY(tern_jinja_evaluate(run, operand->child[0], &right));
        TERN_TRY(tern_jinja_compare(run, operand->operation, &left, &right, &is_so));
        left = right;
    }
    *value = tern_jinja_boolean(is_so);
    return TERN_STATUS_OK;
}

// "and" and "or" give one of their values and read the right one only if the left one leaves it open.
static enum tern_status evaluate_logic(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                       struct tern_jinja_value *value) {
    TERN_TRY(tern_jinja_evaluate(run, node->child[0], value));
    if (node->kind == TERN_JINJA_NOT) {
        *value = tern_jinja_boolean(!tern_jinja_is_true(value));
        return TERN_STATUS_OK;
    }
    return tern_jinja_is_true(value) == (node->kind == TERN_JINJA_AND) ? tern_jinja_evaluate(run, node->child[1], value)
                                                                       : TERN_STATUS_OK;
}

static enum tern_status evaluate_choice(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                        struct tern_jinja_value *value) {
    TERN_TRY(tern_jinja_evaluate(run, node->child[1], value));
    if (tern_jinja_is_true(value)) {
        return tern_jinja_evaluate(run, node->child[0], value);
    }
    *value = tern_jinja_undefined(tern_jinja_literal("an if without else"));
    return node->child[2] ? tern_jinja_evaluate(run, node->child[2], value) : TERN_STATUS_OK;
}

static enum tern_status evaluate_binary(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                        struct tern_jinja_value *value) {
    struct tern_jinja_value left = tern_jinja_number(0), right;
    const struct tern_jinja_node *second = node->kind == TERN_JINJA_SIGN ? node->child[0] : node->child[1];
    if (node->kind == TERN_JINJA_BINARY) {
        TERN_TRY(tern_jinja_evaluate(run, node->child[0], &left));
    }
    TERN_TRY(tern_jinja_evaluate(run, second, &right));
    return tern_jinja_binary(run, node->operation, &left, &right, value);
}

static enum tern_status evaluate(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                 struct tern_jinja_value *value) {
    switch (node->kind) {
    case TERN_JINJA_CONSTANT: *value = node->constant; return TERN_STATUS_OK;
    case TERN_JINJA_NAME_NODE: return find_name(run, node->text, value);
    case TERN_JINJA_ROW_NODE: return evaluate_row(run, node, value);
    case TERN_JINJA_PAIRS: return evaluate_pairs(run, node, value);
    case TERN_JINJA_ATTRIBUTE:
    case TERN_JINJA_ITEM: return evaluate_item(run, node, value);
    case TERN_JINJA_SLICE: return evaluate_slice(run, node, value);
    case TERN_JINJA_NOT:
    case TERN_JINJA_AND:
    case TERN_JINJA_OR: return evaluate_logic(run, node, value);
    case TERN_JINJA_SIGN:
    case TERN_JINJA_BINARY: return evaluate_binary(run, node, value);
    case TERN_JINJA_JOINED: return evaluate_joined(run, node, value);
    case TERN_JINJA_COMPARED: return evaluate_compared(run, node, value);
    case TERN_JINJA_CHOICE: return evaluate_choice(run, node, value);
    default: return tern_jinja_call_node(run, node, value);
    }
}

enum tern_status tern_jinja_evaluate(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                     struct tern_jinja_value *value) {
    run->line = node->line;
    TERN_TRY(tern_jinja_enter(run));
    TERN_TRY(evaluate(run, node, value));
    run->depth--;
    return TERN_STATUS_OK;
}
