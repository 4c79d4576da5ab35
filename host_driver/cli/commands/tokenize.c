// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/session.h"
#include "host_driver/system/read_text.h"

static const char usage[] =
    "usage: tern tokenize MODEL TEXT [--bos auto|yes|no] [--json]\n"
    "Token ids of TEXT by MODEL/tokenizer.json, separated by commas.\n"
    "  TEXT     in UTF-8; - takes all of standard input, line ends and all; -- goes before a TEXT that begins with -\n"
    "  --bos auto|yes|no   whether they begin with BOS (default auto: as tokenizer.json says)\n"
    "  --json   {\"ids\": [...]}\n";

static void print_ids(const uint32_t *ids, size_t count, bool json) {
    printf("%s", json ? "{\"ids\": [" : "");
    for (size_t i = 0; i < count; i++) {
        printf("%s%u", i == 0 ? "" : json ? ", " : ",", ids[i]);
    }
    printf("%s\n", json ? "]}" : "");
}

static enum tern_status print_tokens(const struct tern_tokenizer *tokenizer, const char *text, size_t bytes, bool json,
                                     struct tern_error *error) {
    uint32_t *ids;
    size_t count;
    TERN_TRY(tern_tokenizer_encode(tokenizer, text, bytes, error, &ids, &count));
    print_ids(ids, count, json);
    free(ids);
    return TERN_STATUS_OK;
}

static enum tern_status tokenize(const struct tern_cli_options *options, const char *text, size_t bytes,
                                 struct tern_error *error) {
    struct tern_tokenizer *tokenizer = NULL;
    enum tern_status status = tern_cli_tokenizer(options, error, &tokenizer);
    status = status == TERN_STATUS_OK ? print_tokens(tokenizer, text, bytes, options->json, error) : status;
    tern_tokenizer_close(tokenizer);
    return status;
}

int tern_cli_tokenize(int argc, char **argv) {
    struct tern_cli_options options = {0};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    struct tern_error error;
    const char *text = options.operand[1];
    size_t bytes = strlen(text);
    char *input = NULL;
    enum tern_status status =
        strcmp(text, "-") == 0 ? tern_read_text(text, TERN_TEXT_MAX_BYTES, &error, &input, &bytes) : TERN_STATUS_OK;
    if (status == TERN_STATUS_OK) {
        status = tokenize(&options, input ? input : text, bytes, &error);
    }
    free(input);
    return tern_cli_end("tokenize", status, &error);
}
