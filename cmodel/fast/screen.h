// SPDX-License-Identifier: Apache-2.0
// The output head for who wants only the largest logits: an int8 copy of its weights gives each row an interval that
// holds its logit, bit rounding included, and only rows that can be among the `best` largest are computed as
// tern_head_run does it (docs/speed.md, "The head in int8").
#ifndef TERN_CMODEL_FAST_SCREEN_H
#define TERN_CMODEL_FAST_SCREEN_H

#include "cmodel/fast/head.h"

#define TERN_SCREEN_MAX_LENGTH 65536u // sums of products of bytes stay below 2^31

struct tern_screen;

// Reads the whole tensor [rows][length] once; it is not needed afterwards. BAD_LENGTH for rows that are too long,
// OUT_OF_MEMORY.
enum tern_status tern_screen_make(const struct tern_tensor *tensor, uint32_t rows, uint32_t length,
                                  enum tern_kernel kernel, struct tern_pool *pool, struct tern_screen **screen);
void tern_screen_free(struct tern_screen *screen); // NULL is fine

// As tern_head_run for the head that the screen was made of, but for logits that are below the best-th largest and not
// equal to it: instead of them stands a finite number, not less than the logit and still below the best-th largest.
// NaN and infinities always stand where they are. *exact_rows, counted up: logits that tern_head_run's arithmetic gave.
// OUT_OF_MEMORY, then no logit is written; best >= 1.
enum tern_status tern_screen_run(const struct tern_screen *screen, const struct tern_head *head, uint32_t best,
                                 enum tern_kernel kernel, struct tern_pool *pool, uint64_t *exact_rows);

#endif
