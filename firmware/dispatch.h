// SPDX-License-Identifier: Apache-2.0
// From a command to its operation.
#ifndef TERN_FIRMWARE_DISPATCH_H
#define TERN_FIRMWARE_DISPATCH_H

#include "firmware/context.h"

// Checks and runs one command; context->detail is for the completion.
enum tern_status tern_command_run(struct tern_context *context, const union tern_command *command);

#endif
