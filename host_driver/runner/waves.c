// SPDX-License-Identifier: Apache-2.0
// The waveform of a part of a run. It begins when the commands before the first one of interest have ended, so that
// nothing of theirs is in it.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/runner/plan.h"

// The number that the next command of the device gets, since the device takes commands from the runner alone.
static uint32_t next_number(const struct tern_site *site) {
    return site->ticket + 1; // TERN_NO_TICKET + 1 is 0
}

static bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

bool tern_runner_is_named(const char *from, uint32_t number, int32_t layer, const char *stage) {
    char text[64];
    if (is_number(from)) {
        snprintf(text, sizeof text, "%u", number);
    } else if (isdigit((unsigned char)*from)) {
        snprintf(text, sizeof text, "%d.%s", layer, stage);
    } else {
        snprintf(text, sizeof text, "%s", stage);
    }
    return strcmp(text, from) == 0;
}

enum tern_status tern_waves_before(struct tern_runner *runner, const char *stage, struct tern_error *error) {
    struct tern_device *device = runner->site->device;
    const uint64_t cycles = runner->options.waves_cycles;
    if (!runner->options.waves_from || runner->has_waves || !tern_device_has_waves(device) ||
        !tern_runner_is_named(runner->options.waves_from, next_number(runner->site), runner->layer, stage)) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_site_wait(runner, error));
    tern_device_waves(device, cycles ? cycles : UINT64_MAX);
    runner->has_waves = true;
    return TERN_STATUS_OK;
}

enum tern_status tern_runner_check_waves(const struct tern_runner *runner, struct tern_error *error) {
    const char *from = runner->options.waves_from;
    return !from || runner->has_waves
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                "--waves-from %.80s: no such command ran on a device with waves", from);
}
