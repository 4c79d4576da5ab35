// SPDX-License-Identifier: Apache-2.0
// Runs of the matmul unit on the host, with vector instructions and threads: the bits of tern_matmul_exact().
#ifndef TERN_CMODEL_FAST_MATMUL_ENGINE_H
#define TERN_CMODEL_FAST_MATMUL_ENGINE_H

#include "cmodel/matmul/matmul.h"

#ifdef __cplusplus
extern "C" {
#endif

// How a run computes. All kernels give the same bits; what they need beyond the exact path is found out at run time.
enum tern_kernel {
    TERN_KERNEL_BEST,  // the fastest that this processor has
    TERN_KERNEL_EXACT, // portable: bins, as the hardware does it
    TERN_KERNEL_AVX2,
    TERN_KERNEL_AVX512 // with VBMI, VNNI and VPCLMULQDQ
};
enum tern_kernel tern_kernel_best(void);
int tern_kernel_is_supported(enum tern_kernel kernel);
const char *tern_kernel_name(enum tern_kernel kernel);

struct tern_pool;

// All zero is the best kernel on the caller's thread. One run at a time on an engine.
struct tern_engine {
    enum tern_kernel kernel;
    struct tern_pool *pool;  // cmodel/fast/pool.h; NULL for the caller's thread alone
    uint64_t alone_bytes;    // runs of fewer bytes of weights, times vectors, stay on the caller's thread
    double seconds;          // counted up: in tern_matmul_run
    uint64_t undecided_rows; // counted up: rows whose rounding the kernel left open and the exact path settled
};

// tern_matmul_exact() by the engine, NULL for one that is all zero: the same bits, statuses and rows written, however
// many threads there are. Also TERN_STATUS_OUT_OF_MEMORY, and TERN_STATUS_UNSUPPORTED for a kernel that this processor
// does not have.
enum tern_status tern_matmul_run(const struct tern_matmul_job *job, struct tern_engine *engine, uint32_t *bad_strip);

#ifdef __cplusplus
}
#endif
#endif
