// SPDX-License-Identifier: Apache-2.0
// Checks of a command's operands. A failed check sets context->detail to the word of the command and returns BAD_LENGTH
// or BAD_ADDRESS. Addresses have 64 bits; sums never wrap.
#ifndef TERN_FIRMWARE_CHECK_H
#define TERN_FIRMWARE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/context.h"

// The word index of a field, which is the detail of an error in it.
#define TERN_WORD(command, field) ((uint32_t)(offsetof(struct tern_command_##command, field) / 4))

static inline enum tern_status tern_refuse(struct tern_context *context, enum tern_status status, uint32_t detail) {
    context->detail = detail;
    return status;
}

// `count` must be 1..limit.
enum tern_status tern_check_count(struct tern_context *context, uint32_t word, uint32_t count, uint32_t limit);
// A buffer of `bytes` bytes must be in the window, at a multiple of `align`.
enum tern_status tern_check_buffer(struct tern_context *context, uint32_t word, uint64_t address, uint64_t bytes,
                                   uint32_t align);
// `count` float32 must be in the window, at a multiple of TERN_SEGMENT_ALIGN.
enum tern_status tern_check_f32(struct tern_context *context, uint32_t word, uint64_t address, uint32_t count);
// `rows` (1..2^18) rows of `row_bytes` (below 2^32) must be in the window. Address and stride must be multiples of 4.
enum tern_status tern_check_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                 uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t row_bytes);
// The same for rows at multiples of `align`, whose stride is a multiple of TERN_SEGMENT_ALIGN. One row has no stride.
enum tern_status tern_check_far_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                     uint32_t align, uint32_t stride_word, uint64_t stride, uint32_t rows,
                                     uint64_t row_bytes);
// `rows` activation images of `length` elements, at multiples of TERN_SEGMENT_ALIGN.
enum tern_status tern_check_images(struct tern_context *context, uint32_t address_word, uint64_t address,
                                   uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t length);

// Bytes of device memory from the first row's first to the last row's last.
struct tern_range {
    uint64_t address, bytes;
};

static inline struct tern_range tern_rows_range(uint64_t address, uint64_t stride, uint32_t rows, uint64_t row_bytes) {
    return (struct tern_range){address, (rows == 1 ? 0 : (rows - 1) * stride) + row_bytes};
}

// Both ranges are in the window, so the sums do not wrap.
static inline bool tern_ranges_overlap(struct tern_range a, struct tern_range b) {
    return a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

#endif
