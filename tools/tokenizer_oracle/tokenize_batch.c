// SPDX-License-Identifier: Apache-2.0
// tokenize_batch TOKENIZER.JSON, for compare.py. Reads texts from standard input, each as a line with its length in
// bytes and then that many bytes. Writes the ids of each text on a line, and to standard error the processor time to
// open the file and to encode all texts.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host_driver/system/descriptors.h"
#include "host_driver/text/tokenizer.h"

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool encode_one(const struct tern_tokenizer *tokenizer, size_t len_bytes, double *encode_seconds) {
    char *text = malloc(len_bytes + 1);
    if (!text || fread(text, 1, len_bytes, stdin) != len_bytes) {
        free(text);
        return false;
    }
    struct tern_error error;
    uint32_t *ids;
    size_t count;
    double start = seconds();
    enum tern_status status = tern_tokenizer_encode(tokenizer, text, len_bytes, &error, &ids, &count);
    *encode_seconds += seconds() - start;
    free(text);
    if (status != TERN_STATUS_OK) {
        printf("error: %s\n", error.message);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        printf("%s%u", i ? " " : "", ids[i]);
    }
    putchar('\n');
    free(ids);
    return !ferror(stdout);
}

int main(int argument_count, char **arguments) {
    if (!tern_descriptors_guard()) {
        return 1;
    }
    if (argument_count != 2) {
        fprintf(stderr, "usage: tokenize_batch TOKENIZER.JSON\n");
        return 2;
    }
    struct tern_tokenizer *tokenizer;
    struct tern_error error;
    double start = seconds(), encode_seconds = 0;
    if (tern_tokenizer_open(arguments[1], &error, &tokenizer) != TERN_STATUS_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    fprintf(stderr, "opened in %.3f s of processor time\n", seconds() - start);
    size_t len_bytes;
    bool is_good = true;
    while (is_good && scanf("%zu%*1[\n]", &len_bytes) == 1) {
        is_good = encode_one(tokenizer, len_bytes, &encode_seconds);
    }
    fprintf(stderr, "encoded in %.3f s of processor time\n", encode_seconds);
    tern_tokenizer_close(tokenizer);
    return !is_good || fflush(stdout) != 0;
}
