// SPDX-License-Identifier: Apache-2.0
// What the commands that run a model share: options, opening model and device together.
#ifndef TERN_HOST_DRIVER_CLI_GENERATE_H
#define TERN_HOST_DRIVER_CLI_GENERATE_H

#include <getopt.h>

#include "host_driver/cli/cli.h"
#include "host_driver/generate/sampler.h"
#include "host_driver/runner/runner.h"
#include "host_driver/text/tokenizer.h"

#define TERN_NO_LAYER UINT64_MAX

struct tern_cli_options {
    const char *command; // subcommand, for messages
    const char *device;  // "model", "rtl"
    const char *devices; // compare: "model,rtl"
    const char *prompt, *system, *tokens, *out, *taps, *trace;
    uint64_t positions; // of a single layer
    uint64_t threads;   // of the host, 0: as many as there are processors
    uint64_t depth, draft_depth, draft_tokens, max_tokens, context, seed, layer, memory_bytes, latency, bandwidth;
    uint64_t stall_seed;
    uint64_t top_k;                                // UINT64_MAX: not given
    double temperature, top_p, repetition_penalty; // below 0: not given
    int json;
    const char *model; // first operand
};

// Parses argv against the usage text; an option the text does not name is refused. Gives -1 to go on, else an exit
// code.
int tern_cli_parse(int argc, char **argv, const char *usage, struct tern_cli_options *options);

// "tern COMMAND: WHAT" and the usage on stderr; gives TERN_EXIT_USAGE.
int tern_cli_misused(const char *command, const char *usage, const char *what);

// --threads of them, and the kernel that the environment variable TERN_KERNEL names (exact, avx2, avx512), else the
// best there is. The caller destroys the pool.
enum tern_status tern_cli_engine(const struct tern_cli_options *options, struct tern_error *error,
                                 struct tern_engine *engine);

// The simulated device the options describe.
struct tern_backend_config tern_cli_backend(const struct tern_cli_options *options);

// Model, device and runner opened and closed together.
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

// MODEL/tokenizer.json.
enum tern_status tern_cli_tokenizer(const char *directory, struct tern_error *error, struct tern_tokenizer **tokenizer);

// "1,2,3" to ids; *ids is freed by the caller.
enum tern_status tern_cli_ids(const char *text, struct tern_error *error, uint32_t **ids, size_t *count);

// Lays what the options say over *sampling.
enum tern_status tern_cli_sampling(const struct tern_cli_options *options, struct tern_error *error,
                                   struct tern_sampling *sampling);

// Seconds since some fixed point, for rates.
double tern_cli_seconds(void);

#endif
