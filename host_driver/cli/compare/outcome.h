// SPDX-License-Identifier: Apache-2.0
// The comparison of a device with the first one, and what is printed of it.
#ifndef TERN_HOST_DRIVER_CLI_COMPARE_OUTCOME_H
#define TERN_HOST_DRIVER_CLI_COMPARE_OUTCOME_H

#include <stdio.h>

#include "host_driver/cli/compare/stages.h"

struct tern_cli_outcome {
    const char *first, *other; // the devices; `first` may be a file of taps
    struct tern_taps_comparison all;
    struct tern_cli_stages stages;
    bool stops;      // at the first stage that differs
    bool is_stopped; // did so
    bool is_whole;   // all stages were compared; neither this nor is_stopped after an interrupt
};

// A tern_tap whose context is a struct tern_cli_outcome. MISMATCH after a difference if it stops there.
enum tern_status tern_cli_outcome_tap(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                      struct tern_error *error);

bool tern_cli_outcome_is_interrupted(const struct tern_cli_outcome *outcome);
// "model = rtl: 5000 values, 0 differ", "model and rtl up to the interrupt: 70 values, 0 differ"
void tern_cli_outcome_put_verdict(const struct tern_cli_outcome *outcome, FILE *out);
// "the first difference is in layer 1, ..."
void tern_cli_outcome_put_first(const struct tern_cli_outcome *outcome, FILE *out);
// A line a stage, of at most 80 columns.
void tern_cli_outcome_put_table(const struct tern_cli_outcome *outcome, FILE *out);
// The members of a JSON object.
void tern_cli_outcome_put_json(const struct tern_cli_outcome *outcome, FILE *out);

#endif
