// SPDX-License-Identifier: Apache-2.0
// A directory of safetensors: model.safetensors, or shards named by model.safetensors.index.json.
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
};

// Also refused: shard names that are paths, tensors the index places where they are not, one tensor in two shards.
enum tern_status tern_checkpoint_open(const char *directory, struct tern_error *error,
                                      struct tern_checkpoint *checkpoint);
void tern_checkpoint_close(struct tern_checkpoint *checkpoint);

// NULL when there is none of that name.
const struct tern_safetensors_tensor *tern_checkpoint_find(const struct tern_checkpoint *checkpoint, const char *name);
// Metadata of the file `path` (as in struct tern_safetensors_tensor); NULL when the key is missing.
const char *tern_checkpoint_metadata(const struct tern_checkpoint *checkpoint, const char *path, const char *key);
// data[bytes] will not be read again soon: where it is mapped it leaves this process's memory until then, so that work
// on a file larger than memory does not pile it up.
void tern_checkpoint_release(const struct tern_checkpoint *checkpoint, const void *data, uint64_t bytes);
// Whether its first file says it is a packed one.
bool tern_checkpoint_is_packed(const struct tern_checkpoint *checkpoint);

#endif
