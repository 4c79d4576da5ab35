// SPDX-License-Identifier: Apache-2.0
// Strict reading of one safetensors file, which is mapped, not copied.
//
//     u64 little-endian N | N bytes of JSON | data; tensors cover the data completely, without holes or overlap
//
// BAD_FILE for a header longer than the file or 100 MB, or JSON that is not an object of {dtype, shape, data_offsets}.
// BAD_FILE for two tensors of one name, unknown dtypes, or sizes that differ from shape x dtype. BAD_FILE for holes,
// overlaps, bytes after the last tensor, or metadata other than string to string. UNSUPPORTED for more than 4
// dimensions.
#ifndef TERN_HOST_DRIVER_FORMATS_SAFETENSORS_H
#define TERN_HOST_DRIVER_FORMATS_SAFETENSORS_H

#include <cjson/cJSON.h>

#include "host_driver/system/mapped_file.h"
#include "cmodel/float/tensor.h"

struct tern_safetensors_tensor {
    struct tern_tensor tensor;
    const char *dtype_name; // as in the file, also when tensor.dtype is TERN_DTYPE_OTHER
    uint32_t element_bytes;
    const char *path; // of the file
};

struct tern_safetensors {
    char *path;
    struct tern_mapped_file file;
    cJSON *header;
    size_t count;
    struct tern_safetensors_tensor *tensors; // by rising name
};

enum tern_status tern_safetensors_open(const char *path, struct tern_error *error, struct tern_safetensors *file);
// Also allowed after a failed tern_safetensors_open.
void tern_safetensors_close(struct tern_safetensors *file);

// NULL without a tensor of that name.
const struct tern_safetensors_tensor *tern_safetensors_find(const struct tern_safetensors *file, const char *name);
// NULL when the key is missing.
const char *tern_safetensors_metadata(const struct tern_safetensors *file, const char *key);

#endif
