// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/placement.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/device/backends.h"

#define ANY_MODEL 100000u // layers, more than a model has

enum tern_status tern_cli_on_device(const char *on, struct tern_error *error, char name[TERN_CLI_DEVICE_BYTES]) {
    const struct tern_backend_row *row;
    const char *colon = strrchr(on, ':'); // an address has colons too
    if (!colon || colon - on >= TERN_CLI_DEVICE_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "--on %.100s: a device, a colon and layers, such as rtl:0,3,5-7", on);
    }
    snprintf(name, TERN_CLI_DEVICE_BYTES, "%.*s", (int)(colon - on), on);
    return tern_backend_find(name, error, &row);
}

// A number without sign or blank.
static bool take_number(const char **at, unsigned long *number) {
    char *end;
    if (**at < '0' || **at > '9') {
        return false;
    }
    *number = strtoul(*at, &end, 10);
    *at = end;
    return true;
}

// "3" or "5-7", up to a comma or the end.
static bool take_range(const char **at, unsigned long *first, unsigned long *last) {
    if (!take_number(at, first)) {
        return false;
    }
    *last = *first;
    if (**at == '-') {
        ++*at;
        if (!take_number(at, last)) {
            return false;
        }
    }
    return **at == ',' || !**at;
}

static enum tern_status own(const char *on, unsigned long first, unsigned long last, uint8_t owner, uint32_t layers,
                            uint8_t *placement, struct tern_error *error) {
    if (first > last) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--on %.100s: the range %lu-%lu runs backwards", on,
                              first, last);
    }
    if (last >= layers && layers == ANY_MODEL) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--on %.100s: no model has a layer %lu", on, last);
    }
    if (last >= layers) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--on %.100s: layer %lu of a model of %u layers", on,
                              last, layers);
    }
    for (unsigned long layer = first; layer <= last; layer++) {
        if (placement[layer]) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--on %.100s: layer %lu is named twice", on, layer);
        }
        placement[layer] = owner;
    }
    return TERN_STATUS_OK;
}

static enum tern_status place(const char *on, uint8_t owner, uint32_t layers, uint8_t *placement,
                              struct tern_error *error) {
    char name[TERN_CLI_DEVICE_BYTES];
    unsigned long first, last;
    TERN_TRY(tern_cli_on_device(on, error, name));
    const char *at = strrchr(on, ':');
    do {
        at++;
        if (!take_range(&at, &first, &last)) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                  "--on %.100s: layers are numbers or ranges with commas between, such as 0,3,5-7", on);
        }
        TERN_TRY(own(on, first, last, owner, layers, placement, error));
    } while (*at);
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_place(const struct tern_cli_options *options, uint32_t layers, struct tern_error *error,
                                uint8_t **placement) {
    uint8_t *owners = calloc(layers, 1);
    if (!owners) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %u layers", layers);
    }
    for (size_t i = 0; i < options->on_count; i++) {
        enum tern_status status = place(options->on[i], (uint8_t)(i + 1), layers, owners, error);
        if (status != TERN_STATUS_OK) {
            free(owners);
            return status;
        }
    }
    *placement = owners;
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_place_check(const struct tern_cli_options *options, struct tern_error *error) {
    uint8_t *placement;
    TERN_TRY(tern_cli_place(options, ANY_MODEL, error, &placement));
    free(placement);
    return TERN_STATUS_OK;
}

void tern_cli_place_label(const struct tern_cli_options *options, const char *device, char *label, size_t bytes) {
    size_t used = (size_t)snprintf(label, bytes, "%s", device);
    for (size_t i = 0; i < options->on_count && used < bytes; i++) {
        used += (size_t)snprintf(label + used, bytes - used, "+%s", options->on[i]);
    }
}
