// SPDX-License-Identifier: Apache-2.0
// The operations, one for each command of spec/: tern_run_add(context, command) checks and runs the command ADD.
#ifndef TERN_FIRMWARE_OPERATION_H
#define TERN_FIRMWARE_OPERATION_H

#include "firmware/context.h"

#define TERN_OPERATION(name, member, detail)                                                                           \
    enum tern_status tern_run_##member(struct tern_context *context, const struct tern_command_##member *command);
TERN_OPCODE_LIST(TERN_OPERATION)
#undef TERN_OPERATION

#endif
