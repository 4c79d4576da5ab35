// SPDX-License-Identifier: Apache-2.0
// Back end `model`: the functional device model with the command processor compiled natively. Memory is reserved, not
// allocated: pages come when they are touched. The firmware is in place from the start; CONTROL bit 0 still holds it.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "firmware/native.h"
#include "host_driver/device/backend.h"

#define MEMORY_BASE 0x100000000u
#define DEFAULT_MEMORY_BYTES ((uint64_t)1 << 30)
#define PAGE_BYTES 4096u

struct model_backend {
    struct tern_device_model *model;
    uint8_t *memory;
    uint64_t memory_bytes;
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

static int is_inside(const struct model_backend *backend, uint64_t address, size_t bytes) {
    return address >= MEMORY_BASE && bytes <= backend->memory_bytes &&
           address - MEMORY_BASE <= backend->memory_bytes - bytes;
}

static enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error) {
    struct model_backend *backend = context;
    if (!is_inside(backend, address, bytes)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "model: %zu bytes at 0x%llx are not device memory",
                              bytes, (unsigned long long)address);
    }
    memcpy(data, backend->memory + (address - MEMORY_BASE), bytes);
    return TERN_STATUS_OK;
}

static enum tern_status memory_write(void *context, uint64_t address, const void *data, size_t bytes,
                                     struct tern_error *error) {
    struct model_backend *backend = context;
    if (!is_inside(backend, address, bytes)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "model: %zu bytes at 0x%llx are not device memory",
                              bytes, (unsigned long long)address);
    }
    memcpy(backend->memory + (address - MEMORY_BASE), data, bytes);
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
    munmap(backend->memory, backend->memory_bytes);
    free(backend);
}

// What no device of this kind can be.
static enum tern_status check_config(const struct tern_backend_config *config, struct tern_error *error) {
    if (config->memory_bytes > SIZE_MAX / 2) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "model: device memory of %llu bytes is absurd",
                              (unsigned long long)config->memory_bytes);
    }
    if (config->trace_path) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "model: writes no waveforms, rtl does");
    }
    if (config->engine && !tern_kernel_is_supported(config->engine->kernel)) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "model: this processor has no kernel %s",
                              tern_kernel_name(config->engine->kernel));
    }
    return TERN_STATUS_OK;
}

static enum tern_status reserve_memory(struct model_backend *backend, struct tern_error *error) {
    void *memory =
        mmap(NULL, backend->memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "model: cannot reserve %llu bytes of device memory",
                              (unsigned long long)backend->memory_bytes);
    }
    backend->memory = memory;
    return TERN_STATUS_OK;
}

static enum tern_status create(uint64_t bytes, struct tern_error *error, struct model_backend **backend) {
    struct model_backend *created = calloc(1, sizeof *created);
    if (!created) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "model: no host memory");
    }
    created->memory_bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    enum tern_status status = reserve_memory(created, error);
    if (status != TERN_STATUS_OK) {
        free(created);
        return status;
    }
    status = tern_device_model_create(MEMORY_BASE, created->memory_bytes, created->memory, &created->model);
    if (status != TERN_STATUS_OK) {
        munmap(created->memory, created->memory_bytes);
        free(created);
        return tern_error_set(error, status, "model: no host memory");
    }
    *backend = created;
    return TERN_STATUS_OK;
}

enum tern_status tern_backend_open_model(const struct tern_backend_config *config, struct tern_backend *backend,
                                         struct tern_error *error) {
    struct model_backend *created = NULL;
    enum tern_status status = check_config(config, error);
    if (status == TERN_STATUS_OK) {
        status = create(config->memory_bytes ? config->memory_bytes : DEFAULT_MEMORY_BYTES, error, &created);
    }
    if (status != TERN_STATUS_OK) {
        return status;
    }
    tern_device_model_set_engine(created->model, config->engine);
    tern_device_model_write(created->model, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_CONTROL,
                            TERN_FIELD_PUT(SYSTEM_CONTROL_RUN, 1));
    set_running(created);
    const struct tern_backend opened = {
        .name = "model",
        .memory_base = MEMORY_BASE,
        .memory_bytes = created->memory_bytes,
        .has_boot_memory = 0,
        .is_simulated = 1,
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
