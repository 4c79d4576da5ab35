// SPDX-License-Identifier: Apache-2.0
// Seeded tensors: every element is a function of seed, tensor name and index alone, so neither the number of threads
// nor of layers nor the order of work changes it.
#ifndef TERN_TOOLS_MAKE_CHECKPOINT_RANDOM_TENSOR_H
#define TERN_TOOLS_MAKE_CHECKPOINT_RANDOM_TENSOR_H

#include <stdint.h>

#include "cmodel/layout.h"
#include "host_driver/model/layer_table.h"

struct random_tensor {
    uint64_t key;
    float mean, deviation;
};

// Matrices: deviation 1/sqrt(columns), so that a product keeps its input's size and hidden states stay finite through
// any number of layers. Norm weights lie around 1, biases around 0.
struct random_tensor random_tensor_of(const struct tern_needed_tensor *needed, uint64_t seed);

// Elements first..first+count-1 as F16 or BF16, bell-shaped (a sum of four uniform numbers, at most 3.5 deviations).
void random_tensor_halves(const struct random_tensor *tensor, uint64_t first, uint64_t count, enum tern_dtype dtype,
                          uint16_t *out);

// The same matrix packed directly: 27 steps a quarter of an octave apart; one strip's levels [rows][columns], all
// equally likely, and codes [rows][pitch], pitch = tern_groups(columns).
void random_tensor_steps(const struct random_tensor *tensor, unsigned depth, float steps[TERN_STEPS]);
void random_tensor_strip(const struct random_tensor *tensor, uint64_t strip, unsigned rows, uint64_t columns,
                         unsigned depth, int8_t *levels, uint8_t *codes);

#endif
