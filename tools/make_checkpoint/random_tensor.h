// SPDX-License-Identifier: Apache-2.0
// Seeded tensors. Every element depends on seed, tensor name and index alone, not on the number of threads or layers
// nor on the order of work.
#ifndef TERN_TOOLS_MAKE_CHECKPOINT_RANDOM_TENSOR_H
#define TERN_TOOLS_MAKE_CHECKPOINT_RANDOM_TENSOR_H

#include <stdint.h>

#include "cmodel/layout.h"
#include "host_driver/model/layer_table.h"

struct random_tensor {
    uint64_t key;
    float mean, deviation;
};

// Matrices have deviation 1/sqrt(columns): a product is about as large as its input, so that hidden states stay finite
// in any number of layers. Norm weights have mean 1, biases mean 0.
struct random_tensor random_tensor_of(const struct tern_needed_tensor *needed, uint64_t seed);

// Writes elements first..first+count-1 as F16 or BF16. They are sums of four uniform numbers, at most 3.5 deviations.
void random_tensor_halves(const struct random_tensor *tensor, uint64_t first, uint64_t count, enum tern_dtype dtype,
                          uint16_t *out);

// The same matrix in packed form: 27 steps with ratio 2^(1/4), and for one strip the levels [rows][columns] and codes
// [rows][tern_groups(columns)]. All levels are equally likely.
void random_tensor_steps(const struct random_tensor *tensor, unsigned depth, float steps[TERN_STEPS]);
void random_tensor_strip(const struct random_tensor *tensor, uint64_t strip, unsigned rows, uint64_t columns,
                         unsigned depth, int8_t *levels, uint8_t *codes);

#endif
