// SPDX-License-Identifier: Apache-2.0
// Conversions of half-precision formats by integer operations: some compilers lack _Float16.
#ifndef TERN_CMODEL_FLOAT_HALF_H
#define TERN_CMODEL_FLOAT_HALF_H

#include <stdint.h>
#include <string.h>

static inline float tern_float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t tern_float_to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// This conversion is exact. A product with 2^112 moves the exponent and normalizes subnormals.
static inline float tern_float_from_f16(uint16_t half) {
    uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
    uint32_t bits = tern_float_to_bits(tern_float_from_bits(magnitude) * 0x1p112f);
    bits = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : bits;
    return tern_float_from_bits(bits | (uint32_t)(half & 0x8000) << 16);
}

static inline float tern_float_from_bf16(uint16_t half) {
    return tern_float_from_bits((uint32_t)half << 16);
}

// Rounds to nearest even. 65520 and up become infinity.
static inline uint16_t tern_f16_from_float(float value) {
    uint32_t bits = tern_float_to_bits(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return (uint16_t)(sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) {
        return (uint16_t)(sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: adding 2^-1 leaves the last bit of weight 2^-24
        return (uint16_t)(sign | (tern_float_to_bits(tern_float_from_bits(magnitude) + 0.5f) - 0x3f000000));
    }
    uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
    return (uint16_t)(sign | (rounded - 0x38000000) >> 13);
}

// Rounds to nearest even.
static inline uint16_t tern_bf16_from_float(float value) {
    uint32_t bits = tern_float_to_bits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
        return (uint16_t)(bits >> 16 | 0x40);
    }
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#endif
