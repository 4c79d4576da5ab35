// SPDX-License-Identifier: Apache-2.0
// Gives several devices, or a file of taps and a device, the same input. Names the first stage in which one differs
// from the first of them.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/compare/comparison.h"
#include "host_driver/cli/compare/page.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/sources/sources.h"
#include "host_driver/device/backends.h"

static const char usage[] =
    "usage: tern compare MODEL [--devices A,B,...] [--tokens 1,2,3] [--depth D]\n"
    "       tern compare MODEL [--devices A,B,...] --layer I [--context P]\n"
    "                    [--positions N] [--seed S] [--depth D]\n"
    "       tern compare MODEL --taps FILE --devices B\n"
    "       tern compare MODEL --on DEVICE:LAYERS [--device NAME] ...\n"
    "       tern compare MODEL --resume FILE [--tokens 1,2,3] ...\n"
    "                    [--stop] [--stages] [--json] [--html FILE]\n"
    "                    [--trace FILE] [--trace-from COMMAND] [--trace-commands N]\n"
    "                    [--device-memory BYTES] [--latency CYCLES]\n"
    "                    [--bandwidth PERCENT] [--stalls SEED] [--lanes N]\n"
    "                    [--vectors M] [--verilated UNITS] [--threads N]\n"
    "                    [--allow-stale]\n"
    "Gives the devices the same input and compares the result of every stage of\n"
    "each with the first one's: tokens through the whole model, or N hidden states\n"
    "made from a seed through one layer, after P positions with a seeded cache.\n"
    "Exit code 1, a line a stage and the first stage that differs when one does.\n"
    "  --stop        a device after the first ends at its first stage that differs:\n"
    "                name the slow device last\n"
    "  --stages      a line a stage also when nothing differs\n"
    "  --html FILE   a page: layers and stages that differ, by how much, where, and\n"
    "                the command that repeats it\n"
    "  --on DEVICE:LAYERS  these layers of the last run on another device, such as\n"
    "                rtl:0,3,5-7; may be given several times. Without --devices\n"
    "                there are two runs, on --device\n"
    "  --resume FILE all runs begin with the state that tern run or tern logits\n"
    "                saved, then come --tokens\n"
    "  --taps FILE   what another run gave (tern logits --taps) in place of a first\n"
    "                device; its tokens and depth are used\n"
    "  --trace FILE  rtl, vp: what commands, units and memory did in each cycle, for\n"
    "                Perfetto and tools/report\n" TERN_CLI_TRACE_HELP TERN_CLI_STALE_HELP TERN_CLI_VARIANT_HELP;

enum { NAMES_BYTES = 128 };

// Two devices are one object. More are a list of such objects, with the name of the device that is not the first.
static void print_json(const struct tern_cli_comparison *devices) {
    const bool is_list = devices->count > 2;
    char *sources = tern_cli_sources_json(&devices->sources);
    printf("{\"sources\": %s, %s", sources ? sources : "{}", is_list ? "\"devices\": [" : "");
    free(sources);
    for (size_t i = 1; i < devices->count; i++) {
        if (is_list) {
            printf("%s{\"device\": \"%s\", ", i > 1 ? ", " : "", devices->feeds[i].label);
        }
        tern_cli_outcome_put_json(&devices->outcomes[i], stdout);
        printf(is_list ? "}" : "");
    }
    puts(is_list ? "]}" : "}");
}

// A table of each device that differs, or of all. The lines of the verdicts come last.
static void print_tables(const struct tern_cli_comparison *devices, bool all) {
    for (size_t i = 1; i < devices->count; i++) {
        const struct tern_cli_outcome *outcome = &devices->outcomes[i];
        if (outcome->all.values == 0 || (!all && outcome->all.differ == 0)) {
            continue;
        }
        if (devices->count > 2) {
            printf("%s and %s\n", outcome->first, outcome->other);
        }
        tern_cli_outcome_put_table(outcome, stdout);
        putchar('\n');
    }
}

static void describe_difference(const struct tern_cli_outcome *outcome) {
    fflush(stdout);
    if (outcome->is_stopped) {
        fprintf(stderr, "%s: stopped at the first stage that differs\n", outcome->other);
    }
    fputs("tern compare: ", stderr);
    tern_cli_outcome_put_first(outcome, stderr);
}

static int report(const struct tern_cli_comparison *devices, const struct tern_cli_options *options) {
    int code = TERN_EXIT_OK;
    if (options->json) {
        print_json(devices);
    } else {
        print_tables(devices, options->stages);
    }
    for (size_t i = 1; i < devices->count; i++) {
        const struct tern_cli_outcome *outcome = &devices->outcomes[i];
        if (!options->json && outcome->all.values > 0) { // none before an interrupt
            tern_cli_outcome_put_verdict(outcome, stdout);
        }
        if (outcome->all.differ) {
            describe_difference(outcome);
            code = TERN_EXIT_FAILED;
        }
    }
    return code;
}

// A page or a trace that cannot be written does not hide the verdict. After an interrupt there are those of what was
// compared.
static int finish(const struct tern_cli_comparison *devices, const struct tern_cli_options *options) {
    struct tern_error error = {{0}};
    const struct tern_cli_page page = {.words = devices->words,
                                       .word_count = devices->word_count,
                                       .sources = &devices->sources,
                                       .last = &devices->feeds[devices->count - 1],
                                       .outcomes = &devices->outcomes[1],
                                       .count = devices->count - 1};
    const enum tern_status status = options->html ? tern_cli_page_write(&page, options->html, &error) : TERN_STATUS_OK;
    int code = report(devices, options);
    code = status == TERN_STATUS_OK ? code : tern_cli_fail("compare", &error);
    return *devices->trace_error.message ? tern_cli_fail("compare", &devices->trace_error) : code;
}

// names: [count], 2 or more.
static int compare(struct tern_cli_comparison *devices, struct tern_cli_options *options, const char *const *names,
                   size_t count) {
    struct tern_error error = {{0}};
    devices->count = count;
    memcpy(devices->names, names, count * sizeof *names);
    enum tern_status status = tern_cli_sources_open(options, names, count, options->json, &error, &devices->sources);
    if (status == TERN_STATUS_OK) {
        status = tern_cli_comparison_run(devices, options, &error);
    }
    const bool has_outcomes = status == TERN_STATUS_OK || status == TERN_STATUS_INTERRUPTED;
    int code = has_outcomes ? finish(devices, options) : TERN_EXIT_OK;
    code = status == TERN_STATUS_OK ? code : tern_cli_fail("compare", &error);
    const int checked = tern_cli_sources_end(&devices->sources, code);
    tern_cli_sources_close(&devices->sources);
    tern_cli_comparison_close(devices);
    return status == TERN_STATUS_INTERRUPTED ? tern_cli_interrupt_code() : checked;
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
static int compare_named(struct tern_cli_comparison *devices, struct tern_cli_options *options) {
    char list[NAMES_BYTES];
    const char *names[TERN_CLI_COMPARISON_DEVICES] = {options->taps};
    const size_t first = options->taps ? 1 : 0, most = options->taps ? 1 : TERN_CLI_COMPARISON_DEVICES;
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
    return compare(devices, options, names, count);
}

// words: [argc], the command line, which parsing sorts in argv.
static int compare_words(int argc, char **argv, const char *const *words) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER};
    struct tern_cli_comparison devices = {.words = words, .word_count = (size_t)argc};
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
        return compare(&devices, &options, (const char *const[]){first, second}, 2);
    }
    return compare_named(&devices, &options);
}

int tern_cli_compare(int argc, char **argv) {
    struct tern_error error;
    const char **words = malloc((size_t)argc * sizeof *words);
    if (!words) {
        return tern_cli_end(
            "compare", tern_error_set(&error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a command line"), &error);
    }
    memcpy(words, argv, (size_t)argc * sizeof *words);
    const int code = compare_words(argc, argv, words);
    free(words);
    return code;
}
