// SPDX-License-Identifier: Apache-2.0
#include "host_driver/jinja/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/unicode/utf8.h"

enum tern_status tern_jinja_refuse(struct tern_jinja_run *run, const char *format, ...) {
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t bad;
    if (!tern_utf8_validate(text, strlen(text), &bad)) {
        text[bad] = 0; // a character that was cut
    }
    for (char *at = text; *at; at++) {
        *at = (unsigned char)*at < 0x20 || *at == 0x7F ? ' ' : *at;
    }
    return tern_error_set(run->error, TERN_STATUS_UNSUPPORTED, "line %u: %s", run->line, text);
}

enum tern_status tern_jinja_take(struct tern_jinja_run *run, size_t bytes, void **memory) {
    *memory = tern_arena_take(&run->arena, bytes);
    return *memory ? TERN_STATUS_OK
                   : tern_jinja_refuse(run, "more than %zu MiB of memory are needed", TERN_JINJA_RUN_BYTES >> 20);
}

enum tern_status tern_jinja_work(struct tern_jinja_run *run, size_t amount) {
    run->work += amount;
    return run->work <= TERN_JINJA_RUN_WORK ? TERN_STATUS_OK
                                            : tern_jinja_refuse(run, "it runs too long, so it was stopped");
}

enum tern_status tern_jinja_enter(struct tern_jinja_run *run) {
    if (run->depth >= TERN_JINJA_RUN_DEPTH) {
        return tern_jinja_refuse(run, "expressions, statements or values are nested more than %d deep",
                                 TERN_JINJA_RUN_DEPTH);
    }
    TERN_TRY(tern_jinja_work(run, TERN_JINJA_NODE_WORK));
    run->depth++;
    return TERN_STATUS_OK;
}

static enum tern_status reserve(struct tern_jinja_run *run, struct tern_jinja_builder *builder, size_t more) {
    void *bytes, *marks;
    if (more <= builder->capacity - builder->length) {
        return TERN_STATUS_OK;
    }
    size_t capacity = 2 * builder->capacity + more + 32;
    TERN_TRY(tern_jinja_take(run, capacity, &bytes));
    TERN_TRY(tern_jinja_take(run, capacity, &marks));
    if (builder->length > 0) {
        memcpy(bytes, builder->bytes, builder->length);
        memcpy(marks, builder->marks, builder->length);
    }
    builder->bytes = bytes;
    builder->marks = marks;
    builder->capacity = capacity;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_append(struct tern_jinja_run *run, struct tern_jinja_builder *builder,
                                   struct tern_jinja_text text) {
    TERN_TRY(tern_jinja_work(run, text.length));
    TERN_TRY(reserve(run, builder, text.length));
    if (text.length > 0) {
        memcpy(builder->bytes + builder->length, text.bytes, text.length);
    }
    if (text.length > 0 && text.marks) {
        memcpy(builder->marks + builder->length, text.marks, text.length);
    }
    builder->length += text.length;
    return TERN_STATUS_OK;
}

struct tern_jinja_text tern_jinja_built(const struct tern_jinja_builder *builder) {
    return (struct tern_jinja_text){builder->length > 0 ? builder->bytes : "", builder->marks, builder->length};
}

enum tern_status tern_jinja_new_list(struct tern_jinja_run *run, enum tern_jinja_row row, size_t count,
                                     struct tern_jinja_value *value) {
    void *list, *items;
    TERN_TRY(tern_jinja_work(run, count));
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_list), &list));
    TERN_TRY(tern_jinja_take(run, count * sizeof(struct tern_jinja_value), &items));
    *value = (struct tern_jinja_value){TERN_JINJA_LIST, {.list = list}};
    *value->list = (struct tern_jinja_list){.row = row, .count = count, .items = items};
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_mapping_set(struct tern_jinja_run *run, struct tern_jinja_mapping *mapping,
                                        struct tern_jinja_text key, struct tern_jinja_value value) {
    struct tern_jinja_value *found = tern_jinja_mapping_find(mapping, key);
    void *memory;
    TERN_TRY(tern_jinja_work(run, mapping->count));
    if (found) {
        *found = value;
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_entry), &memory));
    struct tern_jinja_entry *entry = memory;
    *entry = (struct tern_jinja_entry){key, value, NULL};
    *(mapping->last ? &mapping->last->next : &mapping->first) = entry;
    mapping->last = entry;
    mapping->count++;
    return TERN_STATUS_OK;
}

static enum tern_status characters_of(struct tern_jinja_run *run, struct tern_jinja_text text,
                                      const struct tern_jinja_list **items) {
    struct tern_jinja_value list;
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_VIEW, tern_jinja_text_characters(text), &list));
    size_t length;
    for (size_t i = 0, at = 0; at < text.length; i++, at += length) {
        tern_utf8_decode(text.bytes + at, &length);
        list.list->items[i] = tern_jinja_text_value(tern_jinja_text_part(text, at, at + length));
    }
    *items = list.list;
    return TERN_STATUS_OK;
}

static enum tern_status keys_of(struct tern_jinja_run *run, const struct tern_jinja_mapping *mapping,
                                const struct tern_jinja_list **items) {
    struct tern_jinja_value list;
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_VIEW, mapping->count, &list));
    size_t i = 0;
    for (const struct tern_jinja_entry *entry = mapping->first; entry; entry = entry->next) {
        list.list->items[i++] = tern_jinja_text_value(entry->key);
    }
    *items = list.list;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_items(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                  const struct tern_jinja_list **items) {
    static const struct tern_jinja_list nothing;
    *items = &nothing;
    switch (value->kind) {
    case TERN_JINJA_UNDEFINED: return TERN_STATUS_OK;
    case TERN_JINJA_TEXT: return characters_of(run, value->text, items);
    case TERN_JINJA_MAPPING: return keys_of(run, value->mapping, items);
    case TERN_JINJA_LIST: break;
    default: return tern_jinja_refuse(run, "%s has no items to go through", tern_jinja_kind_name(value));
    }
    if (value->list->is_read) {
        return tern_jinja_refuse(run, "an iterator is read twice");
    }
    value->list->is_read = value->list->row == TERN_JINJA_ROW_STREAM;
    *items = value->list;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_to_text(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                    struct tern_jinja_text *text) {
    void *memory;
    *text = tern_jinja_literal("");
    switch (value->kind) {
    case TERN_JINJA_UNDEFINED: return TERN_STATUS_OK;
    case TERN_JINJA_TEXT: *text = value->text; return TERN_STATUS_OK;
    case TERN_JINJA_NONE: *text = tern_jinja_literal("None"); return TERN_STATUS_OK;
    case TERN_JINJA_BOOLEAN: *text = tern_jinja_literal(value->number ? "True" : "False"); return TERN_STATUS_OK;
    case TERN_JINJA_NUMBER: break;
    default: return tern_jinja_refuse(run, "%s is written as text", tern_jinja_kind_name(value));
    }
    TERN_TRY(tern_jinja_take(run, 24, &memory));
    snprintf(memory, 24, "%lld", (long long)value->number);
    *text = tern_jinja_literal(memory);
    return TERN_STATUS_OK;
}

struct tern_jinja_text tern_jinja_characters(struct tern_jinja_text text, size_t from, size_t to) {
    size_t start = text.length, end = text.length, count = 0, length;
    for (size_t at = 0; at < text.length && count <= to; at += length, count++) {
        tern_utf8_decode(text.bytes + at, &length);
        start = count == from ? at : start;
        end = count == to ? at : end;
    }
    return tern_jinja_text_part(text, start, end < start ? start : end);
}
