// SPDX-License-Identifier: Apache-2.0
// Numbers of the command line. Each function returns false and leaves *value unchanged when it refuses the text.
#ifndef TERN_HOST_DRIVER_CLI_NUMBER_H
#define TERN_HOST_DRIVER_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

// A decimal integer in [least, most], without '-' and without other characters after it.
bool tern_cli_number(const char *text, uint64_t least, uint64_t most, uint64_t *value);
// A number that strtod reads, in [least, most], without other characters after it; not NaN.
bool tern_cli_real(const char *text, double least, double most, double *value);

#endif
