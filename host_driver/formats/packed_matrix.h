// SPDX-License-Identifier: Apache-2.0
// A packed matrix inside a checkpoint: three tensors and one metadata entry that must agree (docs/packed-format.md).
#ifndef TERN_HOST_DRIVER_FORMATS_PACKED_MATRIX_H
#define TERN_HOST_DRIVER_FORMATS_PACKED_MATRIX_H

#include <stdbool.h>

#include "host_driver/formats/checkpoint.h"
#include "host_driver/formats/matrix.h"

#define TERN_MATRIX_KEY "tern.matrix."
#define TERN_DTYPE_KEY "tern.dtype."

// Every file of the checkpoint says a version this program reads and the same depth 1..TERN_MAX_DEPTH.
// TERN_STATUS_UNSUPPORTED for another version.
enum tern_status tern_packed_check_version(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                           uint32_t *depth);

// The matrix `name` (without .trits). Checked: metadata, dtype, shape and alignment of the three tensors, the step
// table. Not checked: the checksums, see tern_matrix_check().
enum tern_status tern_packed_matrix_read(const struct tern_checkpoint *checkpoint, const char *name,
                                         struct tern_error *error, struct tern_matrix *matrix);

// Everything in a packed checkpoint, a matrix as one entry, by rising name.
struct tern_packed_entry {
    const char *path;                           // of the file that holds it
    struct tern_matrix matrix;                  // when rest is NULL
    enum tern_dtype dtype;                      // whose rounding of step x level the weights were, else F16
    const struct tern_safetensors_tensor *rest; // an unpacked tensor
};

struct tern_packed_list {
    size_t count;
    struct tern_packed_entry *entries;
};

// A stray .steps or .crc without its .trits is refused.
enum tern_status tern_packed_list_make(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                       struct tern_packed_list *list);
void tern_packed_list_free(struct tern_packed_list *list);

// Checksums of every strip and, when strict, canonical bytes and zero padding. threads >= 1.
// TERN_STATUS_CHECKSUM or TERN_STATUS_BAD_FILE names file, tensor, strip and byte.
enum tern_status tern_matrix_check(const struct tern_matrix *matrix, const char *path, bool strict, unsigned threads,
                                   struct tern_error *error);

#endif
