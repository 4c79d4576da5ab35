// SPDX-License-Identifier: Apache-2.0
#include "firmware/native.h"
#include "firmware/port.h"

static struct tern_device_model *model_of(struct tern_port *port) {
    return (struct tern_device_model *)port;
}

uint32_t tern_port_read(struct tern_port *port, uint32_t address) {
    return tern_device_model_read(model_of(port), address);
}

void tern_port_write(struct tern_port *port, uint32_t address, uint32_t value) {
    tern_device_model_write(model_of(port), address, value);
}

uint8_t *tern_port_scratch(struct tern_port *port) {
    return tern_device_model_scratch(model_of(port));
}

void *tern_port_view(struct tern_port *port, uint64_t address, uint32_t bytes) {
    return tern_device_model_view(model_of(port), address, bytes);
}
