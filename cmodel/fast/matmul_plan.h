// SPDX-License-Identifier: Apache-2.0
// Inside tern_matmul_run: the operands that a run prepares for the vector kernels, and the sums of a strip they return.
//
// A kernel decodes a strip once. For each vector and row it adds the groups' terms, step x 2^shift x group sum, in
// double precision. Every term is exact and only the additions round, so the true sum lies within bound x (additions +
// 16) x 2^-53 of `sum`. Rounding both ends to float32 tells whether the result is decided (docs/speed.md, "Sums in
// double precision"). tern_matmul_strip() computes rows that are not.
#ifndef TERN_CMODEL_FAST_MATMUL_PLAN_H
#define TERN_CMODEL_FAST_MATMUL_PLAN_H

#include <stdbool.h>

#include "cmodel/matmul/levels.h"
#include "cmodel/matmul/matmul.h"

_Static_assert(TERN_STRIP_ROWS == 5 && TERN_GROUP_COLUMNS == 16 && TERN_BEAT_BYTES == 16 && TERN_CODE_BYTES == 3,
               "layout that the kernels unpack");
_Static_assert(TERN_STEPS <= 32 && TERN_GROUP_MULTIPLE == 4 && TERN_SEGMENT_ALIGN == 64, "sizes that the kernels load");
_Static_assert(TERN_GROUP_SUM_BITS - 1 + TERN_STEP_MANTISSA_BITS <= 53, "a term is exact in double precision");

#define TERN_PANEL_GROUPS 16u // groups a kernel takes at a time; the last panel is filled with zeros
#define TERN_PANEL_COLUMNS (TERN_PANEL_GROUPS * TERN_GROUP_COLUMNS)

#define TERN_STRIPS_AHEAD 3u // a kernel asks for its memory that early

// The byte code in two parts: digits 3 and 4 are both 2 when bits 4..2 (TERN_SHORT_BITS) are all ones, and then digits
// 0..2 are in bits 7..5, 1, 0; else digits 0..2 are in bits 4..0 and digits 3 and 4 in bits 7..5.
#define TERN_SHORT_BITS 0x1c
struct tern_digit_table {
    _Alignas(64) uint8_t low[3][64]; // digits 0..2 by those five bits
    uint8_t high[2][64];             // digits 3 and 4 by the byte's bits 7..2
    uint8_t high_long[2][16];        // the same by bits 7..5 of a byte that is not short
};

struct tern_kernel_tables {
    struct tern_digit_table plane_trits[TERN_MAX_DEPTH]; // (trit + 1) x 3^plane
    struct tern_digit_table code_digits;
};

struct tern_matmul_plan {
    const struct tern_matmul_job *job;
    size_t codes_bytes, plane_bytes, strip_bytes;
    uint32_t panels;
    uint32_t codes_crc, plane_crc;        // checksums of as many zero bytes
    _Alignas(64) float steps[32];         // integers below 2^56
    uint32_t step_low[32], step_high[32]; // halves of step x 3^(planes left out) in double precision
    _Alignas(64) uint8_t code_order[64];  // code bytes of a panel's slots, three and one that does not matter each
    const struct tern_kernel_tables *tables;
    void *operand[TERN_MAX_VECTORS]; // each vector as the kernel wants it: [panels] of its panel_bytes
    void *memory;
};

struct tern_strip_sums {
    double sum[TERN_MAX_VECTORS][TERN_STRIP_ROWS];   // of integers, before x 2^exponent
    double bound[TERN_MAX_VECTORS][TERN_STRIP_ROWS]; // sum of the terms' largest magnitudes
    uint32_t crc[TERN_MAX_DEPTH + 1];                // codes, then the planes in use
};

// Levels plus this are not negative.
static inline int32_t tern_plan_largest_level(const struct tern_matmul_plan *plan) {
    return tern_level_limit(plan->job->depth_used);
}

// 3^(planes left out), the unit of a level.
static inline double tern_plan_level_unit(const struct tern_matmul_plan *plan) {
    return tern_power_of_three(plan->job->depth_stored - plan->job->depth_used);
}

// Group of a panel in `slot` (element of a vector register after the sums are transposed).
static inline uint32_t tern_panel_group(uint32_t slot) {
    return slot % 4 * 4 + slot / 4;
}

typedef void (*tern_strip_kernel)(const struct tern_matmul_plan *plan, const uint8_t *strip,
                                  struct tern_strip_sums *sums);

// A way to compute strips with the instructions of one family of processors.
struct tern_kernel_path {
    size_t panel_bytes;       // of an operand's panel, a multiple of 64
    double additions_a_panel; // a term goes through, at most
    // The first `groups` (1..16) groups of a panel of an operand, the others zero.
    void (*fill)(const struct tern_matmul_plan *plan, const int16_t *mantissas, const uint8_t *shifts, unsigned groups,
                 void *panel);
    tern_strip_kernel strip[TERN_MAX_DEPTH]; // by depth in use less one
};

// Additions a term goes through in a kernel, at most: its panels', and those that end a strip.
static inline double tern_plan_additions(const struct tern_matmul_plan *plan, const struct tern_kernel_path *path) {
    return path->additions_a_panel * plan->panels + 8;
}

// The kernels of a file: its always inlined run_strip(plan, depth, vectors, strip, sums), one instance a depth, for one
// vector and for any number: depth and the single vector's sums stay in registers.
_Static_assert(TERN_MAX_DEPTH == 4, "a kernel for each depth");
#define TERN_STRIP_KERNELS(target)                                                                                     \
    TERN_STRIP_KERNEL(target, kernel_1, 1)                                                                             \
    TERN_STRIP_KERNEL(target, kernel_2, 2)                                                                             \
    TERN_STRIP_KERNEL(target, kernel_3, 3)                                                                             \
    TERN_STRIP_KERNEL(target, kernel_4, 4)
#define TERN_STRIP_KERNEL_OF_DEPTH                                                                                     \
    { kernel_1, kernel_2, kernel_3, kernel_4 }
#define TERN_STRIP_KERNEL(target, name, depth)                                                                         \
    target static void name(const struct tern_matmul_plan *plan, const uint8_t *strip, struct tern_strip_sums *sums) { \
        if (plan->job->vectors == 1) {                                                                                 \
            run_strip(plan, depth, 1, strip, sums);                                                                    \
        } else {                                                                                                       \
            run_strip(plan, depth, plan->job->vectors, strip, sums);                                                   \
        }                                                                                                              \
    }

// NULL where this build or this processor cannot run it.
const struct tern_kernel_path *tern_matmul_avx512(void);
const struct tern_kernel_path *tern_matmul_avx2(void);

// path NULL: no operands, for the exact path. TERN_STATUS_OUT_OF_MEMORY. The plan refers to the job.
enum tern_status tern_matmul_plan_make(const struct tern_matmul_job *job, const struct tern_kernel_path *path,
                                       struct tern_matmul_plan *plan);
void tern_matmul_plan_free(struct tern_matmul_plan *plan);

#endif
