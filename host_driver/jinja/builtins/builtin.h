// SPDX-License-Identifier: Apache-2.0
// What templates can call by name: functions, filters, tests, and methods of strings, lists and mappings.
#ifndef TERN_HOST_DRIVER_JINJA_BUILTIN_H
#define TERN_HOST_DRIVER_JINJA_BUILTIN_H

#include "host_driver/jinja/run.h"

#define TERN_JINJA_MOST_PARAMETERS 4

struct tern_jinja_named_value {
    struct tern_jinja_text name;
    struct tern_jinja_value value;
};

struct tern_jinja_call {
    const struct tern_jinja_value *items; // without names
    size_t count;
    const struct tern_jinja_named_value *named;
    size_t named_count;
    int variant; // of the builtin
    // By the order of the builtin's parameters, NULL for one that is not given.
    const struct tern_jinja_value *given[TERN_JINJA_MOST_PARAMETERS];
};

// self: the value before a filter, a test or a method.
#define TERN_JINJA_BUILTIN(name)                                                                                       \
    static enum tern_status name(__attribute__((unused)) struct tern_jinja_run *run,                                   \
                                 __attribute__((unused)) const struct tern_jinja_value *self,                          \
                                 __attribute__((unused)) const struct tern_jinja_call *call,                           \
                                 __attribute__((unused)) struct tern_jinja_value *result)
typedef enum tern_status tern_jinja_function(struct tern_jinja_run *run, const struct tern_jinja_value *self,
                                             const struct tern_jinja_call *call, struct tern_jinja_value *result);

struct tern_jinja_builtin {
    const char *name;              // NULL ends a table
    const char *parameters;        // with a blank after each; NULL: the function looks at the call itself
    uint32_t least;                // so many parameters must be given
    tern_jinja_function *function; // NULL: Jinja has it, Tern does not
    int variant;                   // for a function that has several names
};

extern const struct tern_jinja_builtin tern_jinja_filter_table[], tern_jinja_list_filter_table[],
    tern_jinja_test_table[], tern_jinja_function_table[], tern_jinja_text_method_table[],
    tern_jinja_list_method_table[], tern_jinja_mapping_method_table[], tern_jinja_loop_method_table[];

// NULL without one of that name.
const struct tern_jinja_builtin *tern_jinja_builtin_find(const struct tern_jinja_builtin *table,
                                                         struct tern_jinja_text name);
const struct tern_jinja_builtin *tern_jinja_filter_find(struct tern_jinja_text name);

// Gives the arguments to the parameters and calls. what: "filter", for sentences.
enum tern_status tern_jinja_call_builtin(struct tern_jinja_run *run, const char *what,
                                         const struct tern_jinja_builtin *builtin, const struct tern_jinja_value *self,
                                         struct tern_jinja_call *call, struct tern_jinja_value *result);

// Refuses what is no string.
enum tern_status tern_jinja_need_text(struct tern_jinja_run *run, const char *what,
                                      const struct tern_jinja_value *value, struct tern_jinja_text *text);
enum tern_status tern_jinja_need_number(struct tern_jinja_run *run, const char *what,
                                        const struct tern_jinja_value *value, int64_t *number);

// Shared by filters and methods. tern_jinja_case: variant U, L, C (capital first), T (the filter
// title) or P (Python's title(), where each letter after another character is a capital).
tern_jinja_function tern_jinja_case;
enum tern_status tern_jinja_replace(struct tern_jinja_run *run, struct tern_jinja_text text,
                                    struct tern_jinja_text from, struct tern_jinja_text to, int64_t most,
                                    struct tern_jinja_value *result);
// separator: between the items, whose text is that of tern_jinja_to_text.
enum tern_status tern_jinja_join(struct tern_jinja_run *run, const struct tern_jinja_list *items,
                                 struct tern_jinja_text separator, struct tern_jinja_value *result);
enum tern_status tern_jinja_pairs(struct tern_jinja_run *run, const struct tern_jinja_mapping *mapping,
                                  enum tern_jinja_row row, struct tern_jinja_value *result);
enum tern_status tern_jinja_write_json(struct tern_jinja_run *run, const struct tern_jinja_value *value,
                                       struct tern_jinja_builder *out);

#endif
