// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/round.h"

#include "cmodel/float/f32.h"

#define TOP_BITS 64 // of a magnitude that are kept; the last one also stands for all bits below

static int bit_length(uint64_t high, uint64_t low) {
    return high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low);
}

// The first 64 bits of a magnitude of `length` bits. The last one is set when a bit below is.
static uint64_t top_bits(uint64_t high, uint64_t low, int length) {
    int drop = length - TOP_BITS;
    if (drop <= 0) {
        return low << -drop;
    }
    uint64_t top = drop == 64 ? high : high << (64 - drop) | low >> drop;
    return top | (low << (64 - drop) != 0);
}

// The significand of `top` without its low `drop` bits, to nearest even. drop is 40..64.
static uint64_t round_shift(uint64_t top, int drop) {
    uint64_t kept = drop == 64 ? 0 : top >> drop;
    uint64_t rest = drop == 64 ? top : top - (kept << drop);
    uint64_t half = (uint64_t)1 << (drop - 1);
    return kept + (rest > half || (rest == half && (kept & 1)));
}

uint32_t tern_round_wide_sum(struct tern_wide_sum sum, int32_t exponent) {
    uint64_t high = (uint64_t)sum.high, low = sum.low;
    if ((high | low) == 0) {
        return 0;
    }
    uint32_t sign = sum.high < 0 ? TERN_F32_SIGN_BIT : 0;
    if (sign) {
        low = -low;
        high = ~high + (low == 0);
    }
    int length = bit_length(high, low);
    // The exponent of the result's last place: 24 bits below the top, but never below 2^-149.
    int64_t drop = length - 24;
    if (drop + exponent < -149) {
        drop = -149 - (int64_t)exponent;
    }
    if (drop > length) {
        return sign;
    }
    uint64_t significand = round_shift(top_bits(high, low, length), (int)(drop - length) + TOP_BITS);
    // The field is 1 for subnormals and the smallest normal numbers. The hidden bit adds 1 to it, and so does a carry.
    int64_t field = drop + exponent + 149;
    if (field >= 254) {
        return sign | TERN_F32_INFINITY_BITS;
    }
    return sign | (uint32_t)(((uint64_t)field << 23) + significand);
}
