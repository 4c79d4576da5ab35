// SPDX-License-Identifier: Apache-2.0
// Arrays of numbers as files store them: F32, F16 or BF16, little-endian, row-major, at any address.
#ifndef TERN_CMODEL_FLOAT_TENSOR_H
#define TERN_CMODEL_FLOAT_TENSOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// OTHER is a type of safetensors that Tern only copies.
enum tern_dtype { TERN_DTYPE_F32, TERN_DTYPE_F16, TERN_DTYPE_BF16, TERN_DTYPE_U8, TERN_DTYPE_U32, TERN_DTYPE_OTHER };

struct tern_tensor {
    const char *name;
    enum tern_dtype dtype;
    uint32_t dimensions;
    uint64_t shape[4];
    const void *data;
    uint64_t bytes;
};

// Widens `count` elements from number `first` of a F32, F16 or BF16 tensor to float. This is exact.
void tern_tensor_read_f32(const struct tern_tensor *tensor, uint64_t first, uint64_t count, float *out);

#ifdef __cplusplus
}
#endif
#endif
