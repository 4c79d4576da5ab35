// SPDX-License-Identifier: Apache-2.0
// Methods of lists, mappings and loops. Those that change a value are refused, as in jinja2's sandbox.
#include "host_driver/jinja/builtins/builtin.h"

enum tern_status tern_jinja_pairs(struct tern_jinja_run *run, const struct tern_jinja_mapping *mapping,
                                  enum tern_jinja_row row, struct tern_jinja_value *result) {
    TERN_TRY(tern_jinja_new_list(run, row, mapping->count, result));
    size_t i = 0;
    for (const struct tern_jinja_entry *entry = mapping->first; entry; entry = entry->next) {
        struct tern_jinja_value *pair = &result->list->items[i++];
        TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_TUPLE, 2, pair));
        pair->list->items[0] = tern_jinja_text_value(entry->key);
        pair->list->items[1] = entry->value;
    }
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(mapping_items) {
    return tern_jinja_pairs(run, self->mapping, TERN_JINJA_ROW_VIEW, result);
}

// The keys (variant 1) or the values.
TERN_JINJA_BUILTIN(mapping_part) {
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_VIEW, self->mapping->count, result));
    size_t i = 0;
    for (const struct tern_jinja_entry *entry = self->mapping->first; entry; entry = entry->next) {
        result->list->items[i++] = call->variant ? tern_jinja_text_value(entry->key) : entry->value;
    }
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(mapping_get) {
    struct tern_jinja_text key;
    TERN_TRY(tern_jinja_need_text(run, "the argument of get", call->given[0], &key));
    const struct tern_jinja_value *found = tern_jinja_mapping_find(self->mapping, key);
    *result = found ? *found : call->given[1] ? *call->given[1] : (struct tern_jinja_value){.kind = TERN_JINJA_NONE};
    return tern_jinja_work(run, self->mapping->count);
}

TERN_JINJA_BUILTIN(loop_cycle) {
    if (call->count == 0 || call->named_count > 0) {
        return tern_jinja_refuse(run, "loop.cycle has nothing to choose from");
    }
    *result = call->items[self->loop->index % call->count];
    return TERN_STATUS_OK;
}

const struct tern_jinja_builtin tern_jinja_mapping_method_table[] = {
    {"items", "", 0, mapping_items, 0}, {"keys", "", 0, mapping_part, 1},
    {"values", "", 0, mapping_part, 0}, {"get", "key default ", 1, mapping_get, 0},
    {"clear", NULL, 0, NULL, 0},        {"copy", NULL, 0, NULL, 0},
    {"fromkeys", NULL, 0, NULL, 0},     {"pop", NULL, 0, NULL, 0},
    {"popitem", NULL, 0, NULL, 0},      {"setdefault", NULL, 0, NULL, 0},
    {"update", NULL, 0, NULL, 0},       {NULL, NULL, 0, NULL, 0},
};

const struct tern_jinja_builtin tern_jinja_list_method_table[] = {
    {"append", NULL, 0, NULL, 0},  {"clear", NULL, 0, NULL, 0},  {"copy", NULL, 0, NULL, 0},
    {"count", NULL, 0, NULL, 0},   {"extend", NULL, 0, NULL, 0}, {"index", NULL, 0, NULL, 0},
    {"insert", NULL, 0, NULL, 0},  {"pop", NULL, 0, NULL, 0},    {"remove", NULL, 0, NULL, 0},
    {"reverse", NULL, 0, NULL, 0}, {"sort", NULL, 0, NULL, 0},   {NULL, NULL, 0, NULL, 0},
};

const struct tern_jinja_builtin tern_jinja_loop_method_table[] = {
    {"cycle", NULL, 0, loop_cycle, 0},
    {"changed", NULL, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};
