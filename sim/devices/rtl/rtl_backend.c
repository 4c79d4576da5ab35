// SPDX-License-Identifier: Apache-2.0
// Back end `rtl`: finds the variant of the device. The one of the program's build is linked in. Others are shared
// objects beside the program's libraries.
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#include "host_driver/device/backends.h"
#include "sim/devices/rtl/rtl_variant.h"

static bool is_size(uint32_t count) {
    return count == 1 || count == 2 || count == 4;
}

static enum tern_status say_how_to_build(uint32_t lanes, uint32_t vectors, const char *why, struct tern_error *error) {
    return tern_error_set(
        error, TERN_STATUS_UNSUPPORTED,
        "rtl: the device of lanes %u, vectors %u is %s: tools/build --lanes %u --vectors %u builds it", lanes, vectors,
        why, lanes, vectors);
}

static bool fits(const struct tern_rtl_variant *variant, uint32_t lanes, uint32_t vectors) {
    return variant && variant->variant_bytes == sizeof *variant &&
           variant->backend_bytes == sizeof(struct tern_backend) &&
           variant->config_bytes == sizeof(struct tern_backend_config) && variant->spec_hash == TERN_SPEC_HASH &&
           variant->sources->hash == tern_rtl_variant.sources->hash && variant->lanes == lanes &&
           variant->vectors == vectors;
}

// A shared object stays loaded until the program ends.
static enum tern_status load(uint32_t lanes, uint32_t vectors, struct tern_error *error,
                             const struct tern_rtl_variant **variant) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/tern_rtl_%ux%u.so", TERN_RTL_VARIANT_DIRECTORY, lanes, vectors);
    if (length >= (int)sizeof path || access(path, R_OK)) {
        return say_how_to_build(lanes, vectors, "not built", error);
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return tern_error_set(error, TERN_STATUS_IO, "rtl: %.300s", dlerror());
    }
    *variant = dlsym(library, TERN_RTL_VARIANT_SYMBOL);
    return fits(*variant, lanes, vectors) ? TERN_STATUS_OK
                                          : say_how_to_build(lanes, vectors, "of another version", error);
}

enum tern_status tern_backend_open_rtl(const struct tern_backend_config *config, struct tern_backend *backend,
                                       struct tern_error *error) {
    const struct tern_rtl_variant *variant = &tern_rtl_variant;
    const uint32_t lanes = config->lanes ? config->lanes : variant->lanes;
    const uint32_t vectors = config->vectors ? config->vectors : variant->vectors;
    if (!is_size(lanes) || !is_size(vectors)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "rtl: %u lanes, %u vectors: a device has 1, 2 or 4 of each", lanes, vectors);
    }
    if (lanes != variant->lanes || vectors != variant->vectors) {
        TERN_TRY(load(lanes, vectors, error, &variant));
    }
    return variant->open(config, backend, error);
}

static const struct tern_rtl_variant *variant_of(struct tern_backend *backend) {
    return ((const struct tern_rtl_context *)backend->context)->variant;
}

void tern_rtl_set_faults(struct tern_backend *backend, const struct tern_rtl_faults *faults) {
    variant_of(backend)->set_faults(backend->context, faults);
}

void tern_rtl_set_orders(struct tern_backend *backend, unsigned write_order, unsigned done_time) {
    variant_of(backend)->set_orders(backend->context, write_order, done_time);
}

void tern_rtl_reset(struct tern_backend *backend) {
    variant_of(backend)->reset(backend->context);
}

bool tern_rtl_is_idle(struct tern_backend *backend) {
    return variant_of(backend)->is_idle(backend->context);
}

void tern_rtl_set_clocks_on(struct tern_backend *backend, bool on) {
    variant_of(backend)->set_clocks_on(backend->context, on);
}
