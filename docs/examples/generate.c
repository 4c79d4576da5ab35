// SPDX-License-Identifier: Apache-2.0
// generate MODEL PROMPT: 24 tokens of text with the installed library. docs/library.md builds and explains it.
#include <stdio.h>
#include <string.h>
#include <tern/tern.h>

#define TRY(call)                                                                                                      \
    if ((call) != TERN_STATUS_OK)                                                                                      \
    return fprintf(stderr, "%s\n", error.message), 1

int main(int argc, char **argv) {
    enum { TOKENS = 24, POSITIONS = 256 };
    const char *directory = argc == 3 ? argv[1] : "", *prompt = argc == 3 ? argv[2] : "", *text;
    const struct tern_backend_config backend = {0};
    const struct tern_runner_options options = {.capacity = POSITIONS};
    const struct tern_sampling sampling = tern_sampling_greedy();
    struct tern_error error;
    struct tern_model *model;
    struct tern_device *device;
    struct tern_runner *runner;
    struct tern_generator *generator;
    struct tern_tokenizer *tokenizer;
    struct tern_text_stream stream;
    uint32_t *ids, id;
    size_t count, bytes;
    char path[4096];
    snprintf(path, sizeof path, "%s/tokenizer.json", directory);
    TRY(tern_tokenizer_open(path, &error, &tokenizer));
    TRY(tern_tokenizer_encode(tokenizer, prompt, strlen(prompt), &error, &ids, &count));
    TRY(tern_model_open(directory, 0, &error, &model));
    TRY(tern_device_open("model", &backend, &error, &device));
    TRY(tern_runner_open(model, device, &options, &error, &runner));
    TRY(tern_generator_open(runner, tern_model_config(model), &sampling, POSITIONS, &error, &generator));
    TRY(tern_generator_append(generator, ids, count, &error));
    tern_text_stream_begin(&stream, tokenizer, TERN_DECODE_SKIP_SPECIAL);
    for (int tokens = 0; tokens < TOKENS; tokens += id != TERN_NO_ID) {
        TRY(tern_generator_step(generator, &error, &id));
        TRY(tern_text_stream_push(&stream, id, &error, &text, &bytes));
        fwrite(text, 1, bytes, stdout);
    }
    return putchar('\n') == EOF;
}
