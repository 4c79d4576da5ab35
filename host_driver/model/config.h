// SPDX-License-Identifier: Apache-2.0
// config.json and generation_config.json of a Qwen2, Qwen3, Llama or Mistral model, checked before any size is used.
#ifndef TERN_HOST_DRIVER_MODEL_CONFIG_H
#define TERN_HOST_DRIVER_MODEL_CONFIG_H

#include <cjson/cJSON.h>

#include "host_driver/model/model.h"

// UNSUPPORTED names an unknown architecture or a feature that Tern does not compute (rotary scaling other than Llama
// 3.1's, biases of the MLP, quantized weights). BAD_FILE for sizes out of range, and for two statements that contradict
// each other. max_positions becomes at most TERN_MAX_POSITIONS and at most the sliding window.
enum tern_status tern_config_load(const char *directory, struct tern_error *error, struct tern_model_config *config);

// Sets the type of the weights, such as "float16", under both names: torch_dtype of transformers up to 4.55, and dtype.
// False without memory.
bool tern_config_set_dtype(cJSON *root, const char *torch_name);

#endif
