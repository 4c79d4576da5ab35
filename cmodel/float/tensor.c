// SPDX-License-Identifier: Apache-2.0
#include "cmodel/float/tensor_read.h"

void tern_tensor_read_f32(const struct tern_tensor *tensor, uint64_t first, uint64_t count, float *out) {
    tern_tensor_read(tensor, first, count, out);
}
