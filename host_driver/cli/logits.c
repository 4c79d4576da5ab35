// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/cli/generate.h"

static const char usage[] =
    "usage: tern logits MODEL --tokens 1,2,3 --out FILE.npy [--device model|rtl] [--depth D] [--device-memory BYTES]\n"
    "Logits after each token as a NumPy file, float32 [tokens][vocabulary].\n";

// Version 1.0 of the .npy format: magic, header length, a Python dict padded to 64 bytes.
static void npy_header(char header[128], size_t rows, uint32_t columns) {
    char dict[118];
    int length =
        snprintf(dict, sizeof dict, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %u), }", rows, columns);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(header + 10, ' ', 118);
    memcpy(header + 10, dict, (size_t)length);
    header[127] = '\n';
}

// Under a temporary name first: a full disk leaves nothing at `path`.
static enum tern_status write_npy(const char *path, const float *logits, size_t rows, uint32_t columns,
                                  struct tern_error *error) {
    char partial[4096], header[128];
    if (snprintf(partial, sizeof partial, "%s.partial", path) >= (int)sizeof partial) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--out: the path is too long");
    }
    npy_header(header, rows, columns);
    FILE *file = fopen(partial, "wb");
    int is_written = file && fwrite(header, sizeof header, 1, file) == 1 &&
                     fwrite(logits, sizeof *logits * columns, rows, file) == rows;
    is_written = file && fclose(file) == 0 && is_written;
    if (!is_written || rename(partial, path) != 0) {
        int reason = errno;
        remove(partial);
        return tern_error_set(error, TERN_STATUS_IO, "%s: cannot be written: %s", path, strerror(reason));
    }
    return TERN_STATUS_OK;
}

static enum tern_status logits(const struct tern_cli_options *options, struct tern_error *error) {
    uint32_t *ids = NULL;
    size_t count = 0;
    struct tern_session session = {0};
    float *values = NULL;
    enum tern_status status = tern_cli_ids(options->tokens, error, &ids, &count);
    if (status == TERN_STATUS_OK) {
        status = tern_session_open(options, options->device, (uint32_t)count, NULL, NULL, error, &session);
    }
    uint32_t columns = status == TERN_STATUS_OK ? tern_model_config(session.model)->vocabulary_size : 0;
    if (status == TERN_STATUS_OK && !(values = malloc(count * columns * sizeof *values))) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %zu x %u logits", count, columns);
    }
    for (size_t first = 0; first < count && status == TERN_STATUS_OK; first += TERN_MAX_VECTORS) {
        float *rows[TERN_MAX_VECTORS];
        uint32_t tokens = count - first < TERN_MAX_VECTORS ? (uint32_t)(count - first) : TERN_MAX_VECTORS;
        for (uint32_t i = 0; i < tokens; i++) {
            rows[i] = values + (first + i) * columns;
        }
        status = tern_runner_tokens(session.runner, ids + first, tokens, rows, error);
    }
    if (status == TERN_STATUS_OK) {
        status = write_npy(options->out, values, count, columns, error);
    }
    free(values);
    free(ids);
    tern_session_close(&session);
    return status;
}

int tern_cli_logits(int argc, char **argv) {
    struct tern_cli_options options = {.device = "model"};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (!options.tokens || !options.out) {
        fputs(usage, stderr);
        return TERN_EXIT_USAGE;
    }
    struct tern_error error = {{0}};
    return logits(&options, &error) == TERN_STATUS_OK ? TERN_EXIT_OK : tern_cli_fail("logits", &error);
}
