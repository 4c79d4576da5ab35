// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/backends.h"

#include <string.h>

#include "host_driver/system/name_list.h"

#define BACKEND_ROW(name, has_address, help) {#name, help, has_address, tern_backend_open_##name},

static const struct tern_backend_row rows[] = {TERN_BACKEND_LIST(BACKEND_ROW)};

const struct tern_backend_row *tern_backend_row(size_t index) {
    return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

static const char *name_of(size_t index) {
    const struct tern_backend_row *row = tern_backend_row(index);
    return row ? row->name : NULL;
}

enum tern_status tern_backend_find(const char *device, struct tern_error *error, const struct tern_backend_row **row) {
    char names[256];
    const size_t length = strcspn(device, ":");
    for (size_t i = 0; (*row = tern_backend_row(i)); i++) {
        if (strlen((*row)->name) != length || strncmp(device, (*row)->name, length) != 0) {
            continue;
        }
        if ((*row)->has_address == (device[length] == ':')) {
            return (*row)->has_address ? tern_backend_check_address(device, device + length + 1, error)
                                       : TERN_STATUS_OK;
        }
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "device '%s': %s has %s address: %s", device,
                              (*row)->name, (*row)->has_address ? "an" : "no", (*row)->help);
    }
    tern_name_list(name_of, names, sizeof names);
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "no device '%s' (there are %s)", device, names);
}

enum tern_status tern_backend_open(const char *device, const struct tern_backend_config *config,
                                   struct tern_error *error, struct tern_backend *backend) {
    const struct tern_backend_row *row;
    struct tern_backend_config own = *config;
    TERN_TRY(tern_backend_find(device, error, &row));
    own.address = row->has_address ? strchr(device, ':') + 1 : NULL;
    return row->open(&own, backend, error);
}
