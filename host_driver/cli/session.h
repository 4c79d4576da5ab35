// SPDX-License-Identifier: Apache-2.0
// Opens engine, model, device and runner for the commands that run a model.
#ifndef TERN_HOST_DRIVER_CLI_SESSION_H
#define TERN_HOST_DRIVER_CLI_SESSION_H

#include <stdio.h>

#include "host_driver/cli/options.h"
#include "host_driver/generate/saved_state.h"
#include "host_driver/runner/runner.h"
#include "host_driver/text/tokenizer.h"

// Fills *engine: a pool of tern_cli_threads threads, and the kernel that the environment variable TERN_KERNEL names
// (exact, avx2, avx512), else the best one. That variable limits the instructions of everything else too. UNSUPPORTED
// for an unknown kernel or one this processor cannot run. The caller destroys the pool.
enum tern_status tern_cli_engine(const struct tern_cli_options *options, struct tern_error *error,
                                 struct tern_engine *engine);

// The configuration of the simulated device that the options describe, without an engine.
struct tern_backend_config tern_cli_backend(const struct tern_cli_options *options);

// Model (the first operand), devices and runner opened and closed together.
struct tern_session {
    struct tern_engine engine;
    struct tern_model *model;
    struct tern_device *device;
    struct tern_device *others[TERN_CLI_ON]; // one for each option --on
    struct tern_runner *runner;
    uint32_t capacity; // positions
};

_Static_assert(TERN_CLI_ON < TERN_RUNNER_DEVICES, "a runner takes the device and one for each option --on");

#define TERN_CLI_POSITIONS 4096
struct tern_session_options {
    const char *device; // runs the layers that no option --on names
    uint32_t capacity;  // positions, 0 for the lesser of the model's limit and TERN_CLI_POSITIONS
    bool takes_less;    // more than the model has means all that it has
    tern_tap tap;
    void *tap_context;
    const struct tern_saved_state *state; // to go on from, NULL for none; its depth counts
};
// BAD_ARGUMENT for the state of another model.
enum tern_status tern_session_open(const struct tern_cli_options *options, const struct tern_session_options *more,
                                   struct tern_error *error, struct tern_session *session);
void tern_session_close(struct tern_session *session);

// Writes ", rtl 1.28 M cycles/s" for each device of the runner that simulates a clock: its cycles in a host second. The
// text is cut to bytes - 1.
void tern_cli_speed(const struct tern_runner *runner, char *text, size_t bytes);

// Turns on drafting if the options ask for it.
enum tern_status tern_cli_draft(const struct tern_cli_options *options, struct tern_generator *generator,
                                struct tern_error *error);

// Opens the tokenizer of the first operand, with BOS as --bos says. Prints a note where transformers 4 does otherwise.
// *tokenizer is to be closed after an error too, unless it is NULL.
enum tern_status tern_cli_tokenizer(const struct tern_cli_options *options, struct tern_error *error,
                                    struct tern_tokenizer **tokenizer);

#endif
