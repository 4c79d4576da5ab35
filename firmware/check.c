// SPDX-License-Identifier: Apache-2.0
#include "firmware/check.h"

#include "cmodel/layout.h"

enum tern_status tern_check_count(struct tern_context *context, uint32_t word, uint32_t count, uint32_t limit) {
    if (count == 0 || count > limit) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, word);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_check_buffer(struct tern_context *context, uint32_t word, uint64_t address, uint64_t bytes,
                                   uint32_t align) {
    if (((uint32_t)address & (align - 1)) != 0 || address < context->window_base || bytes > context->window_bytes ||
        address - context->window_base > context->window_bytes - bytes) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, word);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_check_f32(struct tern_context *context, uint32_t word, uint64_t address, uint32_t count) {
    return tern_check_buffer(context, word, address, 4 * (uint64_t)count, TERN_SEGMENT_ALIGN);
}

enum tern_status tern_check_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                 uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t row_bytes) {
    if (((uint32_t)stride & 3u) != 0 || stride >> TERN_STRIDE_LIMIT_LOG2 != 0) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, stride_word);
    }
    return tern_check_buffer(context, address_word, address, (rows - 1) * stride + row_bytes, 4);
}

enum tern_status tern_check_far_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                     uint32_t align, uint32_t stride_word, uint64_t stride, uint32_t rows,
                                     uint64_t row_bytes) {
    if (rows == 1) {
        return tern_check_buffer(context, address_word, address, row_bytes, align);
    }
    if ((uint32_t)stride % TERN_SEGMENT_ALIGN != 0 || stride >> TERN_STRIDE_LIMIT_LOG2 != 0) {
        return tern_refuse(context, TERN_STATUS_BAD_ADDRESS, stride_word);
    }
    return tern_check_buffer(context, address_word, address, (rows - 1) * stride + row_bytes, align);
}

enum tern_status tern_check_images(struct tern_context *context, uint32_t address_word, uint64_t address,
                                   uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t length) {
    return tern_check_far_rows(context, address_word, address, TERN_SEGMENT_ALIGN, stride_word, stride, rows,
                               tern_activation_bytes(length));
}
