// SPDX-License-Identifier: Apache-2.0
// generate MODEL TOKENIZER.JSON PROMPT: 24 tokens with the installed library. docs/library.md builds and explains it.
#include <stdio.h>
#include <string.h>
#include <tern/tern.h>

int main(int argc, char **argv) {
    const struct tern_backend_config backend = {0};
    const struct tern_runner_options options = {.capacity = 256};
    const struct tern_sampling sampling = tern_sampling_greedy();
    struct tern_error error = {"usage: generate MODEL TOKENIZER.JSON PROMPT"};
    struct tern_tokenizer *tokenizer;
    struct tern_model *model;
    struct tern_device *device;
    struct tern_runner *runner;
    struct tern_generator *generator;
    uint32_t *ids, id = TERN_NO_ID;
    size_t count, bytes;
    char *text;
    if (argc != 4 || tern_tokenizer_open(argv[2], &error, &tokenizer) ||
        tern_tokenizer_encode(tokenizer, argv[3], strlen(argv[3]), &error, &ids, &count) ||
        tern_model_open(argv[1], 0, &error, &model) || tern_device_open("model", &backend, &error, &device) ||
        tern_runner_open(model, device, &options, &error, &runner) ||
        tern_generator_open(runner, tern_model_config(model), &sampling, options.capacity, &error, &generator) ||
        tern_generator_append(generator, ids, count, &error)) {
        return fprintf(stderr, "%s\n", error.message), 1;
    }
    while (tern_generator_count(generator) < count + 24) {
        if (tern_generator_step(generator, &error, &id)) {
            return fprintf(stderr, "%s\n", error.message), 1;
        }
    }
    if (tern_tokenizer_decode(tokenizer, TERN_DECODE_SKIP_SPECIAL, tern_generator_ids(generator) + count, 24, &error,
                              &text, &bytes)) {
        return fprintf(stderr, "%s\n", error.message), 1;
    }
    return puts(text) == EOF;
}
