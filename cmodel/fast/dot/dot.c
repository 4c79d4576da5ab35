// SPDX-License-Identifier: Apache-2.0
// The host's dot products of records with one image, by the fastest path, and the rounding of sums.
#include "cmodel/attention/dot.h"

#include "cmodel/fast/dot/dot_span.h"
#include "cmodel/fast/processor.h"
#include "cmodel/float/f32.h"

static const struct tern_dot_path *path(void) {
    return tern_kernel_choose(TERN_KERNEL_BEST, tern_dot_portable(), tern_dot_avx2(), tern_dot_avx512());
}

// The first `positions` positions of a head, with one image.
static struct tern_dot_span span_of(enum tern_cache_kind kind, const uint8_t *records, uint32_t head_size,
                                    uint32_t positions, const int16_t *mantissas, const uint8_t *shifts) {
    return (struct tern_dot_span){.head_size = head_size,
                                  .positions = positions,
                                  .count = tern_cache_records(positions),
                                  .records = records,
                                  .record_bytes = tern_cache_record_bytes(kind, head_size),
                                  .vectors = 1,
                                  .image[0] = {.mantissas = mantissas, .shifts = shifts}};
}

void tern_dot_key_record(const uint8_t *record, uint32_t head_size, uint32_t positions, const int16_t *image_mantissas,
                         const uint8_t *image_shifts, int32_t base_exponent, float *scores) {
    struct tern_dot_span span = span_of(TERN_CACHE_KEYS, record, head_size, positions, image_mantissas, image_shifts);
    span.image[0].base_exponent = base_exponent;
    path()->keys(&span, &scores);
}

void tern_dot_value_records(const uint8_t *records, uint32_t count, uint32_t head_size, const int16_t *weights,
                            const uint8_t *weight_shifts, struct tern_wide_sum *sums) {
    const struct tern_dot_span span =
        span_of(TERN_CACHE_VALUES, records, head_size, count * TERN_CACHE_POSITIONS, weights, weight_shifts);
    path()->values(&span, sums);
}

// A sum of more than 64 bits as one of 63 bits, times 2^*drop. The last bit of the result is 1 when bits are lost. It
// is far below the place of any rounding.
static int64_t top_bits(struct tern_wide_sum sum, int *drop) {
    const int64_t sign = sum.high >> 63;
    const uint64_t above = (uint64_t)(sum.high ^ sign);
    if (above == 0 && (int64_t)(sum.low ^ (uint64_t)sign) >= 0) {
        *drop = 0;
        return (int64_t)sum.low;
    }
    *drop = above ? 66 - __builtin_clzll(above) : 2; // up to 58: |sum| < 2^120
    const uint64_t top = (uint64_t)sum.high << (64 - *drop) | sum.low >> *drop;
    return (int64_t)(top | (sum.low << (64 - *drop) != 0));
}

void tern_dot_finish(const struct tern_wide_sum *sums, uint32_t head_size, int32_t base_exponent, float *output) {
    for (uint32_t i = 0; i < head_size; i++) {
        int drop;
        const int64_t top = top_bits(sums[i], &drop);
        const int32_t exponent = base_exponent + TERN_CACHE_EXPONENT + drop;
        if (exponent >= -126 && exponent <= 127 - 63) {
            output[i] = (float)top * tern_f32_from_bits((uint32_t)(127 + exponent) << 23);
        } else {
            tern_dot_finish_portable(sums + i, 1, base_exponent, output + i);
        }
    }
}
