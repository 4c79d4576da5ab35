// SPDX-License-Identifier: Apache-2.0
// Results of stages: keeps them in memory or in a file, and compares them with those of another device.
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
    bool is_f32;   // else bytes
    uint8_t *data; // [rows][row_bytes]
};

struct tern_taps {
    struct tern_tap_record *records; // in the order the stages ran
    size_t count, capacity;
};

// A tern_tap whose context is a struct tern_taps; keeps the stage.
enum tern_status tern_taps_add(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                               struct tern_error *error);
void tern_taps_free(struct tern_taps *taps);

// Gets both results of a stage, each [bytes]. An error ends the run.
typedef enum tern_status (*tern_taps_pair)(void *context, const struct tern_stage *stage, const void *wanted,
                                           const void *got, size_t bytes, struct tern_error *error);

struct tern_taps_comparison {
    const struct tern_taps *expected;
    tern_taps_pair pair; // called with each stage that was compared, NULL for none
    void *pair_context;
    size_t at;               // stages compared
    uint64_t values, differ; // 32-bit words
    // The first difference, when differ > 0:
    struct tern_stage stage;
    uint32_t element, wanted, got; // index of the word, bits
};

// A tern_tap whose context is a struct tern_taps_comparison; counts values that differ. MISMATCH for a stage that is
// not among the expected ones.
enum tern_status tern_taps_compare(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error);

// The input of the stages.
struct tern_taps_input {
    char *tokens;       // "1,2,3", free()
    uint32_t depth;     // planes in use, 0: all
    const char *device; // on which they ran; NULL after tern_taps_read
};

// Writes a safetensors file with one tensor for each stage, in the order of the stages: testvectors/tiny/README.md.
// Replaces `path` when the file is complete.
enum tern_status tern_taps_write(const struct tern_taps *taps, const struct tern_taps_input *input, const char *path,
                                 struct tern_error *error);
// Also reads files without "order" and "device". CHECKSUM when the bytes of a stage do not match the checksum in the
// file.
enum tern_status tern_taps_read(const char *path, struct tern_error *error, struct tern_taps *taps,
                                struct tern_taps_input *input);

#endif
