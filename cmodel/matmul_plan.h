// SPDX-License-Identifier: Apache-2.0
// Inside tern_matmul_run: what one run prepares for the vector kernels, and what a kernel makes of a strip.
//
// A kernel decodes a strip once and sums, for each vector and row, the groups' terms step x 2^shift x group sum in
// double precision. Every term is exact; only the additions round, so the true sum lies within bound x (additions + 16)
// x 2^-53 of `sum`, and rounding both ends to float32 tells whether the result is decided (docs/speed.md, "Sums in
// double precision"). Where it is not, matmul_exact.h has the last word.
#ifndef TERN_CMODEL_MATMUL_PLAN_H
#define TERN_CMODEL_MATMUL_PLAN_H

#include "cmodel/matmul.h"

#define TERN_BLOCK_GROUPS 16u // groups a kernel takes at a time; the last block is filled with zeros
#define TERN_BLOCK_COLUMNS (TERN_BLOCK_GROUPS * TERN_GROUP_COLUMNS)

// One vector in the order of the kernel: `slot` of a block is group tern_block_group(slot).
struct tern_matmul_operand {
    int16_t *mantissas; // [blocks][chunk of 4 groups][first or second half of a group][group][8]
    double *scale;      // [blocks][slot], 2^shift x 3^(planes left out)
    double *bound;      // [blocks][slot], the largest magnitude of scale x group sum
    int32_t *bias;      // [blocks][slot], group sum of levels that all are the largest
};

// The byte code in two parts: digits 3 and 4 are both 2 when bits 4..2 (TERN_SHORT_BITS) are all ones, and then digits
// 0..2 are in bits 7..5, 1, 0; else digits 0..2 are in bits 4..0 and digits 3 and 4 in bits 7..5. Index of a table:
// those five or three bits, what is above them does not matter.
#define TERN_SHORT_BITS 0x1c
struct tern_digit_table {
    uint8_t row[TERN_STRIP_ROWS][64];
};

struct tern_kernel_tables {
    struct tern_digit_table plane_trits[TERN_MAX_DEPTH]; // (trit + 1) x 3^plane
    struct tern_digit_table code_digits;
};

struct tern_matmul_plan {
    const struct tern_matmul_job *job;
    size_t codes_bytes, plane_bytes, strip_bytes;
    uint32_t blocks;
    uint32_t codes_crc, plane_crc; // checksums of as many zero bytes
    float steps[32];               // integers below 2^56
    uint8_t code_order[64];        // code bytes of a block's slots, three and one that does not matter each
    const struct tern_kernel_tables *tables;
    struct tern_matmul_operand operand[TERN_MAX_VECTORS];
    void *memory;
};

struct tern_strip_sums {
    double sum[TERN_MAX_VECTORS][TERN_STRIP_ROWS];   // of integers, before x 2^exponent
    double bound[TERN_MAX_VECTORS][TERN_STRIP_ROWS]; // sum of the terms' largest magnitudes
    uint32_t crc[TERN_MAX_DEPTH + 1];                // codes, then the planes in use
};

// Group of a block in `slot` (element of a vector register after the sums are transposed).
static inline uint32_t tern_block_group(uint32_t slot) {
    return slot % 4 * 4 + slot / 4;
}

// Additions a term goes through in a kernel, at most.
static inline double tern_plan_additions(const struct tern_matmul_plan *plan) {
    return 4.0 * plan->blocks + 8.0;
}

// TERN_STATUS_OUT_OF_MEMORY. The plan refers to the job.
enum tern_status tern_matmul_plan_make(const struct tern_matmul_job *job, struct tern_matmul_plan *plan);
void tern_matmul_plan_free(struct tern_matmul_plan *plan);

typedef void (*tern_strip_kernel)(const struct tern_matmul_plan *plan, const uint8_t *strip,
                                  struct tern_strip_sums *sums);

// For a depth in use; NULL where this build or this processor cannot run it.
tern_strip_kernel tern_matmul_avx512(unsigned depth);
tern_strip_kernel tern_matmul_avx2(unsigned depth);

#endif
