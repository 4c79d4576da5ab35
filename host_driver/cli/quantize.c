// SPDX-License-Identifier: Apache-2.0
// tern quantize: a Hugging Face directory to a packed one.
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>

#include "host_driver/cli/cli.h"
#include "host_driver/files/parallel.h"
#include "host_driver/files/quantize_model.h"

#define DEFAULT_SHARD_BYTES 5000000000u

static void print_usage(FILE *stream) {
    fprintf(stream,
            "usage: tern quantize IN OUT [--depth D] [--threads N] [--shard-bytes B]\n\n"
            "Packs the Hugging Face directory IN into the new directory OUT. A run that is killed\n"
            "is taken up again by the same command.\n\n"
            "  --depth D         trits a weight, 1 to 4 (3)\n"
            "  --threads N       1 to %d (as many as there are processors)\n"
            "  --shard-bytes B   largest size of a file that can be split (%llu)\n",
            TERN_PARALLEL_MAX_THREADS, (unsigned long long)DEFAULT_SHARD_BYTES);
}

// 0 to go on, otherwise an exit code + 1.
static int read_options(int argc, char **argv, struct tern_quantize_options *options) {
    static const struct option table[] = {{"depth", required_argument, NULL, 'd'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"shard-bytes", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    uint64_t depth = 3, threads = tern_parallel_processors();
    options->shard_bytes = DEFAULT_SHARD_BYTES;
    int good = 1;
    optind = 0; // glibc: start anew, also after another subcommand in this process
    for (int option; good && (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (option == 'h') {
            print_usage(stdout);
            return TERN_EXIT_OK + 1;
        }
        if (option == 'd')
            good = tern_cli_number("quantize", "--depth", optarg, 1, TERN_MAX_DEPTH, &depth);
        else if (option == 't')
            good = tern_cli_number("quantize", "--threads", optarg, 1, TERN_PARALLEL_MAX_THREADS, &threads);
        else if (option == 's')
            good = tern_cli_number("quantize", "--shard-bytes", optarg, 1, UINT64_MAX / 2, &options->shard_bytes);
        else
            good = 0;
    }
    options->depth = (unsigned)depth;
    options->threads = (unsigned)threads;
    if (good && argc - optind == 2)
        return 0;
    print_usage(stderr);
    return TERN_EXIT_USAGE + 1;
}

int tern_cli_quantize(int argc, char **argv) {
    struct tern_quantize_options options = {.progress = stderr};
    struct tern_error error = {""};
    int stop = read_options(argc, argv, &options);
    if (stop)
        return stop - 1;
    const char *output = argv[optind + 1];
    if (tern_quantize_model(argv[optind], output, &options, &error) != TERN_STATUS_OK)
        return tern_cli_fail("quantize", &error);
    printf("%s: packed at depth %u\n", output, options.depth);
    return TERN_EXIT_OK;
}
