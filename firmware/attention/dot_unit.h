// SPDX-License-Identifier: Apache-2.0
// DOT on the attention unit. The command has been checked.
#ifndef TERN_FIRMWARE_ATTENTION_DOT_UNIT_H
#define TERN_FIRMWARE_ATTENTION_DOT_UNIT_H

#include <stdbool.h>

#include "firmware/context.h"

// Hardware without the unit reads 0 at its registers.
bool tern_dot_has_unit(struct tern_context *context);

// UNIT_BUSY: an earlier run hangs and cannot be aborted. Otherwise the statuses of the unit, with the same results and
// details as without it.
enum tern_status tern_dot_run_on_unit(struct tern_context *context, const struct tern_command_dot *command);

#endif
