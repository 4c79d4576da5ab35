// SPDX-License-Identifier: Apache-2.0
// config.json and generation_config.json of a Qwen2, Llama or Mistral model, checked before any size is used.
#ifndef TERN_HOST_DRIVER_MODEL_CONFIG_H
#define TERN_HOST_DRIVER_MODEL_CONFIG_H

#include "host_driver/model/model.h"

// TERN_STATUS_UNSUPPORTED, naming it, for another architecture or a feature Tern does not compute (rotary scaling other
// than Llama 3.1's, biases outside Qwen2, quantised weights); TERN_STATUS_BAD_FILE for sizes out of range.
// max_positions is cut to TERN_MAX_POSITIONS and to a sliding window.
enum tern_status tern_config_load(const char *directory, struct tern_error *error, struct tern_model_config *config);

// One tensor a model must have.
struct tern_needed_tensor {
    char name[96];
    uint64_t rows, columns; // columns 0: one-dimensional
    int packed;             // a matrix that quantisation packs
};

// Number of tensors a configuration needs, and the one of index 0..count-1 in the order of a forward pass.
uint64_t tern_config_tensor_count(const struct tern_model_config *config);
void tern_config_tensor(const struct tern_model_config *config, uint64_t index, struct tern_needed_tensor *needed);
// Whether a tensor of a layer is a bias or norm that this configuration's forward pass has no place for, so that
// running without it would give other numbers than the model's.
int tern_config_is_foreign(const struct tern_model_config *config, const char *name);

#endif
