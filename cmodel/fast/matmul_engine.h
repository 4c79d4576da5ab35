// SPDX-License-Identifier: Apache-2.0
// Runs of the matmul unit on the host, with vector instructions and threads. The bits are those of tern_matmul_exact().
#ifndef TERN_CMODEL_FAST_MATMUL_ENGINE_H
#define TERN_CMODEL_FAST_MATMUL_ENGINE_H

#include "cmodel/fast/processor.h"
#include "cmodel/matmul/matmul.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_pool;

// All zero is the best kernel on the caller's thread. An engine does one run at a time.
struct tern_engine {
    enum tern_kernel kernel;
    struct tern_pool *pool;  // cmodel/fast/pool.h; NULL for the caller's thread alone
    uint64_t alone_bytes;    // smaller runs (bytes of weights x vectors) stay on the caller's thread
    double seconds;          // time in tern_matmul_run, counted up
    uint64_t undecided_rows; // rows the kernel left open and the exact path computed, counted up
};

// Computes what tern_matmul_exact() computes, by an engine. NULL is an engine that is all zero. Bits, statuses and
// written rows do not depend on the number of threads. Additional errors: TERN_STATUS_OUT_OF_MEMORY;
// TERN_STATUS_UNSUPPORTED for a kernel that this processor lacks.
enum tern_status tern_matmul_run(const struct tern_matmul_job *job, struct tern_engine *engine, uint32_t *bad_strip);

#ifdef __cplusplus
}
#endif
#endif
