// SPDX-License-Identifier: Apache-2.0
#include "host_driver/files/half.h"
#include "host_driver/files/model.h"

// Tensors of foreign files may stand at odd addresses, so elements are copied out before they are looked at.
static void read_halves(const uint8_t *bytes, uint64_t count, enum tern_dtype dtype, float *out) {
    uint16_t halves[256];
    for (uint64_t done = 0; done < count;) {
        uint64_t now = count - done < 256 ? count - done : 256;
        memcpy(halves, bytes + 2 * done, 2 * now);
        if (dtype == TERN_DTYPE_F16)
            for (uint64_t i = 0; i < now; i++)
                out[done + i] = tern_float_from_f16(halves[i]);
        else
            for (uint64_t i = 0; i < now; i++)
                out[done + i] = tern_float_from_bf16(halves[i]);
        done += now;
    }
}

void tern_tensor_read_f32(const struct tern_tensor *tensor, uint64_t first, uint64_t count, float *out) {
    const uint8_t *bytes = tensor->data;
    if (tensor->dtype == TERN_DTYPE_F32)
        memcpy(out, bytes + 4 * first, 4 * count);
    else
        read_halves(bytes + 2 * first, count, tensor->dtype, out);
}
