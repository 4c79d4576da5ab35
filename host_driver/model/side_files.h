// SPDX-License-Identifier: Apache-2.0
// The files beside the weights of a model.
#ifndef TERN_HOST_DRIVER_MODEL_SIDE_FILES_H
#define TERN_HOST_DRIVER_MODEL_SIDE_FILES_H

#include "cmodel/error.h"

// Copies config.json, generation_config.json, tokenizer.json, tokenizer_config.json and chat_template.jinja, those that
// exist.
enum tern_status tern_side_files_copy(const char *from_directory, const char *to_directory, struct tern_error *error);

#endif
