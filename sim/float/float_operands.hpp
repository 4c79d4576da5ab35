// SPDX-License-Identifier: Apache-2.0
// Operand pairs for the special cases of binary32: special values, subnormals, cancellation, exact ties of sums and of
// products. Also overflow, products around the smallest normal number, integers around the ends of their range.
#pragma once

#include <cstdint>

#include "sim/lib/random.hpp"

namespace tern_bench {

struct OperandPair {
    uint32_t a;
    uint32_t b;
};

inline constexpr uint32_t special_operands[] = {
    0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00400000, 0x007ffffe, 0x007fffff, // zero, subnormals
    0x00800000, 0x00800001, 0x00ffffff, 0x01000000, 0x01000001,                         // smallest normals
    0x33000000, 0x33800000, 0x33800001, 0x34000000,                                     // 2^-25, half an ulp of 1
    0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, // around 1/2, 1, 1.5
    0x40000000, 0x40200000, 0x40400000, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x4b800000, // 2.5, 2^23, 2^24
    0x4effffff, 0x4f000000, 0x4f000001, 0x4f7fffff, 0x4f800000,                         // 2^31, 2^32
    0x7e7fffff, 0x7e800000, 0x7effffff, 0x7f000000, 0x7f7ffffe, 0x7f7fffff,             // the largest
    0x7f800000, 0x7f800001, 0x7fa00000, 0x7fbfffff, 0x7fc00000, 0x7fffffff,             // infinity, NaN
    0x0000ffff, 0x7fffff7f, 0x7fffff80, 0x7fffffbf, 0x7fffffc0, 0x01000003, 0x02000002, // integers at a tie
};
inline constexpr uint32_t special_operand_count = sizeof special_operands / sizeof special_operands[0];

// Every pair of special operands, with each sign.
inline constexpr uint32_t special_pair_count = 4 * special_operand_count * special_operand_count;

inline OperandPair special_pair(uint32_t index) {
    const uint32_t first = index / (2 * special_operand_count), second = index % (2 * special_operand_count);
    return {special_operands[first / 2] ^ (first & 1u) << 31, special_operands[second / 2] ^ (second & 1u) << 31};
}

inline uint32_t random_special(Random &random) {
    return special_operands[random.below(special_operand_count)] | (random.bits32() & 0x80000000u);
}

// A fraction of 23 bits: uniform, few bits set, or a run of ones. The last two make ties and carries likely.
inline uint32_t random_fraction(Random &random) {
    uint32_t fraction = random.bits32() & 0x7fffffu;
    switch (random.below(4)) {
    case 0: return fraction;
    case 1: return fraction & random.bits32() & random.bits32();
    case 2: return (fraction >> random.below(23)) << random.below(23) & 0x7fffffu;
    default: return (0x7fffffu >> random.below(24)) ^ (random.percent(50) ? 0x7fffffu : 0u);
    }
}

inline uint32_t random_float(Random &random, int32_t lowest_exponent, int32_t highest_exponent) {
    int32_t exponent = random.between(lowest_exponent, highest_exponent);
    exponent = exponent < 0 ? 0 : exponent > 254 ? 254 : exponent;
    return (random.bits32() & 0x80000000u) | (static_cast<uint32_t>(exponent) << 23) | random_fraction(random);
}

inline int32_t exponent_of(uint32_t bits) {
    return static_cast<int32_t>(bits >> 23 & 0xffu);
}

// Half an ulp of a, exactly or with one bit more or less, of either sign. Sums are at or next to a tie.
inline OperandPair random_tie_of_sum(Random &random) {
    uint32_t a = random_float(random, 26, 254);
    uint32_t half_ulp = static_cast<uint32_t>(exponent_of(a) - 24) << 23;
    return {a, (half_ulp + static_cast<uint32_t>(random.between(-1, 1))) | (random.bits32() & 0x80000000u)};
}

// Significands have 12 and 13 bits. The product has at most 25, so half of the odd ones are ties.
inline OperandPair random_tie_of_product(Random &random) {
    uint32_t a = random_float(random, 64, 190) & ~0xfffu;
    uint32_t b = random_float(random, 64, 190) & ~0x7ffu;
    return {a | 0x1000u, b | 0x800u};
}

// The operands are nearly equal, with any signs: massive cancellation.
inline OperandPair random_cancellation(Random &random) {
    uint32_t a = random_float(random, 0, 254);
    uint32_t b = a + static_cast<uint32_t>(random.between(-3, 3) * (1 << random.below(22)));
    return {a, b ^ (random.bits32() & 0x80000000u)};
}

// The product is around or below the smallest normal number.
inline OperandPair random_small_product(Random &random) {
    uint32_t a = random_float(random, 0, 254);
    int32_t exponent = 127 - exponent_of(a) + random.between(-30, 4);
    return {a, random_float(random, exponent, exponent)};
}

// A number within 2^-3 .. 2^33 with few fraction bits, and an integer close to a power of two.
inline OperandPair random_integers(Random &random) {
    uint32_t fraction_mask = 0xffffffffu << random.below(24);
    uint32_t a = random_float(random, 124, 160) & (0xff800000u | fraction_mask);
    uint32_t b = (1u << random.below(32)) + static_cast<uint32_t>(random.between(-260, 260));
    return random.percent(50) ? OperandPair{a, b} : OperandPair{b, a};
}

inline OperandPair random_operands(Random &random) {
    switch (random.below(12)) {
    case 0: return {random.bits32(), random.bits32()};
    case 1: return {random_special(random), random_special(random)};
    case 2: return {random_special(random), random_float(random, 0, 254)};
    case 3: return {random_float(random, 0, 254), random_special(random)};
    case 4: return {random_float(random, 0, 2), random_float(random, 0, 2)};
    case 5: return {random_float(random, 250, 254), random_float(random, 250, 254)};
    case 6: return {random_float(random, 100, 150), random_float(random, 100, 150)};
    case 7: return random_tie_of_sum(random);
    case 8: return random_tie_of_product(random);
    case 9: return random_cancellation(random);
    case 10: return random_small_product(random);
    default: return random_integers(random);
    }
}

} // namespace tern_bench
