// SPDX-License-Identifier: Apache-2.0
// The values of a template. They live in the arena of their run and do not change, apart from namespaces.
#ifndef TERN_HOST_DRIVER_JINJA_VALUE_H
#define TERN_HOST_DRIVER_JINJA_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tern_jinja_node;
struct tern_jinja_scope;
struct tern_jinja_builtin;

// UTF-8. Each byte has a mark: 0 for text of the template, else what the input gave for its message. NULL: all 0.
struct tern_jinja_text {
    const char *bytes;
    const uint8_t *marks;
    size_t length;
};

#define TERN_JINJA_NAME(text) (int)((text).length < 60 ? (text).length : 60), (text).bytes // for "%.*s"

enum tern_jinja_kind {
    TERN_JINJA_UNDEFINED, // text: the name that has no value
    TERN_JINJA_NONE,
    TERN_JINJA_BOOLEAN,
    TERN_JINJA_NUMBER, // whole
    TERN_JINJA_TEXT,
    TERN_JINJA_LIST,
    TERN_JINJA_MAPPING,
    TERN_JINJA_NAMESPACE,
    TERN_JINJA_LOOP,
    TERN_JINJA_FUNCTION,
    TERN_JINJA_METHOD,
    TERN_JINJA_MACRO,
    TERN_JINJA_UNKNOWN, // of a variable of the input; no expression has this value
};

struct tern_jinja_value {
    enum tern_jinja_kind kind;
    union {
        int64_t number; // also of a boolean
        struct tern_jinja_text text;
        struct tern_jinja_list *list;
        struct tern_jinja_mapping *mapping; // also of a namespace
        struct tern_jinja_loop *loop;
        const struct tern_jinja_builtin *function;
        struct tern_jinja_method *method;
        struct tern_jinja_macro *macro;
    };
};

// Python's types of things in a row.
enum tern_jinja_row {
    TERN_JINJA_ROW_LIST,
    TERN_JINJA_ROW_TUPLE,
    TERN_JINJA_ROW_VIEW,   // a range or a view of a mapping: has a length
    TERN_JINJA_ROW_STREAM, // an iterator: has no length, is always true and can be read once
};

struct tern_jinja_list {
    enum tern_jinja_row row;
    bool is_read; // of a stream
    size_t count;
    struct tern_jinja_value *items;
};

struct tern_jinja_entry {
    struct tern_jinja_text key;
    struct tern_jinja_value value;
    struct tern_jinja_entry *next;
};

struct tern_jinja_mapping {
    struct tern_jinja_entry *first, *last;
    size_t count;
};

struct tern_jinja_loop {
    const struct tern_jinja_list *items;
    size_t index;
};

struct tern_jinja_method {
    struct tern_jinja_value self;
    const struct tern_jinja_builtin *builtin;
};

struct tern_jinja_macro {
    const struct tern_jinja_node *node;
    struct tern_jinja_scope *scope; // where it was defined
};

// A name in the template, for sentences: "a string", "None".
const char *tern_jinja_kind_name(const struct tern_jinja_value *value);
bool tern_jinja_is_true(const struct tern_jinja_value *value);
bool tern_jinja_is_number(const struct tern_jinja_value *value); // a boolean too, as in Python

struct tern_jinja_value tern_jinja_undefined(struct tern_jinja_text name);
struct tern_jinja_value tern_jinja_boolean(bool value);
struct tern_jinja_value tern_jinja_number(int64_t value);
struct tern_jinja_value tern_jinja_text_value(struct tern_jinja_text text);

struct tern_jinja_text tern_jinja_literal(const char *zero_ended);
bool tern_jinja_text_equals(struct tern_jinja_text a, struct tern_jinja_text b); // marks do not count
bool tern_jinja_text_is(struct tern_jinja_text text, const char *zero_ended);
int tern_jinja_text_compare(struct tern_jinja_text a, struct tern_jinja_text b);                  // by code points
struct tern_jinja_text tern_jinja_text_part(struct tern_jinja_text text, size_t from, size_t to); // in bytes
// The byte of the next `part` from byte `from` on; SIZE_MAX without one. An empty part is found at once.
size_t tern_jinja_text_find(struct tern_jinja_text text, struct tern_jinja_text part, size_t from);
size_t tern_jinja_text_characters(struct tern_jinja_text text);
// As Python's strip() with `ends` 1 (left), 2 (right) or 3. of: the characters to remove, NULL for white space.
struct tern_jinja_text tern_jinja_text_strip(struct tern_jinja_text text, unsigned ends,
                                             const struct tern_jinja_text *of);
bool tern_jinja_is_space(uint32_t code_point); // str.isspace()

// NULL without the key.
struct tern_jinja_value *tern_jinja_mapping_find(const struct tern_jinja_mapping *mapping, struct tern_jinja_text key);

#endif
