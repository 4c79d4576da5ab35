// SPDX-License-Identifier: Apache-2.0
#include "firmware/command.h"

static enum tern_status refuse(struct tern_context *context, enum tern_status status, uint32_t word) {
    context->detail = word;
    return status;
}

enum tern_status tern_check_count(struct tern_context *context, uint32_t word, uint32_t count, uint32_t limit) {
    if (count == 0 || count > limit) {
        return refuse(context, TERN_STATUS_BAD_LENGTH, word);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_check_buffer(struct tern_context *context, uint32_t word, uint64_t address, uint64_t bytes,
                                   uint32_t align) {
    if (((uint32_t)address & (align - 1)) != 0 || address < context->window_base || bytes > context->window_bytes ||
        address - context->window_base > context->window_bytes - bytes) {
        return refuse(context, TERN_STATUS_BAD_ADDRESS, word);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_check_f32(struct tern_context *context, uint32_t word, uint64_t address, uint32_t count) {
    return tern_check_buffer(context, word, address, 4 * (uint64_t)count, TERN_SEGMENT_ALIGN);
}

enum tern_status tern_check_rows(struct tern_context *context, uint32_t address_word, uint64_t address,
                                 uint32_t stride_word, uint64_t stride, uint32_t rows, uint32_t row_bytes) {
    if (((uint32_t)stride & 3u) != 0 || stride >> TERN_STRIDE_LIMIT_LOG2 != 0) {
        return refuse(context, TERN_STATUS_BAD_ADDRESS, stride_word);
    }
    return tern_check_buffer(context, address_word, address, (rows - 1) * stride + row_bytes, 4);
}

enum tern_status tern_command_run(struct tern_context *context, const union tern_command *command) {
    switch (command->header.opcode) {
    case TERN_OPCODE_NOP: return TERN_STATUS_OK;
    case TERN_OPCODE_QUANTIZE: return tern_run_quantize(context, &command->quantize);
    case TERN_OPCODE_MATMUL: return tern_run_matmul(context, &command->matmul);
    case TERN_OPCODE_ADD: return tern_run_add(context, &command->add);
    case TERN_OPCODE_RMSNORM: return tern_run_rmsnorm(context, &command->rmsnorm);
    case TERN_OPCODE_ROPE: return tern_run_rope(context, &command->rope);
    case TERN_OPCODE_ATTENTION: return tern_run_attention(context, &command->attention);
    case TERN_OPCODE_SWIGLU: return tern_run_swiglu(context, &command->swiglu);
    case TERN_OPCODE_COPY: return tern_run_copy(context, &command->copy);
    default: return refuse(context, TERN_STATUS_BAD_OPCODE, command->header.opcode);
    }
}
