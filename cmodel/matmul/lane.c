// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/lane.h"

#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/levels.h"
#include "cmodel/matmul/trit_code.h"

// A row is a byte slot. Five rows take the low five bytes of a 64-bit word. The top three stay zero.
#define SLOTS 8

// Signed bits of the largest sums, for any int16 mantissa (-32768 included) and 65536 columns (docs/numerics.md,
// Bounds). The spec has exactly these widths. The unit's adders need no more bits.
#define LARGEST_GROUP_SUM ((int64_t)TERN_LARGEST_LEVEL * TERN_GROUP_COLUMNS << (TERN_MANTISSA_BITS - 1))
#define LARGEST_BIN ((LARGEST_GROUP_SUM << TERN_MAX_SHIFT) * (65536 / TERN_GROUP_COLUMNS))
#define FITS_EXACTLY(largest, bits) ((largest) >> ((bits)-2) == 1)
_Static_assert(FITS_EXACTLY(LARGEST_GROUP_SUM, TERN_GROUP_SUM_BITS), "signed bits of a group sum");
_Static_assert(FITS_EXACTLY(LARGEST_BIN, TERN_BIN_BITS), "signed bits of a bin");
_Static_assert(TERN_MANTISSA_BITS == 8 * sizeof(int16_t), "mantissas are int16");
_Static_assert(2 * TERN_LARGEST_LEVEL <= 255 && TERN_STRIP_ROWS <= SLOTS, "a biased level fits its byte slot");
_Static_assert(TERN_CODE_BYTES == 3 && TERN_STEPS == 27, "a scale code is three digits");

// The levels of one group plus (3^planes - 1)/2, which is 0..80. With this bias no slot borrows from its neighbour.
static void group_levels(const uint8_t *beat, size_t plane_bytes, unsigned planes,
                         uint64_t levels[TERN_GROUP_COLUMNS]) {
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        levels[i] = tern_trit_slots[beat[i]];
    }
    for (unsigned plane = 1; plane < planes; plane++) {
        beat += plane_bytes;
        for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
            levels[i] = 3 * levels[i] + tern_trit_slots[beat[i]];
        }
    }
}

// sums[slot] = sum over the group of level x mantissa, bias included.
static void group_sums(const uint64_t levels[TERN_GROUP_COLUMNS], const int16_t mantissas[TERN_GROUP_COLUMNS],
                       int32_t sums[SLOTS]) {
    uint8_t slots[TERN_GROUP_COLUMNS][SLOTS];
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            slots[i][slot] = (uint8_t)(levels[i] >> (8 * slot));
        }
    }
    memset(sums, 0, SLOTS * sizeof sums[0]);
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            sums[slot] += (int32_t)slots[i][slot] * mantissas[i];
        }
    }
}

// The scale codes of a group's rows, one a byte slot. The most significant digit comes first.
static uint64_t group_codes(const uint8_t *codes) {
    return 9 * tern_digit_slots[codes[0]] + 3 * tern_digit_slots[codes[1]] + tern_digit_slots[codes[2]];
}

// Adds one group to a vector's bins. bias: included in every level. unit: 3^(planes left out), the unit of a level.
static void group_add(const struct tern_matmul_vector *vector, size_t group, const uint64_t levels[TERN_GROUP_COLUMNS],
                      uint64_t codes, int32_t bias, int64_t unit, tern_strip_bins bins) {
    const int16_t *mantissas = vector->mantissas + group * TERN_GROUP_COLUMNS;
    int32_t sums[SLOTS];
    int32_t mantissa_sum = 0;
    group_sums(levels, mantissas, sums);
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        mantissa_sum += mantissas[i];
    }
    const int64_t weight = unit * (INT64_C(1) << vector->shifts[group]);
    for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
        bins[row][(codes >> (8 * row)) & 0xff] += (sums[row] - bias * mantissa_sum) * weight;
    }
}

void tern_lane_strip(const struct tern_matmul_job *job, const uint8_t *strip, uint32_t first, uint32_t count,
                     tern_strip_bins *bins) {
    const size_t plane_bytes = (size_t)TERN_BEAT_BYTES * job->groups;
    const uint8_t *planes = strip + tern_codes_bytes((uint64_t)job->groups * TERN_GROUP_COLUMNS);
    const int32_t bias = tern_level_limit(job->depth_used);
    // Planes in use keep their weight when low planes are left out.
    const int64_t unit = tern_power_of_three(job->depth_stored - job->depth_used);
    memset(bins, 0, count * sizeof bins[0]);
    for (size_t group = 0; group < job->groups; group++) {
        uint64_t levels[TERN_GROUP_COLUMNS];
        group_levels(planes + group * TERN_BEAT_BYTES, plane_bytes, job->depth_used, levels);
        const uint64_t codes = group_codes(strip + group * TERN_CODE_BYTES);
        for (uint32_t vector = 0; vector < count; vector++) {
            group_add(&job->vector[first + vector], group, levels, codes, bias, unit, bins[vector]);
        }
    }
}
