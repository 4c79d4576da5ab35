// SPDX-License-Identifier: Apache-2.0
// Checks of a command's operands. A check that fails leaves the word of the command in context->detail and returns
// BAD_LENGTH or BAD_ADDRESS. Addresses are 64 bits, sums never wrap.
#ifndef TERN_FIRMWARE_CHECK_H
#define TERN_FIRMWARE_CHECK_H

#include <stddef.h>

#include "firmware/context.h"

// Word index of a field, which is the detail of an error in it.
#define TERN_WORD(command, field) ((uint32_t)(offsetof(struct tern_command_##command, field) / 4))

static inline enum tern_status tern_refuse(struct tern_context *context, enum tern_status status, uint32_t detail) {
    context->detail = detail;
    return status;
}

// 1..limit.
enum tern_status tern_check_count(struct tern_context *context, uint32_t word, uint32_t count, uint32_t limit);
// A buffer of `bytes` bytes inside the window, at a multiple of `align`.
enum tern_status tern_check_buffer(struct tern_context *context, uint32_t word, uint64_t address, uint64_t bytes,
                                   uint32_t align);
// `count` float32 at a multiple of TERN_SEGMENT_ALIGN.
enum tern_status tern_check_f32(struct tern_context *context, uint32_t word, uint64_t address, uint32_t count);
// `rows` (1..2^18) rows of `row_bytes` (below 2^32) at 4-byte aligned address and stride.
enum tern_status tern_check_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                 uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t row_bytes);

#endif
