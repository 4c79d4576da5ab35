// SPDX-License-Identifier: Apache-2.0
#include "firmware/dispatch.h"

#include "firmware/check.h"
#include "firmware/operation.h"

enum tern_status tern_run_nop(struct tern_context *context, const struct tern_command_nop *command) {
    (void)context;
    (void)command;
    return TERN_STATUS_OK;
}

#define RUN(name, member, detail)                                                                                      \
    case TERN_OPCODE_##name: return tern_run_##member(context, &command->member);

enum tern_status tern_command_run(struct tern_context *context, const union tern_command *command) {
    switch (command->header.opcode) {
        TERN_OPCODE_LIST(RUN)
    default: return tern_refuse(context, TERN_STATUS_BAD_OPCODE, command->header.opcode);
    }
}
