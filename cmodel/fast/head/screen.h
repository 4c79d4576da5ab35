// SPDX-License-Identifier: Apache-2.0
// The output head for callers that need only the largest logits. An int8 copy of its weights gives each row an interval
// that holds its logit. The interval includes rounding. tern_head_run()'s kernels compute only rows that can be among
// the `best` largest (docs/speed.md, "The head in int8").
#ifndef TERN_CMODEL_FAST_HEAD_SCREEN_H
#define TERN_CMODEL_FAST_HEAD_SCREEN_H

#include "cmodel/fast/head/head.h"

#define TERN_SCREEN_MAX_LENGTH 65536u // sums of products of bytes stay below 2^31

struct tern_screen;

// Reads the whole tensor [rows][length] once. The caller may then free it. BAD_LENGTH: rows too long. OUT_OF_MEMORY.
enum tern_status tern_screen_make(const struct tern_tensor *tensor, uint32_t rows, uint32_t length,
                                  enum tern_kernel kernel, struct tern_pool *pool, struct tern_screen **screen);
void tern_screen_free(struct tern_screen *screen); // NULL is allowed

// Computes what tern_head_run() computes for the screen's head, except for logits below the best-th largest. Such a
// logit may be replaced by a finite number. That number is not less than the logit and is below the best-th largest.
// NaN and infinities are never replaced. *exact_rows grows by the number of logits computed in full. best >= 1.
// OUT_OF_MEMORY: no logit is written.
enum tern_status tern_screen_run(const struct tern_screen *screen, const struct tern_head *head, uint32_t best,
                                 enum tern_kernel kernel, struct tern_pool *pool, uint64_t *exact_rows);

#endif
