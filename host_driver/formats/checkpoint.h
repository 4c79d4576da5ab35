// SPDX-License-Identifier: Apache-2.0
// A directory of safetensors: model.safetensors, or the shards of model.safetensors.index.json.
#ifndef TERN_HOST_DRIVER_FORMATS_CHECKPOINT_H
#define TERN_HOST_DRIVER_FORMATS_CHECKPOINT_H

#include <stdbool.h>

#include "host_driver/formats/safetensors.h"

struct tern_checkpoint {
    char *directory;
    size_t file_count;
    struct tern_safetensors *files;
    size_t count;
    const struct tern_safetensors_tensor **tensors; // of all files, by rising name
    char *names;                                    // of a model without its head, with the prefix; else NULL
};

// A model saved without its head has names without "model.", such as "layers.0.mlp.up_proj.weight". They get that
// prefix here, as transformers does when it loads the whole model. Refuses what tern_safetensors_open refuses. Also
// refuses shard names that are paths, tensors that are not in the shard of the index, and one tensor in two shards.
enum tern_status tern_checkpoint_open(const char *directory, struct tern_error *error,
                                      struct tern_checkpoint *checkpoint);
void tern_checkpoint_close(struct tern_checkpoint *checkpoint);

// NULL without a tensor of that name.
const struct tern_safetensors_tensor *tern_checkpoint_find(const struct tern_checkpoint *checkpoint, const char *name);
// Metadata of the file `path` (as in struct tern_safetensors_tensor); NULL when the key is missing.
const char *tern_checkpoint_metadata(const struct tern_checkpoint *checkpoint, const char *path, const char *key);
// Removes the mapped pages of data[bytes] from this process's memory until they are read again. For data that is not
// needed soon, so that a file larger than memory does not fill it.
void tern_checkpoint_release(const struct tern_checkpoint *checkpoint, const void *data, uint64_t bytes);
// Whether the metadata of the first file has tern.format.
bool tern_checkpoint_is_packed(const struct tern_checkpoint *checkpoint);

#endif
