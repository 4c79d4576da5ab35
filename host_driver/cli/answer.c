// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/session.h"

struct progress {
    const struct tern_answer *answer;
    size_t first, total;   // tokens fed at the start and at the end
    double started, shown; // seconds: the start, the last line
    bool is_on_line;       // the line is not empty
    bool is_shared;        // text goes to the same terminal
};

// fed: tokens, may have a fraction.
static void show_progress(struct progress *progress, double fed) {
    double now = tern_seconds(), total = (double)progress->total, done = fed < total ? fed : total;
    if (now - progress->shown < 0.25 || (progress->is_shared && progress->answer->tokens > 0)) {
        return;
    }
    progress->shown = now;
    progress->is_on_line = true;
    double rate = (done - (double)progress->first) / (now - progress->started);
    fprintf(stderr, "\rtoken %.1f/%.0f, %.2f tokens/s, %.0f s left", done, total, rate,
            rate > 0 ? (total - done) / rate : 0.0);
    tern_cli_print_speed(progress->answer->runner, stderr);
    fputs("   ", stderr);
}

// Makes room for text: clears the line on a terminal, ends it in a log.
static void end_progress(struct progress *progress) {
    if (progress->is_on_line) {
        fputs(isatty(STDERR_FILENO) ? "\r\033[K" : "\n", stderr);
    }
    progress->is_on_line = false;
}

static enum tern_status print(const struct tern_answer *answer, const char *text, size_t bytes,
                              struct tern_error *error) {
    if (answer->is_silent || bytes == 0) {
        return TERN_STATUS_OK;
    }
    fwrite(text, 1, bytes, stdout);
    return tern_cli_flush(error);
}

static enum tern_status take(struct tern_answer *answer, struct tern_text_stream *stream, uint32_t id,
                             struct tern_error *error) {
    const char *text;
    size_t bytes;
    answer->is_ended = id != TERN_NO_ID && (id == answer->end_id || tern_is_stop_id(answer->config, id));
    if (id == TERN_NO_ID || answer->is_ended) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_text_stream_push(stream, id, error, &text, &bytes));
    answer->tokens++;
    return print(answer, text, bytes, error);
}

static enum tern_status check_interrupt(const struct tern_answer *answer, struct tern_error *error) {
    return tern_cli_is_interrupted()
               ? tern_error_set(error, TERN_STATUS_INTERRUPTED, "interrupted after %zu new tokens",
                                answer->tokens - answer->earlier)
               : TERN_STATUS_OK;
}

// Called within a pass, which takes minutes on rtl.
static enum tern_status on_stage(void *context, double tokens, struct tern_error *error) {
    struct progress *progress = context;
    show_progress(progress, (double)tern_generator_fed(progress->answer->generator) + tokens);
    return check_interrupt(progress->answer, error);
}

// Takes the ids of an answer that goes on.
static enum tern_status take_earlier(struct tern_answer *answer, struct tern_text_stream *stream,
                                     struct tern_error *error) {
    const size_t first = tern_generator_count(answer->generator) - answer->earlier;
    for (size_t i = 0; i < answer->earlier; i++) {
        TERN_TRY(take(answer, stream, tern_generator_ids(answer->generator)[first + i], error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status generate(struct tern_answer *answer, struct tern_text_stream *stream, size_t most,
                                 struct progress *progress, struct tern_error *error) {
    TERN_TRY(take_earlier(answer, stream, error));
    while (answer->tokens < most && !answer->is_ended) {
        uint32_t id;
        TERN_TRY(tern_generator_step(answer->generator, error, &id));
        if (id != TERN_NO_ID && progress->is_shared) {
            end_progress(progress);
        }
        TERN_TRY(take(answer, stream, id, error));
        TERN_TRY(check_interrupt(answer, error));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_answer(struct tern_answer *answer, struct tern_error *error) {
    size_t room = answer->earlier + tern_generator_room(answer->generator);
    size_t most = answer->max_tokens < room ? answer->max_tokens : room;
    double now = tern_seconds();
    struct progress progress = {.answer = answer,
                                .first = tern_generator_fed(answer->generator),
                                .total = tern_generator_count(answer->generator) + most - answer->earlier - 1,
                                .started = now,
                                .shown = now,
                                .is_shared = !answer->is_silent && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO)};
    struct tern_text_stream stream;
    tern_text_stream_begin(&stream, answer->tokenizer, TERN_DECODE_SKIP_SPECIAL);
    answer->tokens = 0;
    answer->is_ended = false;
    tern_runner_watch(answer->runner, on_stage, &progress);
    enum tern_status status = generate(answer, &stream, most, &progress, error);
    tern_runner_watch(answer->runner, NULL, NULL);
    const char *text;
    size_t bytes;
    if (status == TERN_STATUS_OK || status == TERN_STATUS_INTERRUPTED) {
        enum tern_status last = tern_text_stream_flush(&stream, error, &text, &bytes);
        last = last == TERN_STATUS_OK ? print(answer, text, bytes, error) : last;
        status = last == TERN_STATUS_OK ? status : last;
    }
    end_progress(&progress);
    tern_text_stream_end(&stream);
    return status;
}
