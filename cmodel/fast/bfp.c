// SPDX-License-Identifier: Apache-2.0
// The host's loops of the quantizer. Groups beyond normal numbers use the portable functions.
#include <stdbool.h>

#include "cmodel/fast/wide.h"
#include "cmodel/float/f32.h"
#include "cmodel/vector/bfp.h"

// Bits of the largest magnitude of x[count].
TERN_BODY uint32_t largest_magnitude_bits(const float *x, size_t count) {
    uint32_t largest = 0; // magnitude bits, shifted up by one
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = tern_f32_to_bits(x[i]) << 1;
        largest = bits > largest ? bits : largest;
    }
    return largest >> 1;
}

TERN_BODY void largest_of_tile_body(const float *x, size_t count, float *largest) {
    *largest = tern_f32_from_bits(largest_magnitude_bits(x, count));
}
TERN_BY_WIDTH(static, largest_of_tile, (const float *x, size_t count, float *largest), (x, count, largest))

// The scan needs only the largest element of a finite tile.
enum tern_status tern_bfp_scan_tile(struct tern_bfp_scan *scan, const float *x, size_t count, size_t *bad_index) {
    float largest;
    largest_of_tile(x, count, &largest);
    return tern_f32_is_finite(largest) ? tern_bfp_scan_tile_portable(scan, &largest, 1, bad_index)
                                       : tern_bfp_scan_tile_portable(scan, x, count, bad_index);
}

// Quantizes a whole group if its largest magnitude and its scaling factor are normal numbers. Otherwise it returns
// false and writes nothing.
TERN_BODY bool quantize_ordinary(int32_t base_exponent, const float *x, int16_t *mantissas, uint8_t *shift) {
    const uint32_t largest = largest_magnitude_bits(x, TERN_WIDE), field = largest >> 23;
    const int32_t own_exponent = (int32_t)field - 141 + ((largest & 0x7fffff) >= 0x7fff00);
    const int32_t exponent = own_exponent > base_exponent ? own_exponent : base_exponent;
    if (field == 0 || exponent < -126 || exponent > 126) {
        return false;
    }
    const float factor = tern_f32_from_bits((uint32_t)(127 - exponent) << 23);
    const tern_f32x16 rounded = (TERN_F32X16(x) * factor + 0x1.8p23f) - 0x1.8p23f; // to nearest even
    TERN_I16X16(mantissas) = __builtin_convertvector(__builtin_convertvector(rounded, tern_i32x16), tern_i16x16);
    *shift = (uint8_t)(exponent - base_exponent);
    return true;
}

TERN_BODY void tern_bfp_quantize_tile_body(int32_t base_exponent, const float *x, size_t count, int16_t *mantissas,
                                           uint8_t *shifts) {
    for (size_t start = 0; start < count; start += TERN_WIDE, shifts++) {
        const size_t length = count - start < TERN_WIDE ? count - start : TERN_WIDE;
        float filled[TERN_WIDE] = {0};
        for (size_t i = 0; length < TERN_WIDE && i < length; i++) {
            filled[i] = x[start + i];
        }
        const float *group = length < TERN_WIDE ? filled : x + start;
        if (!quantize_ordinary(base_exponent, group, mantissas + start, shifts)) {
            tern_bfp_quantize_tile_portable(base_exponent, x + start, length, mantissas + start, shifts);
        }
    }
}
TERN_BY_WIDTH(, tern_bfp_quantize_tile,
              (int32_t base_exponent, const float *x, size_t count, int16_t *mantissas, uint8_t *shifts),
              (base_exponent, x, count, mantissas, shifts))
