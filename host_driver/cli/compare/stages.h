// SPDX-License-Identifier: Apache-2.0
// What a comparison finds, stage by stage: a row for each name of a stage, a cell for each of its results.
#ifndef TERN_HOST_DRIVER_CLI_COMPARE_STAGES_H
#define TERN_HOST_DRIVER_CLI_COMPARE_STAGES_H

#include "host_driver/runner/taps.h"

// Distances of float32 values in units of the last place. The first class is 0: zeros of both signs. Class k after it
// has the distances above 2^(k-2) up to 2^(k-1). The last class is not a distance: one value is NaN.
#define TERN_CLI_ULP_CLASSES 35
#define TERN_CLI_ULP_NAN (TERN_CLI_ULP_CLASSES - 1)
struct tern_cli_ulp_class {
    uint64_t first, last; // distances
};
struct tern_cli_ulp_class tern_cli_ulp_class(size_t number); // not of TERN_CLI_ULP_NAN

// The distance of two float32 values; false when one is NaN.
bool tern_cli_ulp_between(uint32_t wanted, uint32_t got, uint64_t *ulp);

struct tern_cli_stage_row {
    char name[TERN_TAP_NAME_BYTES];
    bool is_f32;             // else words of images or caches, which have no ulp
    uint64_t values, differ; // 32-bit words
    uint64_t ulp[TERN_CLI_ULP_CLASSES];
    uint64_t largest_ulp;
    // The first difference of the stage, when differ > 0:
    int32_t layer;
    uint32_t position, element, wanted, got;
};

struct tern_cli_stage_cell {
    size_t row;
    int32_t layer; // -1: after the last layer
    uint32_t position;
    uint64_t values, differ;
};

struct tern_cli_stages {
    struct tern_cli_stage_row *rows; // [row_count], in the order of the run
    size_t row_count, row_capacity;
    struct tern_cli_stage_cell *cells; // [cell_count], in the order of the run
    size_t cell_count, cell_capacity;
};

// Adds both results of a stage, each [bytes].
enum tern_status tern_cli_stages_add(struct tern_cli_stages *stages, const struct tern_stage *stage, const void *wanted,
                                     const void *got, size_t bytes, struct tern_error *error);
void tern_cli_stages_free(struct tern_cli_stages *stages);

#endif
