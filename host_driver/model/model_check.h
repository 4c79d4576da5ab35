// SPDX-License-Identifier: Apache-2.0
// Checks a checkpoint against its config.json.
#ifndef TERN_HOST_DRIVER_MODEL_MODEL_CHECK_H
#define TERN_HOST_DRIVER_MODEL_MODEL_CHECK_H

#include "host_driver/formats/checkpoint.h"
#include "host_driver/model/layer_table.h"

// Finds the tensor `needed`. BAD_FILE names file and tensor when it is missing or has another shape, or when it is not
// F32, F16 or BF16.
enum tern_status tern_needed_find(const struct tern_checkpoint *checkpoint, const struct tern_needed_tensor *needed,
                                  struct tern_error *error, const struct tern_safetensors_tensor **found);
// UNSUPPORTED for a tensor that a model of config.json does not have, such as a bias, an adapter or the scale of
// another packing. Transformers would leave it out with a warning. Tables of rotary frequencies are none: config.json
// gives them. BAD_FILE when tied embeddings come with a head that differs: versions of transformers use one or the
// other.
enum tern_status tern_check_others(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                   struct tern_error *error);
// tern_needed_find for every tensor of an unpacked checkpoint, and tern_check_others.
enum tern_status tern_check_weights(const struct tern_checkpoint *checkpoint, const struct tern_model_config *config,
                                    struct tern_error *error);
// Whether the tensor is packed: by its name a matrix of a layer, of two dimensions.
bool tern_is_packable(const struct tern_tensor *tensor);
// NON_FINITE names the first element that is not finite. OK for types other than F32, F16 and BF16.
enum tern_status tern_check_finite(const struct tern_safetensors_tensor *found, struct tern_error *error);

#endif
