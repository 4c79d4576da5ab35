// SPDX-License-Identifier: Apache-2.0
// F32, F16 and BF16 as one: what a file of the type holds for a float32, and what that is worth.
#ifndef TERN_HOST_DRIVER_FORMATS_FLOAT_TYPE_H
#define TERN_HOST_DRIVER_FORMATS_FLOAT_TYPE_H

#include "cmodel/float/half.h"
#include "cmodel/float/tensor.h"

// "F32", "F16", "BF16", as safetensors has them, and "float32", "float16", "bfloat16", as PyTorch has them.
const char *tern_dtype_name(enum tern_dtype dtype);
const char *tern_dtype_torch_name(enum tern_dtype dtype);

// Bits after rounding to nearest even, in the low 16 or all 32; and those of positive infinity
// and of the least normal number.
static inline uint32_t tern_dtype_bits(enum tern_dtype dtype, float value) {
    return dtype == TERN_DTYPE_F16    ? tern_f16_from_float(value)
           : dtype == TERN_DTYPE_BF16 ? tern_bf16_from_float(value)
                                      : tern_float_to_bits(value);
}

uint32_t tern_dtype_infinity(enum tern_dtype dtype);
uint32_t tern_dtype_least_normal(enum tern_dtype dtype);

// A unit in the last place of the type's normal numbers, in units of float32.
uint32_t tern_dtype_unit(enum tern_dtype dtype);

// Of bits without the sign; of infinity as if the range went on.
double tern_dtype_value(enum tern_dtype dtype, uint32_t bits);

#endif
