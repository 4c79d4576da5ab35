// SPDX-License-Identifier: Apache-2.0
// Work on texts that filters and methods share.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/jinja/builtins/builtin.h"

// Where the filter title begins a word.
static bool begins_word(char before) {
    return strchr(" \t\n\v\f\r-({[<\x1c\x1d\x1e\x1f", before);
}

enum tern_status tern_jinja_case(struct tern_jinja_run *run, const struct tern_jinja_value *self,
                                 const struct tern_jinja_call *call, struct tern_jinja_value *result) {
    const int mode = call->variant;
    struct tern_jinja_text text;
    TERN_TRY(tern_jinja_to_text(run, self, &text));
    struct tern_jinja_builder changed = {0};
    TERN_TRY(tern_jinja_append(run, &changed, text));
    for (size_t i = 0; i < changed.length; i++) {
        unsigned char byte = (unsigned char)changed.bytes[i];
        bool is_first = i == 0 || (mode == 'T' && begins_word(text.bytes[i - 1])) ||
                        (mode == 'P' && !isalpha((unsigned char)text.bytes[i - 1]));
        if (byte >= 0x80) {
            return tern_jinja_refuse(run, "upper and lower case of characters beyond ASCII are not known");
        }
        changed.bytes[i] = (char)(mode == 'U' || (mode != 'L' && is_first) ? toupper(byte) : tolower(byte));
    }
    *result = tern_jinja_text_value(tern_jinja_built(&changed));
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_replace(struct tern_jinja_run *run, struct tern_jinja_text text,
                                    struct tern_jinja_text from, struct tern_jinja_text to, int64_t most,
                                    struct tern_jinja_value *result) {
    struct tern_jinja_builder replaced = {0};
    size_t at = 0;
    if (from.length == 0) {
        return tern_jinja_refuse(run, "an empty string is replaced");
    }
    while (most != 0) {
        size_t found = tern_jinja_text_find(text, from, at);
        if (found == SIZE_MAX) {
            break;
        }
        TERN_TRY(tern_jinja_append(run, &replaced, tern_jinja_text_part(text, at, found)));
        TERN_TRY(tern_jinja_append(run, &replaced, to));
        TERN_TRY(tern_jinja_work(run, 1));
        at = found + from.length;
        most -= most > 0;
    }
    TERN_TRY(tern_jinja_append(run, &replaced, tern_jinja_text_part(text, at, text.length)));
    *result = tern_jinja_text_value(tern_jinja_built(&replaced));
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_join(struct tern_jinja_run *run, const struct tern_jinja_list *items,
                                 struct tern_jinja_text separator, struct tern_jinja_value *result) {
    struct tern_jinja_builder joined = {0};
    for (size_t i = 0; i < items->count; i++) {
        struct tern_jinja_text text;
        TERN_TRY(tern_jinja_to_text(run, &items->items[i], &text));
        TERN_TRY(tern_jinja_append(run, &joined, i > 0 ? separator : tern_jinja_literal("")));
        TERN_TRY(tern_jinja_append(run, &joined, text));
    }
    *result = tern_jinja_text_value(tern_jinja_built(&joined));
    return TERN_STATUS_OK;
}

// The escape of a character in JSON; NULL for one that stays.
static const char *json_escape(unsigned char byte, char code[7]) {
    static const char letters[] = "\"\\\b\f\n\r\t", *const escapes[] = {"\\\"", "\\\\", "\\b", "\\f",
                                                                        "\\n",  "\\r",  "\\t"};
    const char *found = byte ? strchr(letters, byte) : NULL;
    snprintf(code, 7, "\\u%04x", byte);
    return found ? escapes[found - letters] : byte < 0x20 ? code : NULL;
}

static enum tern_status write_json_text(struct tern_jinja_run *run, struct tern_jinja_text text,
                                        struct tern_jinja_builder *out) {
    size_t from = 0;
    TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal("\"")));
    for (size_t i = 0; i < text.length; i++) {
        char code[7];
        const char *escape = json_escape((unsigned char)text.bytes[i], code);
        if (escape) {
            TERN_TRY(tern_jinja_append(run, out, tern_jinja_text_part(text, from, i)));
            TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal(escape)));
            from = i + 1;
        }
    }
    TERN_TRY(tern_jinja_append(run, out, tern_jinja_text_part(text, from, text.length)));
    return tern_jinja_append(run, out, tern_jinja_literal("\""));
}

static enum tern_status write_json_list(struct tern_jinja_run *run, const struct tern_jinja_list *list,
                                        struct tern_jinja_builder *out) {
    if (list->row > TERN_JINJA_ROW_TUPLE) {
        return tern_jinja_refuse(run, "the filter tojson of an iterator");
    }
    TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal("[")));
    for (size_t i = 0; i < list->count; i++) {
        TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal(i > 0 ? ", " : "")));
        TERN_TRY(tern_jinja_write_json(run, &list->items[i], out));
    }
    return tern_jinja_append(run, out, tern_jinja_literal("]"));
}

static enum tern_status write_json_mapping(struct tern_jinja_run *run, const struct tern_jinja_mapping *mapping,
                                           struct tern_jinja_builder *out) {
    TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal("{")));
    for (const struct tern_jinja_entry *entry = mapping->first; entry; entry = entry->next) {
        TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal(entry == mapping->first ? "" : ", ")));
        TERN_TRY(write_json_text(run, entry->key, out));
        TERN_TRY(tern_jinja_append(run, out, tern_jinja_literal(": ")));
        TERN_TRY(tern_jinja_write_json(run, &entry->value, out));
    }
    return tern_jinja_append(run, out, tern_jinja_literal("}"));
}

static enum tern_status write_json(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                   struct tern_jinja_builder *out) {
    struct tern_jinja_text text;
    switch (value->kind) {
    case TERN_JINJA_TEXT: return write_json_text(run, value->text, out);
    case TERN_JINJA_LIST: return write_json_list(run, value->list, out);
    case TERN_JINJA_MAPPING: return write_json_mapping(run, value->mapping, out);
    case TERN_JINJA_NONE: return tern_jinja_append(run, out, tern_jinja_literal("null"));
    case TERN_JINJA_BOOLEAN: return tern_jinja_append(run, out, tern_jinja_literal(value->number ? "true" : "false"));
    case TERN_JINJA_NUMBER: TERN_TRY(tern_jinja_to_text(run, value, &text)); return tern_jinja_append(run, out, text);
    default: return tern_jinja_refuse(run, "the filter tojson of %s", tern_jinja_kind_name(value));
    }
}

enum tern_status tern_jinja_write_json(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                       struct tern_jinja_builder *out) {
    TERN_TRY(tern_jinja_enter(run));
    TERN_TRY(write_json(run, value, out));
    run->depth--;
    return TERN_STATUS_OK;
}
