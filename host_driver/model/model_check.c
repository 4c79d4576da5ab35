// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/model_check.h"

#include <math.h>
#include <string.h>

enum tern_status tern_needed_find(const struct tern_checkpoint *checkpoint, const struct tern_needed_tensor *needed,
                                  struct tern_error *error, const struct tern_safetensors_tensor **found) {
    *found = tern_checkpoint_find(checkpoint, needed->name);
    if (!*found) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%s' is missing",
                              checkpoint->file_count == 1 ? checkpoint->files[0].path : checkpoint->directory,
                              needed->name);
    }
    const struct tern_tensor *tensor = &(*found)->tensor;
    if (tensor->dtype > TERN_DTYPE_BF16) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%s' is %s; F32, F16 or BF16 is needed",
                              (*found)->path, needed->name, (*found)->dtype_name);
    }
    uint32_t dimensions = needed->columns ? 2 : 1;
    if (tensor->dimensions != dimensions || tensor->shape[0] != needed->rows ||
        (needed->columns && tensor->shape[1] != needed->columns)) {
        return tern_error_set(
            error, TERN_STATUS_BAD_FILE,
            "%s: tensor '%s' has %u dimensions, %llu x %llu; config.json asks for %u, %llu x %llu", (*found)->path,
            needed->name, tensor->dimensions, (unsigned long long)(tensor->dimensions > 0 ? tensor->shape[0] : 1),
            (unsigned long long)(tensor->dimensions > 1 ? tensor->shape[1] : 1), dimensions,
            (unsigned long long)needed->rows, (unsigned long long)(needed->columns ? needed->columns : 1));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_check_foreign(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                    struct tern_error *error) {
    for (size_t i = 0; i < checkpoint->count; i++) {
        if (tern_config_is_foreign(config, checkpoint->tensors[i]->tensor.name)) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                  "%s: tensor '%.200s' belongs to no layer that config.json describes",
                                  checkpoint->tensors[i]->path, checkpoint->tensors[i]->tensor.name);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_check_weights(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                    struct tern_error *error) {
    uint64_t count = tern_config_tensor_count(config);
    for (uint64_t i = 0; i < count; i++) {
        struct tern_needed_tensor needed;
        const struct tern_safetensors_tensor *found;
        tern_config_tensor(config, i, &needed);
        TERN_TRY(tern_needed_find(checkpoint, &needed, error, &found));
    }
    return tern_check_foreign(checkpoint, config, error);
}

bool tern_is_packable(const struct tern_tensor *tensor) {
    return tensor->dimensions == 2 && tensor->dtype <= TERN_DTYPE_BF16 && tensor->bytes > 0 &&
           tern_is_layer_matrix(tensor->name);
}

enum tern_status tern_check_finite(const struct tern_safetensors_tensor *found, struct tern_error *error) {
    const struct tern_tensor *tensor = &found->tensor;
    float values[256];
    uint64_t count = tensor->bytes / found->element_bytes;
    if (tensor->dtype > TERN_DTYPE_BF16) {
        return TERN_STATUS_OK;
    }
    for (uint64_t first = 0; first < count; first += 256) {
        uint64_t now = count - first < 256 ? count - first : 256;
        tern_tensor_read_f32(tensor, first, now, values);
        for (uint64_t i = 0; i < now; i++) {
            if (!isfinite(values[i])) {
                return tern_error_set(error, TERN_STATUS_NON_FINITE, "%s: tensor '%.200s' has %s at element %llu",
                                      found->path, tensor->name, isnan(values[i]) ? "NaN" : "an infinity",
                                      (unsigned long long)(first + i));
            }
        }
    }
    return TERN_STATUS_OK;
}
