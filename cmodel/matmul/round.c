// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/round.h"

#include "cmodel/float/f32.h"

// The significand of `magnitude` without its low `drop` bits, to nearest even. drop is 1..127.
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
    // The exponent of the result's last place: 24 bits below the top, but never below 2^-149.
    int64_t drop = length - 24;
    if (drop + exponent < -149) {
        drop = -149 - (int64_t)exponent;
    }
    if (drop > length) {
        return sign;
    }
    uint64_t significand = drop > 0 ? round_shift(magnitude, drop) : (uint64_t)magnitude << -drop;
    // The field is 1 for subnormals and the smallest normal numbers. The hidden bit adds 1 to it, and so does a carry.
    int64_t field = drop + exponent + 149;
    if (field >= 254) {
        return sign | TERN_F32_INFINITY_BITS;
    }
    return sign | (uint32_t)(((uint64_t)field << 23) + significand);
}
