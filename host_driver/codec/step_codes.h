// SPDX-License-Identifier: Apache-2.0
// Which of a matrix's 27 steps explain stored weights. A table holds every product of step and level in the file's
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
    uint32_t expanded[TERN_STEPS][TERN_LARGEST_LEVEL + 1]; // [code][level]: bits without the sign, in the file's type
    uint32_t *codes; // F16 and BF16: [32768], by weight bits without the sign; bit c: code c gives this weight
};

// steps: finite, not negative; a zero step explains zeros only. Returns false without memory.
bool tern_step_codes_make(enum tern_dtype dtype, unsigned depth, const float steps[TERN_STEPS],
                          struct tern_step_codes *codes);
void tern_step_codes_free(struct tern_step_codes *codes);

// Reads the bits without the sign of `count` weights of the tensor's type; `weights` need not be aligned.
void tern_read_magnitudes(enum tern_dtype dtype, const uint8_t *weights, unsigned count, uint32_t *magnitudes);

// Bit c is set when step c explains all `count` (1..16) weights. Every code explains zeros.
uint32_t tern_step_codes_of(const struct tern_step_codes *codes, const uint8_t *weights, unsigned count);
// Levels of weights that `code` explains.
void tern_step_levels(const struct tern_step_codes *codes, unsigned code, const uint8_t *weights, unsigned count,
                      int8_t *levels);

#endif
