// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/commands/run.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/system/read_text.h"
#include "host_driver/system/write_file.h"

static const char usage[] =
    "usage: tern run MODEL --prompt TEXT [--bos auto|yes|no] [--device NAME] [--on DEVICE:LAYERS] [--depth D]\n"
    "                [--draft-depth D] [--draft-tokens N] [--max-tokens N] [--stop TEXT] [--temperature T] [--top-k "
    "K]\n"
    "                [--top-p P] [--repetition-penalty R] [--seed S] [--device-memory BYTES] [--latency CYCLES]\n"
    "                [--bandwidth PERCENT] [--stalls SEED] [--memory NAME] [--lanes N] [--vectors M]\n"
    "                [--verilated UNITS]\n"
    "                [--threads N] [--save-state FILE] [--profile] [--trace FILE] [--trace-from COMMAND]\n"
    "                [--trace-commands N] [--waves FILE] [--waves-from COMMAND] [--waves-cycles N] [--json]\n"
    "       tern run MODEL --prompt-file FILE ...\n"
    "       tern run MODEL --resume FILE [--max-tokens N] ...\n"
    "Generates text. MODEL is a packed or a Hugging Face directory; the text goes to stdout, progress and figures to\n"
    "stderr. Ctrl-C ends the text, with exit code 130; a second one ends the program at once.\n"
    "  --prompt-file FILE    the prompt is the whole FILE, of any length; - for standard input\n"
    "  --bos auto|yes|no     whether the prompt begins with BOS (default auto: as tokenizer.json says)\n"
    "  --on DEVICE:LAYERS    these layers on another device, such as rtl:0,3,5-7; may be given several times\n"
    "  --depth D             planes in use, at most what is stored (default: all)\n"
    "  --draft-depth D       so many planes draft tokens, which all planes in use then verify in one pass: the same\n"
    "                        text, fewer bytes of weights read (default: no drafting)\n"
    "  --draft-tokens N      drafted before each verification, 1 to 31 (default 4)\n"
    "  --max-tokens N        new tokens at most (default 32); a stop token of the model or the end of the context "
    "ends\n"
    "                        the text before\n"
    "  --stop TEXT           ends the text before TEXT; may be given several times\n"
    "  --temperature T       0 takes the likeliest token each time (default 0, whatever generation_config.json says)\n"
    "  --top-k K             draw from the K likeliest tokens, 0 for all (default 0)\n"
    "  --top-p P             draw from the likeliest tokens that together have probability P (default 1)\n"
    "  --repetition-penalty R  makes tokens of the text so far less likely (default 1: off)\n"
    "  --seed S              of the draws (default 0): the same seed, the same text\n"
    "  --device-memory BYTES smaller than the model is fine: layers stream through it\n"
    "  --latency, --bandwidth, --stalls   memory of rtl and vp (--stalls: on vp of Verilated "
    "units)\n" TERN_CLI_MEMORY_HELP TERN_CLI_VARIANT_HELP
    "  --threads N           of the model device and the output head (default: one a processor); the bits are the "
    "same\n"
    "  --save-state FILE     at the end, and after Ctrl-C or SIGTERM (exit codes 130, 143), from which --resume goes "
    "on\n"
    "  --resume FILE         goes on with a saved text, on any device: the text of one run. Prompt, depth and "
    "sampling\n"
    "                        come from FILE. --max-tokens N allows N more tokens (default: what FILE's run had left)\n"
    "  --profile             rtl: where the cycles of each stage and unit went, summed over layers and tokens\n"
    "  --trace FILE          rtl, vp: what layers, commands, units and memory did in each cycle, for Perfetto and\n"
    "                        tools/report\n" TERN_CLI_TRACE_HELP TERN_CLI_WAVES_HELP
    "  --json                one object with text, ids and figures instead of the text\n";

static enum tern_status encode(struct tern_run *run, struct tern_error *error) {
    const char *file = run->options->prompt_file;
    TERN_TRY(file ? tern_read_text(file, TERN_TEXT_MAX_BYTES, error, &run->prompt_read, &run->prompt_bytes)
                  : TERN_STATUS_OK);
    run->prompt = file ? run->prompt_read : run->options->prompt;
    run->prompt_bytes = file ? run->prompt_bytes : strlen(run->prompt);
    run->max_tokens = run->options->max_tokens;
    TERN_TRY(tern_tokenizer_encode(run->tokenizer, run->prompt, run->prompt_bytes, error, &run->prompt_ids,
                                   &run->prompt_count));
    return run->prompt_count > 0 ? TERN_STATUS_OK
                                 : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                                  "the prompt is empty; the text goes on from one token at least");
}

// Without --max-tokens the text goes on to the limit of the saved run.
static enum tern_status resume(struct tern_run *run, struct tern_error *error) {
    struct tern_saved_state *state = &run->resumed;
    TERN_TRY(tern_saved_state_read(run->options->resume, error, state));
    if (state->prompt_count == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: tern logits saved it, so there is no text to go on",
                              state->path);
    }
    run->prompt = state->prompt;
    run->prompt_bytes = state->prompt_bytes;
    run->prompt_count = state->prompt_count;
    run->sampling = state->sampling;
    run->earlier = state->count - state->prompt_count;
    run->max_tokens = state->max_tokens;
    if (tern_cli_is_given(run->options, "max-tokens")) {
        run->max_tokens = run->earlier + run->options->max_tokens;
    }
    return TERN_STATUS_OK;
}

// The saved ids may go further than the limit.
static uint32_t capacity_of(const struct tern_run *run) {
    const size_t wanted = run->prompt_count + run->max_tokens - 1;
    const size_t capacity = wanted + 1 < run->resumed.known ? run->resumed.known - 1 : wanted;
    return capacity < UINT32_MAX ? (uint32_t)capacity : UINT32_MAX;
}

// The text goes on to the end of the context when --max-tokens is beyond it.
static enum tern_status check_context(const struct tern_run *run, struct tern_error *error) {
    const size_t context = run->session.capacity, prompt = run->prompt_count;
    if (prompt > context) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "the prompt has %zu tokens, the context of the model %zu positions", prompt, context);
    }
    // The last token is not fed, so that it needs no position.
    if (run->max_tokens > context + 1 - prompt) {
        fprintf(stderr, "tern run: of %zu new tokens at most %zu fit: the prompt has %zu, the context %zu positions\n",
                run->max_tokens, context + 1 - prompt, prompt, context);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_end(const struct tern_run *run, struct tern_error *error) {
    const struct tern_saved_state *state = &run->resumed;
    if (run->earlier > 0 && tern_is_stop_id(tern_model_config(run->session.model), state->ids[state->count - 1])) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: its text has ended with a stop token", state->path);
    }
    return run->earlier < run->max_tokens
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: has all its %zu tokens, --max-tokens gives more",
                                state->path, run->earlier);
}

static enum tern_status save(const struct tern_run *run, struct tern_error *error) {
    const char *path = run->options->save_state;
    struct tern_saved_state state = {.prompt_count = (uint32_t)run->prompt_count,
                                     .max_tokens = run->max_tokens < TERN_MAX_POSITIONS ? (uint32_t)run->max_tokens
                                                                                        : TERN_MAX_POSITIONS,
                                     .prompt = run->prompt,
                                     .prompt_bytes = (uint32_t)run->prompt_bytes};
    tern_generator_save(run->generator, &state);
    TERN_TRY(tern_saved_state_write(&state, run->session.model, run->session.runner, path, error));
    fprintf(stderr, "%u tokens of text saved in %s\n", state.count, path);
    return TERN_STATUS_OK;
}

static enum tern_status begin_trace(struct tern_run *run, struct tern_error *error) {
    struct tern_cli_trace_device *devices = tern_cli_trace_add(&run->trace, run->options, run->session.runner);
    for (uint32_t i = 0; i < tern_runner_devices(run->session.runner); i++) {
        run->profiles[i].traced = &devices[i];
    }
    return tern_cli_trace_open(&run->trace, run->options, error);
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
    const struct tern_session_options more = {.device = tern_cli_device(options),
                                              .capacity = capacity_of(run),
                                              .takes_less = true,
                                              .state = options->resume ? &run->resumed : NULL};
    TERN_TRY(tern_session_open(options, &more, error, &run->session));
    TERN_TRY(check_context(run, error));
    TERN_TRY(options->trace ? begin_trace(run, error) : TERN_STATUS_OK);
    TERN_TRY(options->profile || options->trace ? begin_profiles(run, error) : TERN_STATUS_OK);
    TERN_TRY(tern_generator_open(run->session.runner, tern_model_config(run->session.model), &run->sampling,
                                 run->session.capacity, error, &run->generator));
    TERN_TRY(tern_cli_draft(options, run->generator, error));
    if (more.state) {
        TERN_TRY(check_end(run, error));
        return tern_generator_load(run->generator, more.state, error);
    }
    return tern_generator_append(run->generator, run->prompt_ids, run->prompt_count, error);
}

// Saves the state, ends the trace and prints the figures, of a whole text or one that was interrupted.
static enum tern_status finish(struct tern_run *run, const struct tern_answer *answer, bool is_interrupted,
                               struct tern_error *error) {
    TERN_TRY(run->options->save_state ? save(run, error) : TERN_STATUS_OK);
    TERN_TRY(is_interrupted ? TERN_STATUS_OK : tern_cli_trace_check(&run->trace, error));
    TERN_TRY(tern_cli_trace_close(&run->trace, true, error));
    TERN_TRY(is_interrupted ? TERN_STATUS_OK : tern_runner_check_waves(run->session.runner, error));
    TERN_TRY(run->options->json ? tern_run_print_json(run, answer, error) : TERN_STATUS_OK);
    return tern_run_print_figures(run, answer, error);
}

// A signal is caught before the prompt is printed, so that one after it is, and until the state is saved.
static void catch_signals(const struct tern_cli_options *options) {
    FILE *text = options->json ? NULL : stdout;
    tern_cli_catch_interrupt("run", text);
    if (options->save_state) {
        tern_cli_catch_termination("run", text);
    }
}

// --json prints the text at the end.
static enum tern_status open_text(struct tern_run *run, struct tern_error *error, FILE **out) {
    *out = run->text_stream = open_memstream(&run->text, &run->text_bytes);
    return *out ? TERN_STATUS_OK
                : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the JSON object");
}

static enum tern_status open_all(struct tern_run *run, struct tern_error *error) {
    const struct tern_cli_options *options = run->options;
    TERN_TRY(options->save_state ? tern_replace_file_check(options->save_state, error) : TERN_STATUS_OK);
    TERN_TRY(options->trace ? tern_replace_file_check(options->trace, error) : TERN_STATUS_OK);
    TERN_TRY(tern_cli_tokenizer(options, error, &run->tokenizer));
    TERN_TRY(options->resume ? resume(run, error) : encode(run, error));
    return open_generator(run, error);
}

// Prints the prompt, unless there is --json, and what follows it.
static enum tern_status speak(const struct tern_run *run, struct tern_answer *answer, struct tern_error *error) {
    if (run->options->json) {
        return tern_cli_answer(answer, error);
    }
    answer->prompt = run->prompt;
    answer->prompt_bytes = run->prompt_bytes;
    enum tern_status status = tern_cli_answer(answer, error);
    fputc('\n', stdout);
    return status == TERN_STATUS_OK ? tern_cli_flush(error) : status;
}

static enum tern_status run_model(struct tern_run *run, struct tern_error *error) {
    TERN_TRY(open_all(run, error));
    struct tern_answer answer = {.label = "run",
                                 .generator = run->generator,
                                 .runner = run->session.runner,
                                 .config = tern_model_config(run->session.model),
                                 .tokenizer = run->tokenizer,
                                 .end_id = TERN_NO_ID,
                                 .earlier = run->earlier,
                                 .max_tokens = run->max_tokens,
                                 .stop_strings = run->options->stop,
                                 .stop_count = run->options->stop_count,
                                 .out = stdout};
    TERN_TRY(run->options->json ? open_text(run, error, &answer.out) : TERN_STATUS_OK);
    run->started = tern_seconds();
    catch_signals(run->options);
    enum tern_status status = speak(run, &answer, error);
    const bool is_interrupted = status == TERN_STATUS_INTERRUPTED;
    if (status == TERN_STATUS_OK || is_interrupted) {
        struct tern_error failure = {{0}};
        enum tern_status finished = finish(run, &answer, is_interrupted, &failure);
        if (finished != TERN_STATUS_OK) {
            status = finished;
            *error = failure;
        }
    }
    tern_cli_obey_interrupt();
    return status;
}

int tern_cli_run(int argc, char **argv) {
    struct tern_cli_options options = {.max_tokens = 32, .layer = TERN_NO_LAYER};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (!options.prompt && !options.prompt_file && !options.resume) {
        return tern_cli_misused("run", "--prompt is missing (or --prompt-file, --resume)");
    }
    struct tern_run run = {.options = &options, .sampling = tern_sampling_greedy()};
    struct tern_error error = {{0}};
    if (tern_cli_sampling(&options, &error, &run.sampling) != TERN_STATUS_OK) {
        tern_cli_fail("run", &error);
        return TERN_EXIT_USAGE;
    }
    enum tern_status status = run_model(&run, &error);
    (void)tern_cli_trace_close(&run.trace, false, NULL); // unless it is closed
    tern_generator_close(run.generator);
    tern_session_close(&run.session);
    tern_tokenizer_close(run.tokenizer);
    tern_saved_state_close(&run.resumed);
    free(run.prompt_ids);
    free(run.prompt_read);
    if (run.text_stream) {
        fclose(run.text_stream);
    }
    free(run.text);
    code = tern_cli_end("run", status, &error);
    return status == TERN_STATUS_INTERRUPTED ? tern_cli_interrupt_code() : code;
}
