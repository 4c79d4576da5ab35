// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_template.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host_driver/chat/chat_family.h"
#include "host_driver/chat/chat_source.h"
#include "host_driver/unicode/utf8.h"

// Which message brought a byte of the prompt.
enum mark { MARK_SYSTEM = 1, MARK_EARLIER, MARK_LAST, MARK_ANSWER };

struct tern_chat_template {
    const struct tern_tokenizer *tokenizer;
    char *name; // of the directory or the family, for sentences
    struct tern_chat_source source;
    struct tern_jinja_template *jinja;
    struct tm opened; // strftime_now: one time for all turns, so that they go together
    uint32_t end_id;
};

static enum tern_status no_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a chat template");
}

// Puts the name of the template before a sentence.
static enum tern_status name_error(const struct tern_chat_template *chat, enum tern_status status,
                                   struct tern_error *error) {
    const struct tern_error inner = error ? *error : (struct tern_error){""};
    return status == TERN_STATUS_OK
               ? status
               : tern_error_set(error, status, "%.200s: chat_template: %.250s", chat->name, inner.message);
}

static bool is_blank(const char *text, size_t len_bytes) {
    size_t length;
    for (size_t at = 0; at < len_bytes; at += length) {
        if (!tern_is_white_space(tern_utf8_decode(text + at, &length))) {
            return false;
        }
    }
    return true;
}

static enum tern_status check_text(const struct tern_chat_message *message, struct tern_error *error) {
    size_t bad = 0;
    if (message->len_bytes > TERN_TEXT_MAX_BYTES || !tern_utf8_validate(message->text, message->len_bytes, &bad)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the message is not UTF-8 at byte %zu, or too long",
                              bad);
    }
    return TERN_STATUS_OK;
}

// messages[i] as Jinja sees it. is_last: of its conversation.
static struct tern_jinja_message jinja_message(const struct tern_chat_message *message, bool is_last) {
    static const char *const roles[] = {"system", "user", "assistant"};
    const enum mark marks[] = {MARK_SYSTEM, is_last ? MARK_LAST : MARK_EARLIER, MARK_ANSWER};
    return (struct tern_jinja_message){roles[message->role], message->text, message->len_bytes,
                                       (uint8_t)marks[message->role]};
}

static enum tern_status run(const struct tern_chat_template *chat, const struct tern_chat_message *messages,
                            size_t count, struct tern_error *error, struct tern_jinja_output *output) {
    struct tern_jinja_message *list = calloc(count + 1, sizeof *list);
    if (!list) {
        return no_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = jinja_message(&messages[i], i + 1 == count);
    }
    const struct tern_jinja_input input = {list, count,        chat->source.tokens, chat->source.token_count,
                                           true, &chat->opened};
    enum tern_status status = name_error(chat, tern_jinja_run_template(chat->jinja, &input, error, output), error);
    free(list);
    return status;
}

// A system message or a question that the model would never see is refused.
static enum tern_status check_written(const struct tern_chat_template *chat, const struct tern_chat_message *message,
                                      bool is_last, const struct tern_jinja_output *output, struct tern_error *error) {
    const uint8_t mark = jinja_message(message, is_last).mark;
    if (mark == MARK_EARLIER || mark == MARK_ANSWER || is_blank(message->text, message->len_bytes) ||
        (output->len_bytes > 0 && memchr(output->marks, mark, output->len_bytes))) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "%.200s: chat_template: the template does not write the %s message", chat->name,
                          mark == MARK_SYSTEM ? "system" : "user's");
}

static enum tern_status render(const struct tern_chat_template *chat, const struct tern_chat_message *messages,
                               size_t count, struct tern_error *error, struct tern_jinja_output *output) {
    *output = (struct tern_jinja_output){0};
    for (size_t i = 0; i < count; i++) {
        TERN_TRY(check_text(&messages[i], error));
    }
    TERN_TRY(run(chat, messages, count, error, output));
    enum tern_status status = TERN_STATUS_OK;
    for (size_t i = 0; status == TERN_STATUS_OK && i < count; i++) {
        status = check_written(chat, &messages[i], i + 1 == count, output, error);
    }
    if (status != TERN_STATUS_OK) {
        tern_jinja_output_release(output);
    }
    return status;
}

enum tern_status tern_chat_template_prompt(const struct tern_chat_template *chat,
                                           const struct tern_chat_message *messages, size_t count,
                                           struct tern_error *error, char **text, size_t *len_bytes) {
    struct tern_jinja_output output;
    *text = NULL;
    *len_bytes = 0;
    TERN_TRY(render(chat, messages, count, error, &output));
    *text = output.text;
    *len_bytes = output.len_bytes;
    free(output.marks);
    return TERN_STATUS_OK;
}

enum tern_status tern_chat_template_encode(const struct tern_chat_template *chat,
                                           const struct tern_chat_message *messages, size_t count,
                                           struct tern_error *error, uint32_t **ids, size_t *id_count) {
    struct tern_jinja_output output;
    *ids = NULL;
    *id_count = 0;
    TERN_TRY(render(chat, messages, count, error, &output));
    enum tern_status status =
        tern_tokenizer_encode_plain(chat->tokenizer, output.text, output.marks, output.len_bytes, error, ids, id_count);
    tern_jinja_output_release(&output);
    return status;
}

uint32_t tern_chat_template_end_id(const struct tern_chat_template *chat) {
    return chat->end_id;
}

// The special token after the answer of an example, which may have blanks before it.
static enum tern_status find_end(struct tern_chat_template *chat, const struct tern_jinja_output *output,
                                 struct tern_error *error) {
    uint32_t *ids;
    size_t count, at = 0;
    for (size_t i = 0; i < output->len_bytes; i++) {
        at = output->marks[i] == MARK_ANSWER ? i + 1 : at;
    }
    while (at > 0 && at < output->len_bytes && strchr(" \n", output->text[at])) {
        at++;
    }
    if (at == 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_tokenizer_encode_plain(chat->tokenizer, output->text + at, output->marks + at, output->len_bytes - at,
                                         error, &ids, &count));
    if (count > 0 && tern_tokenizer_is_special(chat->tokenizer, ids[0])) {
        chat->end_id = ids[0];
    }
    free(ids);
    return TERN_STATUS_OK;
}

static enum tern_status try_example(struct tern_chat_template *chat, bool has_system, struct tern_error *error) {
    static const struct tern_chat_message example[] = {{TERN_CHAT_SYSTEM, "Hi", 2},
                                                       {TERN_CHAT_USER, "Hi", 2},
                                                       {TERN_CHAT_ASSISTANT, "Hello", 5},
                                                       {TERN_CHAT_USER, "Hi", 2}};
    struct tern_jinja_output output;
    chat->end_id = TERN_NO_TOKEN;
    TERN_TRY(render(chat, has_system ? example : example + 1, has_system ? 4 : 3, error, &output));
    enum tern_status status = find_end(chat, &output, error);
    tern_jinja_output_release(&output);
    return status;
}

// A template that cannot have a second turn is refused before the first. One may want a system message.
static enum tern_status try_examples(struct tern_chat_template *chat, struct tern_error *error) {
    enum tern_status status = try_example(chat, false, error);
    return status == TERN_STATUS_UNSUPPORTED && try_example(chat, true, NULL) == TERN_STATUS_OK ? TERN_STATUS_OK
                                                                                                : status;
}

static enum tern_status check_tokens(const struct tern_chat_template *chat, const struct tern_chat_family *family,
                                     struct tern_error *error) {
    for (size_t i = 0; family->tokens[i]; i++) {
        if (tern_tokenizer_special_id(chat->tokenizer, family->tokens[i]) == TERN_NO_TOKEN) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "tokenizer.json has no token %s, which %s needs",
                                  family->tokens[i], family->name);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status load(struct tern_chat_template *chat, const char *directory, const char *family_name,
                             struct tern_error *error) {
    const struct tern_chat_family *family = family_name ? tern_chat_family_find(family_name) : NULL;
    const time_t now = time(NULL);
    if (family_name && !family) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "there is no built-in template %.40s, but chatml and llama3", family_name);
    }
    TERN_TRY(tern_chat_source_read(directory, !family, error, &chat->source));
    if (family) {
        TERN_TRY(check_tokens(chat, family, error));
    }
    if (!localtime_r(&now, &chat->opened)) {
        return tern_error_set(error, TERN_STATUS_IO, "the time is not known");
    }
    const char *source = family ? family->source : chat->source.text;
    TERN_TRY(name_error(chat, tern_jinja_open(source, strlen(source), error, &chat->jinja), error));
    return try_examples(chat, error);
}

enum tern_status tern_chat_template_open(const char *directory, const char *family,
                                         const struct tern_tokenizer *tokenizer, struct tern_error *error,
                                         struct tern_chat_template **out) {
    struct tern_chat_template *chat = calloc(1, sizeof *chat);
    *out = NULL;
    if (!chat || !(chat->name = strdup(family ? family : directory))) {
        free(chat);
        return no_memory(error);
    }
    chat->tokenizer = tokenizer;
    enum tern_status status = load(chat, directory, family, error);
    if (status != TERN_STATUS_OK) {
        tern_chat_template_close(chat);
        return status;
    }
    *out = chat;
    return TERN_STATUS_OK;
}

void tern_chat_template_close(struct tern_chat_template *chat) {
    if (chat) {
        tern_jinja_close(chat->jinja);
        tern_chat_source_release(&chat->source);
        free(chat->name);
        free(chat);
    }
}
