// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/commands/run.h"
#include "host_driver/cli/interrupt.h"

static const char usage[] =
    "usage: tern run MODEL --prompt TEXT [--device NAME] [--on DEVICE:LAYERS] [--depth D]\n"
    "                [--draft-depth D] [--draft-tokens N] [--max-tokens N] [--temperature T] [--top-k K]\n"
    "                [--top-p P] [--repetition-penalty R] [--seed S] [--device-memory BYTES] [--latency CYCLES]\n"
    "                [--bandwidth PERCENT] [--stalls SEED] [--threads N] [--profile] [--json]\n"
    "Generates text. MODEL is a packed or a Hugging Face directory; the text goes to stdout, progress and figures to\n"
    "stderr. Ctrl-C ends the text, with exit code 130; a second one ends the program at once.\n"
    "  --on DEVICE:LAYERS    these layers on another device, such as rtl:0,3,5-7; may be given several times\n"
    "  --depth D             planes in use, at most what is stored (default: all)\n"
    "  --draft-depth D       so many planes draft tokens, which all planes in use then verify in one pass: the same\n"
    "                        text, fewer bytes of weights read (default: no drafting)\n"
    "  --draft-tokens N      drafted before each verification, 1 to 15 (default 4)\n"
    "  --max-tokens N        new tokens at most (default 32); a stop token of the model ends the text before\n"
    "  --temperature T       0 takes the likeliest token each time (default 0, whatever generation_config.json says)\n"
    "  --top-k K             draw from the K likeliest tokens, 0 for all (default 0)\n"
    "  --top-p P             draw from the likeliest tokens that together have probability P (default 1)\n"
    "  --repetition-penalty R  makes tokens of the text so far less likely (default 1: off)\n"
    "  --seed S              of the draws (default 0): the same seed, the same text\n"
    "  --device-memory BYTES smaller than the model is fine: layers stream through it\n"
    "  --latency, --bandwidth, --stalls   the rtl device's memory\n"
    "  --threads N           of the model device and the output head (default: one a processor); the bits are the "
    "same\n"
    "  --profile             rtl: where the cycles of each stage and unit went, summed over layers and tokens\n"
    "  --json                one object with text, ids and figures instead of the text\n";

static enum tern_status encode(struct tern_run *run, struct tern_error *error) {
    const char *prompt = run->options->prompt;
    TERN_TRY(tern_cli_tokenizer(run->options->operand[0], error, &run->tokenizer));
    TERN_TRY(
        tern_tokenizer_encode(run->tokenizer, prompt, strlen(prompt), error, &run->prompt_ids, &run->prompt_count));
    return run->prompt_count > 0 ? TERN_STATUS_OK
                                 : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--prompt is empty");
}

// Profiles of all devices that count cycles. One such device is needed.
static enum tern_status begin_profiles(struct tern_run *run, struct tern_error *error) {
    const struct tern_runner *runner = run->session.runner;
    bool has_clock = false;
    for (uint32_t i = 0; i < tern_runner_devices(runner); i++) {
        if (tern_device_has_clock(tern_runner_part_of(runner, i).device)) {
            TERN_TRY(tern_cli_profile_begin(&run->profiles[i], runner, i, error));
            has_clock = true;
        }
    }
    return has_clock ? TERN_STATUS_OK : tern_cli_profile_begin(&run->profiles[0], runner, 0, error);
}

static enum tern_status open_generator(struct tern_run *run, struct tern_error *error) {
    const struct tern_cli_options *options = run->options;
    uint32_t capacity = (uint32_t)(run->prompt_count + options->max_tokens - 1);
    TERN_TRY(tern_session_open(options, tern_cli_device(options), capacity, NULL, NULL, error, &run->session));
    TERN_TRY(options->profile ? begin_profiles(run, error) : TERN_STATUS_OK);
    TERN_TRY(tern_generator_open(run->session.runner, tern_model_config(run->session.model), &run->sampling, capacity,
                                 error, &run->generator));
    TERN_TRY(tern_cli_draft(options, run->generator, error));
    return tern_generator_append(run->generator, run->prompt_ids, run->prompt_count, error);
}

static enum tern_status run_model(struct tern_run *run, struct tern_error *error) {
    const struct tern_cli_options *options = run->options;
    TERN_TRY(encode(run, error));
    TERN_TRY(open_generator(run, error));
    struct tern_answer answer = {.generator = run->generator,
                                 .runner = run->session.runner,
                                 .config = tern_model_config(run->session.model),
                                 .tokenizer = run->tokenizer,
                                 .end_id = TERN_NO_ID,
                                 .max_tokens = options->max_tokens,
                                 .is_silent = options->json};
    run->started = tern_seconds();
    tern_cli_catch_interrupt(); // before the prompt is printed: a Ctrl-C after it must be caught
    if (!options->json) {
        fputs(options->prompt, stdout);
        fflush(stdout);
    }
    enum tern_status status = tern_cli_answer(&answer, error);
    if (!options->json) {
        fputc('\n', stdout);
    }
    bool is_text = status == TERN_STATUS_OK || status == TERN_STATUS_INTERRUPTED;
    enum tern_status printed = status;
    if (is_text) {
        printed = options->json ? tern_run_print_json(run, &answer, status == TERN_STATUS_INTERRUPTED, error)
                                : TERN_STATUS_OK;
        printed = printed == TERN_STATUS_OK ? tern_run_print_figures(run, error) : printed;
    }
    return status == TERN_STATUS_OK ? printed : status;
}

int tern_cli_run(int argc, char **argv) {
    struct tern_cli_options options = {.max_tokens = 32};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (!options.prompt) {
        return tern_cli_misused("run", usage, "--prompt is missing");
    }
    struct tern_run run = {.options = &options, .sampling = tern_sampling_greedy()};
    struct tern_error error = {{0}};
    if (tern_cli_sampling(&options, &error, &run.sampling) != TERN_STATUS_OK) {
        tern_cli_fail("run", &error);
        return TERN_EXIT_USAGE;
    }
    enum tern_status status = run_model(&run, &error);
    tern_generator_close(run.generator);
    tern_session_close(&run.session);
    tern_tokenizer_close(run.tokenizer);
    free(run.prompt_ids);
    code = tern_cli_end("run", status, &error);
    return status == TERN_STATUS_INTERRUPTED ? TERN_EXIT_INTERRUPTED : code;
}
