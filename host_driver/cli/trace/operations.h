// SPDX-License-Identifier: Apache-2.0
// How much a command computes. An operation of MATMUL is a trit times a mantissa, one of DOT a product of two
// mantissas. For every other command it is an element of the result.
#ifndef TERN_HOST_DRIVER_CLI_TRACE_OPERATIONS_H
#define TERN_HOST_DRIVER_CLI_TRACE_OPERATIONS_H

#include "host_driver/device/device.h"

uint64_t tern_cli_operations(const union tern_command *command);

// The most that a unit of a device does in a cycle. hardware: the register HARDWARE. 0 for the core.
uint32_t tern_cli_most_operations(enum tern_profile_unit unit, uint32_t hardware);

#endif
