// SPDX-License-Identifier: Apache-2.0
// tern layer: the results and the cycles of every stage of one layer.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/crc32c.h"
#include "host_driver/cli/feed.h"
#include "host_driver/formats/npy.h"
#include "host_driver/system/write_file.h"

static const char usage[] =
    "usage: tern layer MODEL --layer I [--device NAME] [--depth D] [--context P]\n"
    "                  [--positions N] [--seed S] [--out FILE.npy] [--json] [--device-memory BYTES]\n"
    "                  [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED] [--threads N] [--trace FILE]\n"
    "Runs one layer on N hidden states (default 1) made from a seed, at positions P to P+N-1: a line a stage\n"
    "with the CRC-32C of its result, its first values (of an image the exponent) and, where the\n"
    "device counts, the cycles since the stage before, to about 600.\n"
    "  --context P   positions before them (default 0), whose keys and values are made from the seed too;\n"
    "                limit_cycles: beats of weights and cache, a cycle each\n"
    "  --out FILE    hidden states after the layer, float32 [N][hidden]\n"
    "  --trace FILE  rtl: FST waveform of the whole SoC (a build with -DTERN_TRACE=ON)\n"
    "  --json        the same as one object\n";

struct table {
    struct tern_cli_feed feed;
    struct tern_counters start;
    uint64_t weight_bytes; // streamed before the first position
    uint64_t cycles;       // device time at the end of the last stage
    cJSON *root, *stages;  // NULL without --json
    float *hidden;         // [rows][columns]
    size_t rows, columns;
};

static void print_line(const struct tern_stage *stage, uint64_t cycles, uint32_t crc, const void *data) {
    float first[2];
    int16_t mantissas[2];
    int32_t exponent;
    printf("%8u %-20s %5u x %-7u %10" PRIu64 " %08x", stage->position, stage->name, stage->rows,
           stage->is_f32 ? stage->row_bytes / 4 : stage->row_bytes, cycles, crc);
    if (stage->is_f32) {
        memcpy(first, data, sizeof first);
        printf(" %14.7g %14.7g\n", (double)first[0], (double)first[1]);
    } else if (stage->opcode == TERN_OPCODE_STORE) {
        memcpy(mantissas, data, sizeof mantissas);
        printf(" %14d %14d\n", mantissas[0], mantissas[1]);
    } else {
        memcpy(&exponent, data, sizeof exponent);
        printf(" %14d\n", exponent);
    }
    fflush(stdout);
}

static void add_object(cJSON *stages, const struct tern_stage *stage, uint64_t cycles, uint32_t crc) {
    char text[16];
    cJSON *object = cJSON_CreateObject();
    snprintf(text, sizeof text, "%08x", crc);
    cJSON_AddNumberToObject(object, "position", stage->position);
    cJSON_AddStringToObject(object, "stage", stage->name);
    cJSON_AddNumberToObject(object, "rows", stage->rows);
    cJSON_AddNumberToObject(object, "row_bytes", stage->row_bytes);
    cJSON_AddNumberToObject(object, "cycles", (double)cycles);
    cJSON_AddStringToObject(object, "crc32c", text);
    cJSON_AddItemToArray(stages, object);
}

static enum tern_status show_stage(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error) {
    struct table *table = context;
    struct tern_counters counters;
    TERN_TRY(tern_device_counters(table->feed.session.device, error, &counters));
    uint64_t cycles = counters.time_cycles - table->cycles;
    uint32_t crc = tern_crc32c(data, bytes);
    table->cycles = counters.time_cycles;
    if (table->stages) {
        add_object(table->stages, stage, cycles, crc);
    } else {
        print_line(stage, cycles, crc, data);
    }
    return TERN_STATUS_OK;
}

static enum tern_status keep_hidden(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                    struct tern_error *error) {
    struct table *table = context;
    (void)stage;
    float *grown = realloc(table->hidden, (table->rows + 1) * bytes);
    if (!grown) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu hidden states",
                              table->rows + 1);
    }
    table->hidden = grown;
    table->columns = bytes / sizeof *grown;
    memcpy(grown + table->rows++ * table->columns, data, bytes);
    return TERN_STATUS_OK;
}

static enum tern_status begin(struct table *table, struct tern_error *error) {
    const struct tern_cli_options *options = table->feed.options;
    TERN_TRY(tern_cli_feed_open(&table->feed, error));
    TERN_TRY(tern_device_counters(table->feed.session.device, error, &table->start));
    table->cycles = table->start.time_cycles;
    table->weight_bytes = tern_runner_weight_bytes(table->feed.session.runner);
    if (options->layer >= tern_model_config(table->feed.session.model)->layers) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s has no layer %" PRIu64, options->operand[0],
                              options->layer);
    }
    if (!options->json) {
        printf("%8s %-20s %15s %10s %8s %14s\n", "position", "stage", "values", "cycles", "CRC-32C", "first");
        return TERN_STATUS_OK;
    }
    table->root = cJSON_CreateObject();
    cJSON_AddNumberToObject(table->root, "layer", (double)options->layer);
    cJSON_AddStringToObject(table->root, "device", table->feed.device);
    cJSON_AddNumberToObject(table->root, "context", (double)options->context);
    cJSON_AddNumberToObject(table->root, "positions", (double)options->positions);
    table->stages = cJSON_AddArrayToObject(table->root, "stages");
    return TERN_STATUS_OK;
}

// The cycles of a device that moves a beat of weights or cache in each.
static uint64_t limit_cycles(const struct table *table) {
    const struct tern_cli_options *options = table->feed.options;
    const struct tern_runner *runner = table->feed.session.runner;
    const uint32_t beat_bytes = tern_device_beat_bytes(table->feed.session.device);
    uint64_t bytes = tern_runner_weight_bytes(runner) - table->weight_bytes;
    for (uint64_t i = 0; i < options->positions; i++) {
        bytes += tern_runner_cache_bytes(runner, (uint32_t)(options->context + i));
    }
    return (bytes + beat_bytes - 1) / beat_bytes;
}

static enum tern_status print_totals(const struct table *table, struct tern_error *error) {
    struct tern_counters now;
    TERN_TRY(tern_device_counters(table->feed.session.device, error, &now));
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {{"cycles", now.time_cycles - table->start.time_cycles},
                    {"limit_cycles", limit_cycles(table)},
                    {"matmul_cycles", now.matmul_cycles - table->start.matmul_cycles},
                    {"beats_taken", now.beats_taken - table->start.beats_taken},
                    {"beats_offered", now.beats_offered - table->start.beats_offered},
                    {"starved_cycles", now.starved_cycles - table->start.starved_cycles},
                    {"stalled_cycles", now.stalled_cycles - table->start.stalled_cycles},
                    {"dma_cycles", now.dma_cycles - table->start.dma_cycles},
                    {"dma_beats", now.dma_beats - table->start.dma_beats}};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        if (table->root) {
            cJSON_AddNumberToObject(table->root, counters[i].name, (double)counters[i].value);
        } else {
            printf("%s%s %" PRIu64, i ? ", " : "\n", counters[i].name, counters[i].value);
        }
    }
    char *text = table->root ? cJSON_PrintUnformatted(table->root) : NULL;
    puts(text ? text : "");
    cJSON_free(text);
    return TERN_STATUS_OK;
}

static enum tern_status run(struct table *table, struct tern_error *error) {
    const char *out = table->feed.options->out;
    TERN_TRY(out ? tern_replace_file_check(out, error) : TERN_STATUS_OK);
    TERN_TRY(begin(table, error));
    TERN_TRY(tern_cli_feed_run(&table->feed, error));
    TERN_TRY(print_totals(table, error));
    return out ? tern_npy_write(out, table->hidden, table->rows, (uint32_t)table->columns, error) : TERN_STATUS_OK;
}

int tern_cli_layer(int argc, char **argv) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER, .positions = 1};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (options.layer == TERN_NO_LAYER) {
        return tern_cli_misused("layer", usage, "--layer is missing");
    }
    struct tern_error error = {{0}};
    struct table table = {.feed = {.options = &options,
                                   .device = tern_cli_device(&options),
                                   .tap = show_stage,
                                   .output = keep_hidden,
                                   .context = &table}};
    enum tern_status status = run(&table, &error);
    tern_cli_feed_close(&table.feed);
    cJSON_Delete(table.root);
    free(table.hidden);
    return tern_cli_end("layer", status, &error);
}
