// SPDX-License-Identifier: Apache-2.0
// Filters of one value. tojson is that of transformers, which does not escape for HTML.
#include "host_driver/jinja/builtins/builtin.h"

// What Jinja makes of a value before it filters it as text.
#define TEXT_OF_SELF(name)                                                                                             \
    struct tern_jinja_text name;                                                                                       \
    TERN_TRY(tern_jinja_to_text(run, self, &name))

TERN_JINJA_BUILTIN(filter_trim) {
    TEXT_OF_SELF(text);
    struct tern_jinja_text of = {0};
    bool has_characters = call->given[0] && call->given[0]->kind != TERN_JINJA_NONE;
    if (has_characters) {
        TERN_TRY(tern_jinja_need_text(run, "the argument of trim", call->given[0], &of));
    }
    *result = tern_jinja_text_value(tern_jinja_text_strip(text, 3, has_characters ? &of : NULL));
    return tern_jinja_work(run, text.length);
}

TERN_JINJA_BUILTIN(filter_string) {
    TEXT_OF_SELF(text);
    *result = tern_jinja_text_value(text);
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(filter_replace) {
    TEXT_OF_SELF(text);
    struct tern_jinja_text from, to;
    int64_t most = -1;
    TERN_TRY(tern_jinja_to_text(run, call->given[0], &from));
    TERN_TRY(tern_jinja_to_text(run, call->given[1], &to));
    if (call->given[2] && call->given[2]->kind != TERN_JINJA_NONE) {
        TERN_TRY(tern_jinja_need_number(run, "the count of replace", call->given[2], &most));
    }
    return tern_jinja_replace(run, text, from, to, most, result);
}

TERN_JINJA_BUILTIN(filter_default) {
    bool wants_true = call->given[1] && tern_jinja_is_true(call->given[1]);
    bool is_missing = self->kind == TERN_JINJA_UNDEFINED || (wants_true && !tern_jinja_is_true(self));
    *result = !is_missing ? *self : call->given[0] ? *call->given[0] : tern_jinja_text_value(tern_jinja_literal(""));
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(filter_length) {
    size_t length = 0;
    switch (self->kind) {
    case TERN_JINJA_UNDEFINED: break;
    case TERN_JINJA_TEXT: length = tern_jinja_text_characters(self->text); break;
    case TERN_JINJA_MAPPING: length = self->mapping->count; break;
    case TERN_JINJA_LOOP: length = self->loop->items->count; break;
    case TERN_JINJA_LIST:
        if (self->list->row != TERN_JINJA_ROW_STREAM) {
            length = self->list->count;
            break;
        } // fall through
    default: return tern_jinja_refuse(run, "%s has no length", tern_jinja_kind_name(self));
    }
    *result = tern_jinja_number((int64_t)length);
    return tern_jinja_work(run, self->kind == TERN_JINJA_TEXT ? self->text.length : 1);
}

// Whole numbers in decimal. Python reads more, which is refused.
TERN_JINJA_BUILTIN(filter_int) {
    if (tern_jinja_is_number(self)) {
        *result = tern_jinja_number(self->number);
        return TERN_STATUS_OK;
    }
    int64_t number = 0;
    size_t i = 0;
    for (; self->kind == TERN_JINJA_TEXT && i < self->text.length && i < 15; i++) {
        if (self->text.bytes[i] < '0' || self->text.bytes[i] > '9') {
            break;
        }
        number = 10 * number + self->text.bytes[i] - '0';
    }
    *result = tern_jinja_number(number);
    return i > 0 && i == self->text.length
               ? TERN_STATUS_OK
               : tern_jinja_refuse(run, "the filter int of %s that is no whole number", tern_jinja_kind_name(self));
}

TERN_JINJA_BUILTIN(filter_tojson) {
    struct tern_jinja_builder out = {0};
    TERN_TRY(tern_jinja_write_json(run, self, &out));
    *result = tern_jinja_text_value(tern_jinja_built(&out));
    return TERN_STATUS_OK;
}

const struct tern_jinja_builtin tern_jinja_filter_table[] = {
    {"trim", "chars ", 0, filter_trim, 0},
    {"upper", "", 0, tern_jinja_case, 'U'},
    {"lower", "", 0, tern_jinja_case, 'L'},
    {"capitalize", "", 0, tern_jinja_case, 'C'},
    {"title", "", 0, tern_jinja_case, 'T'},
    {"string", "", 0, filter_string, 0},
    {"replace", "old new count ", 2, filter_replace, 0},
    {"default", "default_value boolean ", 0, filter_default, 0},
    {"d", "default_value boolean ", 0, filter_default, 0},
    {"length", "", 0, filter_length, 0},
    {"count", "", 0, filter_length, 0},
    {"int", "", 0, filter_int, 0},
    {"tojson", "", 0, filter_tojson, 0},
    {"abs", NULL, 0, NULL, 0},
    {"attr", NULL, 0, NULL, 0},
    {"batch", NULL, 0, NULL, 0},
    {"center", NULL, 0, NULL, 0},
    {"dictsort", NULL, 0, NULL, 0},
    {"e", NULL, 0, NULL, 0},
    {"escape", NULL, 0, NULL, 0},
    {"filesizeformat", NULL, 0, NULL, 0},
    {"float", NULL, 0, NULL, 0},
    {"forceescape", NULL, 0, NULL, 0},
    {"format", NULL, 0, NULL, 0},
    {"groupby", NULL, 0, NULL, 0},
    {"indent", NULL, 0, NULL, 0},
    {"min", NULL, 0, NULL, 0},
    {"max", NULL, 0, NULL, 0},
    {"pprint", NULL, 0, NULL, 0},
    {"random", NULL, 0, NULL, 0},
    {"round", NULL, 0, NULL, 0},
    {"safe", NULL, 0, NULL, 0},
    {"slice", NULL, 0, NULL, 0},
    {"sort", NULL, 0, NULL, 0},
    {"striptags", NULL, 0, NULL, 0},
    {"sum", NULL, 0, NULL, 0},
    {"truncate", NULL, 0, NULL, 0},
    {"unique", NULL, 0, NULL, 0},
    {"urlencode", NULL, 0, NULL, 0},
    {"urlize", NULL, 0, NULL, 0},
    {"wordcount", NULL, 0, NULL, 0},
    {"wordwrap", NULL, 0, NULL, 0},
    {"xmlattr", NULL, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};
