// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/answer.h"

#include <stdio.h>
#include <unistd.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/interrupt.h"

struct progress {
    const struct tern_answer *answer;
    size_t first, total;   // fed at the start, to be fed at the end
    double started, shown; // seconds: when it began, when it was last shown
    int is_on_line;        // something stands on the line
    int is_shared;         // text goes to the same terminal
};

// fed: tokens, in fractions.
static void show_progress(struct progress *progress, double fed) {
    double now = tern_seconds(), total = (double)progress->total, done = fed < total ? fed : total;
    if (now - progress->shown < 0.25 || (progress->is_shared && progress->answer->tokens > 0)) {
        return;
    }
    progress->shown = now;
    progress->is_on_line = 1;
    double rate = (done - (double)progress->first) / (now - progress->started);
    fprintf(stderr, "\rtoken %.1f/%.0f, %.2f tokens/s, %.0f s left   ", done, total, rate,
            rate > 0 ? (total - done) / rate : 0.0);
}

// Room for text where the progress stood: on a terminal the line is wiped, in a log it ends.
static void end_progress(struct progress *progress) {
    if (progress->is_on_line) {
        fputs(isatty(STDERR_FILENO) ? "\r\033[K" : "\n", stderr);
    }
    progress->is_on_line = 0;
}

static void print(const struct tern_answer *answer, const char *text, size_t bytes) {
    if (!answer->is_silent && bytes > 0) {
        fwrite(text, 1, bytes, stdout);
        fflush(stdout);
    }
}

static enum tern_status take(struct tern_answer *answer, struct tern_text_stream *stream, uint32_t id,
                             struct tern_error *error) {
    const char *text;
    size_t bytes;
    answer->is_ended = id != TERN_NO_ID && (id == answer->end_id || tern_is_stop_id(answer->config, id));
    if (id == TERN_NO_ID || answer->is_ended) {
        return TERN_STATUS_OK;
    }
    enum tern_status status = tern_text_stream_push(stream, id, error, &text, &bytes);
    if (status == TERN_STATUS_OK) {
        answer->tokens++;
        print(answer, text, bytes);
    }
    return status;
}

static enum tern_status check_interrupt(const struct tern_answer *answer, struct tern_error *error) {
    return tern_cli_is_interrupted()
               ? tern_error_set(error, TERN_STATUS_INTERRUPTED, "interrupted after %zu new tokens", answer->tokens)
               : TERN_STATUS_OK;
}

// Within a pass: on rtl one takes minutes.
static enum tern_status on_stage(void *context, double tokens, struct tern_error *error) {
    struct progress *progress = context;
    show_progress(progress, (double)tern_generator_fed(progress->answer->generator) + tokens);
    return check_interrupt(progress->answer, error);
}

static enum tern_status generate(struct tern_answer *answer, struct tern_text_stream *stream, size_t most,
                                 struct progress *progress, struct tern_error *error) {
    enum tern_status status = TERN_STATUS_OK;
    while (answer->tokens < most && !answer->is_ended && status == TERN_STATUS_OK) {
        uint32_t id;
        status = tern_generator_step(answer->generator, error, &id);
        if (status == TERN_STATUS_OK && id != TERN_NO_ID && progress->is_shared) {
            end_progress(progress);
        }
        if (status == TERN_STATUS_OK) {
            status = take(answer, stream, id, error);
        }
        if (status == TERN_STATUS_OK) {
            status = check_interrupt(answer, error);
        }
    }
    return status;
}

enum tern_status tern_cli_answer(struct tern_answer *answer, struct tern_error *error) {
    size_t room = tern_generator_room(answer->generator);
    size_t most = answer->max_tokens < room ? answer->max_tokens : room;
    double now = tern_seconds();
    struct progress progress = {.answer = answer,
                                .first = tern_generator_fed(answer->generator),
                                .total = tern_generator_count(answer->generator) + most - 1,
                                .started = now,
                                .shown = now,
                                .is_shared = !answer->is_silent && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO)};
    struct tern_text_stream stream;
    tern_text_stream_begin(&stream, answer->tokenizer, TERN_DECODE_SKIP_SPECIAL);
    answer->tokens = 0;
    answer->is_ended = 0;
    tern_cli_catch_interrupt();
    tern_runner_watch(answer->runner, on_stage, &progress);
    enum tern_status status = generate(answer, &stream, most, &progress, error);
    tern_runner_watch(answer->runner, NULL, NULL);
    tern_cli_obey_interrupt();
    const char *text;
    size_t bytes;
    if (tern_text_stream_flush(&stream, NULL, &text, &bytes) == TERN_STATUS_OK) {
        print(answer, text, bytes);
    }
    end_progress(&progress);
    tern_text_stream_end(&stream);
    return status;
}
