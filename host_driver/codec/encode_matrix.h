// SPDX-License-Identifier: Apache-2.0
// Rows of a matrix to packed strips, on several threads, never with the whole matrix in memory. A row encoder gives the
// levels and codes of a row: quantize_matrix.c chooses them, import_matrix.c finds them.
#ifndef TERN_HOST_DRIVER_CODEC_ENCODE_MATRIX_H
#define TERN_HOST_DRIVER_CODEC_ENCODE_MATRIX_H

#include "host_driver/formats/safetensors.h"

// Takes data[bytes] at `offset` bytes of the matrix's strips. Called from several threads, each range once, in any
// order.
typedef enum tern_status (*tern_strips_sink)(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                             struct tern_error *error);

// A matrix in pieces of whole strips. A thread takes one piece at a time.
struct tern_pieces {
    uint64_t rows, columns, groups, strips, strips_a_piece, count;
};

struct tern_pieces tern_pieces_of(const struct tern_tensor *matrix);
// The strips or rows of a piece: *first to *end - 1.
void tern_piece_strips(const struct tern_pieces *pieces, uint64_t piece, uint64_t *first, uint64_t *end);
void tern_piece_rows(const struct tern_pieces *pieces, uint64_t piece, uint64_t *first, uint64_t *end);

struct tern_row_encoder {
    // levels: i8 [16 x groups] out; codes: u8 [groups] out. Groups and columns beyond the matrix are zero. No other
    // call with the same `worker` (0..threads-1) runs at the same time.
    void (*encode)(void *context, unsigned worker, uint64_t row, int8_t *levels, uint8_t *codes);
    void *context;
};

// BAD_ARGUMENT unless `weights` is F32, F16 or BF16 [rows][columns], not empty, and depth is 1..TERN_MAX_DEPTH.
enum tern_status tern_encode_check(const struct tern_safetensors_tensor *weights, unsigned depth,
                                   struct tern_error *error);

// threads: 1..TERN_PARALLEL_MAX_THREADS. crc: [strips][depth + 1] out, written before the sink takes the strip.
enum tern_status tern_encode_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                    const struct tern_row_encoder *encoder, tern_strips_sink sink, void *context,
                                    struct tern_error *error, uint32_t *crc);

// NON_FINITE with file, tensor, row and column of the first value that is not finite. values: f32 [columns].
enum tern_status tern_row_not_finite(const struct tern_safetensors_tensor *weights, uint64_t row, const float *values,
                                     struct tern_error *error);

#endif
