// SPDX-License-Identifier: Apache-2.0
// The exact path: integer bins, one 128-bit sum a row, one rounding. It needs no particular processor and has the last
// word where a vector kernel's double precision leaves a rounding open.
#include "cmodel/matmul/exact.h"

#include <string.h>

#include "cmodel/float/f32.h"
#include "cmodel/layout.h"
#include "cmodel/matmul/strip.h"

// Bounds of docs/numerics.md, for any int16 mantissa (-32768 included) and 65536 columns, as compile-time facts.
#define LARGEST_GROUP_SUM ((int64_t)TERN_LARGEST_LEVEL * TERN_GROUP_COLUMNS * 32768)
#define LARGEST_BIN ((LARGEST_GROUP_SUM << TERN_MAX_SHIFT) * (65536 / TERN_GROUP_COLUMNS))
_Static_assert(2 * TERN_LARGEST_LEVEL <= 255 && TERN_STRIP_ROWS == 5 && TERN_CODE_BYTES == 3 &&
                   TERN_GROUP_COLUMNS == 16,
               "the byte lanes below are laid out for these");
_Static_assert(LARGEST_GROUP_SUM < INT64_C(1) << (TERN_GROUP_SUM_BITS - 1), "a group sum fits its signed bits");
_Static_assert(LARGEST_BIN < INT64_C(1) << (TERN_BIN_BITS - 1), "a bin fits its signed bits");
// All bins of a row together hold at most LARGEST_BIN; each meets a step below 2^24 << 32.
_Static_assert(TERN_BIN_BITS - 1 + 24 + TERN_STEP_RATIO_LOG2 < 120, "a row's sum is below 2^120");

// Five rows ride in the low five bytes of a 64-bit word; the top three stay zero.
#define LANES 8

void tern_exact_tables_make(struct tern_exact_tables *tables) {
    for (unsigned byte = 0; byte < 256; byte++) {
        int8_t trits[TERN_STRIP_ROWS];
        tern_trits_decode((uint8_t)byte, trits);
        tables->biased_trits[byte] = 0;
        tables->digits[byte] = 0;
        for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
            uint64_t digit = trits[row] < 0 ? 2 : (uint64_t)trits[row];
            tables->biased_trits[byte] |= (uint64_t)(trits[row] + 1) << (8 * row);
            tables->digits[byte] |= digit << (8 * row);
        }
    }
}

// Levels of one group, biased by (3^planes - 1)/2 so that no lane borrows from its neighbour: at most 80 of 255.
static void group_levels(const struct tern_exact_tables *tables, const uint8_t *beat, size_t plane_bytes,
                         unsigned planes, uint64_t levels[TERN_GROUP_COLUMNS]) {
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        levels[i] = tables->biased_trits[beat[i]];
    }
    for (unsigned plane = 1; plane < planes; plane++) {
        beat += plane_bytes;
        for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
            levels[i] = 3 * levels[i] + tables->biased_trits[beat[i]];
        }
    }
}

// sums[lane] = sum over the group of level x mantissa, bias still inside.
static void group_sums(const uint64_t levels[TERN_GROUP_COLUMNS], const int16_t mantissas[TERN_GROUP_COLUMNS],
                       int32_t sums[LANES]) {
    uint8_t lanes[TERN_GROUP_COLUMNS][LANES];
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            lanes[i][lane] = (uint8_t)(levels[i] >> (8 * lane));
        }
    }
    memset(sums, 0, LANES * sizeof sums[0]);
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            sums[lane] += (int32_t)lanes[i][lane] * mantissas[i];
        }
    }
}

// Scale codes of a group's rows, one per lane: most significant base-3 digit first.
static uint64_t group_codes(const struct tern_exact_tables *tables, const uint8_t *codes) {
    return 9 * tables->digits[codes[0]] + 3 * tables->digits[codes[1]] + tables->digits[codes[2]];
}

// The bins of one strip's rows for one vector.
typedef int64_t strip_bins[TERN_STRIP_ROWS][TERN_STEPS];

// What one group adds to a vector's bins. bias: in every level; place: 3^(planes left out).
static void group_add(const struct tern_matmul_vector *vector, size_t group, const uint64_t levels[TERN_GROUP_COLUMNS],
                      uint64_t codes, int32_t bias, int64_t place, strip_bins bins) {
    const int16_t *mantissas = vector->mantissas + group * TERN_GROUP_COLUMNS;
    int32_t sums[LANES];
    int32_t mantissa_sum = 0;
    group_sums(levels, mantissas, sums);
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        mantissa_sum += mantissas[i];
    }
    int64_t weight = place * (INT64_C(1) << vector->shifts[group]);
    for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
        bins[row][(codes >> (8 * row)) & 0xff] += (sums[row] - bias * mantissa_sum) * weight;
    }
}

// Bins of vectors first..first+count-1.
static void strip_add(const struct tern_matmul_job *job, const struct tern_exact_tables *tables, const uint8_t *strip,
                      uint32_t first, uint32_t count, strip_bins *bins) {
    const size_t plane_bytes = (size_t)TERN_BEAT_BYTES * job->groups;
    const uint8_t *planes = strip + tern_codes_bytes((uint64_t)job->groups * TERN_GROUP_COLUMNS);
    const int32_t bias = tern_level_limit(job->depth_used);
    // Low planes left out leave the others where they were stored.
    const int64_t place = tern_power_of_three(job->depth_stored - job->depth_used);
    memset(bins, 0, count * sizeof bins[0]);
    for (size_t group = 0; group < job->groups; group++) {
        uint64_t levels[TERN_GROUP_COLUMNS];
        group_levels(tables, planes + group * TERN_BEAT_BYTES, plane_bytes, job->depth_used, levels);
        uint64_t codes = group_codes(tables, strip + group * TERN_CODE_BYTES);
        for (uint32_t vector = 0; vector < count; vector++) {
            group_add(&job->vector[first + vector], group, levels, codes, bias, place, bins[vector]);
        }
    }
}

// Significand of `magnitude` without its low `drop` bits, to nearest even; drop in 1..127.
static uint64_t round_shift(unsigned __int128 magnitude, int64_t drop) {
    unsigned __int128 kept = magnitude >> drop;
    unsigned __int128 rest = magnitude - (kept << drop);
    unsigned __int128 half = (unsigned __int128)1 << (drop - 1);
    return (uint64_t)kept + (rest > half || (rest == half && (kept & 1)));
}

static int bit_length(unsigned __int128 value) {
    uint64_t high = (uint64_t)(value >> 64);
    uint64_t low = (uint64_t)value;
    return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}

uint32_t tern_round_sum(__int128 sum, int32_t exponent) {
    if (sum == 0) {
        return 0;
    }
    uint32_t sign = sum < 0 ? TERN_F32_SIGN_BIT : 0;
    unsigned __int128 magnitude = sum < 0 ? -(unsigned __int128)sum : (unsigned __int128)sum;
    int length = bit_length(magnitude);
    // The result's last place: 24 bits below the top, but never below 2^-149.
    int64_t drop = length - 24;
    if (drop + exponent < -149) {
        drop = -149 - (int64_t)exponent;
    }
    if (drop > length) {
        return sign;
    }
    uint64_t significand = drop > 0 ? round_shift(magnitude, drop) : (uint64_t)magnitude << -drop;
    // 1 in the field for subnormals and the smallest normals; the hidden bit adds itself, and so does a carry.
    int64_t field = drop + exponent + 149;
    if (field >= 254) {
        return sign | TERN_F32_INFINITY_BITS;
    }
    return sign | (uint32_t)(((uint64_t)field << 23) + significand);
}

static float row_value(const struct tern_matmul_job *job, const int64_t bins[TERN_STEPS], int32_t exponent) {
    __int128 sum = 0;
    for (unsigned code = 0; code < TERN_STEPS; code++) {
        int64_t step = (int64_t)((uint64_t)job->steps.mantissa[code] << job->steps.shift[code]);
        sum += (__int128)step * bins[code];
    }
    return tern_f32_from_bits(tern_round_sum(sum, exponent));
}

void tern_exact_strip(const struct tern_matmul_job *job, const struct tern_exact_tables *tables, const uint8_t *strip,
                      uint32_t first, uint32_t count, float values[][TERN_STRIP_ROWS]) {
    strip_bins bins[TERN_MAX_VECTORS];
    strip_add(job, tables, strip, first, count, bins);
    for (uint32_t vector = 0; vector < count; vector++) {
        for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
            values[vector][row] = row_value(job, bins[vector][row], job->vector[first + vector].exponent);
        }
    }
}
