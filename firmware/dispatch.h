// SPDX-License-Identifier: Apache-2.0
// Calls the operation of a command. opcode: of the command, without COMMAND_BESIDE.
#ifndef TERN_FIRMWARE_DISPATCH_H
#define TERN_FIRMWARE_DISPATCH_H

#include "firmware/unit.h"

// Checks the command and programs context->unit. It may run while the command before is under way.
enum tern_status tern_prepare(struct tern_context *context, const union tern_command *command, uint32_t opcode);

// Computes a command that has no unit. context->detail is that of a failure.
enum tern_status tern_compute(struct tern_context *context, const union tern_command *command, uint32_t opcode);

// The detail of a command whose run in `unit` failed.
uint32_t tern_failure_detail(struct tern_context *context, const union tern_command *command, uint32_t unit,
                             enum tern_status status);

#endif
