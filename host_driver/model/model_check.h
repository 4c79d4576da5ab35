// SPDX-License-Identifier: Apache-2.0
// What a checkpoint must hold for its config.json.
#ifndef TERN_HOST_DRIVER_MODEL_MODEL_CHECK_H
#define TERN_HOST_DRIVER_MODEL_MODEL_CHECK_H

#include "host_driver/formats/checkpoint.h"
#include "host_driver/model/layer_table.h"

// The tensor `needed`, of its shape and F32, F16 or BF16; otherwise a sentence with file and tensor.
enum tern_status tern_needed_find(const struct tern_checkpoint *checkpoint, const struct tern_needed_tensor *needed,
                                  struct tern_error *error, const struct tern_safetensors_tensor **found);
// TERN_STATUS_UNSUPPORTED when a layer has a bias or norm that config.json's architecture does not.
enum tern_status tern_check_foreign(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                    struct tern_error *error);
// tern_needed_find for every tensor of an unpacked checkpoint, and tern_check_foreign.
enum tern_status tern_check_weights(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                    struct tern_error *error);
// Whether quantization packs it: a layer's matrix by its name, of two dimensions.
bool tern_is_packable(const struct tern_tensor *tensor);
// TERN_STATUS_NON_FINITE with the element's index; types other than F32, F16 and BF16 pass.
enum tern_status tern_check_finite(const struct tern_safetensors_tensor *found, struct tern_error *error);

#endif
