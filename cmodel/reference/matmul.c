// SPDX-License-Identifier: Apache-2.0
#include "cmodel/reference/reference.h"

#include <stdbool.h>
#include <string.h>

#define LOWEST_EXPONENT 1024

// Trits of ASTC's "Integer Sequence Encoding": T = byte, digits t4..t0 by the pseudocode of the specification.
void tern_reference_digits(uint8_t byte, unsigned digits[5]) {
    unsigned t = byte;
    unsigned c;
    if (((t >> 2) & 7) == 7) {
        c = (((t >> 5) & 7) << 2) | (t & 3);
        digits[4] = 2;
        digits[3] = 2;
    } else {
        c = t & 31;
        if (((t >> 5) & 3) == 3) {
            digits[4] = 2;
            digits[3] = (t >> 7) & 1;
        } else {
            digits[4] = (t >> 7) & 1;
            digits[3] = (t >> 5) & 3;
        }
    }
    unsigned c0 = c & 1, c1 = (c >> 1) & 1, c2 = (c >> 2) & 1, c3 = (c >> 3) & 1, c4 = (c >> 4) & 1;
    if ((c & 3) == 3) {
        digits[2] = 2;
        digits[1] = c4;
        digits[0] = (c3 << 1) | (c2 & ~c3);
    } else if (((c >> 2) & 3) == 3) {
        digits[2] = 2;
        digits[1] = 2;
        digits[0] = (c1 << 1) | c0;
    } else {
        digits[2] = c4;
        digits[1] = (c3 << 1) | c2;
        digits[0] = (c1 << 1) | (c0 & ~c1);
    }
}

uint8_t tern_reference_byte(const unsigned digits[5]) {
    for (unsigned byte = 0; byte < 255; byte++) {
        unsigned found[5];
        tern_reference_digits((uint8_t)byte, found);
        if (memcmp(found, digits, sizeof found) == 0) {
            return (uint8_t)byte;
        }
    }
    return 255;
}

uint32_t tern_reference_crc32c(const uint8_t *data, size_t bytes) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78u : crc >> 1;
        }
    }
    return ~crc;
}

static size_t codes_bytes(size_t groups) {
    return (3 * groups + 63) / 64 * 64;
}

static size_t strip_bytes(size_t groups, unsigned depth) {
    return codes_bytes(groups) + 16 * (size_t)depth * groups;
}

static int32_t power_of_three(unsigned exponent) {
    return exponent == 0 ? 1 : 3 * power_of_three(exponent - 1);
}

static int32_t level_at(const uint8_t *planes, size_t groups, unsigned depth_stored, unsigned depth_used, size_t column,
                        unsigned row) {
    int32_t level = 0;
    for (unsigned p = 0; p < depth_used; p++) {
        unsigned digits[5];
        tern_reference_digits(planes[p * 16 * groups + column], digits);
        int32_t trit = digits[row] == 0 ? 0 : digits[row] == 1 ? 1 : -1;
        level += trit * power_of_three(depth_stored - 1 - p);
    }
    return level;
}

static uint8_t code_at(const uint8_t *codes, size_t group, unsigned row) {
    unsigned code = 0;
    for (unsigned j = 0; j < 3; j++) {
        unsigned digits[5];
        tern_reference_digits(codes[3 * group + j], digits);
        code = 3 * code + digits[row];
    }
    return (uint8_t)code;
}

void tern_reference_unpack(const uint8_t *strips, size_t rows, size_t groups, unsigned depth_stored,
                           unsigned depth_used, int32_t *levels, uint8_t *codes) {
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *strip = strips + row / 5 * strip_bytes(groups, depth_stored);
        for (size_t group = 0; group < groups; group++) {
            codes[row * groups + group] = code_at(strip, group, row % 5);
        }
        for (size_t column = 0; column < 16 * groups; column++) {
            levels[row * 16 * groups + column] =
                level_at(strip + codes_bytes(groups), groups, depth_stored, depth_used, column, row % 5);
        }
    }
}

// The digit of 3^place in balanced ternary: add the all-ones number, take the plain digit, subtract one.
static unsigned trit_digit(int32_t level, unsigned place, unsigned depth) {
    int32_t biased = level + (power_of_three(depth) - 1) / 2;
    int32_t trit = biased / power_of_three(place) % 3 - 1;
    return trit == 0 ? 0 : trit == 1 ? 1 : 2;
}

static void pack_strip(const int32_t *levels, const uint8_t *codes, size_t rows, size_t groups, unsigned depth,
                       uint8_t *strip) {
    for (size_t i = 0; i < 3 * groups; i++) {
        unsigned digits[5] = {0};
        for (size_t row = 0; row < rows; row++) {
            digits[row] = codes[row * groups + i / 3] / (uint32_t)power_of_three(2 - i % 3) % 3;
        }
        strip[i] = tern_reference_byte(digits);
    }
    for (unsigned p = 0; p < depth; p++) {
        for (size_t column = 0; column < 16 * groups; column++) {
            unsigned digits[5] = {0};
            for (size_t row = 0; row < rows; row++) {
                digits[row] = trit_digit(levels[row * 16 * groups + column], depth - 1 - p, depth);
            }
            strip[codes_bytes(groups) + p * 16 * groups + column] = tern_reference_byte(digits);
        }
    }
}

void tern_reference_pack(const int32_t *levels, const uint8_t *codes, size_t rows, size_t groups, unsigned depth,
                         uint8_t *strips, uint32_t *crc) {
    for (size_t row = 0; row < rows; row += 5) {
        uint8_t *strip = strips + row / 5 * strip_bytes(groups, depth);
        memset(strip, 0, strip_bytes(groups, depth));
        pack_strip(levels + row * 16 * groups, codes + row * groups, rows - row < 5 ? rows - row : 5, groups, depth,
                   strip);
        if (crc) {
            *crc++ = tern_reference_crc32c(strip, codes_bytes(groups));
            for (unsigned p = 0; p < depth; p++) {
                *crc++ = tern_reference_crc32c(strip + codes_bytes(groups) + p * 16 * groups, 16 * groups);
            }
        }
    }
}

void tern_reference_accumulate(struct tern_reference_exact *exact, int64_t value, int exponent) {
    unsigned position = (unsigned)(exponent + LOWEST_EXPONENT);
    // The value is shifted to its place, sign-extended over all limbs, and added with carry.
    uint64_t carry = 0;
    for (unsigned i = position / 32; i < TERN_REFERENCE_LIMBS; i++) {
        unsigned done = 32 * (i - position / 32);
        uint32_t addend = 0;
        for (unsigned bit = 0; bit < 32; bit++) {
            unsigned source = done + bit; // bit of value << (position % 32)
            if (source >= position % 32) {
                unsigned from = source - position % 32;
                addend |= (uint32_t)((value >> (from > 63 ? 63 : from)) & 1) << bit;
            }
        }
        carry += (uint64_t)exact->limb[i] + addend;
        exact->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static bool is_negative(const struct tern_reference_exact *exact) {
    return exact->limb[TERN_REFERENCE_LIMBS - 1] >> 31;
}

static struct tern_reference_exact negated(const struct tern_reference_exact *exact) {
    struct tern_reference_exact result = {{0}};
    uint64_t carry = 1;
    for (unsigned i = 0; i < TERN_REFERENCE_LIMBS; i++) {
        carry += (uint32_t)~exact->limb[i];
        result.limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return result;
}

// exact += sign x the float with these (non-negative) bits x 2^scale. The pattern of infinity counts as 2^128.
static void accumulate_float(struct tern_reference_exact *exact, uint32_t bits, int sign, int scale) {
    int64_t significand = (bits & 0x7fffff) | (bits >> 23 ? 0x800000 : 0);
    int exponent = (bits >> 23 ? (int)(bits >> 23) : 1) - 150;
    tern_reference_accumulate(exact, sign * significand, exponent + scale);
}

// Sign of 2 x magnitude - float(low) - float(high).
static int compare_twice(const struct tern_reference_exact *magnitude, uint32_t low, uint32_t high) {
    struct tern_reference_exact difference = *magnitude;
    // Halves of the floats give the same comparison without doubling the magnitude.
    accumulate_float(&difference, low, -1, -1);
    accumulate_float(&difference, high, -1, -1);
    if (is_negative(&difference)) {
        return -1;
    }
    for (unsigned i = 0; i < TERN_REFERENCE_LIMBS; i++) {
        if (difference.limb[i]) {
            return 1;
        }
    }
    return 0;
}

uint32_t tern_reference_round(const struct tern_reference_exact *exact) {
    uint32_t sign = is_negative(exact) ? 0x80000000u : 0;
    struct tern_reference_exact magnitude = sign ? negated(exact) : *exact;
    // Finds the largest float f not above the magnitude: 2 x magnitude >= f + f.
    uint32_t low = 0, high = 0x7f800000u;
    if (compare_twice(&magnitude, high, high) >= 0) {
        return sign | 0x7f800000u;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_twice(&magnitude, middle, middle) >= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    int side = compare_twice(&magnitude, low, high);
    return sign | (side > 0 || (side == 0 && (low & 1)) ? high : low);
}

void tern_reference_matmul(const int32_t *levels, const uint8_t *codes, size_t rows, size_t groups,
                           const uint32_t steps[27], const int16_t *mantissas, const uint8_t *shifts,
                           int32_t activation_exponent, uint32_t *y) {
    for (size_t row = 0; row < rows; row++) {
        struct tern_reference_exact sum = {{0}};
        for (size_t column = 0; column < 16 * groups; column++) {
            uint32_t step = steps[codes[row * groups + column / 16]];
            int64_t significand = (step & 0x7fffff) | (step >> 23 ? 0x800000 : 0);
            int exponent = (step >> 23 ? (int)(step >> 23) : 1) - 150;
            int64_t product = (int64_t)levels[row * 16 * groups + column] * mantissas[column];
            if (product) {
                tern_reference_accumulate(&sum, product * significand,
                                          exponent + activation_exponent + shifts[column / 16]);
            }
        }
        y[row] = tern_reference_round(&sum);
    }
}
