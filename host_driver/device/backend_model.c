// SPDX-License-Identifier: Apache-2.0
// Back end `model`: the functional device model with the firmware compiled for the host. The firmware needs no loading
// and runs while the RUN bit of CONTROL is set.
#include <stdlib.h>

#include "firmware/native.h"
#include "host_driver/device/backends.h"
#include "host_driver/device/memory.h"

struct model_backend {
    struct tern_device_model *model;
    struct tern_memory memory;
    bool is_running;
};

static void set_running(struct model_backend *backend) {
    uint32_t control = tern_device_model_read(backend->model, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_CONTROL);
    bool should_run = TERN_FIELD_GET(SYSTEM_CONTROL_RUN, control);
    if (should_run && !backend->is_running) {
        tern_firmware_start(tern_port_of(backend->model));
    }
    backend->is_running = should_run;
}

static enum tern_status register_read(void *context, uint32_t address, uint32_t *value, struct tern_error *error) {
    struct model_backend *backend = context;
    (void)error;
    *value = tern_device_model_read(backend->model, address);
    return TERN_STATUS_OK;
}

static enum tern_status register_write(void *context, uint32_t address, uint32_t value, struct tern_error *error) {
    struct model_backend *backend = context;
    (void)error;
    tern_device_model_write(backend->model, address, value);
    if (address == TERN_SYSTEM_BASE + TERN_SYSTEM_REG_CONTROL) {
        set_running(backend);
    }
    return TERN_STATUS_OK;
}

static enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error) {
    const struct model_backend *backend = context;
    (void)error;
    tern_memory_read(&backend->memory, address, data, bytes);
    return TERN_STATUS_OK;
}

static enum tern_status memory_write(void *context, uint64_t address, const void *data, size_t bytes,
                                     struct tern_error *error) {
    struct model_backend *backend = context;
    (void)error;
    tern_memory_write(&backend->memory, address, data, bytes);
    return TERN_STATUS_OK;
}

static enum tern_status advance(void *context, uint64_t cycles, struct tern_error *error) {
    struct model_backend *backend = context;
    (void)cycles;
    (void)error;
    if (backend->is_running) {
        (void)tern_firmware_poll(tern_port_of(backend->model));
    }
    return TERN_STATUS_OK;
}

static void close_backend(void *context) {
    struct model_backend *backend = context;
    tern_device_model_destroy(backend->model);
    tern_memory_release(&backend->memory);
    free(backend);
}

// UNSUPPORTED for a configuration that the model cannot have.
static enum tern_status check_config(const struct tern_backend_config *config, struct tern_error *error) {
    if (config->waves_path) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "model: writes no waveforms, rtl does");
    }
    if (config->engine && !tern_kernel_is_supported(config->engine->kernel)) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "model: this processor has no kernel %s",
                              tern_kernel_name(config->engine->kernel));
    }
    return TERN_STATUS_OK;
}

static enum tern_status fill(struct model_backend *backend, uint64_t memory_bytes, struct tern_error *error) {
    struct tern_memory *memory = &backend->memory;
    TERN_TRY(tern_memory_reserve("model", memory_bytes, error, memory));
    enum tern_status status =
        tern_device_model_create(TERN_DEVICE_MEMORY_BASE, memory->bytes, memory->data, &backend->model);
    return status == TERN_STATUS_OK ? status : tern_error_set(error, status, "model: no host memory");
}

enum tern_status tern_backend_open_model(const struct tern_backend_config *config, struct tern_backend *backend,
                                         struct tern_error *error) {
    TERN_TRY(check_config(config, error));
    struct model_backend *created = calloc(1, sizeof *created);
    if (!created) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "model: no host memory");
    }
    enum tern_status status = fill(created, config->memory_bytes, error);
    if (status != TERN_STATUS_OK) {
        close_backend(created);
        return status;
    }
    tern_device_model_set_engine(created->model, config->engine);
    tern_device_model_write(created->model, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_CONTROL,
                            TERN_FIELD_PUT(SYSTEM_CONTROL_RUN, 1));
    set_running(created);
    const struct tern_backend opened = {
        .name = "model",
        .memory_base = TERN_DEVICE_MEMORY_BASE,
        .memory_bytes = created->memory.bytes,
        .has_boot_memory = false,
        .is_simulated = true,
        .context = created,
        .register_read = register_read,
        .register_write = register_write,
        .memory_read = memory_read,
        .memory_write = memory_write,
        .advance = advance,
        .close = close_backend,
    };
    *backend = opened;
    return TERN_STATUS_OK;
}
