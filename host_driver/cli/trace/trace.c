// SPDX-License-Identifier: Apache-2.0
// The times of commands and units are those of the profile (host_driver/device/profile.h). Sleeps of the core, copies
// of the DMA engine and beats of memory are what the device reports as activities. An activity of a unit belongs to the
// unit's next command that ends after it.
#include "host_driver/cli/trace/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/trace/operations.h"

// Lines of a viewer, from the top. A part's track is TRACK_CORE + its number, a unit's is that of its part.
enum { TRACK_LAYERS = 1, TRACK_COMMANDS, TRACK_CORE, TRACK_DMA, TRACK_MATMUL, TRACK_VECTOR, TRACK_ATTENTION, TRACKS };

static const char *const track_names[TRACKS] = {
    [TRACK_LAYERS] = "layers", [TRACK_COMMANDS] = "commands", [TRACK_CORE] = "core",          [TRACK_DMA] = "dma",
    [TRACK_MATMUL] = "matmul", [TRACK_VECTOR] = "vector",     [TRACK_ATTENTION] = "attention"};

// ---- events

__attribute__((format(printf, 2, 3))) static void put(struct tern_cli_trace *trace, const char *format, ...) {
    va_list values;
    va_start(values, format);
    fputs(trace->has_events ? ",\n" : "", trace->out.file);
    vfprintf(trace->out.file, format, values);
    va_end(values);
    trace->has_events = true;
}

// A span with `args`, the members of a JSON object.
__attribute__((format(printf, 7, 8))) static void put_span(const struct tern_cli_trace_device *device, int track,
                                                           const char *category, const char *name, uint64_t begin,
                                                           uint64_t end, const char *args, ...) {
    FILE *file = device->trace->out.file;
    va_list values;
    va_start(values, args);
    put(device->trace,
        "{\"ph\":\"X\",\"pid\":%u,\"tid\":%d,\"ts\":%" PRIu64 ",\"dur\":%" PRIu64
        ",\"cat\":\"%s\",\"name\":\"%s\",\"args\":{",
        device->process, track, begin, end - begin, category, name);
    vfprintf(file, args, values);
    fputs("}}", file);
    va_end(values);
}

static void put_beats(const struct tern_cli_trace_device *device, const struct tern_activity *activity) {
    const double cycles = (double)(activity->end - activity->begin);
    const char *name = track_names[TRACK_CORE + activity->part];
    put(device->trace,
        "{\"ph\":\"C\",\"pid\":%u,\"ts\":%" PRIu64 ",\"name\":\"beats a cycle, %s\",\"args\":{\"read\":%.3f,"
        "\"written\":%.3f}}",
        device->process, activity->begin, name, (double)activity->read_beats / cycles,
        (double)activity->written_beats / cycles);
    put(device->trace,
        "{\"ph\":\"C\",\"pid\":%u,\"ts\":%" PRIu64
        ",\"name\":\"beats a cycle, %s\",\"args\":{\"read\":0,\"written\":0}}",
        device->process, activity->end, name);
}

// ---- activities

static void push(struct tern_cli_trace_queue *queue, const struct tern_activity *activity, bool *lacks_memory) {
    if (queue->end == queue->capacity) {
        const size_t capacity = queue->capacity ? 2 * queue->capacity : 64;
        struct tern_activity *grown = realloc(queue->items, capacity * sizeof *grown);
        if (!grown) {
            *lacks_memory = true;
            return;
        }
        queue->items = grown;
        queue->capacity = capacity;
    }
    queue->items[queue->end++] = *activity;
}

// A tern_activity_receiver of a device. An activity is written when a command shows whether it is in the window.
static void take_activity(void *context, const struct tern_activity *activity) {
    struct tern_cli_trace_device *device = context;
    if (activity->begin == activity->end || device->is_ended) {
        return;
    }
    if (!device->has_commands) {
        device->time = activity->end; // the commands have low words of times only
    }
    push(&device->queues[activity->part], activity, &device->trace->lacks_memory);
}

static void put_activity(const struct tern_cli_trace_device *device, const struct tern_activity *activity) {
    if (activity->part == TERN_PART_CORE) {
        put_span(device, TRACK_CORE, "sleep", "sleep", activity->begin, activity->end, "%s", "");
        return;
    }
    put_beats(device, activity);
    if (activity->part == TERN_PART_DMA) {
        put_span(device, TRACK_DMA, "dma", "copy", activity->begin, activity->end,
                 "\"read_beats\":%" PRIu64 ",\"written_beats\":%" PRIu64, activity->read_beats,
                 activity->written_beats);
    }
}

// Takes the activities of a part that began before `end`. Returns the sums.
static struct tern_activity take_beats(struct tern_cli_trace_device *device, uint32_t part, bool is_written,
                                       uint64_t end) {
    struct tern_cli_trace_queue *queue = &device->queues[part];
    struct tern_activity sum = {.read_beats = 0};
    while (queue->first < queue->end && queue->items[queue->first].begin < end) {
        const struct tern_activity *activity = &queue->items[queue->first++];
        sum.read_beats += activity->read_beats;
        sum.written_beats += activity->written_beats;
        if (is_written) {
            put_activity(device, activity);
        }
    }
    if (queue->first == queue->end) {
        queue->first = queue->end = 0;
    }
    return sum;
}

// ---- commands

static void end_layer(struct tern_cli_trace_device *device, uint64_t end) {
    char name[24];
    if (!device->has_layer) {
        return;
    }
    snprintf(name, sizeof name, device->layer < 0 ? "after layers" : "layer %d", device->layer);
    put_span(device, TRACK_LAYERS, "layer", name, device->layer_start, end, "\"position\":%u", device->position);
    device->has_layer = false;
}

static void enter_layer(struct tern_cli_trace_device *device, const struct tern_sent *sent, uint64_t start) {
    if (device->has_layer && device->layer == sent->layer && device->position == sent->position) {
        return;
    }
    end_layer(device, start);
    device->has_layer = true;
    device->layer = sent->layer;
    device->position = sent->position;
    device->layer_start = start;
}

// The times of a command in all their bits.
struct times {
    uint64_t start, end;       // `end` is the start of the next command
    uint64_t begun, ran, seen; // of the run: its begin, its end, and when the core saw that
};

// The word near a time.
static uint64_t near(uint64_t time, uint32_t word) {
    return time + (uint64_t)(int64_t)(int32_t)(word - (uint32_t)time);
}

static uint64_t run_cycles(const struct tern_command_profile *profile) {
    return (uint64_t)profile->busy + profile->starved + profile->blocked + profile->other;
}

static struct times times_of(struct tern_cli_trace_device *device, const struct tern_command_profile *profile) {
    const uint64_t start = device->time ? near(device->time, profile->start) : profile->start;
    const uint64_t begun = near(start, profile->begun), run = run_cycles(profile);
    device->has_commands = true;
    device->time = start + run + profile->core - profile->beside;
    return (struct times){start, device->time, begun, begun + run, near(start, profile->ended)};
}

// The run of the unit, and in it what the cycles were. Their lengths are counted, their order is not.
static void put_run(const struct tern_cli_trace_device *device, const struct tern_command_profile *profile,
                    const struct times *times, const char *stage) {
    const struct {
        const char *name;
        uint32_t cycles;
    } parts[] = {{"other", profile->other},
                 {"starved", profile->starved},
                 {"busy", profile->busy},
                 {"blocked", profile->blocked}};
    const int track = profile->unit == TERN_PROFILE_CORE ? TRACK_CORE : TRACK_MATMUL + profile->unit - 1;
    uint64_t at = times->begun;
    if (times->begun == times->ran) {
        return; // a refused command
    }
    put_span(device, track, "run", stage, times->begun, times->ran, "\"command\":%u", profile->sequence);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].cycles) {
            put_span(device, track, "part", parts[i].name, at, at + parts[i].cycles, "%s", "");
        }
        at += parts[i].cycles;
    }
}

// Where the command waited for the core: before its run and after it.
static void put_waits(const struct tern_cli_trace_device *device, const struct times *times) {
    const uint64_t begun = times->begun < times->start ? times->start : times->begun;
    const uint64_t ran = times->ran < times->start ? times->start : times->ran;
    if (begun > times->start) {
        put_span(device, TRACK_COMMANDS, "wait", "core", times->start, begun, "%s", "");
    }
    if (times->end > ran) {
        put_span(device, TRACK_COMMANDS, "wait", "core", ran, times->end, "%s", "");
    }
}

static const char *stage_of(const struct tern_sent *sent) {
    return sent->name ? sent->name : "other";
}

// Whether a command is in the window, which may begin with it.
static bool enter_window(struct tern_cli_trace_device *device, uint32_t number, const struct tern_sent *sent) {
    device->is_begun = device->is_begun ||
                       tern_runner_is_named(device->trace->options->trace_from, number, sent->layer, stage_of(sent));
    return device->is_begun;
}

// The activities up to the end of a command. Returns the beats of its unit.
static struct tern_activity take_activities(struct tern_cli_trace_device *device,
                                            const struct tern_command_profile *profile, const struct times *times,
                                            bool is_written) {
    take_beats(device, TERN_PART_CORE, is_written, times->end);
    take_beats(device, TERN_PART_DMA, is_written, times->end);
    return profile->unit == TERN_PROFILE_CORE
               ? (struct tern_activity){.read_beats = 0}
               : take_beats(device, TERN_PART_DMA + profile->unit, is_written, times->seen);
}

static void put_command(const struct tern_cli_trace_device *device, const struct tern_sent *sent,
                        const struct tern_command_profile *profile, const struct times *times,
                        const struct tern_activity *beats) {
    const char *stage = stage_of(sent);
    put_span(device, TRACK_COMMANDS, "command", stage, times->start, times->end,
             "\"command\":%u,\"opcode\":\"%s\",\"unit\":\"%s\",\"layer\":%d,\"position\":%u,\"busy\":%u,\"starved\":%u,"
             "\"blocked\":%u,\"other\":%u,\"core\":%u,\"beside\":%d,\"operations\":%" PRIu64 ",\"read_beats\":%" PRIu64
             ",\"written_beats\":%" PRIu64,
             profile->sequence, tern_opcode_name(sent->command.header.opcode & ~TERN_COMMAND_BESIDE),
             tern_profile_unit_name(profile->unit), sent->layer, sent->position, profile->busy, profile->starved,
             profile->blocked, profile->other, profile->core, -(int)profile->beside,
             tern_cli_operations(&sent->command), beats->read_beats, beats->written_beats);
    put_waits(device, times);
    put_run(device, profile, times, stage);
}

void tern_cli_trace_command(struct tern_cli_trace_device *device, const struct tern_sent *sent,
                            const struct tern_command_profile *profile) {
    if (!device->trace || device->is_ended) {
        return;
    }
    const struct times times = times_of(device, profile);
    const bool is_written = enter_window(device, profile->sequence, sent);
    const struct tern_activity beats = take_activities(device, profile, &times, is_written);
    if (!is_written) {
        return;
    }
    enter_layer(device, sent, times.start);
    put_command(device, sent, profile, &times, &beats);
    if (++device->commands == device->trace->options->trace_commands) {
        end_layer(device, device->time);
        device->is_ended = true;
    }
}

// ---- the file

// The name of a process or of a track.
static void put_name(const struct tern_cli_trace_device *device, const char *what, int track, const char *name) {
    put(device->trace, "{\"ph\":\"M\",\"pid\":%u,\"tid\":%d,\"name\":\"%s_name\",\"args\":{\"name\":\"%s\"}}",
        device->process, track, what, name);
    put(device->trace, "{\"ph\":\"M\",\"pid\":%u,\"tid\":%d,\"name\":\"%s_sort_index\",\"args\":{\"sort_index\":%d}}",
        device->process, track, what, track ? track : (int)device->process);
}

// What a reader needs to know of a device: the limits of its memory and of its units.
static enum tern_status put_hardware(FILE *file, const struct tern_cli_trace_device *device, struct tern_error *error) {
    uint32_t hardware;
    TERN_TRY(tern_device_register(device->device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE, error, &hardware));
    fprintf(file, "{\"pid\":%u,\"device\":\"%s\",\"beat_bytes\":%u,\"operations_a_cycle\":{", device->process,
            device->label, tern_device_beat_bytes(device->device));
    for (unsigned unit = TERN_PROFILE_MATMUL; unit < TERN_PROFILE_UNITS; unit++) {
        fprintf(file, "%s\"%s\":%u", unit == TERN_PROFILE_MATMUL ? "" : ",",
                tern_profile_unit_name((enum tern_profile_unit)unit),
                tern_cli_most_operations((enum tern_profile_unit)unit, hardware));
    }
    fputs("}}", file);
    return TERN_STATUS_OK;
}

static enum tern_status put_head(struct tern_cli_trace *trace, struct tern_error *error) {
    FILE *file = trace->out.file;
    const char *before = "";
    fprintf(
        file,
        "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"program\":\"tern %s\",\"clock\":\"ts and dur are cycles of the "
        "device; a viewer shows one as 1 us\",\"devices\":[",
        TERN_VERSION);
    for (uint32_t i = 0; i < trace->count; i++) {
        if (trace->devices[i].trace) {
            fputs(before, file);
            TERN_TRY(put_hardware(file, &trace->devices[i], error));
            before = ",";
        }
    }
    fputs("]},\"traceEvents\":[\n", file);
    return TERN_STATUS_OK;
}

static void begin_device(struct tern_cli_trace_device *device) {
    put_name(device, "process", 0, device->label);
    for (int track = TRACK_LAYERS; track < TRACKS; track++) {
        put_name(device, "thread", track, track_names[track]);
    }
    tern_device_observe(device->device, take_activity, device);
}

struct tern_cli_trace_device *tern_cli_trace_add(struct tern_cli_trace *trace, const struct tern_cli_options *options,
                                                 const struct tern_runner *runner) {
    struct tern_cli_trace_device *added = &trace->devices[trace->count];
    for (uint32_t i = 0; i < tern_runner_devices(runner); i++) {
        struct tern_device *device = tern_runner_part_of(runner, i).device;
        added[i] = (struct tern_cli_trace_device){.trace = tern_device_has_clock(device) ? trace : NULL,
                                                  .device = device,
                                                  .label = i == 0 ? tern_device_name(device) : options->on[i - 1],
                                                  .process = ++trace->count,
                                                  .is_begun = !options->trace_from};
    }
    return added;
}

enum tern_status tern_cli_trace_open(struct tern_cli_trace *trace, const struct tern_cli_options *options,
                                     struct tern_error *error) {
    bool has_clock = false;
    trace->options = options;
    for (uint32_t i = 0; i < trace->count; i++) {
        has_clock = has_clock || trace->devices[i].trace;
    }
    if (!has_clock) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: counts no cycles, so there is no trace",
                              trace->devices[0].label);
    }
    TERN_TRY(tern_replacement_open(options->trace, error, &trace->out));
    TERN_TRY(put_head(trace, error));
    for (uint32_t i = 0; i < trace->count; i++) {
        if (trace->devices[i].trace) {
            begin_device(&trace->devices[i]);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_trace_check(const struct tern_cli_trace *trace, struct tern_error *error) {
    bool is_begun = !trace->out.file;
    for (uint32_t i = 0; i < trace->count; i++) {
        is_begun = is_begun || (trace->devices[i].trace && trace->devices[i].is_begun);
    }
    return is_begun ? TERN_STATUS_OK
                    : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                     "--trace-from %.80s: no such command ran on a device with a clock",
                                     trace->options->trace_from);
}

static void end_device(struct tern_cli_trace_device *device) {
    if (device->trace) {
        tern_device_observe(device->device, NULL, NULL);
        end_layer(device, device->time);
    }
    for (uint32_t part = 0; part < TERN_PARTS; part++) {
        take_beats(device, part, device->is_begun && !device->is_ended, UINT64_MAX);
        free(device->queues[part].items);
    }
    *device = (struct tern_cli_trace_device){0};
}

enum tern_status tern_cli_trace_close(struct tern_cli_trace *trace, bool is_kept, struct tern_error *error) {
    if (!trace->out.file) {
        return TERN_STATUS_OK;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        end_device(&trace->devices[i]);
    }
    fputs("\n]}\n", trace->out.file);
    const bool is_whole = !trace->lacks_memory;
    TERN_TRY(tern_replacement_close(&trace->out, is_kept && is_whole, error));
    return is_whole || !is_kept ? TERN_STATUS_OK
                                : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a trace");
}
