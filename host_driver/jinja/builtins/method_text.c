// SPDX-License-Identifier: Apache-2.0
// Methods of strings, as Python has them.
#include "host_driver/jinja/builtins/builtin.h"

// variant: 1 for the left end, 2 for the right one, 3 for both.
TERN_JINJA_BUILTIN(text_strip) {
    struct tern_jinja_text of = {0};
    bool has_characters = call->given[0] && call->given[0]->kind != TERN_JINJA_NONE;
    if (has_characters) {
        TERN_TRY(tern_jinja_need_text(run, "the argument of strip", call->given[0], &of));
    }
    *result =
        tern_jinja_text_value(tern_jinja_text_strip(self->text, (unsigned)call->variant, has_characters ? &of : NULL));
    return tern_jinja_work(run, self->text.length * (1 + of.length));
}

TERN_JINJA_BUILTIN(text_replace) {
    struct tern_jinja_text from, to;
    int64_t most = -1;
    TERN_TRY(tern_jinja_need_text(run, "the argument of replace", call->given[0], &from));
    TERN_TRY(tern_jinja_need_text(run, "the argument of replace", call->given[1], &to));
    if (call->given[2]) {
        TERN_TRY(tern_jinja_need_number(run, "the count of replace", call->given[2], &most));
    }
    return tern_jinja_replace(run, self->text, from, to, most, result);
}

// Whether the text begins or ends with one of the strings in `parts`: a string or a tuple of them.
static enum tern_status has_end(struct tern_jinja_run *run, struct tern_jinja_text text, bool is_right,
                                const struct tern_jinja_value *parts, struct tern_jinja_value *result) {
    bool is_tuple = parts->kind == TERN_JINJA_LIST && parts->list->row == TERN_JINJA_ROW_TUPLE, is_so = false;
    const size_t count = is_tuple ? parts->list->count : 1;
    for (size_t i = 0; !is_so && i < count; i++) {
        struct tern_jinja_text part;
        TERN_TRY(tern_jinja_need_text(run, "what a string begins or ends with",
                                      is_tuple ? &parts->list->items[i] : parts, &part));
        size_t from = is_right && part.length < text.length ? text.length - part.length : 0;
        is_so = part.length <= text.length &&
                tern_jinja_text_equals(tern_jinja_text_part(text, from, from + part.length), part);
    }
    *result = tern_jinja_boolean(is_so);
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(text_has_end) {
    return has_end(run, self->text, call->variant, call->given[0], result);
}

// Without the string at one end, if it is there.
TERN_JINJA_BUILTIN(text_remove_end) {
    struct tern_jinja_text text = self->text, removed;
    const bool is_right = call->variant;
    TERN_TRY(tern_jinja_need_text(run, "what is removed from a string", call->given[0], &removed));
    TERN_TRY(has_end(run, text, is_right, call->given[0], result));
    size_t length = result->number ? removed.length : 0;
    *result = tern_jinja_text_value(
        tern_jinja_text_part(text, is_right ? 0 : length, is_right ? text.length - length : text.length));
    return TERN_STATUS_OK;
}

// The byte of the next white space from `at` on, or of the next other character; the length without one.
static size_t next_space(struct tern_jinja_text text, size_t at, bool wants_space) {
    struct tern_jinja_text rest = tern_jinja_text_part(text, at, text.length);
    while (rest.length > 0) {
        struct tern_jinja_text one = tern_jinja_characters(rest, 0, 1);
        if ((tern_jinja_text_strip(one, 1, NULL).length == 0) == wants_space) {
            break;
        }
        rest = tern_jinja_text_part(rest, one.length, rest.length);
    }
    return text.length - rest.length;
}

// The words between white space.
static enum tern_status split_words(struct tern_jinja_run *run, struct tern_jinja_text text,
                                    struct tern_jinja_value *result) {
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_LIST, text.length / 2 + 1, result));
    result->list->count = 0;
    for (size_t at = next_space(text, 0, false); at < text.length;) {
        size_t end = next_space(text, at, true);
        result->list->items[result->list->count++] = tern_jinja_text_value(tern_jinja_text_part(text, at, end));
        at = next_space(text, end, false);
    }
    return TERN_STATUS_OK;
}

static size_t count_parts(struct tern_jinja_text text, struct tern_jinja_text separator) {
    size_t count = 1;
    for (size_t at = 0; (at = tern_jinja_text_find(text, separator, at)) != SIZE_MAX; at += separator.length) {
        count++;
    }
    return count;
}

static enum tern_status split_at(struct tern_jinja_run *run, struct tern_jinja_text text,
                                 struct tern_jinja_text separator, int64_t most, struct tern_jinja_value *result) {
    size_t count = count_parts(text, separator), at = 0;
    count = most >= 0 && (size_t)most + 1 < count ? (size_t)most + 1 : count;
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_LIST, count, result));
    for (size_t i = 0; i < count; i++) {
        size_t end = i + 1 < count ? tern_jinja_text_find(text, separator, at) : text.length;
        result->list->items[i] = tern_jinja_text_value(tern_jinja_text_part(text, at, end));
        at = end + separator.length;
    }
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(text_split) {
    struct tern_jinja_text separator;
    int64_t most = -1;
    if (call->given[1]) {
        TERN_TRY(tern_jinja_need_number(run, "the second argument of split", call->given[1], &most));
    }
    TERN_TRY(tern_jinja_work(run, 2 * self->text.length));
    if (!call->given[0] || call->given[0]->kind == TERN_JINJA_NONE) {
        return most < 0 ? split_words(run, self->text, result)
                        : tern_jinja_refuse(run, "split at white space with a limit is not known");
    }
    TERN_TRY(tern_jinja_need_text(run, "the argument of split", call->given[0], &separator));
    return separator.length > 0 ? split_at(run, self->text, separator, most, result)
                                : tern_jinja_refuse(run, "a string is split at an empty one");
}

// The place in characters, -1 without the part.
TERN_JINJA_BUILTIN(text_find) {
    struct tern_jinja_text part;
    TERN_TRY(tern_jinja_need_text(run, "the argument of find", call->given[0], &part));
    TERN_TRY(tern_jinja_work(run, self->text.length));
    size_t found = tern_jinja_text_find(self->text, part, 0);
    *result = tern_jinja_number(-1);
    if (found != SIZE_MAX) {
        *result = tern_jinja_number((int64_t)tern_jinja_text_characters(tern_jinja_text_part(self->text, 0, found)));
    }
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(text_count) {
    struct tern_jinja_text part;
    TERN_TRY(tern_jinja_need_text(run, "the argument of count", call->given[0], &part));
    TERN_TRY(tern_jinja_work(run, self->text.length));
    if (part.length == 0) {
        return tern_jinja_refuse(run, "empty strings are counted");
    }
    *result = tern_jinja_number((int64_t)count_parts(self->text, part) - 1);
    return TERN_STATUS_OK;
}

TERN_JINJA_BUILTIN(text_join) {
    const struct tern_jinja_list *items;
    TERN_TRY(tern_jinja_items(run, call->given[0], &items));
    for (size_t i = 0; i < items->count; i++) {
        struct tern_jinja_text text;
        TERN_TRY(tern_jinja_need_text(run, "an item of join", &items->items[i], &text));
    }
    return tern_jinja_join(run, items, self->text, result);
}

// Replaces each {} by the next argument. Other fields are not known; {{ and }} are braces.
TERN_JINJA_BUILTIN(text_format) {
    struct tern_jinja_builder out = {0};
    const struct tern_jinja_text text = self->text;
    size_t used = 0;
    for (size_t at = 0; at < text.length; at++) {
        struct tern_jinja_text part = tern_jinja_text_part(text, at, at + 1);
        const char byte = text.bytes[at], next = at + 1 < text.length ? text.bytes[at + 1] : 0;
        if (byte == '{' && next == '}' && used < call->count) {
            TERN_TRY(tern_jinja_to_text(run, &call->items[used++], &part));
        } else if ((byte == '{' || byte == '}') && next != byte) {
            return tern_jinja_refuse(run, "a field of the method format that is not {}, or has no value");
        }
        at += byte == '{' || byte == '}';
        TERN_TRY(tern_jinja_append(run, &out, part));
    }
    *result = tern_jinja_text_value(tern_jinja_built(&out));
    return TERN_STATUS_OK;
}

const struct tern_jinja_builtin tern_jinja_text_method_table[] = {
    {"strip", "chars ", 0, text_strip, 3},
    {"lstrip", "chars ", 0, text_strip, 1},
    {"rstrip", "chars ", 0, text_strip, 2},
    {"upper", "", 0, tern_jinja_case, 'U'},
    {"lower", "", 0, tern_jinja_case, 'L'},
    {"capitalize", "", 0, tern_jinja_case, 'C'},
    {"title", "", 0, tern_jinja_case, 'P'},
    {"replace", "old new count ", 2, text_replace, 0},
    {"startswith", "prefix ", 1, text_has_end, false},
    {"endswith", "suffix ", 1, text_has_end, true},
    {"removeprefix", "prefix ", 1, text_remove_end, false},
    {"removesuffix", "suffix ", 1, text_remove_end, true},
    {"split", "sep maxsplit ", 0, text_split, 0},
    {"find", "sub ", 1, text_find, 0},
    {"count", "sub ", 1, text_count, 0},
    {"format", NULL, 0, text_format, 0},
    {"join", "iterable ", 1, text_join, 0},
    {"casefold", NULL, 0, NULL, 0},
    {"center", NULL, 0, NULL, 0},
    {"encode", NULL, 0, NULL, 0},
    {"expandtabs", NULL, 0, NULL, 0},
    {"format_map", NULL, 0, NULL, 0},
    {"index", NULL, 0, NULL, 0},
    {"isalnum", NULL, 0, NULL, 0},
    {"isalpha", NULL, 0, NULL, 0},
    {"isascii", NULL, 0, NULL, 0},
    {"isdecimal", NULL, 0, NULL, 0},
    {"isdigit", NULL, 0, NULL, 0},
    {"isidentifier", NULL, 0, NULL, 0},
    {"islower", NULL, 0, NULL, 0},
    {"isnumeric", NULL, 0, NULL, 0},
    {"isprintable", NULL, 0, NULL, 0},
    {"isspace", NULL, 0, NULL, 0},
    {"istitle", NULL, 0, NULL, 0},
    {"isupper", NULL, 0, NULL, 0},
    {"ljust", NULL, 0, NULL, 0},
    {"maketrans", NULL, 0, NULL, 0},
    {"partition", NULL, 0, NULL, 0},
    {"rfind", NULL, 0, NULL, 0},
    {"rindex", NULL, 0, NULL, 0},
    {"rjust", NULL, 0, NULL, 0},
    {"rpartition", NULL, 0, NULL, 0},
    {"rsplit", NULL, 0, NULL, 0},
    {"splitlines", NULL, 0, NULL, 0},
    {"swapcase", NULL, 0, NULL, 0},
    {"translate", NULL, 0, NULL, 0},
    {"zfill", NULL, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};
