// SPDX-License-Identifier: Apache-2.0
// Checks of a command's operands. A failed check sets context->detail to the word of the command and returns BAD_LENGTH
// or BAD_ADDRESS. Addresses have 64 bits; sums never wrap. Inline, because the core checks every command: in a function
// the compiler computes once what several operands share. is_exact: false for the first try of TERN_PREPARE.
#ifndef TERN_FIRMWARE_CHECK_H
#define TERN_FIRMWARE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/context.h"

#define TERN_RARE __attribute__((noinline, cold)) // keeps a function's registers out of the one that calls it
#define TERN_TWICE static inline __attribute__((always_inline))

// Defines tern_prepare_NAME from a function prepare_NAME, which is compiled twice. The first try is short and calls
// nothing. It may refuse a good command, and what it refuses is decided by the second, exact one.
#define TERN_PREPARE(name)                                                                                             \
    static TERN_RARE enum tern_status prepare_##name##_exactly(struct tern_context *context,                           \
                                                               const struct tern_command_##name *command) {            \
        return prepare_##name(context, command, true);                                                                 \
    }                                                                                                                  \
    enum tern_status tern_prepare_##name(struct tern_context *context, const struct tern_command_##name *command) {    \
        const enum tern_status status = prepare_##name(context, command, false);                                       \
        return status == TERN_STATUS_OK ? TERN_STATUS_OK : prepare_##name##_exactly(context, command);                 \
    }

// The word index of a field, which is the detail of an error in it.
#define TERN_WORD(command, field) ((uint32_t)(offsetof(struct tern_command_##command, field) / 4))

static inline enum tern_status tern_refuse(struct tern_context *context, enum tern_status status, uint32_t detail) {
    context->detail = detail;
    return status;
}

// `count` must be 1..limit.
static inline enum tern_status tern_check_count(struct tern_context *context, uint32_t word, uint32_t count,
                                                uint32_t limit) {
    return count - 1 < limit ? TERN_STATUS_OK : tern_refuse(context, TERN_STATUS_BAD_LENGTH, word);
}

// A buffer of `bytes` bytes, not 0, must be in the window, at a multiple of `align`. Not exact: a few comparisons of 32
// bits. They refuse a buffer whose address has another upper word than the window's first byte.
static inline enum tern_status tern_check_buffer(struct tern_context *context, uint32_t word, uint64_t address,
                                                 uint64_t bytes, uint32_t align, bool is_exact) {
    const uint32_t count = (uint32_t)bytes, offset = (uint32_t)address - (uint32_t)context->window_base;
    const bool is_aligned = (address & (align - 1)) == 0;
    const bool fits =
        is_exact ? bytes <= context->window_bytes && address - context->window_base <= context->window_bytes - bytes
                 : address >> 32 == context->window_base >> 32 && bytes >> 32 == 0 && count <= context->low_bytes &&
                       offset <= context->low_bytes - count;
    return fits && is_aligned ? TERN_STATUS_OK : tern_refuse(context, TERN_STATUS_BAD_ADDRESS, word);
}

// A stride must be a multiple of `align` and below its limit; not exact: below 2^32.
static inline enum tern_status tern_check_stride(struct tern_context *context, uint32_t word, uint64_t stride,
                                                 uint32_t align, bool is_exact) {
    if (((uint32_t)stride & (align - 1)) != 0 || stride >> (is_exact ? TERN_STRIDE_LIMIT_LOG2 : 32) != 0) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, word);
    }
    return TERN_STATUS_OK;
}

// Bytes from the first byte of the first row to the last byte of the last. Not exact: for strides below 2^32.
static inline uint64_t tern_rows_bytes(uint64_t stride, uint32_t rows, uint32_t row_bytes, bool is_exact) {
    return rows == 1 ? row_bytes : (rows - 1) * (is_exact ? stride : (uint32_t)stride) + row_bytes;
}

// `rows` (1..2^18) rows of `row_bytes` must be in the window. Address and stride must be multiples of 4.
static inline enum tern_status tern_check_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                               uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t row_bytes,
                                               bool is_exact) {
    TERN_TRY(tern_check_stride(context, stride_word, stride, 4, is_exact));
    return tern_check_buffer(context, address_word, address, tern_rows_bytes(stride, rows, row_bytes, is_exact), 4,
                             is_exact);
}

// The same for rows at multiples of `align`, whose stride is a multiple of TERN_SEGMENT_ALIGN. One row has no stride.
static inline enum tern_status tern_check_far_rows(struct tern_context *context, uint32_t address_word,
                                                   uint64_t address, uint32_t align, uint32_t stride_word,
                                                   uint64_t stride, uint32_t rows, uint32_t row_bytes, bool is_exact) {
    if (rows > 1) {
        TERN_TRY(tern_check_stride(context, stride_word, stride, TERN_SEGMENT_ALIGN, is_exact));
    }
    return tern_check_buffer(context, address_word, address, tern_rows_bytes(stride, rows, row_bytes, is_exact), align,
                             is_exact);
}

// ---- sizes as in cmodel/layout.h, in 32 bits, because the core has no more and the shape is checked

static inline uint32_t tern_align_32(uint32_t bytes) {
    return (bytes + TERN_SEGMENT_ALIGN - 1) & ~(TERN_SEGMENT_ALIGN - 1u);
}

static inline uint32_t tern_groups_32(uint32_t columns) {
    const uint32_t quad = TERN_GROUP_MULTIPLE * TERN_GROUP_COLUMNS;
    return (columns + quad - 1) / quad * TERN_GROUP_MULTIPLE;
}

static inline uint32_t tern_image_bytes(uint32_t length) {
    const uint32_t groups = tern_groups_32(length);
    return TERN_ACTIVATION_HEADER_BYTES + 2 * TERN_GROUP_COLUMNS * groups + tern_align_32(groups);
}

// `rows` activation images of `length` elements, at multiples of TERN_SEGMENT_ALIGN.
static inline enum tern_status tern_check_images(struct tern_context *context, uint32_t address_word, uint64_t address,
                                                 uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t length,
                                                 bool is_exact) {
    return tern_check_far_rows(context, address_word, address, TERN_SEGMENT_ALIGN, stride_word, stride, rows,
                               tern_image_bytes(length), is_exact);
}

// From the low words alone, so false is certain: the ranges do not overlap. True is rare and needs the next function.
static inline bool tern_ranges_may_overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes) {
    const uint32_t distance = (uint32_t)a - (uint32_t)b;
    return (a_bytes | b_bytes) >> 32 != 0 || distance < (uint32_t)b_bytes || 0u - distance < (uint32_t)a_bytes;
}

// Both ranges are in the window, so the sums do not wrap.
static inline bool tern_ranges_overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes) {
    return a < b + b_bytes && b < a + a_bytes;
}

#endif
