// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/feed.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/formats/npy.h"
#include "host_driver/system/write_file.h"
#include "host_driver/runner/taps.h"

static const char usage[] =
    "usage: tern logits MODEL --tokens 1,2,3 --out FILE.npy [--taps FILE.safetensors] [--device NAME]\n"
    "                   [--on DEVICE:LAYERS] [--depth D] [--device-memory BYTES] [--latency CYCLES] [--bandwidth "
    "PERCENT]\n"
    "                   [--stalls SEED] [--lanes N] [--vectors M] [--verilated UNITS] [--threads N]\n"
    "                   [--save-state FILE]\n"
    "       tern logits MODEL --resume FILE [--tokens 4,5] --out FILE.npy ...\n"
    "Logits after each token as a NumPy file, float32 [tokens][vocabulary].\n"
    "  --on DEVICE:LAYERS  these layers on another device, such as rtl:0,3,5-7; may be given several times\n"
    "  --save-state FILE   at the end, and after Ctrl-C or SIGTERM (exit codes 130, 143): the tokens, fed or not. "
    "--out\n"
    "                then has the rows of those that were fed\n"
    "  --resume FILE goes on after the tokens that are fed in FILE, on any device, with those that are not, then with\n"
    "                --tokens. The depth comes from FILE. --out has the rows of this run\n"
    "  --taps FILE   also the result of every stage, for `tern compare --taps`\n"
    "                (testvectors/tiny/README.md)\n" TERN_CLI_VARIANT_HELP;

struct kept {
    struct tern_taps taps;
    bool is_tapped;
    float *logits; // [rows][columns]
    size_t rows, columns;
};

static enum tern_status keep_stage(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error) {
    struct kept *kept = context;
    return tern_taps_add(&kept->taps, stage, data, bytes, error);
}

static enum tern_status keep_logits(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                    struct tern_error *error) {
    struct kept *kept = context;
    float *grown = realloc(kept->logits, (kept->rows + 1) * bytes);
    if (!grown) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu rows of logits",
                              kept->rows + 1);
    }
    kept->logits = grown;
    kept->columns = bytes / sizeof *grown;
    memcpy(grown + kept->rows++ * kept->columns, data, bytes);
    return kept->is_tapped ? tern_taps_add(&kept->taps, stage, data, bytes, error) : TERN_STATUS_OK;
}

static enum tern_status write_results(const struct tern_cli_options *options, const struct kept *kept,
                                      struct tern_error *error) {
    const struct tern_taps_input input = {(char *)options->tokens, (uint32_t)options->depth, tern_cli_device(options)};
    TERN_TRY(options->taps ? tern_taps_write(&kept->taps, &input, options->taps, error) : TERN_STATUS_OK);
    return options->out ? tern_npy_write(options->out, kept->logits, kept->rows, (uint32_t)kept->columns, error)
                        : TERN_STATUS_OK;
}

static enum tern_status run(struct tern_cli_feed *feed, struct tern_error *error) {
    const struct tern_cli_options *options = feed->options;
    const char *const files[] = {options->out, options->taps, options->save_state};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        TERN_TRY(files[i] ? tern_replace_file_check(files[i], error) : TERN_STATUS_OK);
    }
    TERN_TRY(tern_cli_feed_open(feed, error));
    if (options->save_state) {
        tern_cli_catch_interrupt("logits", NULL);
        tern_cli_catch_termination("logits", NULL);
    }
    return tern_cli_feed_run(feed, error);
}

// After an interrupt, too, the state and the finished rows are written.
static enum tern_status finish(struct tern_cli_feed *feed, struct kept *kept, enum tern_status status,
                               struct tern_error *error) {
    struct tern_error failure = {{0}};
    if (status != TERN_STATUS_OK && status != TERN_STATUS_INTERRUPTED) {
        return status;
    }
    kept->columns = tern_model_config(feed->session.model)->vocabulary_size;
    enum tern_status finished = feed->options->save_state ? tern_cli_feed_save(feed, &failure) : TERN_STATUS_OK;
    finished = finished == TERN_STATUS_OK ? write_results(feed->options, kept, &failure) : finished;
    if (finished != TERN_STATUS_OK) {
        *error = failure;
        return finished;
    }
    return status;
}

static enum tern_status logits(const struct tern_cli_options *options, struct tern_error *error) {
    struct kept kept = {.is_tapped = options->taps != NULL};
    struct tern_cli_feed feed = {.options = options,
                                 .device = tern_cli_device(options),
                                 .output = keep_logits,
                                 .context = &kept,
                                 .tap = options->taps ? keep_stage : NULL};
    enum tern_status status = finish(&feed, &kept, run(&feed, error), error);
    tern_cli_obey_interrupt();
    tern_cli_feed_close(&feed);
    tern_taps_free(&kept.taps);
    free(kept.logits);
    return status;
}

int tern_cli_logits(int argc, char **argv) {
    struct tern_cli_options options = {.layer = TERN_NO_LAYER};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (!options.tokens && !options.resume) {
        return tern_cli_misused("logits", "--tokens is missing");
    }
    if (!options.out && !options.taps) {
        return tern_cli_misused("logits", "--out or --taps is missing");
    }
    if (options.taps && (options.resume || options.save_state)) {
        return tern_cli_misused("logits", "--taps is for all tokens, without --resume and --save-state");
    }
    struct tern_error error = {{0}};
    enum tern_status status = logits(&options, &error);
    code = tern_cli_end("logits", status, &error);
    return status == TERN_STATUS_INTERRUPTED ? tern_cli_interrupt_code() : code;
}
