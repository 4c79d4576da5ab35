// SPDX-License-Identifier: Apache-2.0
// The part of `tern doctor` that is about boards: bitstream, clock, memory. Of another device it says nothing.
#ifndef TERN_HOST_DRIVER_CLI_COMMANDS_DOCTOR_BOARD_H
#define TERN_HOST_DRIVER_CLI_COMMANDS_DOCTOR_BOARD_H

#include "host_driver/cli/options.h"
#include "host_driver/device/device.h"

struct tern_cli_board_report {
    void *context;
    void (*show)(void *context, const char *name, const char *text);     // a line that is no check
    void (*report)(void *context, const char *check, const char *found); // a check that passed
};

enum tern_status tern_cli_examine_board(struct tern_device *device, const struct tern_cli_options *options,
                                        const struct tern_cli_board_report *report, struct tern_error *error);
// After a device could not be opened with `status`: shows the scan of a board whose memory does not work.
void tern_cli_show_failed_board(const char *device, const struct tern_backend_config *config, enum tern_status status,
                                const struct tern_cli_board_report *report);

#endif
