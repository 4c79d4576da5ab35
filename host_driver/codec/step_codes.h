// SPDX-License-Identifier: Apache-2.0
// Which of a matrix's 27 steps explain stored weights, by a table of everything the steps can become in the file's
// type.
#ifndef TERN_HOST_DRIVER_CODEC_STEP_CODES_H
#define TERN_HOST_DRIVER_CODEC_STEP_CODES_H

#include <stdbool.h>

#include "host_driver/codec/step_intervals.h"

#define TERN_EVERY_CODE ((1u << TERN_STEPS) - 1)

struct tern_step_codes {
    enum tern_dtype dtype;
    unsigned limit; // largest level
    float steps[TERN_STEPS];
    uint32_t expanded[TERN_STEPS][TERN_LARGEST_LEVEL + 1]; // [code][level]: bits without the sign after the cast
    uint32_t *codes; // [32768] of F16 and BF16: one bit for each code that gives such a weight
};

// steps: finite, not negative; of zeros nothing but zero is explained. Returns 0 without memory.
bool tern_step_codes_make(enum tern_dtype dtype, unsigned depth, const float steps[TERN_STEPS],
                          struct tern_step_codes *codes);
void tern_step_codes_free(struct tern_step_codes *codes);

// Bits without the sign of `count` weights of the tensor's type, which may stand at any address.
void tern_read_magnitudes(enum tern_dtype dtype, const uint8_t *weights, unsigned count, uint32_t *magnitudes);

// Bit c set: step c explains all `count` weights, 1..16. Zeros are explained by every code.
uint32_t tern_step_codes_of(const struct tern_step_codes *codes, const uint8_t *weights, unsigned count);
// Levels of weights that `code` explains.
void tern_step_levels(const struct tern_step_codes *codes, unsigned code, const uint8_t *weights, unsigned count,
                      int8_t *levels);

#endif
