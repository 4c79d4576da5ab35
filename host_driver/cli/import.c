// SPDX-License-Identifier: Apache-2.0
// tern import: a dequantised Hugging Face directory to the packed one it came from.
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "host_driver/cli/cli.h"
#include "host_driver/files/import_model.h"
#include "host_driver/files/parallel.h"

#define DEFAULT_SHARD_BYTES 5000000000u

static void print_usage(FILE *stream) {
    fprintf(stream,
            "usage: tern import IN OUT [--threads N] [--shard-bytes B]\n\n"
            "Finds the trits, scale codes and steps of the Hugging Face directory IN, whose matrices were\n"
            "quantised to 1 to 4 balanced-ternary digits a weight and written out again in F16, BF16 or F32,\n"
            "and packs them into the new directory OUT at the smallest depth that explains them. Every weight\n"
            "is expanded again and compared with IN; `tern export OUT` gives IN's values back. A weight that\n"
            "cannot be explained is named by tensor, row and group, and nothing is left. A run that is killed\n"
            "is taken up again by the same command.\n\n"
            "  --threads N       1 to %d (as many as there are processors)\n"
            "  --shard-bytes B   largest size of a file that can be split (%llu)\n",
            TERN_PARALLEL_MAX_THREADS, (unsigned long long)DEFAULT_SHARD_BYTES);
}

// 0 to go on, otherwise an exit code + 1.
static int read_options(int argc, char **argv, struct tern_import_options *options) {
    static const struct option table[] = {{"threads", required_argument, NULL, 't'},
                                          {"shard-bytes", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    uint64_t threads = tern_parallel_processors();
    options->shard_bytes = DEFAULT_SHARD_BYTES;
    int good = 1;
    optind = 0; // glibc: start anew, also after another subcommand in this process
    for (int option; good && (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (option == 'h') {
            print_usage(stdout);
            return TERN_EXIT_OK + 1;
        }
        if (option == 't')
            good = tern_cli_number("import", "--threads", optarg, 1, TERN_PARALLEL_MAX_THREADS, &threads);
        else if (option == 's')
            good = tern_cli_number("import", "--shard-bytes", optarg, 1, UINT64_MAX / 2, &options->shard_bytes);
        else
            good = 0;
    }
    options->threads = (unsigned)threads;
    if (good && argc - optind == 2)
        return 0;
    print_usage(stderr);
    return TERN_EXIT_USAGE + 1;
}

int tern_cli_import(int argc, char **argv) {
    struct tern_import_options options = {.progress = stderr};
    struct tern_import_result result;
    struct tern_error error = {""};
    int stop = read_options(argc, argv, &options);
    if (stop)
        return stop - 1;
    const char *output = argv[optind + 1];
    if (tern_import_model(argv[optind], output, &options, &error, &result) != TERN_STATUS_OK)
        return tern_cli_fail("import", &error);
    printf("%s: depth %u; %" PRIu64 " weights of %" PRIu64 " matrices come back as they were", output, result.depth,
           result.weights, result.matrices);
    if (result.negative_zeros > 0)
        printf(", %" PRIu64 " of -0 as 0", result.negative_zeros);
    printf("\n");
    return TERN_EXIT_OK;
}
