// SPDX-License-Identifier: Apache-2.0
// Filters of lists and other values with items.
#include <string.h>

#include "host_driver/jinja/builtins/builtin.h"
#include "host_driver/jinja/evaluate.h"

#define ITEMS_OF_SELF(name)                                                                                            \
    const struct tern_jinja_list *name;                                                                                \
    TERN_TRY(tern_jinja_items(run, self, &name))

// A value that counts as false has none here, be it a number or None.
#define ITEMS_OR_NONE_OF_SELF(name)                                                                                    \
    static const struct tern_jinja_list no_items;                                                                      \
    const struct tern_jinja_list *name = &no_items;                                                                    \
    if (tern_jinja_is_true(self)) {                                                                                    \
        TERN_TRY(tern_jinja_items(run, self, &name));                                                                  \
    }

TERN_JINJA_BUILTIN(filter_list) {
    ITEMS_OF_SELF(items);
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_LIST, items->count, result));
    for (size_t i = 0; i < items->count; i++) {
        result->list->items[i] = items->items[i];
    }
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(filter_first) {
    ITEMS_OF_SELF(items);
    *result = items->count > 0 ? items->items[0] : tern_jinja_undefined(tern_jinja_literal("first item"));
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(filter_last) {
    if (self->kind == TERN_JINJA_UNDEFINED ||
        (self->kind == TERN_JINJA_LIST && self->list->row > TERN_JINJA_ROW_VIEW)) {
        return tern_jinja_refuse(run, "the filter last of %s", tern_jinja_kind_name(self));
    }
    ITEMS_OF_SELF(items);
    *result = items->count > 0 ? items->items[items->count - 1] : tern_jinja_undefined(tern_jinja_literal("last item"));
    return TERN_STATUS_OK;
}

// A string backwards, or an iterator over the items.
TERN_JINJA_BUILTIN(filter_reverse) {
    if (self->kind == TERN_JINJA_UNDEFINED ||
        (self->kind == TERN_JINJA_LIST && self->list->row > TERN_JINJA_ROW_VIEW)) {
        return tern_jinja_refuse(run, "the filter reverse of %s", tern_jinja_kind_name(self));
    }
    ITEMS_OF_SELF(items);
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_STREAM, items->count, result));
    for (size_t i = 0; i < items->count; i++) {
        result->list->items[i] = items->items[items->count - 1 - i];
    }
    return self->kind == TERN_JINJA_TEXT ? tern_jinja_join(run, result->list, tern_jinja_literal(""), result)
                                         : TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(filter_join) {
    struct tern_jinja_text separator = tern_jinja_literal("");
    if (call->given[0]) {
        TERN_TRY(tern_jinja_to_text(run, call->given[0], &separator));
    }
    ITEMS_OF_SELF(items);
    return tern_jinja_join(run, items, separator, result);
}

TERN_JINJA_BUILTIN(filter_items) {
    static const struct tern_jinja_mapping nothing;
    if (self->kind != TERN_JINJA_MAPPING && self->kind != TERN_JINJA_UNDEFINED) {
        return tern_jinja_refuse(run, "the filter items of %s", tern_jinja_kind_name(self));
    }
    return tern_jinja_pairs(run, self->kind == TERN_JINJA_MAPPING ? self->mapping : &nothing, TERN_JINJA_ROW_STREAM,
                            result);
}

// item.a.b for the path "a.b", each by get_item.
static enum tern_status follow(struct tern_jinja_run *run, struct tern_jinja_text path,
                               const struct tern_jinja_value *item, struct tern_jinja_value *result) {
    *result = *item;
    for (size_t at = 0; at <= path.length;) {
        size_t dot = tern_jinja_text_find(path, tern_jinja_literal("."), at);
        size_t end = dot == SIZE_MAX ? path.length : dot;
        struct tern_jinja_value of = *result, name = tern_jinja_text_value(tern_jinja_text_part(path, at, end));
        if (end == at || (path.bytes[at] >= '0' && path.bytes[at] <= '9')) {
            return tern_jinja_refuse(run, "the attribute \"%.*s\" of a filter is not known", TERN_JINJA_NAME(path));
        }
        TERN_TRY(tern_jinja_get_item(run, &of, &name, result));
        at = end + 1;
    }
    return TERN_STATUS_OK;
}

// Whether a test is true for a value. call: from its name on; without a name, the value itself decides.
static enum tern_status passes(struct tern_jinja_run *run, const struct tern_jinja_call *call, size_t name_at,
                               const struct tern_jinja_value *value, bool *is_so) {
    struct tern_jinja_value name, result;
    *is_so = tern_jinja_is_true(value);
    if (call->count <= name_at) {
        return TERN_STATUS_OK;
    }
    name = call->items[name_at];
    const struct tern_jinja_builtin *test =
        name.kind == TERN_JINJA_TEXT ? tern_jinja_builtin_find(tern_jinja_test_table, name.text) : NULL;
    if (!test || call->named_count > 0) {
        return tern_jinja_refuse(run, "a test of a filter is not known");
    }
    struct tern_jinja_call rest = {.items = call->items + name_at + 1, .count = call->count - name_at - 1};
    TERN_TRY(tern_jinja_call_builtin(run, "test", test, value, &rest, &result));
    *is_so = tern_jinja_is_true(&result);
    return TERN_STATUS_OK;
}

// select, reject, selectattr, rejectattr: the last two look at an attribute of each item.
enum { CHOOSE_PASSING = 1, CHOOSE_BY_ATTRIBUTE = 2 };

TERN_JINJA_BUILTIN(filter_choose) {
    ITEMS_OR_NONE_OF_SELF(items);
    struct tern_jinja_text path = tern_jinja_literal("");
    const bool has_attribute = call->variant & CHOOSE_BY_ATTRIBUTE;
    if (has_attribute && call->count == 0) {
        return tern_jinja_refuse(run, "a filter has too few arguments");
    }
    if (has_attribute) {
        TERN_TRY(tern_jinja_need_text(run, "the attribute of a filter", &call->items[0], &path));
    }
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_STREAM, items->count, result));
    result->list->count = 0;
    for (size_t i = 0; i < items->count; i++) {
        struct tern_jinja_value value = items->items[i];
        bool is_so;
        if (has_attribute) {
            TERN_TRY(follow(run, path, &items->items[i], &value));
        }
        TERN_TRY(passes(run, call, has_attribute, &value, &is_so));
        if (is_so == (call->variant & CHOOSE_PASSING)) {
            result->list->items[result->list->count++] = items->items[i];
        }
    }
    return TERN_STATUS_OK;
}

static bool maps_attribute(const struct tern_jinja_call *call) {
    return call->count == 0 && call->named_count == 1 && tern_jinja_text_is(call->named[0].name, "attribute");
}

// map('upper') or map(attribute='content').
static enum tern_status map_item(struct tern_jinja_run *run, const struct tern_jinja_call *call,
                                 const struct tern_jinja_value *item, struct tern_jinja_value *result) {
    struct tern_jinja_text name;
    if (maps_attribute(call)) {
        TERN_TRY(tern_jinja_need_text(run, "the attribute of map", &call->named[0].value, &name));
        return follow(run, name, item, result);
    }
    TERN_TRY(tern_jinja_need_text(run, "the filter of map", &call->items[0], &name));
    const struct tern_jinja_builtin *filter = tern_jinja_filter_find(name);
    struct tern_jinja_call rest = {
        .items = call->items + 1, .count = call->count - 1, .named = call->named, .named_count = call->named_count};
    return filter ? tern_jinja_call_builtin(run, "filter", filter, item, &rest, result)
                  : tern_jinja_refuse(run, "the filter %.*s is not known", TERN_JINJA_NAME(name));
}

TERN_JINJA_BUILTIN(filter_map) {
    ITEMS_OR_NONE_OF_SELF(items);
    if (tern_jinja_is_true(self) && call->count == 0 && !maps_attribute(call)) {
        return tern_jinja_refuse(run, "the arguments of the filter map are not known");
    }
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_STREAM, items->count, result));
    for (size_t i = 0; i < items->count; i++) {
        TERN_TRY(tern_jinja_enter(run)); // map('map', ...) calls itself
        TERN_TRY(map_item(run, call, &items->items[i], &result->list->items[i]));
        run->depth--;
    }
    return TERN_STATUS_OK;
}

const struct tern_jinja_builtin tern_jinja_list_filter_table[] = {
    {"list", "", 0, filter_list, 0},
    {"first", "", 0, filter_first, 0},
    {"last", "", 0, filter_last, 0},
    {"reverse", "", 0, filter_reverse, 0},
    {"join", "d ", 0, filter_join, 0},
    {"items", "", 0, filter_items, 0},
    {"select", NULL, 0, filter_choose, CHOOSE_PASSING},
    {"reject", NULL, 0, filter_choose, 0},
    {"selectattr", NULL, 0, filter_choose, CHOOSE_PASSING | CHOOSE_BY_ATTRIBUTE},
    {"rejectattr", NULL, 0, filter_choose, CHOOSE_BY_ATTRIBUTE},
    {"map", NULL, 0, filter_map, 0},
    {NULL, NULL, 0, NULL, 0},
};
