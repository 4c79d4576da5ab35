// SPDX-License-Identifier: Apache-2.0
// Runs of the matmul unit on the host, with vector instructions and threads: the bits of tern_matmul_exact().
#ifndef TERN_CMODEL_FAST_MATMUL_ENGINE_H
#define TERN_CMODEL_FAST_MATMUL_ENGINE_H

#include "cmodel/fast/processor.h"
#include "cmodel/matmul/matmul.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_pool;

// All zero is the best kernel on the caller's thread. One run at a time on an engine.
struct tern_engine {
    enum tern_kernel kernel;
    struct tern_pool *pool;  // cmodel/fast/pool.h; NULL for the caller's thread alone
    uint64_t alone_bytes;    // runs of fewer bytes of weights, times vectors, stay on the caller's thread
    double seconds;          // counted up: in tern_matmul_run
    uint64_t undecided_rows; // counted up: rows whose rounding the kernel left open and the exact path settled
};

// tern_matmul_exact() by an engine; NULL is one that is all zero. Bits, statuses and the rows written are the same with
// any number of threads. Also TERN_STATUS_OUT_OF_MEMORY, and TERN_STATUS_UNSUPPORTED for a kernel that this processor
// lacks.
enum tern_status tern_matmul_run(const struct tern_matmul_job *job, struct tern_engine *engine, uint32_t *bad_strip);

#ifdef __cplusplus
}
#endif
#endif
