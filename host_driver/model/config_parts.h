// SPDX-License-Identifier: Apache-2.0
// Parts of config.json with rules of their own. root: the parsed file `path`, which begins every sentence.
#ifndef TERN_HOST_DRIVER_MODEL_CONFIG_PARTS_H
#define TERN_HOST_DRIVER_MODEL_CONFIG_PARTS_H

#include <cjson/cJSON.h>

#include "host_driver/model/model.h"

// rope_theta and the scaling. They stand at the root and in rope_scaling, or in rope_parameters, or in several of them.
// BAD_FILE names two statements that differ. UNSUPPORTED for scalings other than default and llama3.
enum tern_status tern_config_read_rotary(const cJSON *root, const char *path, struct tern_error *error,
                                         struct tern_model_config *config);

// Adds the ids of eos_token_id, a number or a list, and counts those outside the vocabulary, which no token has. OK
// without the key. BAD_FILE for other values, and for more ids than the array holds.
enum tern_status tern_config_read_stop_ids(const cJSON *root, const char *path, struct tern_error *error,
                                           struct tern_model_config *config);

#endif
