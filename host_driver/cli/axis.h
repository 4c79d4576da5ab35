// SPDX-License-Identifier: Apache-2.0
// Lists of values of the command line.
#ifndef TERN_HOST_DRIVER_CLI_AXIS_H
#define TERN_HOST_DRIVER_CLI_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

#define TERN_CLI_AXIS 16 // largest number of values

struct tern_cli_axis {
    size_t count;
    double values[TERN_CLI_AXIS];
    bool has_unit[TERN_CLI_AXIS];
};

struct tern_cli_axis_rule {
    const char *option; // for the sentence
    double least, most;
    bool is_whole;    // only whole numbers, without a unit
    const char *unit; // that a value may have; NULL: none
};

// Numbers with commas between. BAD_ARGUMENT in a sentence.
enum tern_status tern_cli_axis(const char *text, const struct tern_cli_axis_rule *rule, struct tern_error *error,
                               struct tern_cli_axis *axis);

#endif
