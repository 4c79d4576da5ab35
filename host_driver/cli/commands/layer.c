// SPDX-License-Identifier: Apache-2.0
// tern layer: the results of every stage of one layer, and where its cycles went. The layer runs twice. The first run
// is as always, its commands one after the other, and counts cycles. The second waits after each stage and reads
// results.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/crc32c.h"
#include "host_driver/cli/feed.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/profile.h"
#include "host_driver/cli/terminal/wrap.h"
#include "host_driver/formats/npy.h"
#include "host_driver/system/write_file.h"

static const char usage[] =
    "usage: tern layer MODEL --layer I [--device NAME] [--on DEVICE:LAYERS] [--depth D] [--context P]\n"
    "                  [--positions N] [--seed S] [--out FILE.npy] [--json] [--device-memory BYTES]\n"
    "                  [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED] [--lanes N] [--vectors M]\n"
    "                  [--memory NAME] [--verilated UNITS] [--threads N] [--trace FILE] [--trace-from COMMAND]\n"
    "                  [--trace-commands N] [--waves FILE] [--waves-from COMMAND] [--waves-cycles N]\n"
    "Runs one layer on N hidden states (default 1) made from a seed, at positions P to P+N-1: a line a stage\n"
    "with the CRC-32C of its result and its first values (of an image the exponent). Where the device counts\n"
    "cycles, a line a stage says where they went: the unit was busy, starved (waited for memory), blocked\n"
    "(waited for room) or did other things, or waited for the core. What ran beside the command before is taken off.\n"
    "  --on DEVICE:LAYERS  these layers on another device, such as rtl:0,3,5-7\n"
    "  --context P   positions before them (default 0), whose keys and values are made from the seed too;\n"
    "                limit_cycles: beats of weights and cache, a cycle each\n"
    "  --latency CYCLES  rtl: of its memory (default 60)\n" TERN_CLI_MEMORY_HELP TERN_CLI_VARIANT_HELP
    "  --out FILE    hidden states after the layer, float32 [N][hidden]\n"
    "  --trace FILE  rtl, vp: what commands, units and memory did in each cycle, for Perfetto and "
    "tools/report\n" TERN_CLI_TRACE_HELP TERN_CLI_WAVES_HELP "  --json        the same as one object\n";

// Hidden states after the layer: f32 [rows][columns].
struct states {
    float *values;
    size_t rows, columns;
};

struct layer {
    const struct tern_cli_options *options;
    struct tern_cli_feed feed; // of the run that is under way
    bool has_clock;
    struct tern_cli_trace trace;     // of the timed run
    struct tern_cli_profile profile; // of the same
    struct tern_counters counters;   // growth in the first run
    uint64_t limit_cycles;
    struct states timed, hidden; // of the timed run and of the other one
    cJSON *root, *results;       // NULL without --json
    char figures[512];           // the last line without it
};

static void print_result(const struct tern_stage *stage, uint32_t crc, const void *data) {
    float first[2];
    int16_t mantissas[2];
    int32_t exponent;
    printf("%8u %-18s %4u x %-6u %08x", stage->position, stage->name, stage->rows,
           stage->is_f32 ? stage->row_bytes / 4 : stage->row_bytes, crc);
    if (stage->is_f32) {
        memcpy(first, data, sizeof first);
        printf(" %13.7g %13.7g\n", (double)first[0], (double)first[1]);
    } else if (stage->opcode == TERN_OPCODE_STORE) {
        memcpy(mantissas, data, sizeof mantissas);
        printf(" %13d %13d\n", mantissas[0], mantissas[1]);
    } else {
        memcpy(&exponent, data, sizeof exponent);
        printf(" %13d\n", exponent);
    }
    fflush(stdout);
}

static void add_result(cJSON *results, const struct tern_stage *stage, uint32_t crc) {
    char text[16];
    cJSON *object = cJSON_CreateObject();
    snprintf(text, sizeof text, "%08x", crc);
    cJSON_AddNumberToObject(object, "position", stage->position);
    cJSON_AddStringToObject(object, "stage", stage->name);
    cJSON_AddNumberToObject(object, "rows", stage->rows);
    cJSON_AddNumberToObject(object, "row_bytes", stage->row_bytes);
    cJSON_AddStringToObject(object, "crc32c", text);
    cJSON_AddItemToArray(results, object);
}

static enum tern_status show_result(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                    struct tern_error *error) {
    struct layer *layer = context;
    uint32_t crc = tern_crc32c(data, bytes);
    if (layer->results) {
        add_result(layer->results, stage, crc);
        return TERN_STATUS_OK;
    }
    tern_cli_feed_clear(&layer->feed);
    print_result(stage, crc, data);
    return tern_cli_flush(error);
}

static enum tern_status keep(struct states *states, const void *data, size_t bytes, struct tern_error *error) {
    float *grown = realloc(states->values, (states->rows + 1) * bytes);
    if (!grown) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu hidden states",
                              states->rows + 1);
    }
    states->values = grown;
    states->columns = bytes / sizeof *grown;
    memcpy(grown + states->rows++ * states->columns, data, bytes);
    return TERN_STATUS_OK;
}

static enum tern_status keep_timed(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error) {
    (void)stage;
    return keep(&((struct layer *)context)->timed, data, bytes, error);
}

static enum tern_status keep_hidden(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                    struct tern_error *error) {
    (void)stage;
    return keep(&((struct layer *)context)->hidden, data, bytes, error);
}

static enum tern_status open_feed(struct layer *layer, const struct tern_cli_options *options, tern_tap tap,
                                  tern_tap output, struct tern_error *error) {
    layer->feed = (struct tern_cli_feed){
        .options = options, .device = tern_cli_device(options), .tap = tap, .output = output, .context = layer};
    TERN_TRY(tern_cli_feed_open(&layer->feed, error));
    return options->layer < tern_model_config(layer->feed.session.model)->layers
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s has no layer %" PRIu64 ", its last one is %u",
                                options->operand[0], options->layer,
                                tern_model_config(layer->feed.session.model)->layers - 1);
}

// The device that runs the layer.
static uint32_t number_of(const struct layer *layer) {
    return tern_runner_device_of(layer->feed.session.runner, (uint32_t)layer->options->layer);
}

static struct tern_device *device_of(const struct layer *layer) {
    return tern_runner_part_of(layer->feed.session.runner, number_of(layer)).device;
}

// The cycles of a device that moves a beat of weights or cache in each.
static uint64_t limit_cycles(const struct layer *layer, uint64_t weight_bytes) {
    const struct tern_runner *runner = layer->feed.session.runner;
    const uint32_t beat_bytes = tern_device_beat_bytes(device_of(layer));
    uint64_t bytes = tern_runner_weight_bytes(runner) - weight_bytes;
    for (uint64_t i = 0; i < layer->options->positions; i++) {
        bytes += tern_runner_cache_bytes(runner, (uint32_t)(layer->options->context + i));
    }
    return (bytes + beat_bytes - 1) / beat_bytes;
}

// Runs the layer and counts.
static enum tern_status run_counted(struct layer *layer, struct tern_error *error) {
    const struct tern_session *session = &layer->feed.session;
    const uint64_t weight_bytes = tern_runner_weight_bytes(session->runner);
    struct tern_counters before, after;
    TERN_TRY(tern_device_counters(device_of(layer), error, &before));
    TERN_TRY(tern_cli_feed_run(&layer->feed, error));
    TERN_TRY(tern_device_counters(device_of(layer), error, &after));
    layer->limit_cycles = limit_cycles(layer, weight_bytes);
    layer->counters = (struct tern_counters){.matmul_cycles = after.matmul_cycles - before.matmul_cycles,
                                             .beats_taken = after.beats_taken - before.beats_taken,
                                             .beats_offered = after.beats_offered - before.beats_offered,
                                             .starved_cycles = after.starved_cycles - before.starved_cycles,
                                             .stalled_cycles = after.stalled_cycles - before.stalled_cycles,
                                             .dma_cycles = after.dma_cycles - before.dma_cycles,
                                             .dma_beats = after.dma_beats - before.dma_beats};
    return TERN_STATUS_OK;
}

// The trace of a run that was interrupted is kept.
static enum tern_status end_trace(struct layer *layer, enum tern_status run, struct tern_error *error) {
    run = run == TERN_STATUS_OK ? tern_cli_trace_check(&layer->trace, error) : run;
    const bool is_kept = run == TERN_STATUS_OK || run == TERN_STATUS_INTERRUPTED;
    const enum tern_status ended = tern_cli_trace_close(&layer->trace, is_kept, is_kept ? error : NULL);
    return is_kept && ended != TERN_STATUS_OK ? ended : run;
}

// The run without taps. A device without a clock has none.
static enum tern_status run_timed(struct layer *layer, struct tern_error *error) {
    TERN_TRY(open_feed(layer, layer->options, NULL, keep_timed, error));
    layer->has_clock = tern_device_has_clock(device_of(layer));
    if (layer->options->trace) {
        layer->profile.traced =
            tern_cli_trace_add(&layer->trace, layer->options, layer->feed.session.runner) + number_of(layer);
        TERN_TRY(tern_cli_trace_open(&layer->trace, layer->options, error));
        tern_cli_catch_interrupt("layer", NULL);
    }
    if (layer->has_clock) {
        TERN_TRY(tern_cli_profile_begin(&layer->profile, layer->feed.session.runner, number_of(layer), error));
        TERN_TRY(end_trace(layer, run_counted(layer, error), error));
        TERN_TRY(tern_runner_check_waves(layer->feed.session.runner, error));
    } else {
        fprintf(stderr, "%s: counts no cycles, so there is no profile\n", tern_device_name(device_of(layer)));
    }
    tern_cli_feed_close(&layer->feed);
    return TERN_STATUS_OK;
}

static void begin_results(struct layer *layer) {
    const struct tern_cli_options *options = layer->options;
    if (!options->json) {
        printf("%8s %-18s %13s %8s %13s\n", "position", "stage", "values", "CRC-32C", "first");
        return;
    }
    layer->root = cJSON_CreateObject();
    cJSON_AddNumberToObject(layer->root, "layer", (double)options->layer);
    cJSON_AddStringToObject(layer->root, "device", tern_device_name(device_of(layer)));
    cJSON_AddNumberToObject(layer->root, "context", (double)options->context);
    cJSON_AddNumberToObject(layer->root, "positions", (double)options->positions);
    layer->results = cJSON_AddArrayToObject(layer->root, "results");
}

// The run with taps. Its hidden states must be those of the timed run. A waveform is only that of the timed run.
static enum tern_status run_tapped(struct layer *layer, struct tern_error *error) {
    struct tern_cli_options options = *layer->options;
    const struct states *timed = &layer->timed, *hidden = &layer->hidden;
    options.waves = options.waves_from = NULL;
    TERN_TRY(open_feed(layer, &options, show_result, keep_hidden, error));
    begin_results(layer);
    TERN_TRY(layer->has_clock ? tern_cli_feed_run(&layer->feed, error) : run_counted(layer, error));
    if (layer->has_clock &&
        memcmp(timed->values, hidden->values, hidden->rows * hidden->columns * sizeof *hidden->values) != 0) {
        return tern_error_set(error, TERN_STATUS_MISMATCH, "the results without taps are others");
    }
    return TERN_STATUS_OK;
}

// A figure as a member of the object, or after the ones before in the last line.
static void put_figure(struct layer *layer, const char *name, uint64_t value) {
    const size_t used = strlen(layer->figures);
    if (layer->root) {
        cJSON_AddNumberToObject(layer->root, name, (double)value);
    } else {
        snprintf(layer->figures + used, sizeof layer->figures - used, "%s%s %" PRIu64,
                 used == 0 || layer->figures[used - 1] == ' ' ? "" : ", ", name, value);
    }
}

static void put_cycles(struct layer *layer) {
    const uint64_t cycles = tern_cli_profile_cycles(&layer->profile);
    const double ratio = layer->limit_cycles ? (double)cycles / (double)layer->limit_cycles : 0;
    if (layer->root) {
        tern_cli_profile_add(&layer->profile, layer->root);
        cJSON_AddNumberToObject(layer->root, "cycles", (double)cycles);
        cJSON_AddNumberToObject(layer->root, "ratio", ratio);
    } else {
        putchar('\n');
        tern_cli_profile_print(&layer->profile, stdout);
        putchar('\n');
        snprintf(layer->figures, sizeof layer->figures, "cycles %" PRIu64 ", ratio %.4f to ", cycles, ratio);
    }
}

static void put_totals(struct layer *layer) {
    const struct tern_counters *counters = &layer->counters;
    if (layer->has_clock) {
        put_cycles(layer);
    }
    put_figure(layer, "limit_cycles", layer->limit_cycles);
    put_figure(layer, "matmul_cycles", counters->matmul_cycles);
    put_figure(layer, "beats_taken", counters->beats_taken);
    put_figure(layer, "beats_offered", counters->beats_offered);
    put_figure(layer, "starved_cycles", counters->starved_cycles);
    put_figure(layer, "stalled_cycles", counters->stalled_cycles);
    put_figure(layer, "dma_cycles", counters->dma_cycles);
    put_figure(layer, "dma_beats", counters->dma_beats);
    if (!layer->root) {
        tern_cli_say(stdout, 2, "%s", layer->figures);
        return;
    }
    char *text = cJSON_PrintUnformatted(layer->root);
    puts(text ? text : "");
    cJSON_free(text);
}

static enum tern_status run(struct layer *layer, struct tern_error *error) {
    const char *out = layer->options->out;
    const struct states *hidden = &layer->hidden;
    TERN_TRY(out ? tern_replace_file_check(out, error) : TERN_STATUS_OK);
    TERN_TRY(layer->options->trace ? tern_replace_file_check(layer->options->trace, error) : TERN_STATUS_OK);
    TERN_TRY(run_timed(layer, error));
    TERN_TRY(run_tapped(layer, error));
    put_totals(layer);
    return out ? tern_npy_write(out, hidden->values, hidden->rows, (uint32_t)hidden->columns, error) : TERN_STATUS_OK;
}

int tern_cli_layer(int argc, char **argv) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER, .positions = 1};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (options.layer == TERN_NO_LAYER) {
        return tern_cli_misused("layer", "--layer is missing");
    }
    struct tern_error error = {{0}};
    struct layer layer = {.options = &options};
    enum tern_status status = run(&layer, &error);
    (void)tern_cli_trace_close(&layer.trace, false, NULL); // unless it is closed
    tern_cli_feed_close(&layer.feed);
    cJSON_Delete(layer.root);
    free(layer.timed.values);
    free(layer.hidden.values);
    code = tern_cli_end("layer", status, &error);
    return status == TERN_STATUS_INTERRUPTED ? tern_cli_interrupt_code() : code;
}
