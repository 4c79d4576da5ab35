// SPDX-License-Identifier: Apache-2.0
// Finds the steps of a dequantized matrix from its weights alone. A sample of groups proposes 27 steps (step_cover.h).
// Then every group of the matrix is checked, and groups that no step explains join the sample. This repeats until every
// group is explained.
#ifndef TERN_HOST_DRIVER_CODEC_RECOVER_STEPS_H
#define TERN_HOST_DRIVER_CODEC_RECOVER_STEPS_H

#include "host_driver/codec/encode_matrix.h"

struct tern_recovered {
    unsigned depth;          // the smallest that explains every group; 0: not a packed matrix
    float steps[TERN_STEPS]; // rising, unused ones 0
    uint64_t negative_zeros; // weights that are -0 and become 0
};

// weights: F32, F16 or BF16 [rows][columns]. The result does not depend on `threads`. UNSUPPORTED names file, tensor,
// row and group of weights that are not levels of 27 steps at any depth. NON_FINITE names row and column.
enum tern_status tern_recover_steps(const struct tern_safetensors_tensor *weights, unsigned threads,
                                    struct tern_error *error, struct tern_recovered *recovered);

#endif
