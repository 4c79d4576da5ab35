// SPDX-License-Identifier: Apache-2.0
// Results of stages: kept in memory, in a file, and compared with what another device gives for the same input.
#ifndef TERN_HOST_DRIVER_RUNNER_TAPS_H
#define TERN_HOST_DRIVER_RUNNER_TAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "host_driver/runner/runner.h"

#define TERN_TAP_NAME_BYTES 32

struct tern_tap_record {
    uint32_t position;
    int32_t layer;                  // -1: after the last layer
    char name[TERN_TAP_NAME_BYTES]; // of the stage
    uint32_t rows, row_bytes;
    bool is_f32;   // else an activation image
    uint8_t *data; // [rows][row_bytes]
};

struct tern_taps {
    struct tern_tap_record *records; // in the order the stages ran
    size_t count, capacity;
};

// A tern_tap whose context is a struct tern_taps: keeps the stage.
enum tern_status tern_taps_add(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                               struct tern_error *error);
void tern_taps_free(struct tern_taps *taps);

struct tern_taps_comparison {
    const struct tern_taps *expected;
    size_t at;               // stages compared
    uint64_t values, differ; // 32-bit words
    // The first that differs, when differ > 0.
    struct tern_stage stage;
    uint32_t element, wanted, got; // index of the word, bits
};

// A tern_tap whose context is a struct tern_taps_comparison. MISMATCH is only for a stage that is not among the
// expected ones; differing values are counted and the run goes on.
enum tern_status tern_taps_compare(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error);

// What was fed, as the file says it.
struct tern_taps_input {
    char *tokens;   // "1,2,3", free()
    uint32_t depth; // planes in use, 0: all
};

// A safetensors file, one tensor a stage in the order they ran: testvectors/tiny/README.md. Replaces `path` when all of
// it is written.
enum tern_status tern_taps_write(const struct tern_taps *taps, const struct tern_taps_input *input, const char *path,
                                 struct tern_error *error);
// CHECKSUM when a stage's bytes are not those that were written.
enum tern_status tern_taps_read(const char *path, struct tern_error *error, struct tern_taps *taps,
                                struct tern_taps_input *input);

#endif
