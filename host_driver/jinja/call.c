// SPDX-License-Identifier: Apache-2.0
// Calls of functions, methods and macros, and filters and tests.
#include <string.h>

#include "host_driver/jinja/builtins/builtin.h"
#include "host_driver/jinja/evaluate.h"

const struct tern_jinja_builtin *tern_jinja_builtin_find(const struct tern_jinja_builtin *table,
                                                         struct tern_jinja_text name) {
    for (; table->name; table++) {
        if (tern_jinja_text_is(name, table->name)) {
            return table;
        }
    }
    return NULL;
}

const struct tern_jinja_builtin *tern_jinja_filter_find(struct tern_jinja_text name) {
    const struct tern_jinja_builtin *found = tern_jinja_builtin_find(tern_jinja_filter_table, name);
    return found ? found : tern_jinja_builtin_find(tern_jinja_list_filter_table, name);
}

enum tern_status tern_jinja_need_text(struct tern_jinja_run *run, const char *what,
                                      const struct tern_jinja_value *value, struct tern_jinja_text *text) {
    if (value->kind != TERN_JINJA_TEXT) {
        return tern_jinja_refuse(run, "%s is %s instead of a string", what, tern_jinja_kind_name(value));
    }
    *text = value->text;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_need_number(struct tern_jinja_run *run, const char *what,
                                        const struct tern_jinja_value *value, int64_t *number) {
    if (!tern_jinja_is_number(value)) {
        return tern_jinja_refuse(run, "%s is %s instead of a number", what, tern_jinja_kind_name(value));
    }
    *number = value->number;
    return TERN_STATUS_OK;
}

// The place of a name among the words of `parameters`; SIZE_MAX without it.
static size_t find_parameter(const char *parameters, struct tern_jinja_text name) {
    size_t place = 0;
    for (const char *at = parameters; *at; place++) {
        size_t length = strcspn(at, " ");
        if (length == name.length && memcmp(at, name.bytes, length) == 0) {
            return place;
        }
        at += length + 1;
    }
    return SIZE_MAX;
}

static size_t count_parameters(const char *parameters) {
    size_t count = 0;
    for (; *parameters; parameters++) {
        count += *parameters == ' ';
    }
    return count;
}

// Fills call->given.
static enum tern_status give(struct tern_jinja_run *run, const char *what, const struct tern_jinja_builtin *builtin,
                             struct tern_jinja_call *call) {
    memset(call->given, 0, sizeof call->given);
    if (call->count > count_parameters(builtin->parameters)) {
        return tern_jinja_refuse(run, "the %s %s has more arguments than are known", what, builtin->name);
    }
    for (size_t i = 0; i < call->count; i++) {
        call->given[i] = &call->items[i];
    }
    for (size_t i = 0; i < call->named_count; i++) {
        size_t place = find_parameter(builtin->parameters, call->named[i].name);
        if (place == SIZE_MAX || call->given[place]) {
            return tern_jinja_refuse(run, "the argument %.*s of the %s %s is not known",
                                     TERN_JINJA_NAME(call->named[i].name), what, builtin->name);
        }
        call->given[place] = &call->named[i].value;
    }
    for (size_t i = 0; i < builtin->least; i++) {
        if (!call->given[i]) {
            return tern_jinja_refuse(run, "the %s %s has too few arguments", what, builtin->name);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_call_builtin(struct tern_jinja_run *run, const char *what,
                                         const struct tern_jinja_builtin *builtin, const struct tern_jinja_value *self,
                                         struct tern_jinja_call *call, struct tern_jinja_value *result) {
    if (!builtin->function) {
        return tern_jinja_refuse(run, "the %s %s is not known", what, builtin->name);
    }
    call->variant = builtin->variant;
    if (builtin->parameters) {
        TERN_TRY(give(run, what, builtin, call));
    }
    return builtin->function(run, self, call, result);
}

static enum tern_status evaluate_arguments(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                           struct tern_jinja_call *call) {
    size_t count = 0, named_count = 0;
    void *items, *named;
    for (const struct tern_jinja_node *at = node->child[1]; at; at = at->next) {
        count++;
    }
    for (const struct tern_jinja_node *at = node->child[2]; at; at = at->next) {
        named_count++;
    }
    TERN_TRY(tern_jinja_take(run, count * sizeof *call->items, &items));
    TERN_TRY(tern_jinja_take(run, named_count * sizeof *call->named, &named));
    *call = (struct tern_jinja_call){.items = items, .named = named};
    for (const struct tern_jinja_node *at = node->child[1]; at; at = at->next) {
        TERN_TRY(tern_jinja_evaluate(run, at, (struct tern_jinja_value *)items + call->count++));
    }
    for (const struct tern_jinja_node *at = node->child[2]; at; at = at->next) {
        struct tern_jinja_named_value *value = (struct tern_jinja_named_value *)named + call->named_count++;
        value->name = at->text;
        TERN_TRY(tern_jinja_evaluate(run, at->child[0], &value->value));
    }
    return TERN_STATUS_OK;
}

static const struct tern_jinja_value *named_argument(struct tern_jinja_call *call, struct tern_jinja_text name,
                                                     size_t *used) {
    for (size_t i = 0; i < call->named_count; i++) {
        if (tern_jinja_text_equals(call->named[i].name, name)) {
            ++*used;
            return &call->named[i].value;
        }
    }
    return NULL;
}

// Gives the arguments to the parameters of a macro in the scope of its body, which is run->scope.
static enum tern_status give_to_macro(struct tern_jinja_run *run, const struct tern_jinja_node *macro,
                                      struct tern_jinja_call *call) {
    size_t place = 0, used = 0;
    for (const struct tern_jinja_node *at = macro->child[0]; at; at = at->next, place++) {
        const struct tern_jinja_value *given =
            place < call->count ? &call->items[place] : named_argument(call, at->text, &used);
        struct tern_jinja_value value = tern_jinja_undefined(at->text);
        if (given) {
            value = *given;
        } else if (at->child[0]) {
            TERN_TRY(tern_jinja_evaluate(run, at->child[0], &value));
        }
        TERN_TRY(tern_jinja_mapping_set(run, &run->scope->variables, at->text, value));
    }
    return call->count <= place && used == call->named_count
               ? TERN_STATUS_OK
               : tern_jinja_refuse(run, "the macro %.*s has other arguments", TERN_JINJA_NAME(macro->text));
}

static enum tern_status call_macro(struct tern_jinja_run *run, const struct tern_jinja_macro *macro,
                                   struct tern_jinja_call *call, struct tern_jinja_value *value) {
    struct tern_jinja_scope *scope, *outer = run->scope;
    TERN_TRY(tern_jinja_open_scope(run, macro->scope, &scope));
    run->scope = scope;
    TERN_TRY(give_to_macro(run, macro->node, call));
    run->scope = outer;
    return tern_jinja_capture(run, macro->node->child[1], scope, value);
}

static enum tern_status call_value(struct tern_jinja_run *run, const struct tern_jinja_value *callee,
                                   struct tern_jinja_call *call, struct tern_jinja_value *value) {
    switch (callee->kind) {
    case TERN_JINJA_FUNCTION: return tern_jinja_call_builtin(run, "function", callee->function, NULL, call, value);
    case TERN_JINJA_METHOD:
        return tern_jinja_call_builtin(run, "method", callee->method->builtin, &callee->method->self, call, value);
    case TERN_JINJA_MACRO: return call_macro(run, callee->macro, call, value);
    case TERN_JINJA_UNDEFINED:
        return tern_jinja_refuse(run, "\"%.*s\" is undefined, so it cannot be called", TERN_JINJA_NAME(callee->text));
    default: return tern_jinja_refuse(run, "%s is called", tern_jinja_kind_name(callee));
    }
}

enum tern_status tern_jinja_call_node(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                      struct tern_jinja_value *value) {
    struct tern_jinja_value self;
    struct tern_jinja_call call;
    TERN_TRY(tern_jinja_evaluate(run, node->child[0], &self));
    TERN_TRY(evaluate_arguments(run, node, &call));
    run->line = node->line;
    if (node->kind == TERN_JINJA_CALL) {
        return call_value(run, &self, &call, value);
    }
    bool is_test = node->kind == TERN_JINJA_TEST;
    const char *what = is_test ? "test" : "filter";
    const struct tern_jinja_builtin *builtin =
        is_test ? tern_jinja_builtin_find(tern_jinja_test_table, node->text) : tern_jinja_filter_find(node->text);
    return builtin ? tern_jinja_call_builtin(run, what, builtin, &self, &call, value)
                   : tern_jinja_refuse(run, "Jinja has no %s %.*s", what, TERN_JINJA_NAME(node->text));
}
