// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/answer.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/cli.h"
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

const char *tern_cli_stop_name(enum tern_stop_reason reason) {
    static const char *const names[] = {"end", "max_tokens", "context", "stop_string", "interrupt"};
    return names[reason];
}

// The text on its way: ids, whole characters, the characters before a stop string.
struct text {
    struct tern_text_stream stream;
    struct tern_stop_text stop;
};

static enum tern_status write_out(const struct tern_answer *answer, const char *bytes, size_t count,
                                  struct tern_error *error) {
    if (count == 0) {
        return TERN_STATUS_OK;
    }
    fwrite(bytes, 1, count, answer->out);
    if (answer->copy) {
        fwrite(bytes, 1, count, answer->copy);
    }
    return answer->out == stdout ? tern_cli_flush(error) : TERN_STATUS_OK;
}

static enum tern_status print(struct tern_answer *answer, struct text *text, const char *bytes, size_t count,
                              struct tern_error *error) {
    TERN_TRY(tern_stop_text_push(&text->stop, bytes, count, error, &bytes, &count));
    return write_out(answer, bytes, count, error);
}

static bool is_ended(const struct tern_answer *answer, const struct text *text) {
    return answer->stop == TERN_STOP_END || text->stop.is_found;
}

static enum tern_status take(struct tern_answer *answer, struct text *text, uint32_t id, struct tern_error *error) {
    const char *bytes;
    size_t count;
    if (id == TERN_NO_ID) {
        return TERN_STATUS_OK;
    }
    if (id == answer->end_id || tern_is_stop_id(answer->config, id)) {
        answer->stop = TERN_STOP_END;
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_text_stream_push(&text->stream, id, error, &bytes, &count));
    answer->tokens++;
    return print(answer, text, bytes, count, error);
}

// The bytes of an unfinished character, and those that might have begun a stop string.
static enum tern_status print_rest(struct tern_answer *answer, struct text *text, struct tern_error *error) {
    const char *bytes;
    size_t count;
    TERN_TRY(tern_text_stream_flush(&text->stream, error, &bytes, &count));
    TERN_TRY(print(answer, text, bytes, count, error));
    tern_stop_text_flush(&text->stop, &bytes, &count);
    return write_out(answer, bytes, count, error);
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
static enum tern_status take_earlier(struct tern_answer *answer, struct text *text, struct tern_error *error) {
    const size_t first = tern_generator_count(answer->generator) - answer->earlier;
    for (size_t i = 0; i < answer->earlier && !is_ended(answer, text); i++) {
        TERN_TRY(take(answer, text, tern_generator_ids(answer->generator)[first + i], error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status generate(struct tern_answer *answer, struct text *text, size_t most, struct progress *progress,
                                 struct tern_error *error) {
    TERN_TRY(take_earlier(answer, text, error));
    while (answer->tokens < most && !is_ended(answer, text)) {
        uint32_t id;
        TERN_TRY(tern_generator_step(answer->generator, error, &id));
        if (id != TERN_NO_ID && progress->is_shared) {
            end_progress(progress);
        }
        TERN_TRY(take(answer, text, id, error));
        TERN_TRY(check_interrupt(answer, error));
    }
    return TERN_STATUS_OK;
}

// Generates and prints all. The rest of an interrupted text is printed too.
static enum tern_status generate_all(struct tern_answer *answer, struct text *text, size_t most,
                                     struct progress *progress, struct tern_error *error) {
    enum tern_status status = generate(answer, text, most, progress, error);
    if (status != TERN_STATUS_OK && status != TERN_STATUS_INTERRUPTED) {
        return status;
    }
    TERN_TRY(print_rest(answer, text, error));
    answer->stop = text->stop.is_found                 ? TERN_STOP_STRING
                   : status == TERN_STATUS_INTERRUPTED ? TERN_STOP_INTERRUPT
                                                       : answer->stop;
    return status;
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
                                .is_shared = answer->out == stdout && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO)};
    struct text text;
    tern_text_stream_begin(&text.stream, answer->tokenizer, TERN_DECODE_SKIP_SPECIAL);
    tern_stop_text_begin(&text.stop, answer->stop_strings, answer->stop_count);
    answer->tokens = 0;
    answer->stop = answer->max_tokens <= room ? TERN_STOP_MAX_TOKENS : TERN_STOP_CONTEXT;
    tern_runner_watch(answer->runner, on_stage, &progress);
    enum tern_status status = generate_all(answer, &text, most, &progress, error);
    tern_runner_watch(answer->runner, NULL, NULL);
    end_progress(&progress);
    tern_text_stream_end(&text.stream);
    tern_stop_text_end(&text.stop);
    return status;
}
