// SPDX-License-Identifier: Apache-2.0
// What the commands that run a model share: options, opening model and device together, sampling.
#ifndef TERN_HOST_DRIVER_CLI_GENERATE_H
#define TERN_HOST_DRIVER_CLI_GENERATE_H

#include <getopt.h>

#include "host_driver/cli/cli.h"
#include "host_driver/runner/runner.h"

struct tern_cli_options {
    const char *command;       // subcommand, for messages
    const char *device;        // "model", "rtl"
    const char *devices;       // compare: "model,rtl"
    const char *prompt, *tokens, *out;
    uint64_t depth, max_tokens, seed, layer, memory_bytes, latency, bandwidth, stall_seed;
    double temperature;
    int json;
    const char *model;         // first operand
};

// Parses argv against the usage text; an option the text does not name is refused. Gives -1 to go on, else an exit code.
int tern_cli_parse(int argc, char **argv, const char *usage, struct tern_cli_options *options);

// The simulated device the options describe.
struct tern_backend_config tern_cli_backend(const struct tern_cli_options *options);

// Model, device and runner opened and closed together.
struct tern_session {
    struct tern_model *model;
    struct tern_device *device;
    struct tern_runner *runner;
};

enum tern_status tern_session_open(const struct tern_cli_options *options, const char *device, uint32_t capacity,
                                   tern_tap tap, void *tap_context, struct tern_error *error,
                                   struct tern_session *session);
void tern_session_close(struct tern_session *session);

// "1,2,3" to ids; *ids is freed by the caller.
enum tern_status tern_cli_ids(const char *text, struct tern_error *error, uint32_t **ids, size_t *count);

// Greedy at temperature 0 (the lowest id among equals), else one draw; *state is the generator's, seeded by the caller.
uint32_t tern_sample(const float *logits, uint32_t count, double temperature, uint64_t *state);

// Seconds since some fixed point, for rates.
double tern_cli_seconds(void);

#endif
