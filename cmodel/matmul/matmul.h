// SPDX-License-Identifier: Apache-2.0
// The trit matmul unit, bit for bit: exact integer bins, one exact sum, one rounding.
//
// y[n] = round_f32( 2^exponent x sum over codes c of (step_mantissa[c] << step_shift[c]) x bin[n][c] ),
// bin[n][c] = sum over groups g with code[n][g] = c of (sum_i q[n][16g+i] x mantissa[16g+i]) << shift[g],
// q = sum over the planes in use (most significant first) of 3^j x trit, j the plane's index as stored: a smaller depth
// leaves low planes out and changes nothing else. Rounding is to nearest even, subnormals kept, overflow to infinity;
// an exact zero is +0.
// Several activation vectors share one pass over the weights; each gets what it would get alone.
#ifndef TERN_CMODEL_MATMUL_MATMUL_H
#define TERN_CMODEL_MATMUL_MATMUL_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A step table as the unit holds it: step = mantissa x 2^(shift + base_exponent), base common to the matrix.
struct tern_step_table {
    uint32_t mantissa[TERN_STEPS]; // 0..2^24-1
    uint8_t shift[TERN_STEPS];     // 0..32
    int32_t base_exponent;         // of the smallest non-zero step; 0 when all are zero
};

// From 27 float32 bit patterns. TERN_STATUS_BAD_STEPS with *bad_entry when one is negative (also -0), not finite, or
// the range of the exponents passes 32. Also compiled into the firmware: integers only.
enum tern_status tern_step_table_make(const uint32_t step_bits[TERN_STEPS], struct tern_step_table *table,
                                      uint32_t *bad_entry);

// One activation vector and where its result goes.
struct tern_matmul_vector {
    const int16_t *mantissas; // [16 x groups]
    const uint8_t *shifts;    // [groups]
    int32_t exponent;         // activation base exponent + steps.base_exponent
    float *output;            // [rows]
};

// Everything one run of the unit reads.
struct tern_matmul_job {
    uint32_t rows, groups; // groups as stored (padded), a multiple of 4
    uint32_t depth_stored, depth_used;
    const uint8_t *weights; // strips
    const uint32_t *crc;    // [strips][depth_stored + 1]; NULL leaves checking out
    struct tern_step_table steps;
    uint32_t vectors; // 1..TERN_MAX_VECTORS
    struct tern_matmul_vector vector[TERN_MAX_VECTORS];
};

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

// Computes all rows of each vector's output. TERN_STATUS_CHECKSUM stops at the first bad strip (*bad_strip): rows of
// earlier strips are written, later ones are not, however many threads there are. TERN_STATUS_BAD_LENGTH, _BAD_DEPTH,
// _BAD_STEPS, _BAD_ACTIVATION (a shift over 15) for a job that is none; TERN_STATUS_OUT_OF_MEMORY;
// TERN_STATUS_UNSUPPORTED for a kernel that is not there. engine NULL is one that is all zero.
enum tern_status tern_matmul_run(const struct tern_matmul_job *job, struct tern_engine *engine, uint32_t *bad_strip);

// Round sum x 2^exponent once to float32 bits; sum is a signed 128-bit number, |sum| < 2^120. A sum that rounds to zero
// without being zero keeps its sign. Host only, like tern_matmul_run.
#ifdef __SIZEOF_INT128__
uint32_t tern_round_sum(__int128 sum, int32_t exponent);
#endif

#ifdef __cplusplus
}
#endif
#endif
