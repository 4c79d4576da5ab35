// SPDX-License-Identifier: Apache-2.0
// Builds valid commands with new random operands, one function for each operation.
#ifndef TERN_FIRMWARE_TESTS_BUILD_H
#define TERN_FIRMWARE_TESTS_BUILD_H

#include "firmware/tests/bench.h"

// Only the opcode is set. All other words are noise, because no result may depend on reserved words.
union tern_command build_start(struct bench *bench, enum tern_opcode opcode);
union tern_command build_nop(void);
union tern_command build_quantize(struct bench *bench, uint32_t length, float range);
union tern_command build_add(struct bench *bench, uint32_t length);
union tern_command build_rmsnorm(struct bench *bench, uint32_t rows, uint32_t length);
union tern_command build_rope(struct bench *bench, uint32_t heads, uint32_t head_size, uint32_t skew, uint32_t gap);
// Rows whose distance is `gap` bytes more than needed; for inputs of QUANTIZE and SCALE a multiple of 4, else of 64.
union tern_command build_quantize_rows(struct bench *bench, uint32_t rows, uint32_t length, uint32_t gap);
union tern_command build_softmax(struct bench *bench, uint32_t rows, uint32_t length, uint32_t gap);
union tern_command build_scale(struct bench *bench, uint32_t rows, uint32_t length, uint32_t gap);
// first: the number of the first group within the record's exponents and mantissas.
union tern_command build_store(struct bench *bench, uint32_t heads, uint32_t rows, uint32_t length, uint32_t first);
// Random records and images of different shifts. kind: 0 keys, 1 values.
union tern_command build_dot(struct bench *bench, uint32_t kind, uint32_t kv_heads, uint32_t vectors,
                             uint32_t head_size, uint32_t positions);
union tern_command build_swiglu(struct bench *bench, uint32_t length);
union tern_command build_copy(struct bench *bench, uint32_t rows, uint32_t row_bytes, uint32_t skew_in,
                              uint32_t skew_out);

// MATMUL and the operands of the reference. build_matrix_free frees the arrays.
struct build_matrix {
    uint32_t rows, columns, groups, depth_stored, depth_used;
    int32_t *levels;                     // [rows][16 x groups], all planes
    int32_t *used;                       // the same from the planes in use
    uint8_t *codes;                      // [rows][groups]
    uint32_t steps[TERN_STEPS];          // float32 bits
    union tern_command quantize, matmul; // quantize is of vector 0
    uint64_t input_stride;               // bytes from one vector's input to the next
};
void build_matrix(struct bench *bench, uint32_t rows, uint32_t columns, uint32_t depth_stored, uint32_t depth_used,
                  struct build_matrix *matrix);
// New operands for several vectors, with a gap of `gap` bytes between images and between outputs.
void build_matrix_vectors(struct bench *bench, uint32_t vectors, uint64_t gap, struct build_matrix *matrix);
union tern_command build_matrix_quantize(const struct build_matrix *matrix, uint32_t vector);
void build_matrix_free(struct build_matrix *matrix);
// Runs the reference on the image in memory and compares rows 0..last-1 of each vector. Fails at the first difference.
void build_matrix_check(const struct bench *bench, const struct build_matrix *matrix, uint32_t last);

#endif
