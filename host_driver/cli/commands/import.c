// SPDX-License-Identifier: Apache-2.0
// tern import: a dequantized Hugging Face directory to the packed one it came from.
#include <inttypes.h>
#include <stdio.h>

#include "host_driver/cli/options.h"
#include "host_driver/cli/terminal/wrap.h"
#include "host_driver/model/import_model.h"

static const char usage[] =
    "usage: tern import IN OUT [--threads N] [--shard-bytes B]\n\n"
    "Finds the trits, scale codes and steps of the Hugging Face directory IN, whose matrices were\n"
    "quantized to 1 to 4 balanced-ternary digits a weight and written out again in F16, BF16 or F32,\n"
    "and packs them into the new directory OUT at the smallest depth that explains them. Every weight\n"
    "is expanded again and compared with IN; `tern export OUT` gives IN's values back. A weight that\n"
    "cannot be explained is named by tensor, row and group, and nothing is left. A run that is killed\n"
    "is taken up again by the same command.\n\n"
    "  --threads N       1 to 256 (as many as there are processors)\n"
    "  --shard-bytes B   largest size of a file that can be split (5000000000)\n";

int tern_cli_import(int argc, char **argv) {
    struct tern_cli_options options = {.shard_bytes = TERN_SHARD_BYTES};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    const char *output = options.operand[1];
    struct tern_import_options import = {
        .threads = tern_cli_threads(&options), .shard_bytes = options.shard_bytes, .progress = stderr};
    struct tern_import_result result;
    struct tern_error error = {""};
    if (tern_import_model(options.operand[0], output, &import, &error, &result) != TERN_STATUS_OK) {
        return tern_cli_fail("import", &error);
    }
    char zeros[48] = "";
    if (result.negative_zeros > 0) {
        snprintf(zeros, sizeof zeros, ", %" PRIu64 " of -0 as 0", result.negative_zeros);
    }
    tern_cli_say(stdout, 2, "%s: depth %u; %" PRIu64 " weights of %" PRIu64 " matrices come back as they were%s",
                 output, result.depth, result.weights, result.matrices, zeros);
    return TERN_EXIT_OK;
}
