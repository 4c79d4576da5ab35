// SPDX-License-Identifier: Apache-2.0
// The trit matmul unit, bit for bit: exact integer bins, one exact sum, one rounding.
//
//     y[n] = round_f32(2^exponent x sum over codes c of (step_mantissa[c] << step_shift[c]) x bin[n][c])
//     bin[n][c] = sum over groups g with code[n][g] = c of group_sum[n][g] << shift[g]
//     group_sum[n][g] = sum over i of q[n][16g + i] x mantissa[16g + i]
//     q = sum over the planes j in use, most significant first, of 3^j x trit
//
// j is the index of the plane as stored. A smaller depth leaves low planes out and changes nothing else. Rounding is to
// nearest even. Subnormals are kept, overflow gives infinity, an exact zero is +0. Several activation vectors share one
// pass over the weights. Each gets the result that it would get alone.
//
// This function is the contract, on any processor with 128-bit integers. cmodel/fast/matmul_engine.h gives the same
// bits faster.
#ifndef TERN_CMODEL_MATMUL_MATMUL_H
#define TERN_CMODEL_MATMUL_MATMUL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/matmul/step_table.h"

#ifdef __cplusplus
extern "C" {
#endif

// One activation vector and the place of its result.
struct tern_matmul_vector {
    const int16_t *mantissas; // [16 x groups]
    const uint8_t *shifts;    // [groups], 0..TERN_MAX_SHIFT
    int32_t exponent;         // activation base exponent + steps.base_exponent
    float *output;            // [rows]
};

// The operands of one run of the unit.
struct tern_matmul_job {
    uint32_t rows, groups; // groups as stored (padded), a multiple of 4
    uint32_t depth_stored, depth_used;
    const uint8_t *weights; // strips
    const uint32_t *crc;    // [strips][depth_stored + 1]; NULL: no check
    struct tern_step_table steps;
    uint32_t vectors; // 1..TERN_MAX_VECTORS
    struct tern_matmul_vector vector[TERN_MAX_VECTORS];
};

// Checks that the unit takes the job. TERN_STATUS_BAD_LENGTH, _BAD_DEPTH, _BAD_STEPS. _BAD_ACTIVATION: a shift exceeds
// TERN_MAX_SHIFT.
enum tern_status tern_matmul_check(const struct tern_matmul_job *job);

// The parts of a run, for a job that tern_matmul_check() takes. The first tells whether the checksums of the strip's
// codes and planes in use match. It is true for a job without checksums.
bool tern_matmul_strip_is_sound(const struct tern_matmul_job *job, uint32_t strip);
// values[i][row]: results of the strip's five rows for vector first + i, `count` vectors. Rows beyond the matrix get
// values too.
void tern_matmul_strip(const struct tern_matmul_job *job, uint32_t strip, uint32_t first, uint32_t count,
                       float values[][TERN_STRIP_ROWS]);

// Computes all rows of each vector's output, strip after strip on the caller's thread. Its errors are those of
// tern_matmul_check() and TERN_STATUS_CHECKSUM. CHECKSUM stops at the first bad strip (*bad_strip): rows of earlier
// strips are written, later ones are not.
enum tern_status tern_matmul_exact(const struct tern_matmul_job *job, uint32_t *bad_strip);

#ifdef __cplusplus
}
#endif
#endif
