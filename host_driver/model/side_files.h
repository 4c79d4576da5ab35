// SPDX-License-Identifier: Apache-2.0
// The files of a model's directory beside the weights.
#ifndef TERN_HOST_DRIVER_MODEL_SIDE_FILES_H
#define TERN_HOST_DRIVER_MODEL_SIDE_FILES_H

#include "cmodel/error.h"

// Copies what transformers reads beside the weights, and the licence: configurations, all files of the tokenizer, chat
// templates, LICENSE, NOTICE and USE_POLICY with any ending. Copies those that exist. README.md stays behind, since it
// describes the files of another directory.
enum tern_status tern_side_files_copy(const char *from_directory, const char *to_directory, struct tern_error *error);

// Names the usual mistakes about a model's directory. IO when there is none, BAD_ARGUMENT for a file, UNSUPPORTED for
// one with GGUF files and no *.safetensors. Other mistakes show when its files are read.
enum tern_status tern_model_directory_check(const char *path, struct tern_error *error);

#endif
