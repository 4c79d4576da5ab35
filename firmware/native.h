// SPDX-License-Identifier: Apache-2.0
// The command processor on the host, with the model device as its hardware.
#ifndef TERN_FIRMWARE_NATIVE_H
#define TERN_FIRMWARE_NATIVE_H

#include "cmodel/device/device_model.h"
#include "firmware/firmware.h"

// struct tern_port has no definition; its pointers are pointers to the model device.
static inline struct tern_port *tern_port_of(struct tern_device_model *model) {
    return (struct tern_port *)model;
}

#endif
