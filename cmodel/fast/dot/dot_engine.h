// SPDX-License-Identifier: Apache-2.0
// Runs of the attention unit on the host, with vector instructions and threads. The bits are those of
// tern_dot_run_head().
#ifndef TERN_CMODEL_FAST_DOT_DOT_ENGINE_H
#define TERN_CMODEL_FAST_DOT_DOT_ENGINE_H

#include "cmodel/attention/dot.h"
#include "cmodel/fast/matmul_engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// Some key/value heads. From one to the next: records by head_stride, images and outputs by `vectors` of their strides.
struct tern_dot_heads {
    struct tern_dot_head first;
    uint32_t count;
    uint64_t head_stride;
};

// Head number `number` of them.
struct tern_dot_head tern_dot_head_at(const struct tern_dot_heads *heads, uint32_t number);

// Does what tern_dot_run_head() does for each head when nothing fails, by an engine; NULL is an engine that is all
// zero. Otherwise it returns false and has written nothing. sums: working space [MAX_HEADS][MAX_HEAD_SIZE] for values.
bool tern_dot_try_heads(const struct tern_dot_heads *heads, const struct tern_dot_memory *memory,
                        const struct tern_engine *engine, struct tern_wide_sum *sums);

#ifdef __cplusplus
}
#endif
#endif
