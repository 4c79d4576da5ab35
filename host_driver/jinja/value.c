// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // memmem
#include "host_driver/jinja/value.h"

#include <string.h>

#include "host_driver/unicode/utf8.h"

const char *tern_jinja_kind_name(const struct tern_jinja_value *value) {
    static const char *const names[] = {
        "an undefined value", "None",   "a boolean",  "a number", "a string", "a list",          "a mapping",
        "a namespace",        "a loop", "a function", "a method", "a macro",  "an unknown value"};
    return names[value->kind];
}

bool tern_jinja_is_number(const struct tern_jinja_value *value) {
    return value->kind == TERN_JINJA_NUMBER || value->kind == TERN_JINJA_BOOLEAN;
}

bool tern_jinja_is_true(const struct tern_jinja_value *value) {
    switch (value->kind) {
    case TERN_JINJA_UNDEFINED:
    case TERN_JINJA_NONE: return false;
    case TERN_JINJA_BOOLEAN:
    case TERN_JINJA_NUMBER: return value->number != 0;
    case TERN_JINJA_TEXT: return value->text.length > 0;
    case TERN_JINJA_LIST: return value->list->count > 0 || value->list->row == TERN_JINJA_ROW_STREAM;
    case TERN_JINJA_MAPPING: return value->mapping->count > 0;
    case TERN_JINJA_LOOP: return value->loop->items->count > 0;
    default: return true;
    }
}

struct tern_jinja_value tern_jinja_undefined(struct tern_jinja_text name) {
    return (struct tern_jinja_value){TERN_JINJA_UNDEFINED, {.text = name}};
}

struct tern_jinja_value tern_jinja_boolean(bool value) {
    return (struct tern_jinja_value){TERN_JINJA_BOOLEAN, {.number = value}};
}

struct tern_jinja_value tern_jinja_number(int64_t value) {
    return (struct tern_jinja_value){TERN_JINJA_NUMBER, {.number = value}};
}

struct tern_jinja_value tern_jinja_text_value(struct tern_jinja_text text) {
    return (struct tern_jinja_value){TERN_JINJA_TEXT, {.text = text}};
}

struct tern_jinja_text tern_jinja_literal(const char *zero_ended) {
    return (struct tern_jinja_text){zero_ended, NULL, strlen(zero_ended)};
}

bool tern_jinja_text_equals(struct tern_jinja_text a, struct tern_jinja_text b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

bool tern_jinja_text_is(struct tern_jinja_text text, const char *zero_ended) {
    return tern_jinja_text_equals(text, tern_jinja_literal(zero_ended));
}

// The order of UTF-8 bytes is that of code points.
int tern_jinja_text_compare(struct tern_jinja_text a, struct tern_jinja_text b) {
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common > 0 ? memcmp(a.bytes, b.bytes, common) : 0;
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

struct tern_jinja_text tern_jinja_text_part(struct tern_jinja_text text, size_t from, size_t to) {
    return (struct tern_jinja_text){text.bytes + from, text.marks ? text.marks + from : NULL, to - from};
}

size_t tern_jinja_text_find(struct tern_jinja_text text, struct tern_jinja_text part, size_t from) {
    if (from > text.length) {
        return SIZE_MAX;
    }
    if (part.length == 0) {
        return from;
    }
    const char *found =
        text.length > from ? memmem(text.bytes + from, text.length - from, part.bytes, part.length) : NULL;
    return found ? (size_t)(found - text.bytes) : SIZE_MAX;
}

size_t tern_jinja_text_characters(struct tern_jinja_text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        count += ((unsigned char)text.bytes[i] & 0xC0) != 0x80;
    }
    return count;
}

bool tern_jinja_is_space(uint32_t code_point) {
    return tern_is_white_space(code_point) || (code_point >= 0x1C && code_point <= 0x1F);
}

static bool is_stripped(uint32_t code_point, const struct tern_jinja_text *of) {
    size_t length;
    for (size_t at = 0; of && at < of->length; at += length) {
        if (tern_utf8_decode(of->bytes + at, &length) == code_point) {
            return true;
        }
    }
    return !of && tern_jinja_is_space(code_point);
}

struct tern_jinja_text tern_jinja_text_strip(struct tern_jinja_text text, unsigned ends,
                                             const struct tern_jinja_text *of) {
    size_t from = 0, to = text.length, length;
    while (ends & 1 && from < to && is_stripped(tern_utf8_decode(text.bytes + from, &length), of)) {
        from += length;
    }
    while (ends & 2 && from < to && is_stripped(tern_utf8_decode_last(text.bytes + from, to - from, &length), of)) {
        to -= length;
    }
    return tern_jinja_text_part(text, from, to);
}

struct tern_jinja_value *tern_jinja_mapping_find(const struct tern_jinja_mapping *mapping, struct tern_jinja_text key) {
    for (struct tern_jinja_entry *entry = mapping->first; entry; entry = entry->next) {
        if (tern_jinja_text_equals(entry->key, key)) {
            return &entry->value;
        }
    }
    return NULL;
}
