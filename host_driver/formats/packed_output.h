// SPDX-License-Identifier: Apache-2.0
// The tensors of a packed checkpoint laid out in the files of an output (docs/packed-format.md): three a matrix, the
// rest as they were.
#ifndef TERN_HOST_DRIVER_FORMATS_PACKED_OUTPUT_H
#define TERN_HOST_DRIVER_FORMATS_PACKED_OUTPUT_H

#include "host_driver/formats/output.h"

// Of a matrix whose first output tensor is `first`: first + TERN_PACKED_TRITS holds its strips, and so on.
enum tern_packed_part { TERN_PACKED_TRITS, TERN_PACKED_STEPS, TERN_PACKED_CRC };

// Version and depth, the metadata of every file.
enum tern_status tern_packed_output_start(struct tern_output *output, unsigned depth, struct tern_error *error);
enum tern_status tern_packed_output_matrix(struct tern_output *output, const char *name, uint64_t rows,
                                           uint64_t columns, unsigned depth, size_t bundle, struct tern_error *error,
                                           size_t *first);
// A tensor that is carried along: name, dtype_name, dimensions, shape and bytes are given. element_bytes: 1, 2, 4, 8.
enum tern_status tern_packed_output_rest(struct tern_output *output, const struct tern_output_tensor *tensor,
                                         uint32_t element_bytes, size_t bundle, struct tern_error *error,
                                         size_t *index);

#endif
