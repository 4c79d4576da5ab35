// SPDX-License-Identifier: Apache-2.0
// The operations, two functions for each command of spec/. For the command ADD:
//   tern_prepare_add  checks all of the command; context->detail says what is wrong. It writes the registers of a unit
//                     and sets context->unit, which is then to be started. It leaves TERN_THE_CORE when there is no
//                     unit or one run is not enough: tern_compute_add does it all
//   tern_compute_add  computes, and waits for units where it starts them
// prepare reads and writes no operand, so it may run while the command before is under way.
#ifndef TERN_FIRMWARE_OPERATION_H
#define TERN_FIRMWARE_OPERATION_H

#include "firmware/unit.h"

#define TERN_OPERATION(name, member, detail)                                                                           \
    enum tern_status tern_prepare_##member(struct tern_context *context, const struct tern_command_##member *command); \
    enum tern_status tern_compute_##member(struct tern_context *context, const struct tern_command_##member *command);
TERN_OPCODE_LIST(TERN_OPERATION)
#undef TERN_OPERATION

// The detail of a DOT that the unit ended with this status and this word of its register ERROR.
uint32_t tern_dot_detail(const struct tern_command_dot *command, enum tern_status status, uint32_t error);

#endif
