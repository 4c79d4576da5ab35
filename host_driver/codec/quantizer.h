// SPDX-License-Identifier: Apache-2.0
// Chooses the steps of a matrix, and the levels and the code of a group (docs/packed-format.md, "How tern quantize
// chooses").
//
// The 27 steps are log-spaced. With L = (3^depth - 1)/2, steps[26] = largest |w| / L and steps[0] = steps[26] / 2^span.
// Of the spans 1, 1.5, ... 12 the one with the least squared error on a sample of groups is taken. A group tries the
// steps nearest to m / L for m its 6th, 4th, 2nd largest and largest magnitude. It keeps the first with the least
// squared error.
#ifndef TERN_HOST_DRIVER_CODEC_QUANTIZER_H
#define TERN_HOST_DRIVER_CODEC_QUANTIZER_H

#include <stdint.h>

#include "cmodel/layout.h"

struct tern_quantizer {
    float steps[TERN_STEPS];       // rising; all zero for a matrix of zeros
    float scale;                   // power of two, multiplies weights so that squares neither overflow nor underflow
    float scaled[TERN_STEPS];      // steps x scale
    float between[TERN_STEPS - 1]; // means of neighbours in `scaled`
    float limit;                   // (3^depth - 1)/2
};

// sample: f32 [groups][16], unscaled. largest: the largest magnitude of the whole matrix, finite.
void tern_quantizer_make(unsigned depth, float largest, const float *sample, size_t groups,
                         struct tern_quantizer *quantizer);

// weights: f32 [16], unscaled, finite; levels: i8 [16] out. Returns the scale code; 0 for a group of zeros.
uint8_t tern_quantizer_group(const struct tern_quantizer *quantizer, const float weights[TERN_GROUP_COLUMNS],
                             int8_t levels[TERN_GROUP_COLUMNS]);

#endif
