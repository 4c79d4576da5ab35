// SPDX-License-Identifier: Apache-2.0
// Writes safetensors. Every offset is fixed before the first byte of data. So tensors may be written in any order and
// from any thread, and a run that was killed can be resumed.
#ifndef TERN_HOST_DRIVER_FORMATS_OUTPUT_H
#define TERN_HOST_DRIVER_FORMATS_OUTPUT_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

struct tern_output_tensor {
    char *name;
    const char *dtype_name;
    uint32_t dimensions;
    uint64_t shape[4], bytes;
    size_t bundle;   // tensors of one bundle share a shard
    unsigned rank;   // lower ranks come first in their shard
    size_t shard;    // set by tern_output_layout()
    uint64_t offset; // set by tern_output_layout(), from the start of the file
};

struct tern_output_note { // a metadata entry of the shard of `bundle`
    size_t bundle;
    char *key, *value;
};

struct tern_output {
    size_t count, capacity, note_count, note_capacity, shard_count;
    struct tern_output_tensor *tensors;
    struct tern_output_note *notes;
    struct tern_output_shard *shards;
    char *directory;
};

#define TERN_OUTPUT_EVERY_SHARD SIZE_MAX

// Adds a tensor. The caller numbers bundles from 0, rising in the order of adding. *index names the tensor in
// tern_output_write(). The name is copied.
enum tern_status tern_output_add(struct tern_output *output, const struct tern_output_tensor *tensor,
                                 struct tern_error *error, size_t *index);
// Adds a metadata entry; TERN_OUTPUT_EVERY_SHARD adds it to every shard. Key and value are copied.
enum tern_status tern_output_note(struct tern_output *output, size_t bundle, const char *key, const char *value,
                                  struct tern_error *error);
// Assigns shards of at most `shard_bytes` and fixes every offset. A larger bundle is alone in its shard. The data of a
// shard start at a multiple of 64.
enum tern_status tern_output_layout(struct tern_output *output, uint64_t shard_bytes, struct tern_error *error);
// Makes the files in an existing directory, reserves their full length and writes their headers. Keeps data in files of
// the same layout. IO names the file.
enum tern_status tern_output_create(struct tern_output *output, const char *directory, struct tern_error *error);
enum tern_status tern_output_write(const struct tern_output *output, size_t index, uint64_t offset, const void *data,
                                   uint64_t bytes, struct tern_error *error);
// Flushes the shard of tensor `index` to disk.
enum tern_status tern_output_sync(const struct tern_output *output, size_t index, struct tern_error *error);
// Syncs and closes every shard and writes model.safetensors.index.json when there are several.
enum tern_status tern_output_finish(struct tern_output *output, struct tern_error *error);
void tern_output_free(struct tern_output *output);

#endif
