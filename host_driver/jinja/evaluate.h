// SPDX-License-Identifier: Apache-2.0
// What the parts of the evaluator share.
#ifndef TERN_HOST_DRIVER_JINJA_EVALUATE_H
#define TERN_HOST_DRIVER_JINJA_EVALUATE_H

#include "host_driver/jinja/run.h"

enum tern_status tern_jinja_evaluate(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                     struct tern_jinja_value *value);
// Runs a list of statements. run->flow says why it ended early.
enum tern_status tern_jinja_execute(struct tern_jinja_run *run, const struct tern_jinja_node *body);

enum tern_status tern_jinja_get_attribute(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                          struct tern_jinja_text name, struct tern_jinja_value *value);
enum tern_status tern_jinja_get_item(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                     const struct tern_jinja_value *index, struct tern_jinja_value *value);
// bounds: start, end, step; None for one that is not given.
enum tern_status tern_jinja_get_slice(struct tern_jinja_run *run, const struct tern_jinja_value *of,
                                      const struct tern_jinja_value bounds[3], struct tern_jinja_value *value);

enum tern_status tern_jinja_binary(struct tern_jinja_run *run, int operation, const struct tern_jinja_value *left,
                                   const struct tern_jinja_value *right, struct tern_jinja_value *value);
// operation: as in node.h, 'i' and 'n' too.
enum tern_status tern_jinja_compare(struct tern_jinja_run *run, int operation, const struct tern_jinja_value *left,
                                    const struct tern_jinja_value *right, bool *is_so);

// Calls, filters and tests as nodes.
enum tern_status tern_jinja_call_node(struct tern_jinja_run *run, const struct tern_jinja_node *node,
                                      struct tern_jinja_value *value);

enum tern_status tern_jinja_open_scope(struct tern_jinja_run *run, struct tern_jinja_scope *outer,
                                       struct tern_jinja_scope **scope);
// Runs `body` in its own scope within `outer` and gives what it printed.
enum tern_status tern_jinja_capture(struct tern_jinja_run *run, const struct tern_jinja_node *body,
                                    struct tern_jinja_scope *scope, struct tern_jinja_value *value);

#endif
