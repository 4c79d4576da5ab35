// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/generate.h"
#include "host_driver/text/tokenizer.h"

static const char usage[] =
    "usage: tern run MODEL --prompt TEXT [--device model|rtl] [--depth D] [--max-tokens N] [--temperature T] [--seed S]\n"
    "                [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED] [--json]\n"
    "Generates text. MODEL is a packed or a Hugging Face directory; the text goes to stdout, progress and figures to stderr.\n"
    "  --depth D             planes in use, at most what is stored (default: all)\n"
    "  --max-tokens N        new tokens at most (default 32)\n"
    "  --temperature T       0 takes the likeliest token each time (default 0)\n"
    "  --device-memory BYTES smaller than the model is fine: layers stream through it\n"
    "  --latency, --bandwidth, --stalls   the rtl device's memory\n"
    "  --json                one object with text, ids and counters instead of the text\n";

struct generation {
    const struct tern_cli_options *options;
    struct tern_session session;
    struct tern_tokenizer *tokenizer;
    uint32_t *ids;     // prompt, then what was generated
    size_t prompt, count;
    double started, shown; // seconds: when it began, when progress was last shown
};

static enum tern_status open_tokenizer(struct generation *run, struct tern_error *error) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/tokenizer.json", run->options->model) >= (int)sizeof path) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the path of MODEL is too long");
    }
    return tern_tokenizer_open(path, error, &run->tokenizer);
}

static enum tern_status encode(struct generation *run, struct tern_error *error) {
    const struct tern_cli_options *options = run->options;
    uint32_t *ids = NULL;
    enum tern_status status = tern_tokenizer_encode(run->tokenizer, options->prompt, strlen(options->prompt), error,
                                                    &ids, &run->prompt);
    if (status != TERN_STATUS_OK) {
        return status;
    }
    run->ids = realloc(ids, (run->prompt + options->max_tokens) * sizeof *ids);
    if (!run->ids) {
        free(ids);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for token ids");
    }
    if (run->prompt == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--prompt is empty");
    }
    return TERN_STATUS_OK;
}

static int is_stop(const struct tern_model_config *config, uint32_t id) {
    for (uint32_t i = 0; i < config->stop_id_count; i++) {
        if (config->stop_ids[i] == id) {
            return 1;
        }
    }
    return 0;
}

static void progress(struct generation *run, size_t fed, size_t total) {
    double seconds = tern_cli_seconds() - run->started;
    if (seconds - run->shown < 0.25) {
        return;
    }
    run->shown = seconds;
    double rate = seconds > 0 ? (double)fed / seconds : 0;
    fprintf(stderr, "\rtoken %zu/%zu, %.2f tokens/s, %.0f s left   ", fed, total, rate,
            rate > 0 ? (double)(total - fed) / rate : 0.0);
}

static enum tern_status show(struct generation *run, struct tern_text_stream *stream, uint32_t id,
                             struct tern_error *error) {
    const char *text;
    size_t bytes;
    enum tern_status status = tern_text_stream_push(stream, id, error, &text, &bytes);
    if (status == TERN_STATUS_OK && !run->options->json) {
        fwrite(text, 1, bytes, stdout);
        fflush(stdout);
    }
    return status;
}

static enum tern_status generate(struct generation *run, float *logits, struct tern_text_stream *stream,
                                 struct tern_error *error) {
    const struct tern_model_config *config = tern_model_config(run->session.model);
    size_t most = run->prompt + run->options->max_tokens;
    uint64_t state = run->options->seed + 1;
    enum tern_status status = TERN_STATUS_OK;
    run->count = run->prompt;
    for (size_t fed = 0; fed + 1 < most && status == TERN_STATUS_OK; fed++) {
        if (fed == run->count) {
            break;
        }
        int is_last = fed + 1 == run->count;
        status = tern_runner_token(run->session.runner, run->ids[fed], is_last ? logits : NULL, error);
        progress(run, fed + 1, most - 1);
        if (status == TERN_STATUS_OK && is_last) {
            uint32_t id = tern_sample(logits, config->vocabulary_size, run->options->temperature, &state);
            if (is_stop(config, id)) {
                break;
            }
            run->ids[run->count++] = id;
            status = show(run, stream, id, error);
        }
    }
    if (run->shown > 0) {
        fputc('\n', stderr);
    }
    return status;
}

static enum tern_status figures(const struct generation *run, struct tern_error *error) {
    struct tern_counters counters;
    enum tern_status status = tern_device_counters(run->session.device, error, &counters);
    if (status != TERN_STATUS_OK) {
        return status;
    }
    uint32_t fed = tern_runner_positions(run->session.runner);
    double seconds = tern_cli_seconds() - run->started;
    fprintf(stderr, "%u tokens fed in %.1f s on %s, weights %s, %.1f MB uploaded\n", fed, seconds,
            tern_device_name(run->session.device), tern_runner_is_resident(run->session.runner) ? "resident" : "streamed",
            (double)tern_runner_uploaded_bytes(run->session.runner) / 1e6);
    if (counters.matmul_cycles) {
        fprintf(stderr, "%.0f cycles a token, of which matmul unit %.0f; beats taken/offered %llu/%llu = %.3f; %.2f Mcycle/s\n",
                (double)counters.time_cycles / fed, (double)counters.matmul_cycles / fed,
                (unsigned long long)counters.beats_taken, (unsigned long long)counters.beats_offered,
                counters.beats_offered ? (double)counters.beats_taken / (double)counters.beats_offered : 0.0,
                (double)counters.time_cycles / seconds / 1e6);
    }
    return TERN_STATUS_OK;
}

static void print_json(const struct generation *run) {
    printf("{\"prompt_tokens\": %zu, \"ids\": [", run->prompt);
    for (size_t i = run->prompt; i < run->count; i++) {
        printf("%s%u", i == run->prompt ? "" : ", ", run->ids[i]);
    }
    printf("]}\n");
}

static enum tern_status run_model(struct generation *run, struct tern_error *error) {
    const struct tern_cli_options *options = run->options;
    enum tern_status status = open_tokenizer(run, error);
    if (status == TERN_STATUS_OK) {
        status = encode(run, error);
    }
    if (status == TERN_STATUS_OK) {
        status = tern_session_open(options, options->device, (uint32_t)(run->prompt + options->max_tokens), NULL, NULL,
                                   error, &run->session);
    }
    if (status != TERN_STATUS_OK) {
        return status;
    }
    float *logits = malloc(tern_model_config(run->session.model)->vocabulary_size * sizeof *logits);
    if (!logits) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for logits");
    }
    struct tern_text_stream stream;
    tern_text_stream_begin(&stream, run->tokenizer, TERN_DECODE_SKIP_SPECIAL);
    run->started = tern_cli_seconds();
    if (!options->json) {
        fputs(options->prompt, stdout);
    }
    status = generate(run, logits, &stream, error);
    if (options->json && status == TERN_STATUS_OK) {
        print_json(run);
    } else if (!options->json) {
        fputc('\n', stdout);
    }
    tern_text_stream_end(&stream);
    free(logits);
    return status == TERN_STATUS_OK ? figures(run, error) : status;
}

int tern_cli_run(int argc, char **argv) {
    struct tern_cli_options options = {.device = "model", .max_tokens = 32};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (!options.prompt) {
        fputs(usage, stderr);
        return TERN_EXIT_USAGE;
    }
    struct generation run = {.options = &options};
    struct tern_error error = {{0}};
    enum tern_status status = run_model(&run, &error);
    tern_session_close(&run.session);
    tern_tokenizer_close(run.tokenizer);
    free(run.ids);
    return status == TERN_STATUS_OK ? TERN_EXIT_OK : tern_cli_fail("run", &error);
}
