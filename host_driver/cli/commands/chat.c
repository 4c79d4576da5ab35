// SPDX-License-Identifier: Apache-2.0
// A conversation: each message of standard input is a turn. The key/value cache is kept, so a turn costs only its own
// tokens.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/cli/answer.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/message.h"
#include "host_driver/cli/session.h"
#include "host_driver/chat/chat_template.h"

static const char usage[] =
    "usage: tern chat MODEL [--system TEXT] [--device NAME] [--on DEVICE:LAYERS] [--depth D] [--context N]\n"
    "                 [--max-tokens N]\n"
    "                 [--temperature T] [--top-k K] [--top-p P] [--repetition-penalty R] [--seed S]\n"
    "                 [--draft-depth D] [--draft-tokens N] [--threads N]\n"
    "                 [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--stalls SEED]\n"
    "                 [--lanes N] [--vectors M] [--verilated UNITS]\n"
    "Answers each line of standard input, by the model's chat template. A line that begins with \"\"\" begins a "
    "message\n"
    "of several lines, which a line ending in \"\"\" ends. The end of input or /exit ends the program, /reset begins "
    "a\n"
    "new conversation, Ctrl-C stops an answer. Without options for sampling, generation_config.json rules.\n"
    "  --system TEXT         instead of the template's own system message\n"
    "  --on DEVICE:LAYERS    these layers on another device, such as rtl:0,3,5-7; may be given several times\n"
    "  --depth D             planes in use, at most what is stored (default: all)\n"
    "  --context N           positions of the conversation, all turns together (default 4096, or what the model has)\n"
    "  --max-tokens N        of an answer at most (default: what the context holds)\n"
    "  --temperature T       0 takes the likeliest token each time\n"
    "  --top-k K             draw from the K likeliest tokens, 0 for all\n"
    "  --top-p P             draw from the likeliest tokens that together have probability P\n"
    "  --repetition-penalty R  makes tokens of the text so far less likely, 1 for off\n"
    "  --seed S              of the draws (default 0): the same seed and lines, the same answers\n"
    "  --draft-depth D       so many planes draft tokens, which all planes in use verify: the same answers\n"
    "  --draft-tokens N      drafted before each verification, 1 to 31 (default 4)\n"
    "  --device-memory BYTES smaller than the model is fine: layers stream through it\n"
    "  --latency, --bandwidth, --stalls   memory of rtl and vp (--stalls: on vp of Verilated "
    "units)\n" TERN_CLI_VARIANT_HELP
    "  --threads N           of the model device and the output head (default: one a processor); the bits are the "
    "same\n";

struct chat {
    const struct tern_cli_options *options;
    struct tern_session session;
    struct tern_tokenizer *tokenizer;
    struct tern_chat_template *template;
    struct tern_generator *generator;
    size_t begin; // ids before the first turn
    struct tern_cli_message message;
};

// Appends the ids and frees them.
static enum tern_status append(struct chat *chat, uint32_t *ids, size_t count, struct tern_error *error) {
    size_t used = tern_generator_count(chat->generator);
    enum tern_status status = tern_generator_append(chat->generator, ids, count, error);
    free(ids);
    return status == TERN_STATUS_OK
               ? status
               : tern_error_set(
                     error, status,
                     "%zu more tokens do not fit after %zu in a context of %u: /reset begins a new conversation, "
                     "--context makes room",
                     count, used, chat->session.capacity);
}

static enum tern_status begin(struct chat *chat, struct tern_error *error) {
    uint32_t *ids;
    TERN_TRY(tern_chat_template_begin(chat->template, chat->options->system, error, &ids, &chat->begin));
    return append(chat, ids, chat->begin, error);
}

static enum tern_status open_chat(struct chat *chat, struct tern_error *error) {
    const struct tern_cli_options *options = chat->options;
    struct tern_sampling sampling;
    TERN_TRY(tern_tokenizer_open_directory(options->operand[0], error, &chat->tokenizer));
    TERN_TRY(tern_chat_template_open(options->operand[0], chat->tokenizer, error, &chat->template));
    TERN_TRY(tern_sampling_load(options->operand[0], error, &sampling));
    TERN_TRY(tern_cli_sampling(options, error, &sampling));
    const struct tern_session_options more = {.device = tern_cli_device(options),
                                              .capacity = (uint32_t)options->context};
    TERN_TRY(tern_session_open(options, &more, error, &chat->session));
    TERN_TRY(tern_generator_open(chat->session.runner, tern_model_config(chat->session.model), &sampling,
                                 chat->session.capacity, error, &chat->generator));
    TERN_TRY(tern_cli_draft(options, chat->generator, error));
    TERN_TRY(tern_cli_message_open(error, &chat->message));
    return begin(chat, error);
}

// Ends the answer as the template does, also after an interrupt or max_tokens.
static enum tern_status close_answer(struct chat *chat, const struct tern_answer *answer, struct tern_error *error) {
    const uint32_t end = tern_chat_template_end_id(chat->template);
    size_t count = tern_generator_count(chat->generator);
    if (answer->stop == TERN_STOP_END) {
        TERN_TRY(tern_generator_rewind(chat->generator, count - 1, error));
    }
    // A full context has no room for the token, nor for another turn.
    return tern_generator_room(chat->generator) > 1 ? tern_generator_append(chat->generator, &end, 1, error)
                                                    : TERN_STATUS_OK;
}

static enum tern_status take_turn(struct chat *chat, struct tern_error *error) {
    uint32_t *ids;
    size_t count;
    bool is_first = tern_generator_count(chat->generator) == chat->begin;
    TERN_TRY(tern_chat_template_turn(chat->template, is_first, chat->message.text, chat->message.bytes, error, &ids,
                                     &count));
    TERN_TRY(append(chat, ids, count, error));
    struct tern_answer answer = {.generator = chat->generator,
                                 .runner = chat->session.runner,
                                 .config = tern_model_config(chat->session.model),
                                 .tokenizer = chat->tokenizer,
                                 .end_id = tern_chat_template_end_id(chat->template),
                                 .max_tokens = chat->options->max_tokens,
                                 .out = stdout};
    tern_cli_catch_interrupt();
    enum tern_status status = tern_cli_answer(&answer, error);
    tern_cli_obey_interrupt();
    putchar('\n');
    fflush(stdout);
    if (status == TERN_STATUS_INTERRUPTED) {
        fprintf(stderr, "(stopped)\n");
    } else {
        TERN_TRY(status);
    }
    if (tern_generator_room(chat->generator) == 0) {
        fprintf(stderr, "(the context is full: /reset begins a new conversation, --context makes room)\n");
    }
    return close_answer(chat, &answer, error);
}

static bool is_command(const struct tern_cli_message *message, const char *command) {
    return !message->is_marked && message->bytes == strlen(command) &&
           memcmp(message->text, command, message->bytes) == 0;
}

// Runs the command or the turn in the message.
static enum tern_status take_message(struct chat *chat, struct tern_error *error) {
    if (is_command(&chat->message, "/reset")) {
        return tern_generator_rewind(chat->generator, chat->begin, error);
    }
    return chat->message.bytes > 0 ? take_turn(chat, error) : TERN_STATUS_OK;
}

// On a terminal the conversation continues after a refused message. For a script it ends, so that the script does not
// take the next answer for this one.
static enum tern_status converse(struct chat *chat, struct tern_error *error) {
    bool is_person = isatty(STDIN_FILENO);
    for (;;) {
        bool is_there;
        if (is_person) {
            fputs("> ", stderr);
        }
        enum tern_status status = tern_cli_message_read(&chat->message, stdin, is_person, &is_there, error);
        if (!is_there && is_person) {
            fputc('\n', stderr);
        }
        if (!is_there || is_command(&chat->message, "/exit")) {
            return status;
        }
        if (status == TERN_STATUS_OK) {
            status = take_message(chat, error);
        }
        if (status == TERN_STATUS_BAD_ARGUMENT && is_person) {
            tern_cli_fail("chat", error);
        } else {
            TERN_TRY(status);
        }
    }
}

int tern_cli_chat(int argc, char **argv) {
    struct tern_cli_options options = {.max_tokens = TERN_MAX_POSITIONS};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    struct chat chat = {.options = &options};
    struct tern_error error = {{0}};
    enum tern_status status = open_chat(&chat, &error);
    if (status == TERN_STATUS_OK) {
        status = converse(&chat, &error);
    }
    tern_cli_message_close(&chat.message);
    tern_generator_close(chat.generator);
    tern_chat_template_close(chat.template);
    tern_session_close(&chat.session);
    tern_tokenizer_close(chat.tokenizer);
    return tern_cli_end("chat", status, &error);
}
