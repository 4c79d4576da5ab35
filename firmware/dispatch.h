// SPDX-License-Identifier: Apache-2.0
// Runs the operation of a command.
#ifndef TERN_FIRMWARE_DISPATCH_H
#define TERN_FIRMWARE_DISPATCH_H

#include "firmware/context.h"

// Checks and runs one command. BAD_OPCODE for an unknown one. context->detail is the detail of the completion.
enum tern_status tern_command_run(struct tern_context *context, const union tern_command *command);

#endif
