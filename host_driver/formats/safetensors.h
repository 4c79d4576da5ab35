// SPDX-License-Identifier: Apache-2.0
// Strict, mapped reading of one safetensors file.
//
//     u64 little-endian N | N bytes of JSON | data; tensors cover the data completely, without holes or overlap
//
// Refused: a header length that leaves the file or passes 100 MB, JSON that is not an object of {dtype, shape,
// data_offsets}, two tensors of one name, unknown dtypes, sizes that disagree with shape x dtype, holes, overlaps,
// bytes after the last tensor, metadata other than string to string.
#ifndef TERN_HOST_DRIVER_FORMATS_SAFETENSORS_H
#define TERN_HOST_DRIVER_FORMATS_SAFETENSORS_H

#include <cjson/cJSON.h>

#include "host_driver/system/mapped_file.h"
#include "cmodel/float/tensor.h"

struct tern_safetensors_tensor {
    struct tern_tensor tensor;
    const char *dtype_name; // as in the file: also of types struct tern_tensor does not know (TERN_DTYPE_OTHER)
    uint32_t element_bytes;
    const char *path; // of the file it stands in
};

struct tern_safetensors {
    char *path;
    struct tern_mapped_file file;
    cJSON *header;
    size_t count;
    struct tern_safetensors_tensor *tensors; // by rising name
};

enum tern_status tern_safetensors_open(const char *path, struct tern_error *error, struct tern_safetensors *file);
// Also of a file whose opening failed.
void tern_safetensors_close(struct tern_safetensors *file);

// NULL when there is none of that name.
const struct tern_safetensors_tensor *tern_safetensors_find(const struct tern_safetensors *file, const char *name);
const char *tern_safetensors_metadata(const struct tern_safetensors *file, const char *key);

#endif
