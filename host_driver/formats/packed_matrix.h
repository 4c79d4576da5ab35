// SPDX-License-Identifier: Apache-2.0
// Reads packed matrices of a checkpoint. Three tensors and a metadata entry of each must agree (docs/packed-format.md).
#ifndef TERN_HOST_DRIVER_FORMATS_PACKED_MATRIX_H
#define TERN_HOST_DRIVER_FORMATS_PACKED_MATRIX_H

#include <stdbool.h>

#include "host_driver/formats/checkpoint.h"
#include "host_driver/formats/matrix.h"

#define TERN_MATRIX_KEY "tern.matrix."
#define TERN_DTYPE_KEY "tern.dtype."

// Checks the metadata of every file. UNSUPPORTED for a format version that this program does not read. BAD_FILE for an
// unpacked file, or unless all files have the same depth, 1..TERN_MAX_DEPTH.
enum tern_status tern_packed_check_version(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                           uint32_t *depth);

// Reads the matrix `name` (without .trits). matrix->name is `name` itself, also on error. Checks metadata, dtype, shape
// and alignment of the three tensors, and the step table, but not the checksums; see tern_matrix_check(). BAD_FILE or
// BAD_STEPS names file and tensor.
enum tern_status tern_packed_matrix_read(const struct tern_checkpoint *checkpoint, const char *name,
                                         struct tern_error *error, struct tern_matrix *matrix);

// A matrix or an unpacked tensor of a packed checkpoint.
struct tern_packed_entry {
    const char *path;                           // of the file
    struct tern_matrix matrix;                  // when rest is NULL
    enum tern_dtype dtype;                      // the matrix before `tern import`, F16 when unknown
    const struct tern_safetensors_tensor *rest; // the unpacked tensor, else NULL
};

struct tern_packed_list {
    size_t count;
    struct tern_packed_entry *entries; // by rising name
};

// BAD_FILE for a tensor .steps or .crc without its .trits.
enum tern_status tern_packed_list_make(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                       struct tern_packed_list *list);
void tern_packed_list_free(struct tern_packed_list *list);

// Verifies the checksums of every strip; strict: also canonical bytes and zero padding. threads >= 1. CHECKSUM or
// BAD_FILE names file, tensor, strip and byte.
enum tern_status tern_matrix_check(const struct tern_matrix *matrix, const char *path, bool strict, unsigned threads,
                                   struct tern_error *error);

#endif
