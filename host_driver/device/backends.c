// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/backends.h"

#include <string.h>

#include "host_driver/system/name_list.h"

#define BACKEND_ROW(name, help) {#name, help, tern_backend_open_##name},

static const struct tern_backend_row rows[] = {TERN_BACKEND_LIST(BACKEND_ROW)};

const struct tern_backend_row *tern_backend_row(size_t index) {
    return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

static const char *name_of(size_t index) {
    const struct tern_backend_row *row = tern_backend_row(index);
    return row ? row->name : NULL;
}

enum tern_status tern_backend_find(const char *name, struct tern_error *error, const struct tern_backend_row **row) {
    char names[256];
    for (size_t i = 0; (*row = tern_backend_row(i)); i++) {
        if (strcmp(name, (*row)->name) == 0) {
            return TERN_STATUS_OK;
        }
    }
    tern_name_list(name_of, names, sizeof names);
    return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "no device '%s' (there are %s)", name, names);
}
