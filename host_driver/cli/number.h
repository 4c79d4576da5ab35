// SPDX-License-Identifier: Apache-2.0
// Numbers of the command line. What is refused leaves *value alone.
#ifndef TERN_HOST_DRIVER_CLI_NUMBER_H
#define TERN_HOST_DRIVER_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

// A decimal integer in [least, most], without '-' and with nothing behind it.
bool tern_cli_number(const char *text, uint64_t least, uint64_t most, uint64_t *value);
// What strtod reads, in [least, most], with nothing behind it; not NaN.
bool tern_cli_real(const char *text, double least, double most, double *value);

#endif
