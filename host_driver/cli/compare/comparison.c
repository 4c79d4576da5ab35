// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/compare/comparison.h"

#include <stdlib.h>

#include "host_driver/cli/interrupt.h"
#include "host_driver/system/write_file.h"

static struct tern_cli_feed feed_of(const struct tern_cli_options *options, const char *device, tern_tap tap,
                                    void *context) {
    return (struct tern_cli_feed){.options = options,
                                  .device = device,
                                  .tap = tap,
                                  .context = context,
                                  .output = options->layer == TERN_NO_LAYER ? tap : NULL};
}

// A file of taps also gives the input.
static enum tern_status prepare(struct tern_cli_comparison *devices, struct tern_cli_options *options,
                                struct tern_error *error) {
    if (options->taps) {
        TERN_TRY(tern_taps_read(options->taps, error, &devices->taps, &devices->input));
        options->tokens = devices->input.tokens;
        options->depth = devices->input.depth;
    }
    devices->alone = *options;
    devices->alone.on_count = 0;
    devices->feeds[0] = feed_of(&devices->alone, devices->names[0], tern_taps_add, &devices->taps);
    for (size_t i = 1; i < devices->count; i++) {
        const struct tern_cli_options *own = i + 1 == devices->count ? options : &devices->alone;
        struct tern_cli_outcome *outcome = &devices->outcomes[i];
        *outcome = (struct tern_cli_outcome){
            .first = devices->names[0], .other = devices->feeds[i].label, .stops = options->stops};
        outcome->all.expected = &devices->taps;
        devices->feeds[i] = feed_of(own, devices->names[i], tern_cli_outcome_tap, outcome);
    }
    return TERN_STATUS_OK;
}

// Compares device number `i` with the first one, up to the first difference if it stops there.
static enum tern_status run_other(struct tern_cli_comparison *devices, size_t i, struct tern_error *error) {
    struct tern_cli_outcome *outcome = &devices->outcomes[i];
    const enum tern_status status = tern_cli_feed_run(&devices->feeds[i], error);
    outcome->is_whole = status == TERN_STATUS_OK;
    if (outcome->is_stopped) {
        return TERN_STATUS_OK;
    }
    return status != TERN_STATUS_OK || outcome->all.at == devices->taps.count
               ? status
               : tern_error_set(error, TERN_STATUS_MISMATCH, "%s ran %zu stages, %s %zu", devices->names[0],
                                devices->taps.count, devices->names[i], outcome->all.at);
}

// The trace has the devices of all runs that count cycles.
static enum tern_status begin_trace(struct tern_cli_comparison *devices, const struct tern_cli_options *options,
                                    size_t first, struct tern_error *error) {
    for (size_t i = first; i < devices->count; i++) {
        tern_cli_trace_add(&devices->trace, devices->feeds[i].options, devices->feeds[i].session.runner);
    }
    TERN_TRY(tern_cli_trace_open(&devices->trace, options, error));
    for (uint32_t i = first, at = 0; i < devices->count; i++) {
        const struct tern_runner *runner = devices->feeds[i].session.runner;
        for (uint32_t number = 0; number < tern_runner_devices(runner); number++, at++) {
            devices->profiles[at].traced = &devices->trace.devices[at];
            TERN_TRY(devices->trace.devices[at].trace
                         ? tern_cli_profile_begin(&devices->profiles[at], runner, number, error)
                         : TERN_STATUS_OK);
        }
    }
    return TERN_STATUS_OK;
}

// A run that stopped at a difference, or was interrupted, may end before the window of the trace.
static void end_trace(struct tern_cli_comparison *devices, enum tern_status run) {
    struct tern_error *error = &devices->trace_error;
    bool is_short = run == TERN_STATUS_INTERRUPTED;
    for (size_t i = 1; i < devices->count; i++) {
        is_short = is_short || devices->outcomes[i].is_stopped;
    }
    const enum tern_status window = is_short ? TERN_STATUS_OK : tern_cli_trace_check(&devices->trace, error);
    const bool is_kept = (run == TERN_STATUS_OK || is_short) && window == TERN_STATUS_OK;
    (void)tern_cli_trace_close(&devices->trace, is_kept, is_kept ? error : NULL);
}

static enum tern_status run_feeds(struct tern_cli_comparison *devices, size_t first, struct tern_error *error) {
    TERN_TRY(first ? TERN_STATUS_OK : tern_cli_feed_run(&devices->feeds[0], error));
    for (size_t i = 1; i < devices->count; i++) {
        TERN_TRY(run_other(devices, i, error));
    }
    return TERN_STATUS_OK;
}

// Opens everything before the first long run.
enum tern_status tern_cli_comparison_run(struct tern_cli_comparison *devices, struct tern_cli_options *options,
                                         struct tern_error *error) {
    TERN_TRY(options->trace ? tern_replace_file_check(options->trace, error) : TERN_STATUS_OK);
    TERN_TRY(options->html ? tern_replace_file_check(options->html, error) : TERN_STATUS_OK);
    TERN_TRY(prepare(devices, options, error));
    const size_t first = options->taps != NULL;
    for (size_t i = first; i < devices->count; i++) {
        TERN_TRY(tern_cli_feed_open(&devices->feeds[i], error));
    }
    tern_cli_catch_interrupt("compare", NULL);
    TERN_TRY(options->trace ? begin_trace(devices, options, first, error) : TERN_STATUS_OK);
    const enum tern_status status = run_feeds(devices, first, error);
    end_trace(devices, status);
    return status;
}

void tern_cli_comparison_close(struct tern_cli_comparison *devices) {
    (void)tern_cli_trace_close(&devices->trace, false, NULL); // unless it is closed
    for (size_t i = 0; i < devices->count; i++) {
        tern_cli_feed_close(&devices->feeds[i]);
        tern_cli_stages_free(&devices->outcomes[i].stages);
    }
    tern_taps_free(&devices->taps);
    free(devices->input.tokens);
}
