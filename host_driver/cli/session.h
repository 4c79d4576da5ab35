// SPDX-License-Identifier: Apache-2.0
// What the commands that run a model share: opening engine, model, device and runner together.
#ifndef TERN_HOST_DRIVER_CLI_SESSION_H
#define TERN_HOST_DRIVER_CLI_SESSION_H

#include "host_driver/cli/options.h"
#include "host_driver/generate/generator.h"
#include "host_driver/runner/runner.h"
#include "host_driver/text/tokenizer.h"

// As many threads as the options say, and the kernel that the environment variable TERN_KERNEL names (exact, avx2,
// avx512; refused when there is none or this processor has not got it), else the best there is. The caller destroys the
// pool.
enum tern_status tern_cli_engine(const struct tern_cli_options *options, struct tern_error *error,
                                 struct tern_engine *engine);

// The simulated device the options describe.
struct tern_backend_config tern_cli_backend(const struct tern_cli_options *options);

// Model (the first operand), device and runner opened and closed together.
struct tern_session {
    struct tern_engine engine;
    struct tern_model *model;
    struct tern_device *device;
    struct tern_runner *runner;
    uint32_t capacity; // positions
};

// capacity: positions, 0 for what the model has or TERN_CLI_POSITIONS, if that is less.
#define TERN_CLI_POSITIONS 4096
enum tern_status tern_session_open(const struct tern_cli_options *options, const char *device, uint32_t capacity,
                                   tern_tap tap, void *tap_context, struct tern_error *error,
                                   struct tern_session *session);
void tern_session_close(struct tern_session *session);

// Drafting as the options ask for it, if they do.
enum tern_status tern_cli_draft(const struct tern_cli_options *options, struct tern_generator *generator,
                                struct tern_error *error);

// MODEL/tokenizer.json.
enum tern_status tern_cli_tokenizer(const char *directory, struct tern_error *error, struct tern_tokenizer **tokenizer);

#endif
