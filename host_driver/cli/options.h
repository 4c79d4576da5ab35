// SPDX-License-Identifier: Apache-2.0
// The command line of every subcommand, read by one parser against the subcommand's own usage text.
#ifndef TERN_HOST_DRIVER_CLI_OPTIONS_H
#define TERN_HOST_DRIVER_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "host_driver/cli/cli.h"
#include "host_driver/generate/sampler.h"

#define TERN_NO_LAYER UINT64_MAX
#define TERN_CLI_ON 7 // largest number of options --on
#define TERN_CLI_STOPS 16
#define TERN_CLI_RULES 80 // room for options of all subcommands
// The lines of a usage text about --lanes, --vectors and --verilated.
#define TERN_CLI_VARIANT_HELP                                                                                          \
    "  --lanes N, --vectors M   rtl, vp: N lanes (16 bytes of the bus each) and M vectors in a stream of the "         \
    "weights,\n"                                                                                                       \
    "                1, 2 or 4 of each (default 1 and 1); that of rtl is built by tools/build --lanes N --vectors M\n" \
    "  --verilated UNITS   vp: matmul, vector, attention, with commas between, are the Verilog in place of the "       \
    "model\n"
// The lines of a usage text about the window of --trace.
#define TERN_CLI_TRACE_HELP                                                                                            \
    "  --trace-from COMMAND     from this command on, such as 3.down_proj (layer 3),\n"                                \
    "                down_proj or a number of a trace\n"                                                               \
    "  --trace-commands N       so many commands of it (default: to the end)\n"
// The lines of a usage text about --waves and its window.
#define TERN_CLI_WAVES_HELP                                                                                            \
    "  --waves FILE  rtl: FST waveform of the whole SoC (tools/build waves)\n"                                         \
    "  --waves-from COMMAND     from this command on, such as 3.down_proj (layer 3), down_proj or a number of "        \
    "--trace\n"                                                                                                        \
    "  --waves-cycles N         so many cycles of it (default: to the end)\n"
// The line of a usage text about --memory.
#define TERN_CLI_MEMORY_HELP "  --memory NAME  rtl: litedram, behind the controller of board ecpix5 (docs/rtl.md)\n"
#define TERN_SHARD_BYTES 5000000000u // default of --shard-bytes

struct tern_cli_options {
    const char *command;         // subcommand, for messages
    const char *operand[2];      // in the order of the usage text; NULL: not given. `out` is also the operand OUT.
    const char *device;          // see tern_cli_device
    const char *devices;         // compare: "model,rtl"
    const char *on[TERN_CLI_ON]; // [on_count]: host_driver/cli/placement.h
    size_t on_count;
    const char *stop[TERN_CLI_STOPS]; // [stop_count]
    size_t stop_count;
    const char *save_state, *resume; // files
    const char *prompt, *prompt_file, *bos, *system, *template, *tokens, *out, *taps, *source, *dtype, *verilated;
    const char *memory;                                  // of device rtl
    const char *html;                                    // compare
    const char *trace, *trace_from, *waves, *waves_from; // trace.h, session.h
    uint64_t positions;                                  // fed to a single layer
    uint64_t threads;                                    // of the host, 0: see tern_cli_threads
    uint64_t depth, draft_depth, draft_tokens, max_tokens, context, seed, layer, memory_bytes, latency, bandwidth;
    uint64_t stall_seed, lanes, vectors, shard_bytes, trace_commands, waves_cycles;
    uint64_t top_k;                                // UINT64_MAX: not given
    double temperature, top_p, repetition_penalty; // below 0: not given
    bool stages, stops;                            // compare
    bool json, strict, no_checksums, profile, show_prompt, allow_stale, no_clock;
    const char *bitstream; // doctor: hash of its sources
    struct {
        const char *model, *lanes, *vectors, *ways, *attention, *clock, *bandwidth, *latency, *context, *prompt,
            *devices;
        const char *svg;
    } lists;                    // explore; texts that host_driver/cli/axis.h reads
    bool given[TERN_CLI_RULES]; // see tern_cli_is_given
};

// Parses argv against the usage text. The first line of `usage` gives the operands ("MODEL", "[MODEL]"). An option that
// `usage` does not name is refused. The help is `usage` and the list of devices. Members that are not given keep their
// value. "--NAME LIST" in `usage` takes a text, also where NAME takes a number elsewhere. A value that is wrong for
// every model and device is wrong usage. Returns -1 to go on, else an exit code.
int tern_cli_parse(int argc, char **argv, const char *usage, struct tern_cli_options *options);

// Whether the command line has option `name`, such as "seed".
bool tern_cli_is_given(const struct tern_cli_options *options, const char *name);

// Prints "tern COMMAND: WHAT" and where the help is on stderr, and gives TERN_EXIT_USAGE.
int tern_cli_misused(const char *command, const char *what);

// Says that there is no device of this name, and gives TERN_EXIT_USAGE; -1 when there is one.
int tern_cli_check_device(const char *command, const char *name);

// --device, else the first device of the table.
const char *tern_cli_device(const struct tern_cli_options *options);

// --threads, else the number of processors.
unsigned tern_cli_threads(const struct tern_cli_options *options);

// "1,2,3" to ids; release *ids with free(). BAD_ARGUMENT for any other text.
enum tern_status tern_cli_ids(const char *text, struct tern_error *error, uint32_t **ids, size_t *count);

// Replaces the members of *sampling that the options give. BAD_ARGUMENT for top-k or top-p at temperature 0.
enum tern_status tern_cli_sampling(const struct tern_cli_options *options, struct tern_error *error,
                                   struct tern_sampling *sampling);

#endif
