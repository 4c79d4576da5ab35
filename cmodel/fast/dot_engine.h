// SPDX-License-Identifier: Apache-2.0
// Runs of the attention unit on the host, with vector instructions and threads. The bits are those of
// tern_dot_run_head().
#ifndef TERN_CMODEL_FAST_DOT_ENGINE_H
#define TERN_CMODEL_FAST_DOT_ENGINE_H

#include "cmodel/attention/dot.h"
#include "cmodel/fast/matmul_engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// Does what tern_dot_run_head() does when nothing fails, by an engine; NULL is an engine that is all zero. Otherwise it
// returns false and has written nothing. sums as there.
bool tern_dot_try_head(const struct tern_dot_head *job, const struct tern_dot_memory *memory,
                       const struct tern_engine *engine, struct tern_wide_sum *sums);

#ifdef __cplusplus
}
#endif
#endif
