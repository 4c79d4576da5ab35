// SPDX-License-Identifier: Apache-2.0
// Computes a strip in 256-bit registers, in the order of matmul_avx512.c. Each half of a panel (slots 0..7 and 8..15)
// is computed by itself. A byte permutation has 16 entries, so digits 0..2 take two permutations and a blend.
#include "cmodel/fast/matmul_plan.h"
#include "cmodel/fast/processor.h"

#if defined(TERN_X86)
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,sse4.2")))
#define INLINE static inline __attribute__((always_inline)) TARGET

#define ROWS TERN_STRIP_ROWS
#define CHUNKS 4u     // of 4 groups = 64 bytes of a plane, a panel
#define HALF_SLOTS 8u // slots of half a panel: groups 2 x half and 2 x half + 1 of each chunk
#define HALVES 2u

// A panel of a vector. Slot i holds group tern_panel_group(i).
struct panel {
    int16_t mantissas[TERN_PANEL_COLUMNS]; // [chunk][first or second half of a group][group][8]
    double scale[TERN_PANEL_GROUPS];       // 2^shift x 3^(planes left out)
    double bound[TERN_PANEL_GROUPS];       // the largest magnitude of scale x group sum
    int32_t bias[TERN_PANEL_GROUPS];       // the group sum if all levels are the largest
};

static void fill_group(const struct tern_matmul_plan *plan, const int16_t *mantissas, unsigned shift, unsigned slot,
                       struct panel *panel) {
    const int32_t largest = tern_plan_largest_level(plan);
    int16_t *to = panel->mantissas + slot % 4 * 64 + slot / 4 * 8;
    int32_t sum = 0, magnitude = 0;
    memcpy(to, mantissas, 8 * sizeof *to);
    memcpy(to + 32, mantissas + 8, 8 * sizeof *to);
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        sum += mantissas[i];
        magnitude += abs(mantissas[i]);
    }
    panel->scale[slot] = (double)(1u << shift) * tern_plan_level_unit(plan);
    panel->bound[slot] = panel->scale[slot] * (largest * magnitude);
    panel->bias[slot] = largest * sum;
}

static void fill(const struct tern_matmul_plan *plan, const int16_t *mantissas, const uint8_t *shifts, unsigned groups,
                 void *to) {
    struct panel *panel = to;
    if (groups < TERN_PANEL_GROUPS) {
        memset(panel, 0, sizeof *panel);
    }
    for (unsigned slot = 0; slot < TERN_PANEL_GROUPS; slot++) {
        const unsigned group = tern_panel_group(slot);
        if (group < groups) {
            fill_group(plan, mantissas + group * TERN_GROUP_COLUMNS, shifts[group], slot, panel);
        }
    }
}

struct parts {
    __m256i low, select; // bits 3..0 of digits 0..2; bit 4 as each byte's sign
    __m256i high;        // bits 7..5; the sign is set where digits 3 and 4 are 2
    __m256i is_short;
};

INLINE struct parts split(__m256i bytes) {
    const __m256i short_bits = _mm256_set1_epi8(TERN_SHORT_BITS);
    const __m256i top = _mm256_and_si256(_mm256_srli_epi16(bytes, 5), _mm256_set1_epi8(7));
    struct parts parts;
    parts.is_short = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, short_bits), short_bits);
    const __m256i short_form = _mm256_or_si256(_mm256_slli_epi16(top, 2), _mm256_and_si256(bytes, _mm256_set1_epi8(3)));
    const __m256i digits = _mm256_blendv_epi8(bytes, short_form, parts.is_short);
    parts.low = _mm256_and_si256(digits, _mm256_set1_epi8(15));
    parts.select = _mm256_slli_epi16(digits, 3);
    parts.high = _mm256_or_si256(top, parts.is_short);
    return parts;
}

INLINE __m256i entries(const uint8_t *from) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)from));
}

// The table's entries for one row; 0 where digits 3 and 4 are 2.
INLINE __m256i look_up(const struct tern_digit_table *table, unsigned row, const struct parts *parts) {
    if (row >= 3) {
        return _mm256_shuffle_epi8(entries(table->high_long[row - 3]), parts->high);
    }
    const uint8_t *from = table->low[row];
    return _mm256_blendv_epi8(_mm256_shuffle_epi8(entries(from), parts->low),
                              _mm256_shuffle_epi8(entries(from + 16), parts->low), parts->select);
}

// The steps of 8 slots, one register a row.
INLINE void half_steps(const struct tern_matmul_plan *plan, const uint8_t *codes, unsigned half, __m256 result[ROWS]) {
    uint32_t bytes[HALF_SLOTS];
    for (unsigned slot = 0; slot < HALF_SLOTS; slot++) {
        memcpy(&bytes[slot], codes + plan->code_order[4 * (HALF_SLOTS * half + slot)], sizeof bytes[slot]);
    }
    const struct parts parts = split(_mm256_loadu_si256((const __m256i *)(const void *)bytes));
    for (unsigned row = 0; row < ROWS; row++) {
        __m256i digits = look_up(&plan->tables->code_digits, row, &parts);
        if (row >= 3) {
            digits = _mm256_or_si256(digits, _mm256_and_si256(parts.is_short, _mm256_set1_epi8(2)));
        }
        const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi32(0x00010309));
        const __m256i code = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
        const __m256 by_8 = _mm256_castsi256_ps(_mm256_slli_epi32(code, 28));
        const __m256 by_16 = _mm256_castsi256_ps(_mm256_slli_epi32(code, 27));
        const __m256 low = _mm256_blendv_ps(_mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps), code),
                                            _mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps + 8), code), by_8);
        const __m256 high = _mm256_blendv_ps(_mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps + 16), code),
                                             _mm256_permutevar8x32_ps(_mm256_loadu_ps(plan->steps + 24), code), by_8);
        result[row] = _mm256_blendv_ps(low, high, by_16);
    }
}

// Reduces the sums of four chunks, 4 parts a group, to one register: element 4 x group + chunk.
INLINE __m256i transpose_add(const __m256i parts[CHUNKS]) {
    const __m256i low =
        _mm256_add_epi32(_mm256_unpacklo_epi32(parts[0], parts[1]), _mm256_unpackhi_epi32(parts[0], parts[1]));
    const __m256i high =
        _mm256_add_epi32(_mm256_unpacklo_epi32(parts[2], parts[3]), _mm256_unpackhi_epi32(parts[2], parts[3]));
    return _mm256_add_epi32(_mm256_unpacklo_epi64(low, high), _mm256_unpackhi_epi64(low, high));
}

struct accumulators {
    __m256d sum[ROWS], bound[ROWS];
};

INLINE void add_terms(__m256i sums, __m256 steps, const struct panel *panel, unsigned at, __m256d *sum,
                      __m256d *bound) {
    sums = _mm256_sub_epi32(sums, _mm256_loadu_si256((const __m256i *)(const void *)(panel->bias + at)));
    for (unsigned quarter = 0; quarter < 2; quarter++) {
        const __m128 floats = quarter ? _mm256_extractf128_ps(steps, 1) : _mm256_castps256_ps128(steps);
        const __m128i part = quarter ? _mm256_extracti128_si256(sums, 1) : _mm256_castsi256_si128(sums);
        const __m256d step = _mm256_cvtps_pd(floats);
        const __m256d scale = _mm256_loadu_pd(panel->scale + at + 4 * quarter);
        *sum = _mm256_fmadd_pd(_mm256_mul_pd(_mm256_cvtepi32_pd(part), scale), step, *sum);
        *bound = _mm256_fmadd_pd(_mm256_loadu_pd(panel->bound + at + 4 * quarter), step, *bound);
    }
}

// Decodes the levels of half a panel as 16-bit words. Chunks beyond the strip's end are left out.
INLINE void half_levels(const struct tern_matmul_plan *plan, const uint8_t *planes, unsigned depth, unsigned half,
                        unsigned chunks, __m256i levels[CHUNKS][ROWS][2]) {
    const __m256i zero = _mm256_setzero_si256();
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        __m256i bytes[ROWS] = {zero, zero, zero, zero, zero};
        for (unsigned plane = 0; plane < depth && chunk < chunks; plane++) {
            const uint8_t *from = planes + plane * plan->plane_bytes + 64 * chunk + 32 * half;
            const struct parts parts = split(_mm256_loadu_si256((const __m256i *)(const void *)from));
            _mm_prefetch((const char *)from + plan->strip_bytes, _MM_HINT_T0);
            for (unsigned row = 0; row < ROWS; row++) {
                bytes[row] =
                    _mm256_add_epi8(bytes[row], look_up(&plan->tables->plane_trits[depth - 1 - plane], row, &parts));
            }
        }
        for (unsigned row = 0; row < ROWS; row++) {
            levels[chunk][row][0] = _mm256_unpacklo_epi8(bytes[row], zero);
            levels[chunk][row][1] = _mm256_unpackhi_epi8(bytes[row], zero);
        }
    }
}

INLINE __m256i product(__m256i levels, const int16_t *mantissas) {
    return _mm256_madd_epi16(levels, _mm256_loadu_si256((const __m256i *)(const void *)mantissas));
}

INLINE void half_vector(const struct panel *panel, unsigned half, __m256i levels[CHUNKS][ROWS][2],
                        const __m256 steps[ROWS], struct accumulators *to) {
    const int16_t *mantissas = panel->mantissas + 16 * half;
    for (unsigned row = 0; row < ROWS; row++) {
        __m256i parts[CHUNKS];
        for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
            parts[chunk] = _mm256_add_epi32(product(levels[chunk][row][0], mantissas + 64 * chunk),
                                            product(levels[chunk][row][1], mantissas + 64 * chunk + 32));
        }
        add_terms(transpose_add(parts), steps[row], panel, HALF_SLOTS * half, &to->sum[row], &to->bound[row]);
    }
}

// Computes the planes' checksums side by side. The instruction starts each clock but its result takes three.
INLINE void checksums(const struct tern_matmul_plan *plan, unsigned depth, const uint8_t *strip, uint32_t *result) {
    uint64_t crc[TERN_MAX_DEPTH] = {0}, codes_crc = 0, word;
    for (size_t i = 0; i < plan->codes_bytes; i += sizeof word) {
        memcpy(&word, strip + i, sizeof word);
        codes_crc = _mm_crc32_u64(codes_crc, word);
    }
    strip += plan->codes_bytes;
    for (size_t i = 0; i < plan->plane_bytes; i += sizeof word) {
        for (unsigned plane = 0; plane < depth; plane++) {
            memcpy(&word, strip + plane * plan->plane_bytes + i, sizeof word);
            crc[plane] = _mm_crc32_u64(crc[plane], word);
        }
    }
    result[0] = (uint32_t)codes_crc ^ plan->codes_crc;
    for (unsigned plane = 0; plane < depth; plane++) {
        result[plane + 1] = (uint32_t)crc[plane] ^ plan->plane_crc;
    }
}

INLINE double total(__m256d x) {
    const __m128d pair = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1));
    return _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)));
}

INLINE void run_strip(const struct tern_matmul_plan *plan, unsigned depth, unsigned vectors, const uint8_t *strip,
                      struct tern_strip_sums *sums) {
    struct accumulators to[TERN_MAX_VECTORS];
    for (unsigned vector = 0; vector < vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            to[vector].sum[row] = to[vector].bound[row] = _mm256_setzero_pd();
        }
    }
    for (size_t panel = 0; panel < plan->panels; panel++) {
        const uint8_t *planes = strip + plan->codes_bytes + panel * TERN_PANEL_COLUMNS;
        const unsigned groups_left = plan->job->groups - (unsigned)panel * TERN_PANEL_GROUPS;
        for (unsigned half = 0; half < HALVES; half++) {
            __m256i levels[CHUNKS][ROWS][2];
            __m256 steps[ROWS];
            half_steps(plan, strip + panel * TERN_PANEL_GROUPS * TERN_CODE_BYTES, half, steps);
            half_levels(plan, planes, depth, half, groups_left < TERN_PANEL_GROUPS ? groups_left / 4 : CHUNKS, levels);
            for (unsigned vector = 0; vector < vectors; vector++) {
                half_vector((const struct panel *)plan->operand[vector] + panel, half, levels, steps, &to[vector]);
            }
        }
    }
    checksums(plan, depth, strip, sums->crc);
    for (unsigned vector = 0; vector < vectors; vector++) {
        for (unsigned row = 0; row < ROWS; row++) {
            sums->sum[vector][row] = total(to[vector].sum[row]);
            sums->bound[vector][row] = total(to[vector].bound[row]);
        }
    }
}

TERN_STRIP_KERNELS(TARGET)

const struct tern_kernel_path *tern_matmul_avx2(void) {
    static const struct tern_kernel_path path = {sizeof(struct panel), 4, fill, TERN_STRIP_KERNEL_OF_DEPTH};
    return tern_processor_has(TERN_PROCESSOR_AVX2) ? &path : NULL;
}
#else
const struct tern_kernel_path *tern_matmul_avx2(void) {
    return NULL;
}
#endif
