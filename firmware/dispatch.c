// SPDX-License-Identifier: Apache-2.0
#include "firmware/dispatch.h"

#include "firmware/check.h"
#include "firmware/operation.h"

enum tern_status tern_prepare_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

enum tern_status tern_compute_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

#define PREPARE(name, member, detail)                                                                                  \
    case TERN_OPCODE_##name: return tern_prepare_##member(context, &command->member);

enum tern_status tern_prepare(struct tern_context *context, const union tern_command *command, uint32_t opcode) {
    switch (opcode) {
        TERN_OPCODE_LIST(PREPARE)
    default: return tern_refuse(context, TERN_STATUS_BAD_OPCODE, opcode);
    }
}

#define COMPUTE(name, member, detail)                                                                                  \
    case TERN_OPCODE_##name: return tern_compute_##member(context, &command->member);

enum tern_status tern_compute(struct tern_context *context, const union tern_command *command, uint32_t opcode) {
    switch (opcode) {
        TERN_OPCODE_LIST(COMPUTE)
    default: return TERN_STATUS_BAD_OPCODE;
    }
}

uint32_t tern_failure_detail(struct tern_context *context, const union tern_command *command, uint32_t unit,
                             enum tern_status status) {
    const uint32_t detail = tern_unit_detail(context, unit);
    return unit == TERN_ATTENTION_BASE ? tern_dot_detail(&command->dot, status, detail) : detail;
}
