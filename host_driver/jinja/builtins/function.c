// SPDX-License-Identifier: Apache-2.0
// The functions that transformers gives to a template.
#include <string.h>

#include "host_driver/jinja/builtins/builtin.h"

#define RANGE_MOST 100000 // as jinja2's sandbox

TERN_JINJA_BUILTIN(call_raise) {
    struct tern_jinja_text text;
    TERN_TRY(tern_jinja_to_text(run, call->given[0], &text));
    int length = text.length < 200 ? (int)text.length : 200;
    return tern_jinja_refuse(run, "the template itself refuses this conversation: %.*s", length, text.bytes);
}

// A namespace or a mapping of the named arguments and of one mapping before them.
TERN_JINJA_BUILTIN(call_mapping) {
    const enum tern_jinja_kind kind = (enum tern_jinja_kind)call->variant;
    void *memory;
    if (call->count > 1 || (call->count == 1 && call->items[0].kind != TERN_JINJA_MAPPING)) {
        return tern_jinja_refuse(run, "the arguments of namespace and dict have names");
    }
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_mapping), &memory));
    *result = (struct tern_jinja_value){kind, {.mapping = memory}};
    for (const struct tern_jinja_entry *at = call->count ? call->items[0].mapping->first : NULL; at; at = at->next) {
        TERN_TRY(tern_jinja_mapping_set(run, result->mapping, at->key, at->value));
    }
    for (size_t i = 0; i < call->named_count; i++) {
        TERN_TRY(tern_jinja_mapping_set(run, result->mapping, call->named[i].name, call->named[i].value));
    }
    for (const struct tern_jinja_entry *at = result->mapping->first; at; at = at->next) {
        if (kind == TERN_JINJA_NAMESPACE && at->key.length > 0 && at->key.bytes[0] == '_') {
            return tern_jinja_refuse(run, "a private attribute of a namespace");
        }
    }
    return TERN_STATUS_OK;
}

// range(end), range(start, end) or range(start, end, step)
TERN_JINJA_BUILTIN(call_range) {
    int64_t bounds[3] = {0, 0, 1};
    for (size_t i = 0; i < 3 && call->given[i]; i++) {
        TERN_TRY(tern_jinja_need_number(run, "the argument of range", call->given[i], &bounds[i]));
    }
    if (!call->given[1]) {
        bounds[1] = bounds[0];
        bounds[0] = 0;
    }
    int64_t step = bounds[2], distance = step > 0 ? bounds[1] - bounds[0] : bounds[0] - bounds[1];
    int64_t stride = step > 0 ? step : -step, count = distance > 0 && step ? (distance - 1) / stride + 1 : 0;
    if (step == 0 || count > RANGE_MOST) {
        return tern_jinja_refuse(run, "a range with step 0 or of more than %d numbers", RANGE_MOST);
    }
    TERN_TRY(tern_jinja_new_list(run, TERN_JINJA_ROW_VIEW, (size_t)count, result));
    for (int64_t i = 0; i < count; i++) {
        result->list->items[i] = tern_jinja_number(bounds[0] + i * step);
    }
    return TERN_STATUS_OK;
}

// Only conversions whose text does not depend on a locale that Python has not set either.
TERN_JINJA_BUILTIN(call_strftime_now) {
    struct tern_jinja_text format;
    void *memory, *written;
    TERN_TRY(tern_jinja_need_text(run, "the argument of strftime_now", call->given[0], &format));
    TERN_TRY(tern_jinja_take(run, format.length + 1, &memory));
    memcpy(memory, format.bytes, format.length);
    for (const char *at = memory; (at = strchr(at, '%')); at += 2) {
        if (!at[1] || !strchr("aAbBdHIjmMpSyY%", at[1])) {
            return tern_jinja_refuse(run, "the format \"%.60s\" of strftime_now is not known", (char *)memory);
        }
    }
    if (format.length == 0 || strlen(memory) != format.length || format.length > 200) {
        return tern_jinja_refuse(run, "the format of strftime_now is empty or too long");
    }
    TERN_TRY(tern_jinja_take(run, 4096, &written));
    size_t length = strftime(written, 4096, memory, run->now);
    *result = tern_jinja_text_value((struct tern_jinja_text){written, NULL, length});
    return TERN_STATUS_OK;
}

const struct tern_jinja_builtin tern_jinja_function_table[] = {
    {"raise_exception", "message ", 1, call_raise, 0},
    {"namespace", NULL, 0, call_mapping, TERN_JINJA_NAMESPACE},
    {"dict", NULL, 0, call_mapping, TERN_JINJA_MAPPING},
    {"range", "start end step ", 1, call_range, 0},
    {"strftime_now", "format ", 1, call_strftime_now, 0},
    {"cycler", NULL, 0, NULL, 0},
    {"joiner", NULL, 0, NULL, 0},
    {"lipsum", NULL, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};
