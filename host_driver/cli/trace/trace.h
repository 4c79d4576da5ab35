// SPDX-License-Identifier: Apache-2.0
// `--trace FILE`: what the devices of a run did in each cycle, in the Trace Event Format that Perfetto and Chrome show.
// docs/looking.md lists the events.
#ifndef TERN_HOST_DRIVER_CLI_TRACE_TRACE_H
#define TERN_HOST_DRIVER_CLI_TRACE_TRACE_H

#include "host_driver/cli/options.h"
#include "host_driver/runner/runner.h"
#include "host_driver/system/write_file.h"

// Activities of a unit that no command has taken yet, in their order.
struct tern_cli_trace_queue {
    struct tern_activity *items; // [capacity]
    size_t first, end, capacity;
};

struct tern_cli_trace_device {
    struct tern_cli_trace *trace; // NULL: the device is not in the file
    struct tern_device *device;
    const char *label; // its name, or the option --on that names its layers
    uint32_t process;  // of the file: 1 + its number; viewers keep 0 for themselves
    bool is_begun;     // the window of the options
    bool is_ended;
    uint64_t commands; // written
    bool has_commands;
    uint64_t time; // the end of the last command, or of the last activity before the first one; 0: none yet
    struct tern_cli_trace_queue queues[TERN_PARTS];
    // Of the layer under way:
    bool has_layer;
    int32_t layer;
    uint32_t position;
    uint64_t layer_start;
};

#define TERN_CLI_TRACE_DEVICES (TERN_RUNNER_DEVICES + 7) // tern compare has seven runs with a device each, and one more

struct tern_cli_trace {
    struct tern_replacement out;
    const struct tern_cli_options *options;
    bool has_events, lacks_memory;
    struct tern_cli_trace_device devices[TERN_CLI_TRACE_DEVICES]; // [count]
    uint32_t count;
};

// Takes the devices of a runner: [tern_runner_devices()] of the trace, in their order. Before the trace is opened. The
// options must outlive the trace.
struct tern_cli_trace_device *tern_cli_trace_add(struct tern_cli_trace *trace, const struct tern_cli_options *options,
                                                 const struct tern_runner *runner);
// Begins the file of options->trace with the devices that count cycles; UNSUPPORTED when none does.
enum tern_status tern_cli_trace_open(struct tern_cli_trace *trace, const struct tern_cli_options *options,
                                     struct tern_error *error);
// Adds a command, in the order of the completions, if it is in the window of the options. sent: where it came from.
void tern_cli_trace_command(struct tern_cli_trace_device *device, const struct tern_sent *sent,
                            const struct tern_command_profile *profile);
// BAD_ARGUMENT when the first command of the window has not come yet.
enum tern_status tern_cli_trace_check(const struct tern_cli_trace *trace, struct tern_error *error);
// Ends the file, which is complete JSON also after a run that was interrupted. Without `is_kept` there is none.
enum tern_status tern_cli_trace_close(struct tern_cli_trace *trace, bool is_kept, struct tern_error *error);

#endif
