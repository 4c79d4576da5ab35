// SPDX-License-Identifier: Apache-2.0
// tern_tensor_read_f32() as an inline function, for functions that are compiled for one kind of processor.
#ifndef TERN_CMODEL_FLOAT_TENSOR_READ_H
#define TERN_CMODEL_FLOAT_TENSOR_READ_H

#include "cmodel/float/half.h"
#include "cmodel/float/tensor.h"

#define TERN_ALWAYS_INLINE static inline __attribute__((always_inline))

// Tensors of foreign files may lie at odd addresses. Elements are copied out before use.
TERN_ALWAYS_INLINE void tern_halves_read(const uint8_t *bytes, uint64_t count, enum tern_dtype dtype, float *out) {
    uint16_t halves[256];
    for (uint64_t done = 0; done < count;) {
        uint64_t now = count - done < 256 ? count - done : 256;
        memcpy(halves, bytes + 2 * done, 2 * now);
        if (dtype == TERN_DTYPE_F16) {
            for (uint64_t i = 0; i < now; i++) {
                out[done + i] = tern_float_from_f16(halves[i]);
            }
        } else {
            for (uint64_t i = 0; i < now; i++) {
                out[done + i] = tern_float_from_bf16(halves[i]);
            }
        }
        done += now;
    }
}

TERN_ALWAYS_INLINE void tern_tensor_read(const struct tern_tensor *tensor, uint64_t first, uint64_t count, float *out) {
    const uint8_t *bytes = tensor->data;
    if (tensor->dtype == TERN_DTYPE_F32) {
        memcpy(out, bytes + 4 * first, 4 * count);
    } else {
        tern_halves_read(bytes + 2 * first, count, tensor->dtype, out);
    }
}

#endif
