// SPDX-License-Identifier: Apache-2.0
// Rows of a matrix to packed strips, on several threads, without ever holding the whole of it. What levels and codes a
// row gets is the encoder's business: quantize_matrix.c chooses them, import_matrix.c finds them.
#ifndef TERN_HOST_DRIVER_CODEC_ENCODE_MATRIX_H
#define TERN_HOST_DRIVER_CODEC_ENCODE_MATRIX_H

#include "host_driver/formats/safetensors.h"

// Takes `bytes` bytes at `offset` of the matrix's strips. Called from several threads, each range once, in any order.
typedef enum tern_status (*tern_strips_sink)(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                             struct tern_error *error);

// A matrix in pieces of whole strips, about what a thread works on between two looks at the queue.
struct tern_pieces {
    uint64_t rows, columns, groups, strips, strips_a_piece, count;
};

struct tern_pieces tern_pieces_of(const struct tern_tensor *matrix);
void tern_piece_strips(const struct tern_pieces *pieces, uint64_t piece, uint64_t *first, uint64_t *end);
void tern_piece_rows(const struct tern_pieces *pieces, uint64_t piece, uint64_t *first, uint64_t *end);

struct tern_row_encoder {
    // levels: i8 [16 x groups] out; codes: u8 [groups] out. Groups and columns that do not exist are zero.
    // `worker` (0..threads-1) selects working space that no other call uses at the same time.
    void (*encode)(void *context, unsigned worker, uint64_t row, int8_t *levels, uint8_t *codes);
    void *context;
};

// A matrix this file can pack: F32, F16 or BF16 [rows][columns], not empty, depth 1..TERN_MAX_DEPTH.
enum tern_status tern_encode_check(const struct tern_safetensors_tensor *weights, unsigned depth,
                                   struct tern_error *error);

// threads: 1..TERN_PARALLEL_MAX_THREADS. crc: [strips][depth + 1] out, of a strip before the sink sees it.
enum tern_status tern_encode_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                    const struct tern_row_encoder *encoder, tern_strips_sink sink, void *context,
                                    struct tern_error *error, uint32_t *crc);

// TERN_STATUS_NON_FINITE with file, tensor, row and column of the row's first value that is infinite or no number.
// values: f32 [columns].
enum tern_status tern_row_not_finite(const struct tern_safetensors_tensor *weights, uint64_t row, const float *values,
                                     struct tern_error *error);

#endif
