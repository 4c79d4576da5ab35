// SPDX-License-Identifier: Apache-2.0
#include "host_driver/formats/float_type.h"

#include <math.h>

static const struct format {
    const char *name, *torch_name;
    int fraction_bits, bias;
} formats[] = {[TERN_DTYPE_F32] = {"F32", "float32", 23, 127},
               [TERN_DTYPE_F16] = {"F16", "float16", 10, 15},
               [TERN_DTYPE_BF16] = {"BF16", "bfloat16", 7, 127}};

const char *tern_dtype_name(enum tern_dtype dtype) {
    return formats[dtype].name;
}

const char *tern_dtype_torch_name(enum tern_dtype dtype) {
    return formats[dtype].torch_name;
}

uint32_t tern_dtype_infinity(enum tern_dtype dtype) {
    return (2u * (unsigned)formats[dtype].bias + 1) << formats[dtype].fraction_bits;
}

uint32_t tern_dtype_least_normal(enum tern_dtype dtype) {
    return 1u << formats[dtype].fraction_bits;
}

double tern_dtype_value(enum tern_dtype dtype, uint32_t bits) {
    const struct format *format = &formats[dtype];
    int exponent = (int)(bits >> format->fraction_bits), one = 1 << format->fraction_bits;
    int fraction = (int)(bits & (uint32_t)(one - 1));
    return exponent ? ldexp(one + fraction, exponent - format->bias - format->fraction_bits)
                    : ldexp(fraction, 1 - format->bias - format->fraction_bits);
}
