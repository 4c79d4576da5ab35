// SPDX-License-Identifier: Apache-2.0
// Adds the tensors of a packed checkpoint to an output: three for a matrix, the others unchanged
// (docs/packed-format.md).
#ifndef TERN_HOST_DRIVER_FORMATS_PACKED_OUTPUT_H
#define TERN_HOST_DRIVER_FORMATS_PACKED_OUTPUT_H

#include "host_driver/formats/output.h"

// Output tensors of a matrix, as offsets from its *first.
enum tern_packed_part { TERN_PACKED_TRITS, TERN_PACKED_STEPS, TERN_PACKED_CRC };

// Adds version and depth to the metadata of every file.
enum tern_status tern_packed_output_start(struct tern_output *output, unsigned depth, struct tern_error *error);
// *first: index of the output tensor with the strips.
enum tern_status tern_packed_output_matrix(struct tern_output *output, const char *name, uint64_t rows,
                                           uint64_t columns, unsigned depth, size_t bundle, struct tern_error *error,
                                           size_t *first);
// Adds an unpacked tensor; the caller sets name, dtype_name, dimensions, shape and bytes. element_bytes: 1, 2, 4 or 8.
enum tern_status tern_packed_output_rest(struct tern_output *output, const struct tern_output_tensor *tensor,
                                         uint32_t element_bytes, size_t bundle, struct tern_error *error,
                                         size_t *index);

#endif
