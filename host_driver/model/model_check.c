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

static bool ends_with(const char *name, const char *ending) {
    const size_t length = strlen(name), end_length = strlen(ending);
    return length >= end_length && strcmp(name + length - end_length, ending) == 0;
}

// Whether the name is that of a tensor, or in a packed checkpoint of a part of a matrix.
static bool has_place(const struct tern_model_config *config, const char *name, bool is_packed) {
    static const char *const parts[] = {".trits", ".steps", ".crc"};
    char matrix[TERN_TENSOR_NAME_BYTES];
    for (size_t i = 0; is_packed && i < sizeof parts / sizeof *parts; i++) {
        const size_t length = strlen(name) - strlen(parts[i]);
        if (ends_with(name, parts[i]) && length < sizeof matrix) {
            memcpy(matrix, name, length);
            matrix[length] = '\0';
            return tern_config_has_tensor(config, matrix) && tern_is_layer_matrix(matrix);
        }
    }
    return tern_config_has_tensor(config, name) || ends_with(name, "rotary_emb.inv_freq");
}

static enum tern_status check_tied_head(const struct tern_checkpoint *checkpoint, struct tern_error *error) {
    const struct tern_safetensors_tensor *head = tern_checkpoint_find(checkpoint, TERN_HEAD_TENSOR);
    const struct tern_safetensors_tensor *embedding = tern_checkpoint_find(checkpoint, TERN_EMBEDDING_TENSOR);
    if (!head || !embedding) {
        return TERN_STATUS_OK;
    }
    const bool is_same = head->tensor.dtype == embedding->tensor.dtype &&
                         head->tensor.bytes == embedding->tensor.bytes &&
                         memcmp(head->tensor.data, embedding->tensor.data, head->tensor.bytes) == 0;
    tern_checkpoint_release(checkpoint, head->tensor.data, head->tensor.bytes);
    tern_checkpoint_release(checkpoint, embedding->tensor.data, embedding->tensor.bytes);
    return is_same ? TERN_STATUS_OK
                   : tern_error_set(error, TERN_STATUS_BAD_FILE,
                                    "%s: tensor '%s' differs from the embedding, but tie_word_embeddings is true",
                                    head->path, TERN_HEAD_TENSOR);
}

enum tern_status tern_check_others(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                   struct tern_error *error) {
    const bool is_packed = tern_checkpoint_is_packed(checkpoint);
    for (size_t i = 0; i < checkpoint->count; i++) {
        if (!has_place(config, checkpoint->tensors[i]->tensor.name, is_packed)) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                  "%s: tensor '%.200s' has no place in the model that config.json describes",
                                  checkpoint->tensors[i]->path, checkpoint->tensors[i]->tensor.name);
        }
    }
    return config->tied_embeddings ? check_tied_head(checkpoint, error) : TERN_STATUS_OK;
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
    return tern_check_others(checkpoint, config, error);
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
