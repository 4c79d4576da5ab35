// SPDX-License-Identifier: Apache-2.0
// The steps of a dequantised matrix, from its numbers alone. A sample of groups proposes 27 steps (step_cover.h), every
// group of the matrix is asked whether one of them explains it, those that say no join the sample, until none does.
#ifndef TERN_HOST_DRIVER_CODEC_RECOVER_STEPS_H
#define TERN_HOST_DRIVER_CODEC_RECOVER_STEPS_H

#include "host_driver/codec/encode_matrix.h"

struct tern_recovered {
    unsigned depth;          // the smallest that explains everything; 0: not a matrix that is packed
    float steps[TERN_STEPS]; // rising, unused ones 0
    uint64_t negative_zeros; // weights that are -0 and will be 0
};

// weights: F32, F16 or BF16 [rows][columns]. The result does not depend on `threads`. TERN_STATUS_UNSUPPORTED names
// file, tensor, row and group when the weights are no levels of 27 steps at any depth; TERN_STATUS_NON_FINITE row and
// column.
enum tern_status tern_recover_steps(const struct tern_safetensors_tensor *weights, unsigned threads,
                                    struct tern_error *error, struct tern_recovered *recovered);

#endif
