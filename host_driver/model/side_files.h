// SPDX-License-Identifier: Apache-2.0
// The files beside the weights of a model.
#ifndef TERN_HOST_DRIVER_MODEL_SIDE_FILES_H
#define TERN_HOST_DRIVER_MODEL_SIDE_FILES_H

#include "cmodel/error.h"

// Copies what transformers reads beside the weights, and the licence: configurations, all files of the tokenizer, chat
// templates, LICENSE, NOTICE and USE_POLICY with any ending. Copies those that exist. README.md stays behind, since it
// describes the files of another directory.
enum tern_status tern_side_files_copy(const char *from_directory, const char *to_directory, struct tern_error *error);

#endif
