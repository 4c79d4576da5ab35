// SPDX-License-Identifier: Apache-2.0
// The devices of a runner. Each layer belongs to one of them, with its weights and its caches. Between two layers on
// different devices the host carries the residual stream over.
#include <stdlib.h>

#include "host_driver/runner/plan.h"

enum tern_status tern_sites_place(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_runner_options *options = &runner->options;
    if (options->other_count >= TERN_RUNNER_DEVICES) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u devices, %u at most", options->other_count + 1,
                              TERN_RUNNER_DEVICES);
    }
    runner->site_count = 1 + options->other_count;
    for (uint32_t i = 1; i < runner->site_count; i++) {
        runner->sites[i].device = options->others[i - 1];
    }
    runner->places = malloc(runner->config.layers * sizeof *runner->places);
    if (!runner->places) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %u layers", runner->config.layers);
    }
    for (uint32_t layer = 0; layer < runner->config.layers; layer++) {
        const uint32_t site = options->placement ? options->placement[layer] : 0;
        if (site >= runner->site_count) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "layer %u is for device number %u of %u", layer,
                                  site, runner->site_count);
        }
        runner->places[layer] = (struct tern_layer_place){site, runner->sites[site].layers++};
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_unit_vectors(struct tern_site *site, struct tern_error *error) {
    uint32_t hardware = 0;
    TERN_TRY(tern_device_register(site->device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE, error, &hardware));
    site->unit_vectors = TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, hardware);
    if (site->unit_vectors == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE, "%s: a matmul unit that takes no activation vector",
                              tern_device_name(site->device));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_sites_open(struct tern_runner *runner, struct tern_error *error) {
    runner->vectors = TERN_MAX_VECTORS;
    for (uint32_t i = 0; i < runner->site_count; i++) {
        runner->site = &runner->sites[i];
        runner->site->ticket = TERN_NO_TICKET;
        TERN_TRY(read_unit_vectors(runner->site, error));
        TERN_TRY(tern_plan_memory(runner, error));
    }
    return TERN_STATUS_OK;
}

static struct tern_site *site_of(struct tern_runner *runner, int32_t layer) {
    return &runner->sites[layer < 0 ? 0 : runner->places[layer].site];
}

void tern_site_choose(struct tern_runner *runner, int32_t layer) {
    runner->site = site_of(runner, layer);
}

enum tern_status tern_site_wait(const struct tern_runner *runner, struct tern_error *error) {
    const struct tern_site *site = runner->site;
    return tern_at_stage(runner, NULL, tern_device_wait(site->device, site->ticket, error, NULL), error);
}

enum tern_status tern_site_enter(struct tern_runner *runner, int32_t layer, struct tern_error *error) {
    const struct tern_site *from = runner->site, *to = site_of(runner, layer);
    const size_t bytes = runner->config.hidden_size * sizeof *runner->row;
    if (from == to) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_site_wait(runner, error));
    for (uint32_t token = 0; token < runner->tokens; token++) {
        const uint64_t address = tern_row(from->at[TERN_BUFFER_HIDDEN], token);
        TERN_TRY(tern_device_read(from->device, address, runner->row, bytes, error));
        TERN_TRY(tern_device_write(to->device, tern_row(to->at[TERN_BUFFER_HIDDEN], token), runner->row, bytes, error));
    }
    tern_site_choose(runner, layer);
    return TERN_STATUS_OK;
}

uint32_t tern_runner_devices(const struct tern_runner *runner) {
    return runner->site_count;
}

struct tern_runner_part tern_runner_part_of(const struct tern_runner *runner, uint32_t device) {
    const struct tern_site *site = &runner->sites[device];
    return (struct tern_runner_part){.device = site->device,
                                     .layers = site->layers,
                                     .is_resident = site->stream.is_resident,
                                     .weight_bytes = site->weight_bytes,
                                     .uploaded_bytes = site->stream.uploaded_bytes};
}

uint32_t tern_runner_device_of(const struct tern_runner *runner, uint32_t layer) {
    return runner->places[layer].site;
}

const struct tern_sent *tern_runner_sent(const struct tern_runner *runner, uint32_t device, uint32_t ticket) {
    return &runner->sites[device].sent[ticket % TERN_DEVICE_RING_ENTRIES];
}

uint64_t tern_runner_weight_bytes(const struct tern_runner *runner) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < runner->site_count; i++) {
        bytes += runner->sites[i].weight_bytes;
    }
    return bytes;
}

uint64_t tern_runner_uploaded_bytes(const struct tern_runner *runner) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < runner->site_count; i++) {
        bytes += runner->sites[i].stream.uploaded_bytes;
    }
    return bytes;
}

bool tern_runner_is_resident(const struct tern_runner *runner) {
    bool is_resident = true;
    for (uint32_t i = 0; i < runner->site_count; i++) {
        is_resident = is_resident && runner->sites[i].stream.is_resident;
    }
    return is_resident;
}
