// SPDX-License-Identifier: Apache-2.0
#include "cmodel/vector/bfp.h"

#include "cmodel/float/f32.h"
#include "cmodel/layout.h"

_Static_assert(TERN_MANTISSA_BITS == 16 && TERN_MANTISSA_MAX == 32767,
               "group exponents below assume 15 magnitude bits");

#define GROUP TERN_GROUP_COLUMNS
#define MAGNITUDE_MASK 0x7fffffffu
#define INFINITE_EXPONENT 255u
// The smallest 24-bit significand that rounds up to 32768 as a 15-bit one: 32767.5 * 2^9, a tie away from odd 32767.
#define SIGNIFICAND_BUMP 0xffff00u

// |x| = significand * 2^exponent. Subnormals are not normalized.
static uint32_t significand_of(uint32_t magnitude_bits, int32_t *exponent) {
    uint32_t field = magnitude_bits >> 23;
    uint32_t fraction = magnitude_bits & 0x007fffffu;
    *exponent = (int32_t)(field ? field : 1) - 150;
    return field ? fraction | 0x00800000u : fraction;
}

// The exponent of the group whose largest magnitude has these (non-zero) bits.
static int32_t group_exponent(uint32_t magnitude_bits) {
    int32_t exponent;
    uint32_t significand = significand_of(magnitude_bits, &exponent);
    while (significand < 0x00800000u) {
        significand <<= 1;
        exponent -= 1;
    }
    // The exponent of the magnitude itself is exponent + 23. A 15-bit mantissa is 2^14 or more.
    return exponent + 23 - 14 + (significand >= SIGNIFICAND_BUMP);
}

// The bits of the largest magnitude of x[count]. Positive floats have the order of their bits.
static uint32_t largest_magnitude_bits(const float *x, size_t count) {
    uint32_t largest = 0; // magnitude bits, shifted up by one
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = tern_f32_to_bits(x[i]) << 1;
        largest = bits > largest ? bits : largest;
    }
    return largest >> 1;
}

static size_t first_non_finite(const float *x, size_t count) {
    size_t i = 0;
    while (i < count && tern_f32_is_finite(x[i])) {
        i++;
    }
    return i;
}

// Rounds x / 2^exponent to nearest even. The caller's exponent keeps it within +-32767.
static int16_t quantize_one(uint32_t bits, int32_t exponent) {
    int32_t own_exponent;
    uint32_t significand = significand_of(bits & MAGNITUDE_MASK, &own_exponent);
    int32_t drop = exponent - own_exponent;
    uint32_t mantissa;
    if (drop <= 0) {
        // Only subnormals and zeros reach this line. The distance of zeros is arbitrary.
        mantissa = significand ? significand << -drop : 0;
    } else if (drop > 24) {
        mantissa = 0; // below a half
    } else {
        uint32_t odd = (significand >> drop) & 1u;
        mantissa = (significand + ((1u << (drop - 1)) - 1u) + odd) >> drop;
    }
    return (int16_t)((bits & ~MAGNITUDE_MASK) ? -(int32_t)mantissa : (int32_t)mantissa);
}

// x / 2^exponent is a product with a power of two, then one conversion. The product is exact unless it is far below a
// half.
static void quantize_scaled(const float *x, size_t count, int32_t exponent, int16_t *mantissas) {
    float factor = tern_f32_from_bits((uint32_t)(127 - exponent) << 23);
#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        mantissas[i] = (int16_t)tern_f32_to_i32_small(tern_f32_mul(x[i], factor));
    }
}

static void quantize_group(const float *x, size_t count, int32_t exponent, int16_t *mantissas) {
    if (exponent >= -126 && exponent <= 126) {
        quantize_scaled(x, count, exponent, mantissas);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        mantissas[i] = quantize_one(tern_f32_to_bits(x[i]), exponent);
    }
}

void tern_bfp_scan_start(struct tern_bfp_scan *scan) {
    scan->largest_exponent = INT32_MIN;
}

enum tern_status TERN_PORTABLE(tern_bfp_scan_tile)(struct tern_bfp_scan *scan, const float *x, size_t count,
                                                   size_t *bad_index) {
    // The largest group exponent is that of the largest element.
    uint32_t largest = largest_magnitude_bits(x, count);
    if (largest >> 23 == INFINITE_EXPONENT) {
        *bad_index = first_non_finite(x, count);
        return TERN_STATUS_NON_FINITE;
    }
    if (largest != 0) {
        int32_t exponent = group_exponent(largest);
        if (exponent > scan->largest_exponent) {
            scan->largest_exponent = exponent;
        }
    }
    return TERN_STATUS_OK;
}

int32_t tern_bfp_base_exponent(const struct tern_bfp_scan *scan) {
    return scan->largest_exponent == INT32_MIN ? 0 : scan->largest_exponent - TERN_MAX_SHIFT;
}

static uint8_t group_shift(int32_t base_exponent, const float *x, size_t count) {
    uint32_t largest = largest_magnitude_bits(x, count);
    if (largest == 0) {
        return 0;
    }
    int32_t exponent = group_exponent(largest);
    return exponent > base_exponent ? (uint8_t)(exponent - base_exponent) : 0;
}

void TERN_PORTABLE(tern_bfp_quantize_tile)(int32_t base_exponent, const float *x, size_t count, int16_t *mantissas,
                                           uint8_t *shifts) {
    for (size_t start = 0; start < count; start += GROUP) {
        size_t length = count - start < GROUP ? count - start : GROUP;
        uint8_t shift = group_shift(base_exponent, x + start, length);
        shifts[start / GROUP] = shift;
        quantize_group(x + start, length, base_exponent + shift, mantissas + start);
        for (size_t i = length; i < GROUP; i++) {
            mantissas[start + i] = 0;
        }
    }
}

void tern_bfp_frame(int32_t base_exponent, size_t columns, uint8_t *image) {
    const uint32_t header[4] = {(uint32_t)base_exponent, (uint32_t)tern_groups(columns), (uint32_t)columns,
                                TERN_ACTIVATION_MAGIC};
    const size_t filled = (columns + GROUP - 1) / GROUP, shifts = tern_activation_shifts_offset(columns);
    const size_t mantissas_end = TERN_ACTIVATION_HEADER_BYTES + sizeof(int16_t) * GROUP * filled;
    __builtin_memset(image, 0, TERN_ACTIVATION_HEADER_BYTES);
    __builtin_memcpy(image, header, sizeof header);
    __builtin_memset(image + mantissas_end, 0, shifts - mantissas_end);
    __builtin_memset(image + shifts + filled, 0, tern_activation_bytes(columns) - shifts - filled);
}

enum tern_status tern_bfp_quantize(const float *x, size_t columns, uint8_t *image, size_t *bad_index) {
    struct tern_bfp_scan scan;
    tern_bfp_scan_start(&scan);
    TERN_TRY(tern_bfp_scan_tile(&scan, x, columns, bad_index));
    const int32_t base_exponent = tern_bfp_base_exponent(&scan);
    tern_bfp_quantize_tile(base_exponent, x, columns, (int16_t *)(void *)(image + TERN_ACTIVATION_HEADER_BYTES),
                           image + tern_activation_shifts_offset(columns));
    tern_bfp_frame(base_exponent, columns, image);
    return TERN_STATUS_OK;
}
