// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/cli.h"
#include "host_driver/text/tokenizer.h"

static const char usage[] = "usage: tern tokenize MODEL TEXT [--json]\n"
                            "Token ids of TEXT by MODEL/tokenizer.json, separated by commas as `tern logits --tokens` takes them.\n"
                            "  --json   {\"ids\": [...]}\n";

static void print_ids(const uint32_t *ids, size_t count, int json) {
    printf("%s", json ? "{\"ids\": [" : "");
    for (size_t i = 0; i < count; i++) {
        printf("%s%u", i == 0 ? "" : json ? ", " : ",", ids[i]);
    }
    printf("%s\n", json ? "]}" : "");
}

static int tokenize(const char *directory, const char *text, int json) {
    struct tern_error error;
    struct tern_tokenizer *tokenizer = NULL;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/tokenizer.json", directory) >= (int)sizeof path) {
        tern_error_set(&error, TERN_STATUS_BAD_ARGUMENT, "the path of MODEL is too long");
        return tern_cli_fail("tokenize", &error);
    }
    if (tern_tokenizer_open(path, &error, &tokenizer) != TERN_STATUS_OK) {
        return tern_cli_fail("tokenize", &error);
    }
    uint32_t *ids = NULL;
    size_t count = 0;
    enum tern_status status = tern_tokenizer_encode(tokenizer, text, strlen(text), &error, &ids, &count);
    if (status == TERN_STATUS_OK) {
        print_ids(ids, count, json);
        free(ids);
    }
    tern_tokenizer_close(tokenizer);
    return status == TERN_STATUS_OK ? TERN_EXIT_OK : tern_cli_fail("tokenize", &error);
}

int tern_cli_tokenize(int argc, char **argv) {
    static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    int json = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            return TERN_EXIT_OK;
        }
        if (option != 'j') {
            fputs(usage, stderr);
            return TERN_EXIT_USAGE;
        }
        json = 1;
    }
    if (argc - optind != 2) {
        fputs(usage, stderr);
        return TERN_EXIT_USAGE;
    }
    return tokenize(argv[optind], argv[optind + 1], json);
}
