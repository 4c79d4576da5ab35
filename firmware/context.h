// SPDX-License-Identifier: Apache-2.0
// The context of an operation: the port to the hardware, the window of its operands, and the detail of its completion.
#ifndef TERN_FIRMWARE_CONTEXT_H
#define TERN_FIRMWARE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "firmware/port.h"

// Commands and completions come and go in batches. Scratch memory has room for two, because commands of the batch
// before may still run, and completions of it wait to be written.
#define TERN_BATCH 32u
#define TERN_LOCAL_ENTRIES (2u * TERN_BATCH)

// Offsets in scratch memory, then room for the operation up to TERN_SCRATCH_BYTES.
#define TERN_LOCAL_COMMANDS 0u
#define TERN_LOCAL_COMPLETIONS (TERN_LOCAL_COMMANDS + TERN_LOCAL_ENTRIES * TERN_COMMAND_BYTES)
#define TERN_LOCAL_PROFILES (TERN_LOCAL_COMPLETIONS + TERN_LOCAL_ENTRIES * TERN_COMPLETION_BYTES)
#define TERN_LOCAL_WORK (TERN_LOCAL_PROFILES + TERN_LOCAL_ENTRIES * TERN_PROFILE_BYTES)

// In place of a unit: the core computes the command.
#define TERN_THE_CORE 1u

// A length and its reciprocal, which takes long to compute.
struct tern_norm {
    uint32_t length; // 0: none
    float inverse;
};

struct tern_context {
    struct tern_port *port;
    uint8_t *scratch;
    uint64_t window_base, window_bytes; // the end does not wrap
    uint32_t low_bytes;                 // of the window, up to the next multiple of 4 GiB; less than that
    uint32_t wait_limit;                // cycles
    uint32_t detail;                    // of the completion
    uint32_t unit;                      // programmed for the command, or TERN_THE_CORE
    // Units of the hardware, as far as the register SOFTWARE lets the firmware use them, else TERN_THE_CORE.
    uint32_t vector_unit, attention_unit;
    uint32_t largest_depth, largest_columns, vectors_at_once; // of the matmul unit
    struct tern_norm norm, rows_norm;                         // of the last RMSNORM of one row, of several rows
};

#endif
