// SPDX-License-Identifier: Apache-2.0
// tern quantize: a Hugging Face directory to a packed one.
#include <stdio.h>

#include "host_driver/cli/options.h"
#include "host_driver/model/quantize_model.h"

static const char usage[] = "usage: tern quantize IN OUT [--depth D] [--threads N] [--shard-bytes B]\n\n"
                            "Packs the Hugging Face directory IN into the new directory OUT. A run that is killed\n"
                            "is taken up again by the same command.\n\n"
                            "  --depth D         trits a weight (3)\n"
                            "  --threads N       1 to 256 (as many as there are processors)\n"
                            "  --shard-bytes B   largest size of a file that can be split (5000000000)\n";

int tern_cli_quantize(int argc, char **argv) {
    struct tern_cli_options options = {.depth = 3, .shard_bytes = TERN_SHARD_BYTES};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    const char *output = options.operand[1];
    struct tern_quantize_options quantize = {.depth = (unsigned)options.depth,
                                             .threads = tern_cli_threads(&options),
                                             .shard_bytes = options.shard_bytes,
                                             .progress = stderr};
    struct tern_error error = {""};
    if (tern_quantize_model(options.operand[0], output, &quantize, &error) != TERN_STATUS_OK) {
        return tern_cli_fail("quantize", &error);
    }
    printf("%s: packed at depth %u\n", output, quantize.depth);
    return TERN_EXIT_OK;
}
