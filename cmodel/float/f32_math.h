// SPDX-License-Identifier: Apache-2.0
// exp, 1/x, 1/sqrt(x), sigmoid and silu as written sequences of the single operations of f32.h.
//
// docs/numerics.md has the sequences, their constants and the derivation of each bound. A change of one changes every
// model's bits. Bounds are against the exact value, in units of its last place as a float (ulp). The functions use no
// division, no fused operation and no libm. They are also compiled into the firmware.
#ifndef TERN_CMODEL_FLOAT_F32_MATH_H
#define TERN_CMODEL_FLOAT_F32_MATH_H

#include "cmodel/float/f32.h"

#ifdef __cplusplus
extern "C" {
#endif

// e^x. x < -104 gives +0, x > 88.72284 gives infinity, NaN gives NaN. Within 1.1 ulp.
float tern_f32_exp(float x);

// 1/x for every float. Zeros give infinity and infinities give zero, with the sign of x. Within 1.2 ulp.
float tern_f32_reciprocal(float x);

// 1/sqrt(x) for x > 0, subnormals too. Both zeros give +infinity, +infinity gives +0, all others NaN. Within 1.25 ulp.
float tern_f32_reciprocal_sqrt(float x);

// 1 / (1 + e^-x), +0 below -104. Within 2 ulp for x >= 0, 3 ulp for x < 0.
float tern_f32_sigmoid(float x);

// x * sigmoid(x), -0 below -104. Within 3 ulp for x >= 0, 4 ulp down to -87, |x| 2^-149 from there.
float tern_f32_silu(float x);

#ifdef __cplusplus
}
#endif
#endif
