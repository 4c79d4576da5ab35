// SPDX-License-Identifier: Apache-2.0
// tern explore: how fast models would be on hardware of other sizes. A row for each combination of the lists.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/axis.h"
#include "host_driver/cli/number.h"
#include "host_driver/cli/options.h"
#include "host_driver/explore/explore.h"
#include "host_driver/model/config.h"
#include "host_driver/system/progress.h"
#include "host_driver/system/write_file.h"

#define MOST_POINTS 4096u
#define CHOSEN_DEPTH 3

static const char usage[] =
    "usage: tern explore [--model LIST] [--lanes LIST] [--vectors LIST] [--ways LIST] [--attention LIST]\n"
    "                    [--clock LIST] [--bandwidth LIST] [--latency LIST] [--context LIST] [--prompt LIST]\n"
    "                    [--devices LIST] [--depth D] [--json] [--svg FILE]\n"
    "Estimates how fast models are on hardware of these sizes, a row for each combination. One layer of each runs on\n"
    "the device vp, without weights; its cycles are those of `tern layer`. The time of the output head, which the "
    "host\n"
    "computes, is not contained.\n"
    "  --model LIST      0.5b, 1.5b, 3b, 7b, 14b, 32b, 72b (Qwen2.5), qwen3-0.6b, qwen3-1.7b, qwen3-4b, qwen3-8b,\n"
    "                    qwen3-14b, qwen3-32b, or directories with a config.json (default 0.5b)\n"
    "  --lanes LIST      1, 2 or 4, each 16 bytes of the memory bus (default 1)\n"
    "  --vectors LIST    1, 2 or 4 tokens of a prompt in one stream of the weights (default 1)\n"
    "  --ways LIST       of the vector unit: 4, 8 or 16; 0: no such unit (default 8; with 4 lanes 16)\n"
    "  --attention LIST  1: with attention unit; 0: the core does its work (default 1)\n"
    "  --clock LIST      MHz (default 100)\n"
    "  --bandwidth LIST  of memory: percent of the bus, or with the unit GB/s, such as 3.2GB/s (default 100)\n"
    "  --latency LIST    of memory: cycles, or with the unit ns, such as 400ns (default 60)\n"
    "  --context LIST    positions before the token (default 256)\n"
    "  --prompt LIST     tokens of the prompt, for the time to the first token (default 16)\n"
    "  --devices LIST    that share the layers (default 1); for more a second table, projected\n"
    "  --depth D         planes of the weights (default 3)\n"
    "  --svg FILE        a picture of the points under the limits of memory and matmul unit (roofline)\n"
    "  --json            the same as one object\n";

enum axis { LANES, VECTORS, WAYS, ATTENTION, CLOCK, BANDWIDTH, LATENCY, CONTEXT, PROMPT, DEVICES, AXES };

static const struct {
    struct tern_cli_axis_rule rule;
    const char *standard;
} axes[AXES] = {
    [LANES] = {{"lanes", 1, 4, true, NULL}, "1"},
    [VECTORS] = {{"vectors", 1, 4, true, NULL}, "1"},
    [WAYS] = {{"ways", 0, 16, true, NULL}, "8"},
    [ATTENTION] = {{"attention", 0, 1, true, NULL}, "1"},
    [CLOCK] = {{"clock", 0.001, 100000, false, NULL}, "100"},
    [BANDWIDTH] = {{"bandwidth", 1, 100, false, "GB/s"}, "100"},
    [LATENCY] = {{"latency", 1, 10000, false, "ns"}, "60"},
    [CONTEXT] = {{"context", 0, TERN_MAX_POSITIONS - 1, true, NULL}, "256"},
    [PROMPT] = {{"prompt", 1, TERN_MAX_POSITIONS, true, NULL}, "16"},
    [DEVICES] = {{"devices", 1, 1000, true, NULL}, "1"},
};

struct model {
    char name[64];
    struct tern_model_config config;
};

struct sweep {
    struct tern_cli_axis axis[AXES];
    size_t model_count, count;
    bool has_ways; // --ways was given
    struct model models[TERN_CLI_AXIS];
    struct tern_explore_point *points; // [count]
    struct tern_progress progress;
};

// ---- from lists to points

// A size, or a directory by the last part of its name.
static enum tern_status take_model(const char *text, struct tern_error *error, struct model *model) {
    const char *slash = strrchr(text, '/');
    snprintf(model->name, sizeof model->name, "%s", slash && slash[1] ? slash + 1 : text);
    if (tern_explore_shape(text, &model->config)) {
        return TERN_STATUS_OK;
    }
    if (!strchr(text, '/') && !strchr(text, '.')) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "--model %.100s: no known size (%s); a directory is written with a slash", text,
                              tern_explore_sizes());
    }
    return tern_config_load(text, error, &model->config);
}

static enum tern_status take_models(const char *list, struct sweep *sweep, struct tern_error *error) {
    char text[512];
    if (snprintf(text, sizeof text, "%s", list) >= (int)sizeof text) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--model: the list is too long");
    }
    for (char *at = text, *next = at; next; at = next) {
        next = strchr(at, ',');
        if (next) {
            *next++ = 0;
        }
        if (sweep->model_count == TERN_CLI_AXIS) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--model: at most %d models", TERN_CLI_AXIS);
        }
        TERN_TRY(take_model(at, error, &sweep->models[sweep->model_count++]));
    }
    return TERN_STATUS_OK;
}

static enum tern_status take_axes(const struct tern_cli_options *options, struct sweep *sweep,
                                  struct tern_error *error) {
    const char *const given[AXES] = {[LANES] = options->lists.lanes,     [VECTORS] = options->lists.vectors,
                                     [WAYS] = options->lists.ways,       [ATTENTION] = options->lists.attention,
                                     [CLOCK] = options->lists.clock,     [BANDWIDTH] = options->lists.bandwidth,
                                     [LATENCY] = options->lists.latency, [CONTEXT] = options->lists.context,
                                     [PROMPT] = options->lists.prompt,   [DEVICES] = options->lists.devices};
    sweep->has_ways = options->lists.ways != NULL;
    sweep->count = 1;
    for (int i = 0; i < AXES; i++) {
        TERN_TRY(tern_cli_axis(given[i] ? given[i] : axes[i].standard, &axes[i].rule, error, &sweep->axis[i]));
        sweep->count *= sweep->axis[i].count;
    }
    TERN_TRY(take_models(options->lists.model ? options->lists.model : "0.5b", sweep, error));
    sweep->count *= sweep->model_count;
    return sweep->count <= MOST_POINTS
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%zu combinations of the lists, at most %u",
                                sweep->count, MOST_POINTS);
}

// Units become cycles and percent of the bus.
static enum tern_status check_memory(struct tern_explore_point *point, double latency, double bandwidth,
                                     struct tern_error *error) {
    if (latency > 10000 || bandwidth < 1) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%g MHz and %u lanes: memory of %.0f cycles and %.2f %% of the bus; at most 10000 cycles "
                              "and at least 1 %% can be estimated",
                              point->clock_mhz, point->lanes, latency, bandwidth);
    }
    point->latency_cycles = (uint32_t)(latency < 1 ? 1 : latency + 0.5);
    point->bandwidth_percent = (uint32_t)(bandwidth > 100 ? 100 : bandwidth + 0.5);
    return TERN_STATUS_OK;
}

// 4, 8 or 16 ways, and at least 4 a lane, as in tern_soc.v.
static enum tern_status check_units(const struct tern_explore_point *point, struct tern_error *error) {
    const uint32_t ways = point->ways;
    if (point->lanes == 3 || point->vectors == 3) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u lanes, %u vectors: a device has 1, 2 or 4 of each",
                              point->lanes, point->vectors);
    }
    if (ways != 0 && ((ways != 4 && ways != 8 && ways != 16) || ways < 4 * point->lanes)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%u ways, %u lanes: a device has 4, 8 or 16 ways and at least 4 a lane, or 0", ways,
                              point->lanes);
    }
    return TERN_STATUS_OK;
}

// The value of an axis for point number `index`, whose remaining digits are *index afterwards.
static double digit(const struct sweep *sweep, enum axis axis, size_t *index, bool *has_unit) {
    const size_t place = *index % sweep->axis[axis].count;
    *index /= sweep->axis[axis].count;
    *has_unit = sweep->axis[axis].has_unit[place];
    return sweep->axis[axis].values[place];
}

static enum tern_status make_point(const struct sweep *sweep, size_t index, uint32_t depth, struct tern_error *error,
                                   struct tern_explore_point *point) {
    double values[AXES];
    bool has_unit[AXES];
    for (int i = AXES - 1; i >= 0; i--) {
        values[i] = digit(sweep, (enum axis)i, &index, &has_unit[i]);
    }
    const struct model *model = &sweep->models[index];
    *point = (struct tern_explore_point){.model = model->name,
                                         .config = &model->config,
                                         .depth = depth,
                                         .lanes = (uint32_t)values[LANES],
                                         .vectors = (uint32_t)values[VECTORS],
                                         .attention = values[ATTENTION] != 0,
                                         .context = (uint32_t)values[CONTEXT],
                                         .clock_mhz = values[CLOCK],
                                         .prompt = (uint32_t)values[PROMPT],
                                         .devices = (uint32_t)values[DEVICES]};
    const double bus = point->lanes * TERN_BEAT_BYTES * point->clock_mhz * 1e6;
    point->ways = sweep->has_ways ? (uint32_t)values[WAYS] : point->lanes == 4 ? 16 : 8;
    TERN_TRY(check_units(point, error));
    if (point->context >= model->config.max_positions || point->prompt > model->config.max_positions) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s takes %u positions", model->name,
                              model->config.max_positions);
    }
    return check_memory(point, values[LATENCY] * (has_unit[LATENCY] ? point->clock_mhz / 1e3 : 1),
                        has_unit[BANDWIDTH] ? 100 * values[BANDWIDTH] * 1e9 / bus : values[BANDWIDTH], error);
}

// ---- output

static double percent(const struct tern_explore_point *point, enum tern_explore_cause cause) {
    return 100 * (double)point->token.causes[cause] / (double)point->token.cycles;
}

// Of a row: units that are not the usual ones.
static void print_units(const struct sweep *sweep, const struct tern_explore_point *point) {
    if (sweep->has_ways) {
        printf(", %u ways", point->ways);
    }
    puts(point->attention ? "" : ", no attention unit");
}

static void print_points(const struct sweep *sweep) {
    printf("%-5s %5s %5s %6s %4s %6s %10s %8s %8s  %s\n", "model", "lanes", "MHz", "GB/s", "lat", "ctx", "layer",
           "tokens/s", "first s", "bound by");
    for (size_t i = 0; i < sweep->count; i++) {
        const struct tern_explore_point *point = &sweep->points[i];
        const enum tern_explore_cause bound = tern_explore_bound(point);
        printf("%-5.5s %ux%u %7.4g %6.4g %4u %6u %10" PRIu64 " %8.4g %8.4g  %s %.0f%%", point->model, point->lanes,
               point->vectors, point->clock_mhz, tern_explore_memory_bytes(point) / 1e9, point->latency_cycles,
               point->context, point->token.cycles, 1 / tern_explore_token_seconds(point),
               tern_explore_prompt_seconds(point), tern_explore_cause_name(bound), percent(point, bound));
        print_units(sweep, point);
    }
}

// The layers on several devices.
static void print_pipelines(const struct sweep *sweep) {
    const char *title = "\nprojected: the layers on several devices in a row\n"
                        "model lanes   MHz   GB/s    ctx devices layers  GB each tokens/s  all sequences\n";
    for (size_t i = 0; i < sweep->count; i++) {
        const struct tern_explore_point *point = &sweep->points[i];
        const struct tern_explore_pipeline pipeline = tern_explore_pipeline(point);
        if (point->devices > 1) {
            fputs(title, stdout);
            title = "";
            printf("%-5.5s %ux%u %7.4g %6.4g %6u %7u %6u %8.3g %8.4g %14.4g\n", point->model, point->lanes,
                   point->vectors, point->clock_mhz, tern_explore_memory_bytes(point) / 1e9, point->context,
                   point->devices, pipeline.layers, pipeline.bytes / 1e9, 1 / pipeline.sequence_seconds,
                   1 / pipeline.all_seconds);
        }
    }
}

static void add_figures(cJSON *object, const struct tern_explore_point *point) {
    cJSON *causes = cJSON_AddObjectToObject(object, "causes");
    for (int cause = 0; cause < TERN_EXPLORE_CAUSES; cause++) {
        cJSON_AddNumberToObject(causes, tern_explore_cause_name((enum tern_explore_cause)cause),
                                (double)point->token.causes[cause]);
    }
    cJSON_AddNumberToObject(object, "layer_cycles", (double)point->token.cycles);
    cJSON_AddNumberToObject(object, "layer_weight_bytes", (double)point->token.weight_bytes);
    cJSON_AddNumberToObject(object, "layer_cache_bytes", (double)point->token.cache_bytes);
    cJSON_AddNumberToObject(object, "token_seconds", tern_explore_token_seconds(point));
    cJSON_AddNumberToObject(object, "tokens_per_second", 1 / tern_explore_token_seconds(point));
    cJSON_AddNumberToObject(object, "first_token_seconds", tern_explore_prompt_seconds(point));
    cJSON_AddStringToObject(object, "bound_by", tern_explore_cause_name(tern_explore_bound(point)));
}

static void add_pipeline(cJSON *object, const struct tern_explore_point *point) {
    const struct tern_explore_pipeline pipeline = tern_explore_pipeline(point);
    cJSON *projected = cJSON_AddObjectToObject(object, "projected");
    cJSON_AddNumberToObject(projected, "layers_per_device", pipeline.layers);
    cJSON_AddNumberToObject(projected, "bytes_per_device", pipeline.bytes);
    cJSON_AddNumberToObject(projected, "link_seconds", pipeline.link_seconds);
    cJSON_AddNumberToObject(projected, "tokens_per_second", 1 / pipeline.sequence_seconds);
    cJSON_AddNumberToObject(projected, "tokens_per_second_of_all", 1 / pipeline.all_seconds);
}

static void print_json(const struct sweep *sweep) {
    cJSON *root = cJSON_CreateObject(), *points = cJSON_AddArrayToObject(root, "points");
    for (size_t i = 0; i < sweep->count; i++) {
        const struct tern_explore_point *point = &sweep->points[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "model", point->model);
        cJSON_AddNumberToObject(object, "layers", point->config->layers);
        cJSON_AddNumberToObject(object, "depth", point->depth);
        cJSON_AddNumberToObject(object, "lanes", point->lanes);
        cJSON_AddNumberToObject(object, "vectors", point->vectors);
        cJSON_AddNumberToObject(object, "ways", point->ways);
        cJSON_AddBoolToObject(object, "attention_unit", point->attention);
        cJSON_AddNumberToObject(object, "clock_mhz", point->clock_mhz);
        cJSON_AddNumberToObject(object, "bandwidth_percent", point->bandwidth_percent);
        cJSON_AddNumberToObject(object, "memory_bytes_per_second", tern_explore_memory_bytes(point));
        cJSON_AddNumberToObject(object, "latency_cycles", point->latency_cycles);
        cJSON_AddNumberToObject(object, "context", point->context);
        cJSON_AddNumberToObject(object, "prompt", point->prompt);
        cJSON_AddNumberToObject(object, "devices", point->devices);
        add_figures(object, point);
        if (point->devices > 1) {
            add_pipeline(object, point);
        }
        cJSON_AddItemToArray(points, object);
    }
    char *text = cJSON_PrintUnformatted(root);
    puts(text ? text : "");
    cJSON_free(text);
    cJSON_Delete(root);
}

static enum tern_status show_progress(void *context, size_t done, struct tern_error *error) {
    struct sweep *sweep = context;
    (void)error;
    if (tern_progress_reach(&sweep->progress, (double)done)) {
        tern_progress_show(&sweep->progress, "");
    }
    return TERN_STATUS_OK;
}

// ---- the command

static enum tern_status prepare(const struct tern_cli_options *options, struct sweep *sweep, struct tern_error *error) {
    const uint32_t depth = options->depth ? (uint32_t)options->depth : CHOSEN_DEPTH;
    TERN_TRY(take_axes(options, sweep, error));
    sweep->points = calloc(sweep->count, sizeof *sweep->points);
    if (!sweep->points) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu rows", sweep->count);
    }
    for (size_t i = 0; i < sweep->count; i++) {
        TERN_TRY(make_point(sweep, i, depth, error, &sweep->points[i]));
    }
    return options->lists.svg ? tern_replace_file_check(options->lists.svg, error) : TERN_STATUS_OK;
}

static enum tern_status run(const struct tern_cli_options *options, struct sweep *sweep, struct tern_error *error) {
    const char *svg = options->lists.svg;
    tern_progress_start(&sweep->progress, stderr, NULL, "explore", TERN_PROGRESS_ROWS, (double)sweep->count);
    enum tern_status status = tern_explore_run(sweep->points, sweep->count, show_progress, sweep, error);
    tern_progress_end(&sweep->progress, false);
    TERN_TRY(status);
    if (options->json) {
        print_json(sweep);
    } else {
        print_points(sweep);
        print_pipelines(sweep);
    }
    return svg ? tern_explore_roofline(svg, sweep->points, sweep->count, error) : TERN_STATUS_OK;
}

int tern_cli_explore(int argc, char **argv) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    struct tern_error error = {{0}};
    struct sweep sweep = {.count = 0};
    enum tern_status status = prepare(&options, &sweep, &error);
    code = status == TERN_STATUS_BAD_ARGUMENT ? TERN_EXIT_USAGE : TERN_EXIT_FAILED;
    if (status == TERN_STATUS_OK) {
        code = TERN_EXIT_FAILED;
        status = run(&options, &sweep, &error);
    }
    if (status == TERN_STATUS_OK) {
        code = TERN_EXIT_OK;
    } else {
        tern_cli_fail("explore", &error);
    }
    free(sweep.points);
    return code;
}
