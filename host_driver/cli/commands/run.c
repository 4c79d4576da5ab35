// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/answer.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/profile.h"

static const char usage[] =
    "usage: tern run MODEL --prompt TEXT [--device NAME] [--depth D] [--draft-depth D] [--draft-tokens N]\n"
    "                [--max-tokens N] [--temperature T] [--top-k K] [--top-p P] [--repetition-penalty R]\n"
    "                [--seed S] [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED]\n"
    "                [--threads N] [--profile] [--json]\n"
    "Generates text. MODEL is a packed or a Hugging Face directory; the text goes to stdout, progress and figures to\n"
    "stderr. Ctrl-C ends the text, with exit code 130; a second one ends the program at once.\n"
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

struct run {
    const struct tern_cli_options *options;
    struct tern_session session;
    struct tern_tokenizer *tokenizer;
    struct tern_generator *generator;
    uint32_t *prompt_ids;
    size_t prompt_count;
    double started; // seconds
    struct tern_sampling sampling;
    struct tern_cli_profile profile;
};

static enum tern_status encode(struct run *run, struct tern_error *error) {
    const char *prompt = run->options->prompt;
    TERN_TRY(tern_cli_tokenizer(run->options->operand[0], error, &run->tokenizer));
    TERN_TRY(
        tern_tokenizer_encode(run->tokenizer, prompt, strlen(prompt), error, &run->prompt_ids, &run->prompt_count));
    return run->prompt_count > 0 ? TERN_STATUS_OK
                                 : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--prompt is empty");
}

static enum tern_status open_generator(struct run *run, struct tern_error *error) {
    const struct tern_cli_options *options = run->options;
    uint32_t capacity = (uint32_t)(run->prompt_count + options->max_tokens - 1);
    TERN_TRY(tern_session_open(options, tern_cli_device(options), capacity, NULL, NULL, error, &run->session));
    TERN_TRY(options->profile ? tern_cli_profile_begin(&run->profile, &run->session, error) : TERN_STATUS_OK);
    TERN_TRY(tern_generator_open(run->session.runner, tern_model_config(run->session.model), &run->sampling, capacity,
                                 error, &run->generator));
    TERN_TRY(tern_cli_draft(options, run->generator, error));
    return tern_generator_append(run->generator, run->prompt_ids, run->prompt_count, error);
}

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : 0;
}

static void print_draft_figures(const struct run *run) {
    struct tern_draft_figures figures = tern_generator_draft_figures(run->generator);
    fprintf(stderr, "drafted %llu tokens at depth %u in %llu rounds, %.1f %% accepted\n",
            (unsigned long long)figures.drafted, (unsigned)run->options->draft_depth,
            (unsigned long long)figures.rounds, 100 * share(figures.accepted, figures.drafted));
    fprintf(stderr,
            "%.3f MB of weights read for the %llu tokens of the rounds, %.3f MB without drafting: %.1f %% saved\n",
            (double)figures.weight_bytes / 1e6, (unsigned long long)figures.tokens, (double)figures.plain_bytes / 1e6,
            100 * (1 - share(figures.weight_bytes, figures.plain_bytes)));
}

static void add_draft_figures(const struct run *run, cJSON *root) {
    struct tern_draft_figures figures = tern_generator_draft_figures(run->generator);
    cJSON *draft = cJSON_AddObjectToObject(root, "draft");
    cJSON_AddNumberToObject(draft, "depth", (double)run->options->draft_depth);
    cJSON_AddNumberToObject(draft, "rounds", (double)figures.rounds);
    cJSON_AddNumberToObject(draft, "drafted", (double)figures.drafted);
    cJSON_AddNumberToObject(draft, "accepted", (double)figures.accepted);
    cJSON_AddNumberToObject(draft, "acceptance", share(figures.accepted, figures.drafted));
    cJSON_AddNumberToObject(draft, "tokens", (double)figures.tokens);
    cJSON_AddNumberToObject(draft, "weight_bytes", (double)figures.weight_bytes);
    cJSON_AddNumberToObject(draft, "plain_weight_bytes", (double)figures.plain_bytes);
    cJSON_AddNumberToObject(draft, "saved_bytes", (double)figures.plain_bytes - (double)figures.weight_bytes);
}

static double cycles_per_token(const struct run *run) {
    return (double)tern_cli_profile_cycles(&run->profile) / tern_runner_positions(run->session.runner);
}

static void print_profile(const struct run *run) {
    tern_cli_profile_print(&run->profile, stderr);
    fprintf(stderr, "%llu cycles for %u tokens, %.0f a token\n",
            (unsigned long long)tern_cli_profile_cycles(&run->profile), tern_runner_positions(run->session.runner),
            cycles_per_token(run));
}

static void add_profile(const struct run *run, cJSON *root) {
    cJSON *profile = cJSON_AddObjectToObject(root, "profile");
    tern_cli_profile_add(&run->profile, profile);
    cJSON_AddNumberToObject(profile, "tokens", tern_runner_positions(run->session.runner));
    cJSON_AddNumberToObject(profile, "cycles", (double)tern_cli_profile_cycles(&run->profile));
    cJSON_AddNumberToObject(profile, "cycles_per_token", cycles_per_token(run));
}

static void print_figures(const struct run *run, const struct tern_counters *counters) {
    uint32_t fed = tern_runner_positions(run->session.runner);
    double seconds = tern_seconds() - run->started;
    fprintf(stderr, "%u tokens fed in %.1f s on %s, weights %s, %.1f MB uploaded\n", fed, seconds,
            tern_device_name(run->session.device),
            tern_runner_is_resident(run->session.runner) ? "resident" : "streamed",
            (double)tern_runner_uploaded_bytes(run->session.runner) / 1e6);
    if (run->options->draft_depth) {
        print_draft_figures(run);
    }
    if (!counters->matmul_cycles) {
        return;
    }
    double cycles = (double)counters->time_cycles;
    uint32_t layers = tern_model_config(run->session.model)->layers;
    fprintf(stderr, "%.0f cycles a token, %.0f a whole layer, of which %.0f in the matmul unit\n", cycles / fed,
            cycles / fed / layers, (double)counters->matmul_cycles / fed / layers);
    fprintf(stderr, "beats taken/offered %llu/%llu = %.3f; %.0f cycles a host second\n",
            (unsigned long long)counters->beats_taken, (unsigned long long)counters->beats_offered,
            counters->beats_offered ? (double)counters->beats_taken / (double)counters->beats_offered : 0.0,
            cycles / seconds);
}

// The new text in one piece, as the stream would have printed it, with a NUL after its bytes; free().
static char *whole_text(const struct run *run, size_t count, size_t *len_bytes) {
    const uint32_t *ids = tern_generator_ids(run->generator) + run->prompt_count;
    struct tern_text_stream stream;
    tern_text_stream_begin(&stream, run->tokenizer, TERN_DECODE_SKIP_SPECIAL);
    char *all = NULL;
    size_t used = 0;
    FILE *out = open_memstream(&all, &used);
    for (size_t i = 0; out && i <= count; i++) {
        const char *text;
        size_t bytes;
        enum tern_status status = i < count ? tern_text_stream_push(&stream, ids[i], NULL, &text, &bytes)
                                            : tern_text_stream_flush(&stream, NULL, &text, &bytes);
        fwrite(text, 1, status == TERN_STATUS_OK ? bytes : 0, out);
    }
    tern_text_stream_end(&stream);
    bool is_good = out && fclose(out) == 0;
    *len_bytes = used;
    return is_good ? all : NULL;
}

// The same text as a JSON string; free(). It may hold U+0000, at which strings of cJSON end.
static char *whole_text_json(const struct run *run, size_t count) {
    char *json = NULL;
    size_t bytes = 0, used = 0;
    char *text = whole_text(run, count, &bytes);
    FILE *out = text ? open_memstream(&json, &used) : NULL;
    bool is_good = out != NULL;
    for (size_t at = 0; is_good && at <= bytes; at += strlen(text + at) + 1) {
        cJSON *part = cJSON_CreateString(text + at);
        char *quoted = cJSON_PrintUnformatted(part);
        is_good = quoted && fprintf(out, "%s%.*s", at ? "\\u0000" : "\"", (int)strlen(quoted) - 2, quoted + 1) > 0;
        cJSON_free(quoted);
        cJSON_Delete(part);
    }
    is_good = is_good && fputc('"', out) != EOF;
    is_good = out && fclose(out) == 0 && is_good;
    free(text);
    if (!is_good) {
        free(json);
    }
    return is_good ? json : NULL;
}

static enum tern_status print_json(const struct run *run, const struct tern_answer *answer, bool is_interrupted,
                                   const struct tern_counters *counters, struct tern_error *error) {
    cJSON *root = cJSON_CreateObject();
    char *text = whole_text_json(run, answer->tokens), *line = NULL;
    const char *end = is_interrupted ? "interrupt" : answer->is_ended ? "stop token" : "max tokens";
    cJSON_AddRawToObject(root, "text", text ? text : "null");
    cJSON_AddNumberToObject(root, "prompt_tokens", (double)run->prompt_count);
    cJSON *ids = cJSON_AddArrayToObject(root, "ids");
    for (size_t i = 0; i < answer->tokens; i++) {
        cJSON_AddItemToArray(ids, cJSON_CreateNumber(tern_generator_ids(run->generator)[run->prompt_count + i]));
    }
    cJSON_AddStringToObject(root, "ended_by", end);
    cJSON_AddStringToObject(root, "device", tern_device_name(run->session.device));
    cJSON_AddNumberToObject(root, "tokens_fed", tern_runner_positions(run->session.runner));
    cJSON_AddNumberToObject(root, "seconds", tern_seconds() - run->started);
    cJSON_AddNumberToObject(root, "cycles", (double)counters->time_cycles);
    cJSON_AddNumberToObject(root, "matmul_cycles", (double)counters->matmul_cycles);
    cJSON_AddNumberToObject(root, "beats_taken", (double)counters->beats_taken);
    cJSON_AddNumberToObject(root, "beats_offered", (double)counters->beats_offered);
    cJSON_AddNumberToObject(root, "weight_bytes", (double)tern_runner_weight_bytes(run->session.runner));
    cJSON_AddNumberToObject(root, "uploaded_bytes", (double)tern_runner_uploaded_bytes(run->session.runner));
    if (run->options->draft_depth) {
        add_draft_figures(run, root);
    }
    if (run->options->profile) {
        add_profile(run, root);
    }
    line = cJSON_PrintUnformatted(root);
    enum tern_status status = text && line ? TERN_STATUS_OK : TERN_STATUS_OUT_OF_MEMORY;
    if (status == TERN_STATUS_OK) {
        puts(line);
    }
    cJSON_free(line);
    cJSON_Delete(root);
    free(text);
    return status == TERN_STATUS_OK ? status : tern_error_set(error, status, "no host memory for the JSON object");
}

static enum tern_status run_model(struct run *run, struct tern_error *error) {
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
    struct tern_counters counters;
    bool is_text = status == TERN_STATUS_OK || status == TERN_STATUS_INTERRUPTED;
    enum tern_status counted = is_text ? tern_device_counters(run->session.device, error, &counters) : status;
    if (is_text && counted == TERN_STATUS_OK && options->json) {
        counted = print_json(run, &answer, status == TERN_STATUS_INTERRUPTED, &counters, error);
    }
    if (is_text && counted == TERN_STATUS_OK) {
        print_figures(run, &counters);
        if (options->profile && !options->json) {
            print_profile(run);
        }
    }
    return status == TERN_STATUS_OK ? counted : status;
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
    struct run run = {.options = &options, .sampling = tern_sampling_greedy()};
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
