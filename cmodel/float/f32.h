// SPDX-License-Identifier: Apache-2.0
// Single binary32 operations, each rounded to nearest even. They give the same bits on the host and in the firmware.
//
// Host: the plain C operators (compile with -ffp-contract=off -fno-fast-math). RV32: the Zfinx instructions on integer
// registers. The core's coprocessor executes them. The soft-float calling convention already holds floats in integer
// registers.
//
// NaN: results of the firmware are always the canonical 0x7fc00000. Results of the host have the payload that its
// processor gives. tern_f32_canonical() on every array of results makes memory images agree. No operation here reads a
// NaN's payload. docs/numerics.md is the normative text.
#ifndef TERN_CMODEL_FLOAT_F32_H
#define TERN_CMODEL_FLOAT_F32_H

#include <float.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TERN_F32_ASSERT static_assert
#else
#define TERN_F32_ASSERT _Static_assert
#endif
TERN_F32_ASSERT(sizeof(float) == 4 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128, "float is binary32");
TERN_F32_ASSERT(FLT_EVAL_METHOD == 0, "float operations round to float, not to a wider type");
#if defined(__FAST_MATH__)
#error "Tern's float sequences need -fno-fast-math"
#endif

#define TERN_F32_NAN_BITS 0x7fc00000u
#define TERN_F32_INFINITY_BITS 0x7f800000u
#define TERN_F32_SIGN_BIT 0x80000000u

union tern_f32_view {
    float value;
    uint32_t bits;
};

static inline uint32_t tern_f32_to_bits(float value) {
    union tern_f32_view view;
    view.value = value;
    return view.bits;
}

static inline float tern_f32_from_bits(uint32_t bits) {
    union tern_f32_view view;
    view.bits = bits;
    return view.value;
}

#if defined(__riscv)

// One instruction on integer registers. The rounding mode is in the instruction, because the core has no fcsr.
#define TERN_F32_BINARY(mnemonic, rounding, result, a, b)                                                              \
    __asm__(".option push\n\t.option arch, +zfinx\n\t" mnemonic " %0, %1, %2" rounding "\n\t.option pop"               \
            : "=r"(result)                                                                                             \
            : "r"(a), "r"(b))
#define TERN_F32_UNARY(mnemonic, result, a)                                                                            \
    __asm__(".option push\n\t.option arch, +zfinx\n\t" mnemonic " %0, %1, rne\n\t.option pop" : "=r"(result) : "r"(a))

static inline float tern_f32_add(float a, float b) {
    float result;
    TERN_F32_BINARY("fadd.s", ", rne", result, a, b);
    return result;
}

static inline float tern_f32_sub(float a, float b) {
    float result;
    TERN_F32_BINARY("fsub.s", ", rne", result, a, b);
    return result;
}

static inline float tern_f32_mul(float a, float b) {
    float result;
    TERN_F32_BINARY("fmul.s", ", rne", result, a, b);
    return result;
}

// Comparisons return 0 or 1 as the instruction does: 0 when either side is NaN. -0 equals +0.
static inline int tern_f32_less(float a, float b) {
    int result;
    TERN_F32_BINARY("flt.s", "", result, a, b);
    return result;
}

static inline int tern_f32_less_equal(float a, float b) {
    int result;
    TERN_F32_BINARY("fle.s", "", result, a, b);
    return result;
}

static inline int tern_f32_equal(float a, float b) {
    int result;
    TERN_F32_BINARY("feq.s", "", result, a, b);
    return result;
}

static inline float tern_f32_from_i32(int32_t value) {
    float result;
    TERN_F32_UNARY("fcvt.s.w", result, value);
    return result;
}

// Rounds to nearest, ties to even. It saturates. NaN gives INT32_MAX.
static inline int32_t tern_f32_to_i32(float value) {
    int32_t result;
    TERN_F32_UNARY("fcvt.w.s", result, value);
    return result;
}

#else

static inline float tern_f32_add(float a, float b) {
    return a + b;
}

static inline float tern_f32_sub(float a, float b) {
    return a - b;
}

static inline float tern_f32_mul(float a, float b) {
    return a * b;
}

// Comparisons return 0 or 1 as the instruction does: 0 when either side is NaN. -0 equals +0.
static inline int tern_f32_less(float a, float b) {
    return a < b;
}

static inline int tern_f32_less_equal(float a, float b) {
    return a <= b;
}

static inline int tern_f32_equal(float a, float b) {
    return a == b;
}

static inline float tern_f32_from_i32(int32_t value) {
    return (float)value;
}

// Rounds to nearest, ties to even. It saturates. NaN gives INT32_MAX. Adding and subtracting 2^23 rounds to an integer.
// From 2^23 on every float is an integer.
static inline int32_t tern_f32_to_i32(float value) {
    if (!(value < 2147483648.0f)) {
        return INT32_MAX;
    }
    if (value < -2147483648.0f) {
        return INT32_MIN;
    }
    if (value >= 8388608.0f || value <= -8388608.0f) {
        return (int32_t)value;
    }
    return value < 0.0f ? (int32_t)((value - 8388608.0f) + 8388608.0f) : (int32_t)((value + 8388608.0f) - 8388608.0f);
}

#endif

// As tern_f32_to_i32 for |value| < 2^22. It has no branch, so a loop becomes vector instructions on the host.
static inline int32_t tern_f32_to_i32_small(float value) {
#if defined(__riscv)
    return tern_f32_to_i32(value);
#else
    return (int32_t)((value + 12582912.0f) - 12582912.0f);
#endif
}

// -x as (-0) - x. This is an arithmetic operation, so a NaN becomes canonical in the firmware.
static inline float tern_f32_neg(float x) {
    return tern_f32_sub(-0.0f, x);
}

// |x|. A NaN loses its sign and keeps its payload.
static inline float tern_f32_abs(float x) {
    return tern_f32_from_bits(tern_f32_to_bits(x) & ~TERN_F32_SIGN_BIT);
}

static inline bool tern_f32_is_nan(float x) {
    return (tern_f32_to_bits(x) & ~TERN_F32_SIGN_BIT) > TERN_F32_INFINITY_BITS;
}

static inline bool tern_f32_is_finite(float x) {
    return (tern_f32_to_bits(x) & TERN_F32_INFINITY_BITS) != TERN_F32_INFINITY_BITS;
}

// a < b ? b : a. The result is a when either is NaN or both are zeros.
static inline float tern_f32_max(float a, float b) {
    return tern_f32_less(a, b) ? b : a;
}

// b < a ? b : a.
static inline float tern_f32_min(float a, float b) {
    return tern_f32_less(b, a) ? b : a;
}

// Replaces every NaN of array[count] by 0x7fc00000. Call it on results of arithmetic before they reach memory that
// devices compare. In the firmware such results are canonical already, and this does nothing.
static inline void tern_f32_canonical(float *array, size_t count) {
#if defined(__riscv)
    (void)array;
    (void)count;
#else
    for (size_t i = 0; i < count; i++) {
        array[i] = tern_f32_is_nan(array[i]) ? tern_f32_from_bits(TERN_F32_NAN_BITS) : array[i];
    }
#endif
}

#endif
