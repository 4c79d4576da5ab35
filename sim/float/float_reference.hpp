// SPDX-License-Identifier: Apache-2.0
// The expected results of the float unit, by the host's own arithmetic: IEEE-754 binary32, nearest even, subnormals
// kept. Build without fast-math and without contraction. RISC-V gives the rules for NaN, minimum, maximum and
// conversion (RISC-V unprivileged ISA, chapter F). Operations are named by their instruction fields.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace tern_bench {

enum class FloatReference {
    add,
    subtract,
    multiply,
    sign_copy,
    sign_negate,
    sign_xor,
    minimum,
    maximum,
    equal,
    less,
    less_equal,
    to_signed,
    to_unsigned,
    from_signed,
    from_unsigned
};

struct FloatOperation {
    const char *name;
    FloatReference reference;
    uint32_t funct5;
    uint32_t funct3;
    uint32_t rs2_field; // 0 or 1 where the instruction fixes it; the register number otherwise
    bool has_b;
};

inline constexpr FloatOperation float_operations[] = {
    {"fadd.s", FloatReference::add, 0x00, 0, 0, true},
    {"fadd.s dyn", FloatReference::add, 0x00, 7, 0, true},
    {"fsub.s", FloatReference::subtract, 0x01, 0, 0, true},
    {"fsub.s dyn", FloatReference::subtract, 0x01, 7, 0, true},
    {"fmul.s", FloatReference::multiply, 0x02, 0, 0, true},
    {"fmul.s dyn", FloatReference::multiply, 0x02, 7, 0, true},
    {"fsgnj.s", FloatReference::sign_copy, 0x04, 0, 0, true},
    {"fsgnjn.s", FloatReference::sign_negate, 0x04, 1, 0, true},
    {"fsgnjx.s", FloatReference::sign_xor, 0x04, 2, 0, true},
    {"fmin.s", FloatReference::minimum, 0x05, 0, 0, true},
    {"fmax.s", FloatReference::maximum, 0x05, 1, 0, true},
    {"fle.s", FloatReference::less_equal, 0x14, 0, 0, true},
    {"flt.s", FloatReference::less, 0x14, 1, 0, true},
    {"feq.s", FloatReference::equal, 0x14, 2, 0, true},
    {"fcvt.w.s rne", FloatReference::to_signed, 0x18, 0, 0, false},
    {"fcvt.w.s rtz", FloatReference::to_signed, 0x18, 1, 0, false},
    {"fcvt.w.s rdn", FloatReference::to_signed, 0x18, 2, 0, false},
    {"fcvt.w.s rup", FloatReference::to_signed, 0x18, 3, 0, false},
    {"fcvt.w.s rmm", FloatReference::to_signed, 0x18, 4, 0, false},
    {"fcvt.w.s dyn", FloatReference::to_signed, 0x18, 7, 0, false},
    {"fcvt.wu.s rne", FloatReference::to_unsigned, 0x18, 0, 1, false},
    {"fcvt.wu.s rtz", FloatReference::to_unsigned, 0x18, 1, 1, false},
    {"fcvt.wu.s rdn", FloatReference::to_unsigned, 0x18, 2, 1, false},
    {"fcvt.wu.s rup", FloatReference::to_unsigned, 0x18, 3, 1, false},
    {"fcvt.wu.s rmm", FloatReference::to_unsigned, 0x18, 4, 1, false},
    {"fcvt.wu.s dyn", FloatReference::to_unsigned, 0x18, 7, 1, false},
    {"fcvt.s.w", FloatReference::from_signed, 0x1a, 0, 0, false},
    {"fcvt.s.w dyn", FloatReference::from_signed, 0x1a, 7, 0, false},
    {"fcvt.s.wu", FloatReference::from_unsigned, 0x1a, 0, 1, false},
    {"fcvt.s.wu dyn", FloatReference::from_unsigned, 0x1a, 7, 1, false},
};
inline constexpr uint32_t float_operation_count = sizeof float_operations / sizeof float_operations[0];

inline float float_of(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

inline uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline bool is_nan(uint32_t bits) {
    return (bits & 0x7fffffffu) > 0x7f800000u;
}

inline uint32_t canonical(float value) {
    return value != value ? 0x7fc00000u : bits_of(value);
}

// -0 orders below +0. Of a NaN and a number the result is the number.
inline uint32_t reference_select(bool maximum, uint32_t a, uint32_t b) {
    if (is_nan(a)) {
        return is_nan(b) ? 0x7fc00000u : b;
    }
    if (is_nan(b)) {
        return a;
    }
    if (float_of(a) == float_of(b)) {
        return maximum ? (a & b) : (a | b);
    }
    return (float_of(a) < float_of(b)) != maximum ? a : b;
}

inline double reference_round(double value, uint32_t rounding) {
    switch (rounding) {
    case 1: return std::trunc(value);
    case 2: return std::floor(value);
    case 3: return std::ceil(value);
    case 4: return std::round(value);
    default: return std::nearbyint(value);
    }
}

inline uint32_t reference_to_integer(uint32_t a, uint32_t rounding, double lowest, double highest) {
    if (is_nan(a)) {
        return static_cast<uint32_t>(static_cast<int64_t>(highest));
    }
    double value = reference_round(float_of(a), rounding);
    if (value < lowest) {
        value = lowest;
    }
    if (value > highest) {
        value = highest;
    }
    return static_cast<uint32_t>(static_cast<int64_t>(value));
}

inline uint32_t float_reference(const FloatOperation &operation, uint32_t a, uint32_t b) {
    switch (operation.reference) {
    case FloatReference::add: return canonical(float_of(a) + float_of(b));
    case FloatReference::subtract: return canonical(float_of(a) - float_of(b));
    case FloatReference::multiply: return canonical(float_of(a) * float_of(b));
    case FloatReference::sign_copy: return (a & 0x7fffffffu) | (b & 0x80000000u);
    case FloatReference::sign_negate: return (a & 0x7fffffffu) | (~b & 0x80000000u);
    case FloatReference::sign_xor: return a ^ (b & 0x80000000u);
    case FloatReference::minimum: return reference_select(false, a, b);
    case FloatReference::maximum: return reference_select(true, a, b);
    case FloatReference::equal: return float_of(a) == float_of(b);
    case FloatReference::less: return float_of(a) < float_of(b);
    case FloatReference::less_equal: return float_of(a) <= float_of(b);
    case FloatReference::to_signed: return reference_to_integer(a, operation.funct3, -2147483648.0, 2147483647.0);
    case FloatReference::to_unsigned: return reference_to_integer(a, operation.funct3, 0.0, 4294967295.0);
    case FloatReference::from_signed: return bits_of(static_cast<float>(static_cast<int32_t>(a)));
    case FloatReference::from_unsigned: return bits_of(static_cast<float>(a));
    }
    return 0;
}

} // namespace tern_bench
