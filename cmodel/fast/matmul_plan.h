// SPDX-License-Identifier: Apache-2.0
// Inside tern_matmul_run: operands that a run prepares for the vector kernels, and sums of a strip that kernels return.
//
// A kernel decodes a strip once. For each vector and row it adds the terms of the groups, step x 2^shift x group sum,
// in double precision. Every term is exact and only the additions round. The true sum therefore lies within bound x
// (additions + 16) x 2^-53 of `sum`. The run rounds both ends of this interval to float32. If they are equal, the
// result is decided (docs/speed.md, "Sums in double precision"). tern_matmul_strip() computes the other rows.
#ifndef TERN_CMODEL_FAST_MATMUL_PLAN_H
#define TERN_CMODEL_FAST_MATMUL_PLAN_H

#include <stdbool.h>

#include "cmodel/matmul/levels.h"
#include "cmodel/matmul/matmul.h"

_Static_assert(TERN_STRIP_ROWS == 5 && TERN_GROUP_COLUMNS == 16 && TERN_BEAT_BYTES == 16 && TERN_CODE_BYTES == 3,
               "layout that the kernels unpack");
_Static_assert(TERN_STEPS <= 32 && TERN_GROUP_MULTIPLE == 4 && TERN_SEGMENT_ALIGN == 64, "sizes that the kernels load");
_Static_assert(TERN_GROUP_SUM_BITS - 1 + TERN_STEP_MANTISSA_BITS <= 53, "a term is exact in double precision");

#define TERN_EXPONENT_OF_52 0x43300000 // the exponent field of the double 2^52, in its high word
#define TERN_CODE_WEIGHTS 0x00010309   // of a group's three bytes of digits and one to ignore

// The byte code has two forms. Short form: bits 4..2 (TERN_SHORT_BITS) are all ones. Digits 3 and 4 are then 2, and
// digits 0..2 are in bits 7..5, 1, 0. Long form: digits 0..2 are in bits 4..0, digits 3 and 4 in bits 7..5.
#define TERN_SHORT_BITS 0x1c
struct tern_digit_table {
    _Alignas(64) uint8_t low[3][64]; // digits 0..2 by those five bits
    uint8_t high[2][64];             // digits 3 and 4 by the byte's bits 7..2
    uint8_t high_long[2][16];        // the same by bits 7..4 of a byte of the long form
};

struct tern_kernel_tables {
    struct tern_digit_table plane_trits[TERN_MAX_DEPTH]; // (trit + 1) x 3^plane; those of plane 0 decode scale codes
};

struct tern_matmul_plan {
    const struct tern_matmul_job *job;
    size_t codes_bytes, plane_bytes, strip_bytes;
    uint32_t panels;
    uint32_t codes_crc, plane_crc;        // checksums of as many zero bytes
    _Alignas(64) float steps[32];         // integers below 2^56, by a code whose digits are trits + 1
    uint32_t step_low[32], step_high[32]; // halves of step x 3^(planes left out) in double precision
    const struct tern_kernel_tables *tables;
    void *operand[TERN_MAX_VECTORS]; // each vector in the kernel's form: [panels] of panel_bytes bytes
    double bound[TERN_MAX_VECTORS];  // of several vectors: no row's sum of the terms' magnitudes is larger
    void *memory;
};

struct tern_strip_sums {
    double sum[TERN_MAX_VECTORS][TERN_STRIP_ROWS];   // of integers, before x 2^exponent
    double bound[TERN_MAX_VECTORS][TERN_STRIP_ROWS]; // at least the sum of the terms' magnitudes
    uint32_t crc[TERN_MAX_DEPTH + 1];                // of the codes, then of the planes in use
};

// The largest level. A level plus this is not negative.
static inline int32_t tern_plan_largest_level(const struct tern_matmul_plan *plan) {
    return tern_level_limit(plan->job->depth_used);
}

// 3^(planes left out), the unit of a level.
static inline double tern_plan_level_unit(const struct tern_matmul_plan *plan) {
    return tern_power_of_three(plan->job->depth_stored - plan->job->depth_used);
}

// The group of a panel in `slot`, a word of its registers after a transposition.
static inline uint32_t tern_panel_group(uint32_t panel_groups, uint32_t slot) {
    return slot % 4 * (panel_groups / 4) + slot / 4;
}

// The shifts of a panel by slots. Groups that do not exist have 0.
static inline void tern_panel_shifts(uint32_t panel_groups, const uint8_t *shifts, uint32_t groups, uint8_t *by_slot) {
    for (uint32_t slot = 0; slot < panel_groups; slot++) {
        const uint32_t group = tern_panel_group(panel_groups, slot);
        by_slot[slot] = group < groups ? shifts[group] : 0;
    }
}

// Computes the sums of `count` (1..TERN_BLOCK_STRIPS) strips that lie one after the other.
#define TERN_BLOCK_STRIPS 4u
typedef void (*tern_block_kernel)(const struct tern_matmul_plan *plan, const uint8_t *strips, unsigned count,
                                  struct tern_strip_sums sums[]);

// The kernels for the instructions of one family of processors.
struct tern_kernel_path {
    uint32_t panel_groups;    // groups a kernel takes at a time; zeros fill up the last panel
    size_t panel_bytes;       // bytes of an operand's panel, a multiple of 64
    double additions_a_panel; // additions a panel that a term goes through, at most
    // Writes the first `groups` (1..panel_groups) groups of a panel of an operand. The others become zero.
    void (*fill)(const struct tern_matmul_plan *plan, const int16_t *mantissas, const uint8_t *shifts, unsigned groups,
                 void *panel);
    tern_block_kernel block[TERN_MAX_DEPTH]; // [depth in use - 1]
};

// The number of additions that a term goes through, at most: those of its panels and those that end a strip.
static inline double tern_plan_additions(const struct tern_matmul_plan *plan, const struct tern_kernel_path *path) {
    return path->additions_a_panel * plan->panels + 8;
}

// Defines the kernels of a file, one for each depth, so that the depth is a constant in each. They call the always
// inlined run_block(plan, depth, strips, count, sums).
_Static_assert(TERN_MAX_DEPTH == 4, "a kernel for each depth");
#define TERN_BLOCK_KERNELS(target)                                                                                     \
    TERN_BLOCK_KERNEL(target, kernel_1, 1)                                                                             \
    TERN_BLOCK_KERNEL(target, kernel_2, 2)                                                                             \
    TERN_BLOCK_KERNEL(target, kernel_3, 3)                                                                             \
    TERN_BLOCK_KERNEL(target, kernel_4, 4)
#define TERN_BLOCK_KERNEL_OF_DEPTH                                                                                     \
    { kernel_1, kernel_2, kernel_3, kernel_4 }
#define TERN_BLOCK_KERNEL(target, name, depth)                                                                         \
    target static void name(const struct tern_matmul_plan *plan, const uint8_t *strips, unsigned count,                \
                            struct tern_strip_sums sums[]) {                                                           \
        run_block(plan, depth, strips, count, sums);                                                                   \
    }

// NULL where this build or this processor cannot run it.
const struct tern_kernel_path *tern_matmul_avx512(void);
const struct tern_kernel_path *tern_matmul_avx2(void);

// path NULL: the plan has no operands, for the exact path. TERN_STATUS_OUT_OF_MEMORY. The plan refers to the job.
enum tern_status tern_matmul_plan_make(const struct tern_matmul_job *job, const struct tern_kernel_path *path,
                                       struct tern_matmul_plan *plan);
void tern_matmul_plan_free(struct tern_matmul_plan *plan);

#endif
