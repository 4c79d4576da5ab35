// SPDX-License-Identifier: Apache-2.0
// config.json and generation_config.json of a Qwen2, Llama or Mistral model, checked before any size is used.
#ifndef TERN_HOST_DRIVER_MODEL_CONFIG_H
#define TERN_HOST_DRIVER_MODEL_CONFIG_H

#include "host_driver/model/model.h"

// TERN_STATUS_UNSUPPORTED, naming it, for another architecture or a feature Tern does not compute (rotary scaling other
// than Llama 3.1's, biases outside Qwen2, quantized weights); TERN_STATUS_BAD_FILE for sizes out of range.
// max_positions is cut to TERN_MAX_POSITIONS and to a sliding window.
enum tern_status tern_config_load(const char *directory, struct tern_error *error, struct tern_model_config *config);

#endif
