// SPDX-License-Identifier: Apache-2.0
// tern export: a packed directory to a Hugging Face directory.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/cli/options.h"
#include "host_driver/model/export_model.h"
#include "host_driver/formats/float_type.h"

static const char usage[] =
    "usage: tern export PACKED OUT [--dtype T] [--threads N] [--shard-bytes B]\n\n"
    "Writes the packed directory PACKED as the new Hugging Face directory OUT, matrices in FP16, or\n"
    "in the type they were imported from.\n\n"
    "  --dtype T         F16, BF16 or F32 for every matrix; F32 has exactly what the devices compute with\n"
    "  --threads N       1 to 256 (as many as there are processors)\n"
    "  --shard-bytes B   largest size of a file that can be split (5000000000)\n";

// text: NULL keeps the types from which the matrices were imported.
static bool read_dtype(const char *text, enum tern_dtype *dtype) {
    *dtype = TERN_DTYPE_OTHER;
    if (!text) {
        return true;
    }
    for (*dtype = TERN_DTYPE_F32; *dtype <= TERN_DTYPE_BF16; (*dtype)++) {
        if (strcmp(text, tern_dtype_name(*dtype)) == 0) {
            return true;
        }
    }
    fprintf(stderr, "tern export: --dtype %s is not F16, BF16 or F32\n", text);
    return false;
}

int tern_cli_export(int argc, char **argv) {
    struct tern_cli_options options = {.shard_bytes = TERN_SHARD_BYTES};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    const char *output = options.operand[1];
    struct tern_export_options export = {
        .threads = tern_cli_threads(&options), .shard_bytes = options.shard_bytes, .progress = stderr};
    struct tern_error error = {""};
    if (!read_dtype(options.dtype, &export.dtype)) {
        return TERN_EXIT_USAGE;
    }
    if (tern_export_model(options.operand[0], output, &export, &error) != TERN_STATUS_OK) {
        return tern_cli_fail("export", &error);
    }
    printf("%s: written\n", output);
    return TERN_EXIT_OK;
}
