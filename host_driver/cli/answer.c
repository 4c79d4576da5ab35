// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/answer.h"

#include <stdbool.h>
#include <stdio.h>

#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/session.h"
#include "host_driver/cli/terminal/text_out.h"
#include "host_driver/system/progress.h"

const char *tern_cli_stop_name(enum tern_stop_reason reason) {
    static const char *const names[] = {"end", "max_tokens", "context", "stop_string", "interrupt"};
    return names[reason];
}

// The text on its way: ids, whole characters, the characters before a stop string, the stream that takes them.
struct text {
    struct tern_answer *answer;
    struct tern_text_stream stream;
    struct tern_stop_text stop;
    struct tern_text_out out;
    struct tern_progress progress;
};

static enum tern_status print(struct text *text, const char *bytes, size_t count, struct tern_error *error) {
    TERN_TRY(tern_stop_text_push(&text->stop, bytes, count, error, &bytes, &count));
    return tern_text_out_write(&text->out, bytes, count, error);
}

static bool is_ended(const struct text *text) {
    return text->answer->stop == TERN_STOP_END || text->stop.is_found;
}

static enum tern_status take(struct text *text, uint32_t id, struct tern_error *error) {
    struct tern_answer *answer = text->answer;
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
    return print(text, bytes, count, error);
}

// The bytes of an unfinished character, and those that might have begun a stop string.
static enum tern_status print_rest(struct text *text, struct tern_error *error) {
    const char *bytes;
    size_t count;
    TERN_TRY(tern_text_stream_flush(&text->stream, error, &bytes, &count));
    TERN_TRY(print(text, bytes, count, error));
    tern_stop_text_flush(&text->stop, &bytes, &count);
    return tern_text_out_write(&text->out, bytes, count, error);
}

// The answer to the signal took the place of the status and ended the line of the text.
static enum tern_status check_interrupt(struct text *text, struct tern_error *error) {
    if (!tern_cli_is_interrupted()) {
        return TERN_STATUS_OK;
    }
    text->progress.line.is_shown = false;
    text->out.column = 0;
    return tern_error_set(error, TERN_STATUS_INTERRUPTED, "interrupted after %zu new tokens",
                          text->answer->tokens - text->answer->earlier);
}

// Called within a pass, which takes minutes on rtl.
static enum tern_status on_stage(void *context, double tokens, struct tern_error *error) {
    struct text *text = context;
    char speed[TERN_STATUS_BYTES];
    TERN_TRY(check_interrupt(text, error));
    if (tern_progress_reach(&text->progress, (double)tern_generator_fed(text->answer->generator) + tokens)) {
        tern_cli_speed(text->answer->runner, speed, sizeof speed);
        tern_progress_show(&text->progress, speed);
    }
    return TERN_STATUS_OK;
}

// Takes the ids of an answer that goes on.
static enum tern_status take_earlier(struct text *text, struct tern_error *error) {
    const struct tern_answer *answer = text->answer;
    const size_t first = tern_generator_count(answer->generator) - answer->earlier;
    for (size_t i = 0; i < answer->earlier && !is_ended(text); i++) {
        TERN_TRY(take(text, tern_generator_ids(answer->generator)[first + i], error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status generate(struct text *text, size_t most, struct tern_error *error) {
    const struct tern_answer *answer = text->answer;
    bool is_first = true;
    TERN_TRY(tern_text_out_write(&text->out, answer->prompt, answer->prompt_bytes, error));
    TERN_TRY(take_earlier(text, error));
    while (answer->tokens < most && !is_ended(text)) {
        uint32_t id;
        TERN_TRY(tern_generator_step(answer->generator, error, &id));
        if (id != TERN_NO_ID && is_first) { // a prompt takes less time a token than new ones
            tern_progress_restart_rate(&text->progress);
            is_first = false;
        }
        TERN_TRY(take(text, id, error));
        TERN_TRY(check_interrupt(text, error));
    }
    return TERN_STATUS_OK;
}

// Generates and prints all. The rest of an interrupted text is printed too.
static enum tern_status generate_all(struct text *text, size_t most, struct tern_error *error) {
    enum tern_status status = generate(text, most, error);
    if (status != TERN_STATUS_OK && status != TERN_STATUS_INTERRUPTED) {
        return status;
    }
    TERN_TRY(print_rest(text, error));
    text->answer->stop = text->stop.is_found                 ? TERN_STOP_STRING
                         : status == TERN_STATUS_INTERRUPTED ? TERN_STOP_INTERRUPT
                                                             : text->answer->stop;
    return status;
}

// A failure of the work counts before one of the held text. That is written in any case.
static enum tern_status generate_out(struct text *text, size_t most, struct tern_error *error) {
    struct tern_error failure;
    TERN_TRY(tern_text_out_begin(&text->out, error));
    tern_runner_watch(text->answer->runner, on_stage, text);
    enum tern_status status = generate_all(text, most, error);
    tern_runner_watch(text->answer->runner, NULL, NULL);
    tern_progress_end(&text->progress, false);
    enum tern_status ended = tern_text_out_end(&text->out, &failure);
    if (ended != TERN_STATUS_OK && (status == TERN_STATUS_OK || status == TERN_STATUS_INTERRUPTED)) {
        *error = failure;
        return ended;
    }
    return status;
}

enum tern_status tern_cli_answer(struct tern_answer *answer, struct tern_error *error) {
    const size_t room = answer->earlier + tern_generator_room(answer->generator);
    const size_t most = answer->max_tokens < room ? answer->max_tokens : room;
    const size_t total = tern_generator_count(answer->generator) + most - answer->earlier - 1;
    struct text text = {.answer = answer, .out = {.out = answer->out, .copy = answer->copy}};
    text.out.line = &text.progress.line;
    tern_text_stream_begin(&text.stream, answer->tokenizer, TERN_DECODE_SKIP_SPECIAL);
    tern_stop_text_begin(&text.stop, answer->stop_strings, answer->stop_count);
    answer->tokens = 0;
    answer->stop = answer->max_tokens <= room ? TERN_STOP_MAX_TOKENS : TERN_STOP_CONTEXT;
    tern_progress_start(&text.progress, stderr, answer->out == stdout ? stdout : NULL, answer->label,
                        TERN_PROGRESS_TOKENS, (double)total);
    tern_progress_skip(&text.progress, (double)tern_generator_fed(answer->generator));
    enum tern_status status = generate_out(&text, most, error);
    tern_text_stream_end(&text.stream);
    tern_stop_text_end(&text.stop);
    return status;
}
