// SPDX-License-Identifier: Apache-2.0
// F32, F16 and BF16 behind one interface: the stored bits of a float32, and their value.
#ifndef TERN_HOST_DRIVER_FORMATS_FLOAT_TYPE_H
#define TERN_HOST_DRIVER_FORMATS_FLOAT_TYPE_H

#include "cmodel/float/half.h"
#include "cmodel/float/tensor.h"

// The names of safetensors ("F32", "F16", "BF16") and of PyTorch ("float32", "float16", "bfloat16").
const char *tern_dtype_name(enum tern_dtype dtype);
const char *tern_dtype_torch_name(enum tern_dtype dtype);

// Bits after rounding to nearest even, in the low 16 bits or all 32.
static inline uint32_t tern_dtype_bits(enum tern_dtype dtype, float value) {
    return dtype == TERN_DTYPE_F16    ? tern_f16_from_float(value)
           : dtype == TERN_DTYPE_BF16 ? tern_bf16_from_float(value)
                                      : tern_float_to_bits(value);
}

// The bits of positive infinity and of the least positive normal number.
uint32_t tern_dtype_infinity(enum tern_dtype dtype);
uint32_t tern_dtype_least_normal(enum tern_dtype dtype);

// The value of `bits` without the sign. Infinity gives the next value after the largest finite one.
double tern_dtype_value(enum tern_dtype dtype, uint32_t bits);

#endif
