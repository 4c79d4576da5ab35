// SPDX-License-Identifier: Apache-2.0
// Tests: what stands after "is".
#include "host_driver/jinja/builtins/builtin.h"
#include "host_driver/jinja/evaluate.h"

#define TEST(name, condition)                                                                                          \
    TERN_JINJA_BUILTIN(test_##name) {                                                                                  \
        *result = tern_jinja_boolean(condition);                                                                       \
        return TERN_STATUS_OK;                                                                                         \
    }

TEST(defined, self->kind != TERN_JINJA_UNDEFINED)
TEST(undefined, self->kind == TERN_JINJA_UNDEFINED)
TEST(none, self->kind == TERN_JINJA_NONE)
TEST(boolean, self->kind == TERN_JINJA_BOOLEAN)
TEST(true, self->kind == TERN_JINJA_BOOLEAN && self->number)
TEST(false, self->kind == TERN_JINJA_BOOLEAN && !self->number)
TEST(integer, self->kind == TERN_JINJA_NUMBER)
TEST(number, tern_jinja_is_number(self))
TEST(string, self->kind == TERN_JINJA_TEXT)
TEST(mapping, self->kind == TERN_JINJA_MAPPING)
TEST(callable, self->kind >= TERN_JINJA_FUNCTION || self->kind == TERN_JINJA_UNDEFINED) // as jinja2 says
TEST(iterable, self->kind == TERN_JINJA_UNDEFINED || self->kind == TERN_JINJA_TEXT || self->kind == TERN_JINJA_LIST ||
                   self->kind == TERN_JINJA_MAPPING || self->kind == TERN_JINJA_LOOP)

TERN_JINJA_BUILTIN(test_sequence) {
    if (self->kind == TERN_JINJA_LIST && self->list->row > TERN_JINJA_ROW_TUPLE) {
        return tern_jinja_refuse(run, "the test sequence of an iterator");
    }
    *result = tern_jinja_boolean(self->kind == TERN_JINJA_TEXT || self->kind == TERN_JINJA_LIST ||
                                 self->kind == TERN_JINJA_MAPPING || self->kind == TERN_JINJA_UNDEFINED);
    return TERN_STATUS_OK;
}

static enum tern_status rest_is(struct tern_jinja_run *run, const struct tern_jinja_value *self, int64_t divisor,
                                int64_t rest, struct tern_jinja_value *result) {
    const struct tern_jinja_value right = tern_jinja_number(divisor);
    TERN_TRY(tern_jinja_binary(run, '%', self, &right, result));
    *result = tern_jinja_boolean(tern_jinja_is_number(result) && result->number == rest);
    return TERN_STATUS_OK;
}

// odd and even: variant is the rest.
TERN_JINJA_BUILTIN(test_rest) {
    return rest_is(run, self, 2, call->variant, result);
}

TERN_JINJA_BUILTIN(test_divisibleby) {
    int64_t divisor;
    TERN_TRY(tern_jinja_need_number(run, "the argument of divisibleby", call->given[0], &divisor));
    return rest_is(run, self, divisor, 0, result);
}

// variant: the operation.
TERN_JINJA_BUILTIN(test_comparison) {
    bool is_so;
    TERN_TRY(tern_jinja_compare(run, call->variant, self, call->given[0], &is_so));
    *result = tern_jinja_boolean(is_so);
    return TERN_STATUS_OK;
}

const struct tern_jinja_builtin tern_jinja_test_table[] = {
    {"defined", "", 0, test_defined, 0},
    {"undefined", "", 0, test_undefined, 0},
    {"none", "", 0, test_none, 0},
    {"boolean", "", 0, test_boolean, 0},
    {"true", "", 0, test_true, 0},
    {"false", "", 0, test_false, 0},
    {"integer", "", 0, test_integer, 0},
    {"number", "", 0, test_number, 0},
    {"string", "", 0, test_string, 0},
    {"mapping", "", 0, test_mapping, 0},
    {"callable", "", 0, test_callable, 0},
    {"iterable", "", 0, test_iterable, 0},
    {"sequence", "", 0, test_sequence, 0},
    {"odd", "", 0, test_rest, 1},
    {"even", "", 0, test_rest, 0},
    {"divisibleby", "num ", 1, test_divisibleby, 0},
    {"eq", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('=', '=')},
    {"equalto", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('=', '=')},
    {"==", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('=', '=')},
    {"ne", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('!', '=')},
    {"!=", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('!', '=')},
    {"lt", "b ", 1, test_comparison, '<'},
    {"<", "b ", 1, test_comparison, '<'},
    {"lessthan", "b ", 1, test_comparison, '<'},
    {"gt", "b ", 1, test_comparison, '>'},
    {">", "b ", 1, test_comparison, '>'},
    {"greaterthan", "b ", 1, test_comparison, '>'},
    {"le", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('<', '=')},
    {"<=", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('<', '=')},
    {"ge", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('>', '=')},
    {">=", "b ", 1, test_comparison, TERN_JINJA_OPERATOR('>', '=')},
    {"in", "seq ", 1, test_comparison, 'i'},
    {"filter", NULL, 0, NULL, 0},
    {"test", NULL, 0, NULL, 0},
    {"float", NULL, 0, NULL, 0},
    {"lower", NULL, 0, NULL, 0},
    {"upper", NULL, 0, NULL, 0},
    {"sameas", NULL, 0, NULL, 0},
    {"escaped", NULL, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};
