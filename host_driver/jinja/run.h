// SPDX-License-Identifier: Apache-2.0
// The state of a template that runs, and what every part of it needs: memory, work, errors, texts that grow.
#ifndef TERN_HOST_DRIVER_JINJA_RUN_H
#define TERN_HOST_DRIVER_JINJA_RUN_H

#include <time.h>

#include "cmodel/error.h"
#include "host_driver/jinja/arena.h"
#include "host_driver/jinja/parse/node.h"
#include "host_driver/jinja/value.h"

// Limits of one run. Real templates need less than a hundredth of each.
#define TERN_JINJA_RUN_BYTES ((size_t)128 << 20)
#define TERN_JINJA_RUN_WORK ((uint64_t)1 << 28) // one a byte that is read or written, TERN_JINJA_NODE_WORK a node
#define TERN_JINJA_NODE_WORK 32
#define TERN_JINJA_RUN_DEPTH 200 // nodes within nodes, macros within macros

struct tern_jinja_scope {
    struct tern_jinja_scope *outer;
    struct tern_jinja_mapping variables;
};

struct tern_jinja_builder {
    char *bytes;
    uint8_t *marks;
    size_t length, capacity;
};

enum tern_jinja_flow { TERN_JINJA_GOES_ON, TERN_JINJA_CONTINUES, TERN_JINJA_BREAKS };

struct tern_jinja_run {
    struct tern_arena arena;
    struct tern_error *error;
    uint64_t work; // done so far
    uint32_t depth;
    uint32_t line; // of the template
    struct tern_jinja_scope *scope;
    struct tern_jinja_builder *out;
    enum tern_jinja_flow flow;
    const struct tm *now; // for strftime_now
};

// UNSUPPORTED with "line N: " before the text. Control characters become blanks.
enum tern_status tern_jinja_refuse(struct tern_jinja_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

enum tern_status tern_jinja_take(struct tern_jinja_run *run, size_t bytes, void **memory);
enum tern_status tern_jinja_work(struct tern_jinja_run *run, size_t amount);
// Counts a level of nesting and the work of a node. The caller subtracts one from run->depth when it returns OK.
enum tern_status tern_jinja_enter(struct tern_jinja_run *run);

enum tern_status tern_jinja_append(struct tern_jinja_run *run, struct tern_jinja_builder *builder,
                                   struct tern_jinja_text text);
struct tern_jinja_text tern_jinja_built(const struct tern_jinja_builder *builder);

enum tern_status tern_jinja_new_list(struct tern_jinja_run *run, enum tern_jinja_row row, size_t count,
                                     struct tern_jinja_value *value);
// Replaces the value of a key or adds one.
enum tern_status tern_jinja_mapping_set(struct tern_jinja_run *run, struct tern_jinja_mapping *mapping,
                                        struct tern_jinja_text key, struct tern_jinja_value value);
// The items that a loop over `value` takes.
enum tern_status tern_jinja_items(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                  const struct tern_jinja_list **items);
// str() of Python. A list, a mapping and others are refused: Python writes them as its own source.
enum tern_status tern_jinja_to_text(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                    struct tern_jinja_text *text);
enum tern_status tern_jinja_equals(struct tern_jinja_run *run, const struct tern_jinja_value *a,
                                   const struct tern_jinja_value *b, bool *is_equal);

// The first and last byte of the characters from `from` to `to` - 1 of a text.
struct tern_jinja_text tern_jinja_characters(struct tern_jinja_text text, size_t from, size_t to);

#endif
