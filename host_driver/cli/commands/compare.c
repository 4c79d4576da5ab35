// SPDX-License-Identifier: Apache-2.0
// Gives two devices, or a file of taps and a device, the same input and names the first stage that differs.
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/float/f32.h"
#include "host_driver/cli/feed.h"
#include "host_driver/device/backends.h"
#include "host_driver/runner/taps.h"

static const char usage[] =
    "usage: tern compare MODEL [--devices A,B] [--tokens 1,2,3] [--depth D] [--json]\n"
    "       tern compare MODEL [--devices A,B] --layer I [--context P] [--positions N] [--seed S]\n"
    "                    [--depth D] [--json]\n"
    "       tern compare MODEL --taps FILE --devices B [--json]\n"
    "       tern compare MODEL --on DEVICE:LAYERS [--device NAME] ...\n"
    "       tern compare MODEL --resume FILE [--tokens 1,2,3] ...\n"
    "                    [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED]\n"
    "                    [--lanes N] [--vectors M] [--verilated UNITS] [--threads N]\n"
    "Gives both devices the same input and compares the result of every stage: tokens\n"
    "through the whole model, or N hidden states made from a seed through one layer, after P positions with\n"
    "a seeded cache. Exit code 1 and the first stage that differs when one does.\n"
    "  --on DEVICE:LAYERS  these layers of the second run on another device, such as rtl:0,3,5-7; may be given "
    "several\n"
    "                times. Without --devices both runs are on --device\n"
    "  --resume FILE both runs begin with the state that tern run or tern logits saved, then come --tokens\n"
    "  --taps FILE   what another run gave (tern logits --taps) in place of a first device; its tokens and\n"
    "                depth are used\n" TERN_CLI_VARIANT_HELP;

enum { DEVICE_NAME_BYTES = 16 };

static void print_json(const struct tern_taps_comparison *all) {
    printf("{\"stages\": %zu, \"values\": %" PRIu64 ", \"differ\": %" PRIu64, all->at, all->values, all->differ);
    if (all->differ) {
        printf(", \"first\": {\"position\": %u, \"layer\": %d, \"stage\": \"%s\", \"%s\": %u, "
               "\"expected\": \"0x%08x\", \"got\": \"0x%08x\"}",
               all->stage.position, all->stage.layer, all->stage.name, all->stage.is_f32 ? "element" : "byte",
               all->stage.is_f32 ? all->element : 4 * all->element, all->wanted, all->got);
    }
    puts("}");
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

static int report(const struct tern_taps_comparison *all, const char *a, const char *b, bool json) {
    if (json) {
        print_json(all);
    } else {
        printf("%s %s %s: %" PRIu64 " values, %" PRIu64 " differ\n", a, all->differ ? "!=" : "=", b, all->values,
               all->differ);
    }
    if (!all->differ) {
        return TERN_EXIT_OK;
    }
    describe_difference(all, a, b);
    return TERN_EXIT_FAILED;
}

struct comparison {
    struct tern_taps taps; // the expected stages, of the first device or of a file
    struct tern_taps_input input;
    struct tern_cli_options alone; // of the first device, without --on
    struct tern_cli_feed feeds[2];
    struct tern_taps_comparison all;
};

static struct tern_cli_feed feed_of(const struct tern_cli_options *options, const char *device, tern_tap tap,
                                    void *context) {
    return (struct tern_cli_feed){.options = options,
                                  .device = device,
                                  .tap = tap,
                                  .context = context,
                                  .output = options->layer == TERN_NO_LAYER ? tap : NULL};
}

// Opens everything before the first long run. A file of taps also gives the input.
static enum tern_status run_both(struct comparison *both, struct tern_cli_options *options, const char *a,
                                 const char *b, struct tern_error *error) {
    both->all.expected = &both->taps;
    if (options->taps) {
        TERN_TRY(tern_taps_read(options->taps, error, &both->taps, &both->input));
        options->tokens = both->input.tokens;
        options->depth = both->input.depth;
    }
    both->alone = *options;
    both->alone.on_count = 0;
    both->feeds[0] = feed_of(&both->alone, a, tern_taps_add, &both->taps);
    both->feeds[1] = feed_of(options, b, tern_taps_compare, &both->all);
    const int first = options->taps != NULL;
    for (int i = first; i < 2; i++) {
        TERN_TRY(tern_cli_feed_open(&both->feeds[i], error));
    }
    for (int i = first; i < 2; i++) {
        TERN_TRY(tern_cli_feed_run(&both->feeds[i], error));
    }
    if (both->all.at != both->taps.count) {
        return tern_error_set(error, TERN_STATUS_MISMATCH, "%s ran %zu stages, %s %zu", a, both->taps.count, b,
                              both->all.at);
    }
    return TERN_STATUS_OK;
}

static int compare(struct tern_cli_options *options, const char *a, const char *b) {
    struct tern_error error = {{0}};
    struct comparison both = {.taps = {0}};
    enum tern_status status = run_both(&both, options, a, b, &error);
    int code = status == TERN_STATUS_OK ? report(&both.all, a, both.feeds[1].label, options->json)
                                        : tern_cli_fail("compare", &error);
    tern_cli_feed_close(&both.feeds[0]);
    tern_cli_feed_close(&both.feeds[1]);
    tern_taps_free(&both.taps);
    free(both.input.tokens);
    return code;
}

// Compares the devices that --devices names.
static int compare_named(struct tern_cli_options *options) {
    char first[DEVICE_NAME_BYTES];
    const char *names = options->devices, *comma = strchr(names, ',');
    if (options->taps ? comma != NULL : !comma || comma - names >= DEVICE_NAME_BYTES) {
        fprintf(stderr, "tern compare: --devices %s: %s\n", names,
                options->taps ? "with --taps one name" : "two names with a comma between");
        return TERN_EXIT_USAGE;
    }
    snprintf(first, sizeof first, "%.*s", comma ? (int)(comma - names) : 0, names);
    const char *second = comma ? comma + 1 : names;
    int code = comma ? tern_cli_check_device("compare", first) : -1;
    code = code >= 0 ? code : tern_cli_check_device("compare", second);
    return code >= 0 ? code : compare(options, options->taps ? options->taps : first, second);
}

int tern_cli_compare(int argc, char **argv) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (options.layer == TERN_NO_LAYER ? options.positions || options.context : options.tokens != NULL) {
        return tern_cli_misused("compare", usage,
                                "--tokens and --layer exclude each other, --positions needs --layer, --context too");
    }
    if (options.taps && (options.tokens || options.layer != TERN_NO_LAYER || options.depth)) {
        fputs("tern compare: --taps says itself which tokens are fed at which depth\n", stderr);
        return TERN_EXIT_USAGE;
    }
    if (options.resume && (options.taps || options.layer != TERN_NO_LAYER)) {
        return tern_cli_misused("compare", usage, "--resume is for tokens on two devices");
    }
    if (options.device && (options.devices || !options.on_count)) {
        return tern_cli_misused("compare", usage, "--device needs --on and excludes --devices");
    }
    options.tokens = options.tokens || options.resume ? options.tokens : "1";
    options.positions = options.positions ? options.positions : 1;
    if (!options.devices) {
        const char *first = options.taps ? options.taps : tern_cli_device(&options);
        return compare(&options, first, options.on_count ? tern_cli_device(&options) : tern_backend_row(1)->name);
    }
    return compare_named(&options);
}
