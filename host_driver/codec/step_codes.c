// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/step_codes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/levels.h"
#include "cmodel/float/half.h"

#define HALVES 32768u // 16-bit numbers without the sign

bool tern_step_codes_make(enum tern_dtype dtype, unsigned depth, const float steps[TERN_STEPS],
                          struct tern_step_codes *codes) {
    *codes = (struct tern_step_codes){.dtype = dtype, .limit = (unsigned)tern_level_limit(depth)};
    memcpy(codes->steps, steps, sizeof codes->steps);
    codes->codes = dtype == TERN_DTYPE_F32 ? NULL : calloc(HALVES, sizeof *codes->codes);
    if (dtype != TERN_DTYPE_F32 && !codes->codes) {
        return false;
    }
    for (unsigned code = 0; code < TERN_STEPS; code++) {
        for (unsigned level = 0; level <= codes->limit; level++) {
            uint32_t bits = tern_dtype_bits(dtype, steps[code] * (float)level);
            codes->expanded[code][level] = bits;
            if (codes->codes && bits < tern_dtype_infinity(dtype)) {
                codes->codes[bits] |= 1u << code;
            }
        }
    }
    return true;
}

void tern_step_codes_free(struct tern_step_codes *codes) {
    free(codes->codes);
    codes->codes = NULL;
}

void tern_read_magnitudes(enum tern_dtype dtype, const uint8_t *weights, unsigned count, uint32_t *magnitudes) {
    for (unsigned i = 0; i < count; i++) {
        uint16_t half;
        if (dtype == TERN_DTYPE_F32) {
            memcpy(&magnitudes[i], weights + 4 * i, 4);
            magnitudes[i] &= 0x7fffffff;
        } else {
            memcpy(&half, weights + 2 * i, 2);
            magnitudes[i] = half & 0x7fff;
        }
    }
}

static float magnitude_to_float(enum tern_dtype dtype, uint32_t bits) {
    return dtype == TERN_DTYPE_F16    ? tern_float_from_f16((uint16_t)bits)
           : dtype == TERN_DTYPE_BF16 ? tern_float_from_bf16((uint16_t)bits)
                                      : tern_float_from_bits(bits);
}

// The level at which `code` gives these bits, limit + 1 for none. The rounded quotient is the level or next to it,
// because a weight is off by at most half a unit in the last place.
static unsigned level_of(const struct tern_step_codes *codes, unsigned code, uint32_t bits) {
    float quotient = magnitude_to_float(codes->dtype, bits) / codes->steps[code];
    if (bits == 0) {
        return 0;
    }
    unsigned level = quotient < (float)codes->limit ? (unsigned)(quotient + 0.5f) : codes->limit;
    const uint32_t *expanded = codes->expanded[code];
    if (expanded[level] == bits) {
        return level;
    }
    if (level > 0 && expanded[level - 1] == bits) {
        return level - 1;
    }
    return level < codes->limit && expanded[level + 1] == bits ? level + 1 : codes->limit + 1;
}

static uint32_t codes_of_singles(const struct tern_step_codes *codes, const uint8_t *weights, unsigned count) {
    uint32_t magnitudes[TERN_GROUP_COLUMNS], found = TERN_EVERY_CODE;
    tern_read_magnitudes(TERN_DTYPE_F32, weights, count, magnitudes);
    for (unsigned i = 0; i < count; i++) {
        for (uint32_t left = found; left; left &= left - 1) {
            if (level_of(codes, (unsigned)__builtin_ctz(left), magnitudes[i]) > codes->limit) {
                found &= ~(left & -left);
            }
        }
    }
    return found;
}

uint32_t tern_step_codes_of(const struct tern_step_codes *codes, const uint8_t *weights, unsigned count) {
    if (codes->dtype == TERN_DTYPE_F32) {
        return codes_of_singles(codes, weights, count);
    }
    uint32_t found = TERN_EVERY_CODE;
    for (unsigned i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, weights + 2 * i, sizeof half);
        found &= codes->codes[half & 0x7fff];
    }
    return found;
}

void tern_step_levels(const struct tern_step_codes *codes, unsigned code, const uint8_t *weights, unsigned count,
                      int8_t *levels) {
    unsigned bytes = codes->dtype == TERN_DTYPE_F32 ? 4 : 2;
    uint32_t magnitudes[TERN_GROUP_COLUMNS];
    tern_read_magnitudes(codes->dtype, weights, count, magnitudes);
    for (unsigned i = 0; i < count; i++) {
        int level = (int)level_of(codes, code, magnitudes[i]);
        levels[i] = (int8_t)(weights[bytes * i + bytes - 1] & 0x80 ? -level : level);
    }
}
