// SPDX-License-Identifier: Apache-2.0
// Words for the completion of a command.
#ifndef TERN_HOST_DRIVER_DEVICE_OPCODES_H
#define TERN_HOST_DRIVER_DEVICE_OPCODES_H

#include "spec/generated/tern_spec.h"

// The noun for the detail of a failed command, by its status or else by its opcode: "strip".
const char *tern_detail_noun(const struct tern_completion *completion);

#endif
