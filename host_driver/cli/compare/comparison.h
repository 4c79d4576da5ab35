// SPDX-License-Identifier: Apache-2.0
// Runs several devices, or a device after a recorded run, on the same input and compares each with the first one.
#ifndef TERN_HOST_DRIVER_CLI_COMPARE_COMPARISON_H
#define TERN_HOST_DRIVER_CLI_COMPARE_COMPARISON_H

#include "host_driver/cli/compare/outcome.h"
#include "host_driver/cli/feed.h"
#include "host_driver/cli/profile.h"
#include "host_driver/cli/sources/sources.h"

#define TERN_CLI_COMPARISON_DEVICES 8

struct tern_cli_comparison {
    const char *const *words; // [word_count]: the command line
    size_t word_count;
    struct tern_taps taps; // the expected stages, of the first device or of a file
    struct tern_taps_input input;
    struct tern_cli_options alone;   // of all but the last device, without --on
    struct tern_cli_sources sources; // the command opens and closes it
    size_t count;
    const char *names[TERN_CLI_COMPARISON_DEVICES]; // [0] may be a file of taps
    struct tern_cli_feed feeds[TERN_CLI_COMPARISON_DEVICES];
    struct tern_cli_outcome outcomes[TERN_CLI_COMPARISON_DEVICES]; // from [1] on
    struct tern_cli_trace trace;
    struct tern_error trace_error; // why a trace that was asked for is not there; "" for none
    struct tern_cli_profile profiles[TERN_CLI_TRACE_DEVICES]; // of the devices of the trace
};

// Runs all that `names` says, [count] of 2 or more. Gives the outcomes and, if the options ask for it, a trace. Close
// it after an error too. INTERRUPTED after Ctrl-C, with outcomes up to there.
enum tern_status tern_cli_comparison_run(struct tern_cli_comparison *devices, struct tern_cli_options *options,
                                         struct tern_error *error);
void tern_cli_comparison_close(struct tern_cli_comparison *devices);

#endif
