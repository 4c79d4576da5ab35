// SPDX-License-Identifier: Apache-2.0
// Gives several devices, or a file of taps and a device, the same input. Names the first stage in which one differs
// from the first of them.
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/float/f32.h"
#include "host_driver/cli/feed.h"
#include "host_driver/cli/sources/sources.h"
#include "host_driver/device/backends.h"
#include "host_driver/runner/taps.h"

static const char usage[] =
    "usage: tern compare MODEL [--devices A,B,...] [--tokens 1,2,3] [--depth D] [--json]\n"
    "       tern compare MODEL [--devices A,B,...] --layer I [--context P] [--positions N] [--seed S]\n"
    "                    [--depth D] [--json]\n"
    "       tern compare MODEL --taps FILE --devices B [--json]\n"
    "       tern compare MODEL --on DEVICE:LAYERS [--device NAME] ...\n"
    "       tern compare MODEL --resume FILE [--tokens 1,2,3] ...\n"
    "                    [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED]\n"
    "                    [--lanes N] [--vectors M] [--verilated UNITS] [--threads N] [--allow-stale]\n"
    "Gives the devices the same input and compares the result of every stage of each with the first one's: tokens\n"
    "through the whole model, or N hidden states made from a seed through one layer, after P positions with\n"
    "a seeded cache. Exit code 1 and the first stage that differs when one does.\n"
    "  --on DEVICE:LAYERS  these layers of the last run on another device, such as rtl:0,3,5-7; may be given "
    "several\n"
    "                times. Without --devices there are two runs, on --device\n"
    "  --resume FILE all runs begin with the state that tern run or tern logits saved, then come --tokens\n"
    "  --taps FILE   what another run gave (tern logits --taps) in place of a first device; its tokens and\n"
    "                depth are used\n" TERN_CLI_STALE_HELP TERN_CLI_VARIANT_HELP;

enum { NAMES_BYTES = 128, MOST_DEVICES = 8 };

static void print_members(const struct tern_taps_comparison *all) {
    printf("\"stages\": %zu, \"values\": %" PRIu64 ", \"differ\": %" PRIu64, all->at, all->values, all->differ);
    if (all->differ) {
        printf(", \"first\": {\"position\": %u, \"layer\": %d, \"stage\": \"%s\", \"%s\": %u, "
               "\"expected\": \"0x%08x\", \"got\": \"0x%08x\"}",
               all->stage.position, all->stage.layer, all->stage.name, all->stage.is_f32 ? "element" : "byte",
               all->stage.is_f32 ? all->element : 4 * all->element, all->wanted, all->got);
    }
}

static void describe_difference(const struct tern_taps_comparison *all, const char *a, const char *b) {
    const struct tern_stage *stage = &all->stage;
    fprintf(stderr, "tern compare: the first difference is in layer %d, position %u, stage %s (%s), ", stage->layer,
            stage->position, stage->name, stage->opcode == TERN_OPCODE_NOP ? "host" : tern_opcode_name(stage->opcode));
    if (stage->is_f32) {
        fprintf(stderr, "element %u: %s 0x%08x (%.9g), %s 0x%08x (%.9g)\n", all->element, a, all->wanted,
                (double)tern_f32_from_bits(all->wanted), b, all->got, (double)tern_f32_from_bits(all->got));
    } else {
        fprintf(stderr, "byte %u: %s 0x%08x (%u), %s 0x%08x (%u)\n", 4 * all->element, a, all->wanted, all->wanted, b,
                all->got, all->got);
    }
}

struct comparison {
    struct tern_taps taps; // the expected stages, of the first device or of a file
    struct tern_taps_input input;
    struct tern_cli_options alone; // of all but the last device, without --on
    struct tern_cli_sources sources;
    size_t count;
    const char *names[MOST_DEVICES]; // [0] may be a file of taps
    struct tern_cli_feed feeds[MOST_DEVICES];
    struct tern_taps_comparison all[MOST_DEVICES]; // of each with the first one, from [1] on
};

// Two devices are one object. More are a list of such objects, with the name of the device that is not the first.
static void print_json(const struct comparison *devices) {
    const bool is_list = devices->count > 2;
    char *sources = tern_cli_sources_json(&devices->sources);
    printf("{\"sources\": %s, %s", sources ? sources : "{}", is_list ? "\"devices\": [" : "");
    free(sources);
    for (size_t i = 1; i < devices->count; i++) {
        if (is_list) {
            printf("%s{\"device\": \"%s\", ", i > 1 ? ", " : "", devices->feeds[i].label);
        }
        print_members(&devices->all[i]);
        printf(is_list ? "}" : "");
    }
    puts(is_list ? "]}" : "}");
}

static int report(const struct comparison *devices, bool json) {
    int code = TERN_EXIT_OK;
    if (json) {
        print_json(devices);
    }
    for (size_t i = 1; i < devices->count; i++) {
        const struct tern_taps_comparison *all = &devices->all[i];
        const char *a = devices->names[0], *b = devices->feeds[i].label;
        if (!json) {
            printf("%s %s %s: %" PRIu64 " values, %" PRIu64 " differ\n", a, all->differ ? "!=" : "=", b, all->values,
                   all->differ);
        }
        if (all->differ) {
            describe_difference(all, a, b);
            code = TERN_EXIT_FAILED;
        }
    }
    return code;
}

static struct tern_cli_feed feed_of(const struct tern_cli_options *options, const char *device, tern_tap tap,
                                    void *context) {
    return (struct tern_cli_feed){.options = options,
                                  .device = device,
                                  .tap = tap,
                                  .context = context,
                                  .output = options->layer == TERN_NO_LAYER ? tap : NULL};
}

// A file of taps also gives the input.
static enum tern_status prepare(struct comparison *devices, struct tern_cli_options *options,
                                struct tern_error *error) {
    if (options->taps) {
        TERN_TRY(tern_taps_read(options->taps, error, &devices->taps, &devices->input));
        options->tokens = devices->input.tokens;
        options->depth = devices->input.depth;
    }
    devices->alone = *options;
    devices->alone.on_count = 0;
    devices->feeds[0] = feed_of(&devices->alone, devices->names[0], tern_taps_add, &devices->taps);
    for (size_t i = 1; i < devices->count; i++) {
        const struct tern_cli_options *own = i + 1 == devices->count ? options : &devices->alone;
        devices->all[i].expected = &devices->taps;
        devices->feeds[i] = feed_of(own, devices->names[i], tern_taps_compare, &devices->all[i]);
    }
    return TERN_STATUS_OK;
}

// Opens everything before the first long run.
static enum tern_status run_all(struct comparison *devices, struct tern_cli_options *options,
                                struct tern_error *error) {
    TERN_TRY(prepare(devices, options, error));
    const size_t first = options->taps != NULL;
    for (size_t i = first; i < devices->count; i++) {
        TERN_TRY(tern_cli_feed_open(&devices->feeds[i], error));
    }
    for (size_t i = first; i < devices->count; i++) {
        TERN_TRY(tern_cli_feed_run(&devices->feeds[i], error));
    }
    for (size_t i = 1; i < devices->count; i++) {
        if (devices->all[i].at != devices->taps.count) {
            return tern_error_set(error, TERN_STATUS_MISMATCH, "%s ran %zu stages, %s %zu", devices->names[0],
                                  devices->taps.count, devices->names[i], devices->all[i].at);
        }
    }
    return TERN_STATUS_OK;
}

// names: [count], 2 or more.
static int compare(struct tern_cli_options *options, const char *const *names, size_t count) {
    struct tern_error error = {{0}};
    struct comparison devices = {.count = count};
    memcpy(devices.names, names, count * sizeof *names);
    enum tern_status status = tern_cli_sources_open(options, names, count, options->json, &error, &devices.sources);
    if (status == TERN_STATUS_OK) {
        status = run_all(&devices, options, &error);
    }
    int code = status == TERN_STATUS_OK ? report(&devices, options->json) : tern_cli_fail("compare", &error);
    for (size_t i = 0; i < count; i++) {
        tern_cli_feed_close(&devices.feeds[i]);
    }
    tern_taps_free(&devices.taps);
    free(devices.input.tokens);
    code = tern_cli_sources_end(&devices.sources, code);
    tern_cli_sources_close(&devices.sources);
    return code;
}

static int refuse_names(const struct tern_cli_options *options) {
    fprintf(stderr, "tern compare: --devices %s: %s\n", options->devices,
            options->taps ? "with --taps one name" : "two to eight names with commas between");
    return TERN_EXIT_USAGE;
}

// Splits `list` at its commas. Returns the number of names, 0 for more than `most`.
static size_t split(char *list, size_t most, const char **names) {
    size_t count = 0;
    for (char *next = list; next; list = next) {
        next = strchr(list, ',');
        if (next) {
            *next++ = 0;
        }
        if (count == most) {
            return 0;
        }
        names[count++] = list;
    }
    return count;
}

// Compares the devices that --devices names. With a file of taps it is one.
static int compare_named(struct tern_cli_options *options) {
    char list[NAMES_BYTES];
    const char *names[MOST_DEVICES] = {options->taps};
    const size_t first = options->taps ? 1 : 0, most = options->taps ? 1 : MOST_DEVICES;
    if (snprintf(list, sizeof list, "%s", options->devices) >= (int)sizeof list) {
        return refuse_names(options);
    }
    const size_t count = first + split(list, most, names + first);
    if (count < 2) {
        return refuse_names(options);
    }
    for (size_t i = first; i < count; i++) {
        const int code = tern_cli_check_device("compare", names[i]);
        if (code >= 0) {
            return code;
        }
    }
    return compare(options, names, count);
}

int tern_cli_compare(int argc, char **argv) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (options.layer == TERN_NO_LAYER ? options.positions || options.context : options.tokens != NULL) {
        return tern_cli_misused("compare",
                                "--tokens and --layer exclude each other, --positions needs --layer, --context too");
    }
    if (options.taps && (options.tokens || options.layer != TERN_NO_LAYER || options.depth)) {
        fputs("tern compare: --taps says itself which tokens are fed at which depth\n", stderr);
        return TERN_EXIT_USAGE;
    }
    if (options.resume && (options.taps || options.layer != TERN_NO_LAYER)) {
        return tern_cli_misused("compare", "--resume is for tokens, without --taps and --layer");
    }
    if (options.device && (options.devices || !options.on_count)) {
        return tern_cli_misused("compare", "--device needs --on and excludes --devices");
    }
    options.tokens = options.tokens || options.resume ? options.tokens : "1";
    options.positions = options.positions ? options.positions : 1;
    if (!options.devices) {
        const char *first = options.taps ? options.taps : tern_cli_device(&options);
        const char *second = options.on_count ? tern_cli_device(&options) : tern_backend_row(1)->name;
        return compare(&options, (const char *const[]){first, second}, 2);
    }
    return compare_named(&options);
}
