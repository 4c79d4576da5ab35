// SPDX-License-Identifier: Apache-2.0
// The context of an operation: the port to the hardware, the window of its operands, and the detail of its completion.
#ifndef TERN_FIRMWARE_CONTEXT_H
#define TERN_FIRMWARE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "firmware/port.h"

// Offsets in scratch memory: the command that runs and the next one, a completion, then room for the operation up to
// TERN_SCRATCH_BYTES.
#define TERN_LOCAL_COMMAND 0u
#define TERN_LOCAL_COMPLETION (TERN_LOCAL_COMMAND + 2u * TERN_COMMAND_BYTES)
#define TERN_LOCAL_PROFILE (TERN_LOCAL_COMPLETION + 32u)
#define TERN_LOCAL_WORK 320u

struct tern_context {
    struct tern_port *port;
    uint8_t *scratch;
    uint64_t window_base, window_bytes;
    uint32_t wait_limit; // cycles
    uint32_t detail;     // of the completion
};

#endif
