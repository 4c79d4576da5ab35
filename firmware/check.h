// SPDX-License-Identifier: Apache-2.0
// Checks of a command's operands. A failed check sets context->detail to the word of the command and returns BAD_LENGTH
// or BAD_ADDRESS. Addresses have 64 bits; sums never wrap.
#ifndef TERN_FIRMWARE_CHECK_H
#define TERN_FIRMWARE_CHECK_H

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

#endif
