// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/identity.h"

#include <string.h>

#include "cmodel/layout.h"
#include "host_driver/model/layer_table.h"
#include "host_driver/system/hash.h"

#define SAMPLED_ROWS 64u // of embedding and head, which may have gigabytes

static uint64_t add_config(uint64_t hash, const struct tern_model_config *config) {
    const uint32_t words[] = {config->hidden_size,     config->intermediate_size, config->layers,
                              config->heads,           config->kv_heads,          config->head_size,
                              config->vocabulary_size, config->sliding_window,    config->tied_embeddings,
                              config->features};
    const struct tern_rotary_scaling *scaling = &config->rope_scaling;
    const double reals[] = {(double)config->rms_epsilon, config->rope_theta,  scaling->factor,
                            scaling->low_turns,          scaling->high_turns, scaling->original_positions};
    return tern_hash_bytes(tern_hash_bytes(hash, words, sizeof words), reals, sizeof reals);
}

static uint64_t add_matrix(uint64_t hash, const struct tern_matrix *matrix) {
    const uint32_t shape[] = {matrix->rows, matrix->columns, matrix->depth};
    hash = tern_hash_bytes(hash, shape, sizeof shape);
    hash = tern_hash_bytes(hash, matrix->steps, TERN_STEPS * sizeof *matrix->steps);
    return tern_hash_bytes(hash, matrix->crc, tern_crc_bytes(matrix->rows, matrix->depth));
}

// Rows at equal distances; all of a small tensor.
static uint64_t add_tensor(uint64_t hash, const struct tern_tensor *tensor) {
    const uint64_t rows = tensor->dimensions == 2 ? tensor->shape[0] : 1, row_bytes = tensor->bytes / rows;
    const uint64_t step = (rows + SAMPLED_ROWS - 1) / SAMPLED_ROWS;
    for (uint64_t row = 0; row < rows; row += step) {
        hash = tern_hash_bytes(hash, (const uint8_t *)tensor->data + row * row_bytes, row_bytes);
    }
    return hash;
}

enum tern_status tern_model_identity(const struct tern_model *model, struct tern_error *error, uint64_t *identity) {
    const struct tern_model_config *config = tern_model_config(model);
    const uint64_t count = tern_config_tensor_count(config);
    uint64_t hash = add_config(TERN_HASH_START, config);
    for (uint64_t i = 0; i < count; i++) {
        struct tern_needed_tensor needed;
        struct tern_tensor tensor;
        struct tern_matrix matrix;
        tern_config_tensor(config, i, &needed);
        if (needed.packed) {
            TERN_TRY(tern_model_matrix(model, needed.name, error, &matrix));
            hash = add_matrix(hash, &matrix);
        } else {
            TERN_TRY(tern_model_tensor(model, needed.name, error, &tensor));
            hash = add_tensor(hash, &tensor);
        }
    }
    *identity = hash;
    return TERN_STATUS_OK;
}
