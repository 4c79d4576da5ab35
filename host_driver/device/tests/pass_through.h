// SPDX-License-Identifier: Apache-2.0
// A back end that passes every call to the model's, for tests of faulty devices. A test replaces the calls that are to
// fail; they get the test's own struct as context.
#ifndef TERN_HOST_DRIVER_DEVICE_TESTS_PASS_THROUGH_H
#define TERN_HOST_DRIVER_DEVICE_TESTS_PASS_THROUGH_H

#include "host_driver/device/backends.h"

// Must be the first member of the test's struct.
struct pass_through {
    struct tern_backend inner;
};

static inline enum tern_status pass_register_read(void *context, uint32_t address, uint32_t *value,
                                                  struct tern_error *error) {
    const struct tern_backend *inner = &((struct pass_through *)context)->inner;
    return inner->register_read(inner->context, address, value, error);
}

static inline enum tern_status pass_register_write(void *context, uint32_t address, uint32_t value,
                                                   struct tern_error *error) {
    const struct tern_backend *inner = &((struct pass_through *)context)->inner;
    return inner->register_write(inner->context, address, value, error);
}

static inline enum tern_status pass_memory_read(void *context, uint64_t address, void *data, size_t bytes,
                                                struct tern_error *error) {
    const struct tern_backend *inner = &((struct pass_through *)context)->inner;
    return inner->memory_read(inner->context, address, data, bytes, error);
}

static inline enum tern_status pass_memory_write(void *context, uint64_t address, const void *data, size_t bytes,
                                                 struct tern_error *error) {
    const struct tern_backend *inner = &((struct pass_through *)context)->inner;
    return inner->memory_write(inner->context, address, data, bytes, error);
}

static inline enum tern_status pass_advance(void *context, uint64_t cycles, struct tern_error *error) {
    const struct tern_backend *inner = &((struct pass_through *)context)->inner;
    return inner->advance(inner->context, cycles, error);
}

static inline void pass_close(void *context) {
    const struct tern_backend *inner = &((struct pass_through *)context)->inner;
    inner->close(inner->context);
}

// Opens the model back end as through->inner and fills *backend with calls that pass to it.
static inline enum tern_status pass_through_open(const struct tern_backend_config *config, struct pass_through *through,
                                                 struct tern_backend *backend, struct tern_error *error) {
    TERN_TRY(tern_backend_open_model(config, &through->inner, error));
    *backend = through->inner;
    backend->context = through;
    backend->register_read = pass_register_read;
    backend->register_write = pass_register_write;
    backend->memory_read = pass_memory_read;
    backend->memory_write = pass_memory_write;
    backend->advance = pass_advance;
    backend->close = pass_close;
    return TERN_STATUS_OK;
}

#endif
