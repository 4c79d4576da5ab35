// SPDX-License-Identifier: Apache-2.0
// Which device runs which layers: the options --on DEVICE:LAYERS. LAYERS are numbers and ranges with commas between.
#ifndef TERN_HOST_DRIVER_CLI_PLACEMENT_H
#define TERN_HOST_DRIVER_CLI_PLACEMENT_H

#include <stdint.h>

#include "host_driver/cli/options.h"

#define TERN_CLI_DEVICE_BYTES 256 // a device name with its address, and NUL

// The name of the device of an option "rtl:0,3". BAD_ARGUMENT for a text without a colon, or no such device.
enum tern_status tern_cli_on_device(const char *on, struct tern_error *error, char name[TERN_CLI_DEVICE_BYTES]);

// Reads all options --on for a model of `layers` layers. (*placement)[layers]: 0, or 1 + index of the option that names
// the layer; free(). BAD_ARGUMENT for an unknown device, a bad list, a layer out of range or named twice.
enum tern_status tern_cli_place(const struct tern_cli_options *options, uint32_t layers, struct tern_error *error,
                                uint8_t **placement);

// Checks the options for any model.
enum tern_status tern_cli_place_check(const struct tern_cli_options *options, struct tern_error *error);

// Writes "model", or "model+rtl:0,3" with options --on; cuts a longer text.
void tern_cli_place_label(const struct tern_cli_options *options, const char *device, char *label, size_t bytes);

#endif
