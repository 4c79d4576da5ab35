// SPDX-License-Identifier: Apache-2.0
// a.b, a[b] and a[b:c:d].
#include "host_driver/jinja/builtins/builtin.h"
#include "host_driver/jinja/evaluate.h"

static enum tern_status undefined_error(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                        struct tern_jinja_text name) {
    return tern_jinja_refuse(run, "\"%.*s\" is undefined, so it has no \"%.*s\"", TERN_JINJA_NAME(of->text),
                             TERN_JINJA_NAME(name));
}

static enum tern_status bind(struct tern_jinja_run *run, const struct tern_jinja_builtin *builtin,
                             const struct tern_jinja_value *self, struct tern_jinja_value *value) {
    void *method;
    if (!builtin->function) {
        return tern_jinja_refuse(run, "the method %s of %s is not known", builtin->name, tern_jinja_kind_name(self));
    }
    TERN_TRY(tern_jinja_take(run, sizeof(struct tern_jinja_method), &method));
    *value = (struct tern_jinja_value){TERN_JINJA_METHOD, {.method = method}};
    *value->method = (struct tern_jinja_method){*self, builtin};
    return TERN_STATUS_OK;
}

static struct tern_jinja_value neighbour(const struct tern_jinja_loop *loop, bool has_one, size_t index,
                                         const char *name) {
    return has_one ? loop->items->items[index] : tern_jinja_undefined(tern_jinja_literal(name));
}

// Returns false for a name that is no attribute of a loop.
static bool loop_attribute(const struct tern_jinja_loop *loop, struct tern_jinja_text name,
                           struct tern_jinja_value *value) {
    const int64_t index = (int64_t)loop->index, count = (int64_t)loop->items->count;
    const struct {
        const char *name;
        struct tern_jinja_value value;
    } attributes[] = {
        {"index", tern_jinja_number(index + 1)},
        {"index0", tern_jinja_number(index)},
        {"revindex", tern_jinja_number(count - index)},
        {"revindex0", tern_jinja_number(count - index - 1)},
        {"first", tern_jinja_boolean(index == 0)},
        {"last", tern_jinja_boolean(index + 1 == count)},
        {"length", tern_jinja_number(count)},
        {"previtem", neighbour(loop, index > 0, loop->index - 1, "loop.previtem")},
        {"nextitem", neighbour(loop, index + 1 < count, loop->index + 1, "loop.nextitem")},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        if (tern_jinja_text_is(name, attributes[i].name)) {
            *value = attributes[i].value;
            return true;
        }
    }
    return false;
}

static const struct tern_jinja_builtin *find_method(const struct tern_jinja_value *of, struct tern_jinja_text name) {
    switch (of->kind) {
    case TERN_JINJA_TEXT: return tern_jinja_builtin_find(tern_jinja_text_method_table, name);
    case TERN_JINJA_LIST: return tern_jinja_builtin_find(tern_jinja_list_method_table, name);
    case TERN_JINJA_MAPPING: return tern_jinja_builtin_find(tern_jinja_mapping_method_table, name);
    case TERN_JINJA_LOOP: return tern_jinja_builtin_find(tern_jinja_loop_method_table, name);
    default: return NULL;
    }
}

// A method, then a key, as jinja2's getattr.
enum tern_status tern_jinja_get_attribute(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                          struct tern_jinja_text name, struct tern_jinja_value *value) {
    const struct tern_jinja_builtin *method = find_method(of, name);
    *value = tern_jinja_undefined(name);
    if (of->kind == TERN_JINJA_UNDEFINED) {
        return undefined_error(run, of, name);
    }
    if (name.length > 0 && name.bytes[0] == '_') {
        return tern_jinja_refuse(run, "the attribute %.*s is private", TERN_JINJA_NAME(name));
    }
    if (method) {
        return bind(run, method, of, value);
    }
    if (of->kind == TERN_JINJA_MAPPING || of->kind == TERN_JINJA_NAMESPACE) {
        const struct tern_jinja_value *found = tern_jinja_mapping_find(of->mapping, name);
        *value = found ? *found : *value;
        return tern_jinja_work(run, of->mapping->count);
    }
    bool is_known = of->kind == TERN_JINJA_TEXT || of->kind == TERN_JINJA_LIST || of->kind == TERN_JINJA_NONE ||
                    (of->kind == TERN_JINJA_LOOP && loop_attribute(of->loop, name, value));
    return is_known ? TERN_STATUS_OK
                    : tern_jinja_refuse(run, "the attribute %.*s of %s is not known", TERN_JINJA_NAME(name),
                                        tern_jinja_kind_name(of));
}

// Makes an index from the end one from the start. Returns false beyond both ends.
static bool place_index(int64_t index, size_t count, size_t *place) {
    index += index < 0 ? (int64_t)count : 0;
    *place = (size_t)index;
    return index >= 0 && index < (int64_t)count;
}

static enum tern_status numbered_item(struct tern_jinja_run *run, const struct tern_jinja_value *of, int64_t index,
                                      struct tern_jinja_value *value) {
    size_t place;
    *value = tern_jinja_undefined(tern_jinja_literal("an item beyond the end"));
    if (of->kind == TERN_JINJA_TEXT) {
        TERN_TRY(tern_jinja_work(run, of->text.length));
        if (place_index(index, tern_jinja_text_characters(of->text), &place)) {
            *value = tern_jinja_text_value(tern_jinja_characters(of->text, place, place + 1));
        }
        return TERN_STATUS_OK;
    }
    if (of->list->row > TERN_JINJA_ROW_TUPLE) {
        return tern_jinja_refuse(run, "an item of an iterator");
    }
    if (place_index(index, of->list->count, &place)) {
        *value = of->list->items[place];
    }
    return TERN_STATUS_OK;
}

// A key or an index, then a method, as jinja2's getitem.
enum tern_status tern_jinja_get_item(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                     const struct tern_jinja_value *index, struct tern_jinja_value *value) {
    if (of->kind == TERN_JINJA_UNDEFINED) {
        return undefined_error(run, of, tern_jinja_literal("[...]"));
    }
    if (tern_jinja_is_number(index) && (of->kind == TERN_JINJA_TEXT || of->kind == TERN_JINJA_LIST)) {
        return numbered_item(run, of, index->number, value);
    }
    *value = tern_jinja_undefined(tern_jinja_literal("[...]"));
    if (index->kind != TERN_JINJA_TEXT) {
        return TERN_STATUS_OK;
    }
    if (of->kind == TERN_JINJA_MAPPING) {
        const struct tern_jinja_value *found = tern_jinja_mapping_find(of->mapping, index->text);
        TERN_TRY(tern_jinja_work(run, of->mapping->count));
        if (found) {
            *value = *found;
            return TERN_STATUS_OK;
        }
    }
    return tern_jinja_get_attribute(run, of, index->text, value);
}

static enum tern_status read_bound(struct tern_jinja_run *run, const struct tern_jinja_value *bound, int64_t fallback,
                                   int64_t count, int64_t least, int64_t most, int64_t *place) {
    *place = fallback;
    if (bound->kind == TERN_JINJA_NONE) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_jinja_need_number(run, "the bound of a slice", bound, place));
    *place += *place < 0 ? count : 0;
    *place = *place < least ? least : *place > most ? most : *place;
    return TERN_STATUS_OK;
}

// As Python's slice.indices(count).
static enum tern_status read_bounds(struct tern_jinja_run *run, const struct tern_jinja_value bounds[3], int64_t count,
                                    int64_t *start, int64_t *end, int64_t *step) {
    *step = 1;
    if (bounds[2].kind != TERN_JINJA_NONE) {
        TERN_TRY(tern_jinja_need_number(run, "the step of a slice", &bounds[2], step));
    }
    if (*step == 0) {
        return tern_jinja_refuse(run, "a slice with step 0");
    }
    bool is_back = *step < 0;
    int64_t least = is_back ? -1 : 0, most = is_back ? count - 1 : count;
    TERN_TRY(read_bound(run, &bounds[0], is_back ? count - 1 : 0, count, least, most, start));
    return read_bound(run, &bounds[1], is_back ? -1 : count, count, least, most, end);
}

static size_t slice_count(int64_t start, int64_t end, int64_t step) {
    int64_t distance = step > 0 ? end - start : start - end, stride = step > 0 ? step : -step;
    return distance > 0 ? (size_t)((distance + stride - 1) / stride) : 0;
}

static enum tern_status slice_list(struct tern_jinja_run *run, const struct tern_jinja_list *list,
                                   const struct tern_jinja_value bounds[3], enum tern_jinja_row row,
                                   struct tern_jinja_value *value) {
    int64_t start, end, step;
    TERN_TRY(read_bounds(run, bounds, (int64_t)list->count, &start, &end, &step));
    size_t count = slice_count(start, end, step);
    TERN_TRY(tern_jinja_new_list(run, row, count, value));
    for (size_t i = 0; i < count; i++) {
        value->list->items[i] = list->items[start + (int64_t)i * step];
    }
    return TERN_STATUS_OK;
}

static enum tern_status slice_text(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                   const struct tern_jinja_value bounds[3], struct tern_jinja_value *value) {
    int64_t start, end, step;
    const struct tern_jinja_list *characters;
    TERN_TRY(tern_jinja_work(run, of->text.length));
    TERN_TRY(read_bounds(run, bounds, (int64_t)tern_jinja_text_characters(of->text), &start, &end, &step));
    if (step == 1) {
        end = end < start ? start : end;
        *value = tern_jinja_text_value(tern_jinja_characters(of->text, (size_t)start, (size_t)end));
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_jinja_items(run, of, &characters));
    TERN_TRY(slice_list(run, characters, bounds, TERN_JINJA_ROW_LIST, value));
    return tern_jinja_join(run, value->list, tern_jinja_literal(""), value);
}

enum tern_status tern_jinja_get_slice(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                      const struct tern_jinja_value bounds[3], struct tern_jinja_value *value) {
    if (of->kind == TERN_JINJA_TEXT) {
        return slice_text(run, of, bounds, value);
    }
    if (of->kind != TERN_JINJA_LIST || of->list->row > TERN_JINJA_ROW_TUPLE) {
        return tern_jinja_refuse(run, "a slice of %s",
                                 of->kind == TERN_JINJA_LIST ? "an iterator" : tern_jinja_kind_name(of));
    }
    return slice_list(run, of->list, bounds, of->list->row, value);
}
