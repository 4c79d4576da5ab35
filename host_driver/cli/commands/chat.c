// SPDX-License-Identifier: Apache-2.0
// A conversation: each message of standard input is a turn. The key/value cache keeps the tokens that a turn has in
// common with the one before. Those are mostly all, so a turn costs only its own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/cli/answer.h"
#include "host_driver/cli/cli.h"
#include "host_driver/cli/conversation.h"
#include "host_driver/cli/interrupt.h"
#include "host_driver/cli/message.h"
#include "host_driver/cli/session.h"

static const char usage[] =
    "usage: tern chat MODEL [--system TEXT] [--template NAME] [--show-prompt]\n"
    "                 [--device NAME] [--on DEVICE:LAYERS] [--depth D] [--context N] [--max-tokens N]\n"
    "                 [--stop TEXT]\n"
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
    "  --template NAME       chatml or llama3 instead of the model's own chat template\n"
    "  --show-prompt         runs nothing: takes messages and answers in turn, and prints the prompt after them\n"
    "  --on DEVICE:LAYERS    these layers on another device, such as rtl:0,3,5-7; may be given several times\n"
    "  --depth D             planes in use, at most what is stored (default: all)\n"
    "  --context N           positions of the conversation, all turns together (default 4096, or what the model has)\n"
    "  --stop TEXT           ends an answer before TEXT; may be given several times\n"
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
    struct tern_cli_conversation conversation;
    struct tern_cli_message message;
};

static enum tern_status begin(struct chat *chat, struct tern_error *error) {
    const char *system = chat->options->system;
    tern_cli_conversation_cut(&chat->conversation, 0);
    return system ? tern_cli_conversation_add(&chat->conversation, TERN_CHAT_SYSTEM, system, strlen(system), error)
                  : TERN_STATUS_OK;
}

// Makes the text of the generator equal to `ids`. It keeps what is equal, but the last id, which gives the next one.
static enum tern_status feed(struct chat *chat, const uint32_t *ids, size_t count, struct tern_error *error) {
    const uint32_t *fed = tern_generator_ids(chat->generator);
    size_t used = tern_generator_count(chat->generator), kept = 0;
    while (kept < used && kept + 1 < count && fed[kept] == ids[kept]) {
        kept++;
    }
    TERN_TRY(tern_generator_rewind(chat->generator, kept, error));
    enum tern_status status = tern_generator_append(chat->generator, ids + kept, count - kept, error);
    return status == TERN_STATUS_OK
               ? status
               : tern_error_set(
                     error, status,
                     "%zu more tokens do not fit after %zu in a context of %u: /reset begins a new conversation, "
                     "--context makes room",
                     count - kept, kept, chat->session.capacity);
}

static enum tern_status feed_prompt(struct chat *chat, struct tern_error *error) {
    uint32_t *ids;
    size_t count;
    TERN_TRY(tern_chat_template_encode(chat->template, chat->conversation.messages, chat->conversation.count, error,
                                       &ids, &count));
    enum tern_status status = feed(chat, ids, count, error);
    free(ids);
    return status;
}

// A template that takes no system message, or not this one, says so before the model is read.
static enum tern_status check_system(struct chat *chat, struct tern_error *error) {
    char *text = NULL;
    size_t bytes;
    TERN_TRY(tern_cli_conversation_add(&chat->conversation, TERN_CHAT_USER, "Hi", 2, error));
    TERN_TRY(tern_chat_template_prompt(chat->template, chat->conversation.messages, chat->conversation.count, error,
                                       &text, &bytes));
    free(text);
    return begin(chat, error);
}

static enum tern_status open_template(struct chat *chat, struct tern_error *error) {
    const struct tern_cli_options *options = chat->options;
    TERN_TRY(tern_tokenizer_open_directory(options->operand[0], error, &chat->tokenizer));
    TERN_TRY(tern_chat_template_open(options->operand[0], options->template, chat->tokenizer, error, &chat->template));
    TERN_TRY(tern_cli_message_open(error, &chat->message));
    TERN_TRY(begin(chat, error));
    return options->system ? check_system(chat, error) : TERN_STATUS_OK;
}

static enum tern_status open_session(struct chat *chat, struct tern_error *error) {
    const struct tern_cli_options *options = chat->options;
    struct tern_sampling sampling;
    TERN_TRY(tern_sampling_load(options->operand[0], error, &sampling));
    TERN_TRY(tern_cli_sampling(options, error, &sampling));
    const struct tern_session_options more = {.device = tern_cli_device(options),
                                              .capacity = (uint32_t)options->context};
    TERN_TRY(tern_session_open(options, &more, error, &chat->session));
    TERN_TRY(tern_generator_open(chat->session.runner, tern_model_config(chat->session.model), &sampling,
                                 chat->session.capacity, error, &chat->generator));
    return tern_cli_draft(options, chat->generator, error);
}

// Generates and prints the answer. said: takes a copy of it.
static enum tern_status answer_to(struct chat *chat, FILE *said, struct tern_error *error) {
    struct tern_answer answer = {.label = "chat",
                                 .generator = chat->generator,
                                 .runner = chat->session.runner,
                                 .config = tern_model_config(chat->session.model),
                                 .tokenizer = chat->tokenizer,
                                 .end_id = tern_chat_template_end_id(chat->template),
                                 .stop_strings = chat->options->stop,
                                 .stop_count = chat->options->stop_count,
                                 .max_tokens = chat->options->max_tokens,
                                 .out = stdout,
                                 .copy = said};
    tern_cli_catch_interrupt("chat", stdout);
    enum tern_status status = tern_cli_answer(&answer, error);
    tern_cli_obey_interrupt();
    putchar('\n');
    fflush(stdout);
    if (status == TERN_STATUS_INTERRUPTED) {
        fprintf(stderr, "(stopped)\n");
        return TERN_STATUS_OK;
    }
    return status;
}

// The answer as it was printed becomes part of the conversation, also when it was stopped or cut.
static enum tern_status take_answer(struct chat *chat, struct tern_error *error) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *said = open_memstream(&text, &bytes);
    if (!said) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for an answer");
    }
    enum tern_status status = answer_to(chat, said, error);
    if (fclose(said) != 0 && status == TERN_STATUS_OK) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for an answer");
    }
    if (status == TERN_STATUS_OK) {
        status = tern_cli_conversation_add(&chat->conversation, TERN_CHAT_ASSISTANT, text, bytes, error);
    }
    free(text);
    return status;
}

static enum tern_status take_turn(struct chat *chat, struct tern_error *error) {
    const size_t earlier = chat->conversation.count;
    TERN_TRY(
        tern_cli_conversation_add(&chat->conversation, TERN_CHAT_USER, chat->message.text, chat->message.bytes, error));
    enum tern_status status = feed_prompt(chat, error);
    if (status != TERN_STATUS_OK) {
        tern_cli_conversation_cut(&chat->conversation, earlier); // a refused message is not part of it
        return status;
    }
    TERN_TRY(take_answer(chat, error));
    if (tern_generator_room(chat->generator) == 0) {
        fprintf(stderr, "(the context is full: /reset begins a new conversation, --context makes room)\n");
    }
    return TERN_STATUS_OK;
}

// --show-prompt: the messages are the user's and the model's in turn.
static enum tern_status take_message_unanswered(struct chat *chat, struct tern_error *error) {
    const size_t first = chat->options->system != NULL;
    return tern_cli_conversation_add(&chat->conversation,
                                     (chat->conversation.count - first) % 2 ? TERN_CHAT_ASSISTANT : TERN_CHAT_USER,
                                     chat->message.text, chat->message.bytes, error);
}

static enum tern_status show_prompt(const struct chat *chat, struct tern_error *error) {
    char *text;
    size_t bytes;
    if (chat->conversation.count == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "there is no message, so there is no prompt");
    }
    TERN_TRY(tern_chat_template_prompt(chat->template, chat->conversation.messages, chat->conversation.count, error,
                                       &text, &bytes));
    fwrite(text, 1, bytes, stdout);
    free(text);
    return tern_cli_flush(error);
}

static bool is_command(const struct tern_cli_message *message, const char *command) {
    return !message->is_marked && message->bytes == strlen(command) &&
           memcmp(message->text, command, message->bytes) == 0;
}

// Runs the command or the turn in the message.
static enum tern_status take_message(struct chat *chat, struct tern_error *error) {
    if (is_command(&chat->message, "/reset")) {
        return begin(chat, error);
    }
    if (chat->message.bytes == 0) {
        return TERN_STATUS_OK;
    }
    return chat->options->show_prompt ? take_message_unanswered(chat, error) : take_turn(chat, error);
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

// Without such a token the text would go on with a turn of the user that the model invents.
static void note_no_end(const struct chat *chat) {
    if (tern_chat_template_end_id(chat->template) == TERN_NO_TOKEN) {
        fprintf(stderr, "tern chat: no special token of the tokenizer follows an answer in the chat template: "
                        "only the model's stop ids end one\n");
    }
}

static enum tern_status run_chat(struct chat *chat, struct tern_error *error) {
    TERN_TRY(open_template(chat, error));
    if (!chat->options->show_prompt) {
        note_no_end(chat);
        TERN_TRY(open_session(chat, error));
    }
    TERN_TRY(converse(chat, error));
    return chat->options->show_prompt ? show_prompt(chat, error) : TERN_STATUS_OK;
}

int tern_cli_chat(int argc, char **argv) {
    struct tern_cli_options options = {.max_tokens = TERN_MAX_POSITIONS};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    struct chat chat = {.options = &options};
    struct tern_error error = {{0}};
    enum tern_status status = run_chat(&chat, &error);
    tern_cli_conversation_cut(&chat.conversation, 0);
    tern_cli_message_close(&chat.message);
    tern_generator_close(chat.generator);
    tern_chat_template_close(chat.template);
    tern_session_close(&chat.session);
    tern_tokenizer_close(chat.tokenizer);
    return tern_cli_end("chat", status, &error);
}
