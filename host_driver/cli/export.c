// SPDX-License-Identifier: Apache-2.0
// tern export: a packed directory to a Hugging Face directory in FP16.
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>

#include "host_driver/cli/cli.h"
#include "host_driver/files/export_model.h"
#include "host_driver/files/parallel.h"

#define DEFAULT_SHARD_BYTES 5000000000u

static void print_usage(FILE *stream) {
    fprintf(stream,
            "usage: tern export PACKED OUT [--threads N] [--shard-bytes B]\n\n"
            "Writes the packed directory PACKED as the new Hugging Face directory OUT, matrices in FP16, or\n"
            "in the type they were imported from.\n\n"
            "  --threads N       1 to %d (as many as there are processors)\n"
            "  --shard-bytes B   largest size of a file that can be split (%llu)\n",
            TERN_PARALLEL_MAX_THREADS, (unsigned long long)DEFAULT_SHARD_BYTES);
}

// 0 to go on, otherwise an exit code + 1.
static int read_options(int argc, char **argv, uint64_t *threads, uint64_t *shard_bytes) {
    static const struct option table[] = {{"threads", required_argument, NULL, 't'},
                                          {"shard-bytes", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int good = 1;
    optind = 0; // glibc: start anew, also after another subcommand in this process
    for (int option; good && (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (option == 'h') {
            print_usage(stdout);
            return TERN_EXIT_OK + 1;
        }
        if (option == 't')
            good = tern_cli_number("export", "--threads", optarg, 1, TERN_PARALLEL_MAX_THREADS, threads);
        else if (option == 's')
            good = tern_cli_number("export", "--shard-bytes", optarg, 1, UINT64_MAX / 2, shard_bytes);
        else
            good = 0;
    }
    if (good && argc - optind == 2)
        return 0;
    print_usage(stderr);
    return TERN_EXIT_USAGE + 1;
}

int tern_cli_export(int argc, char **argv) {
    struct tern_error error = {""};
    uint64_t threads = tern_parallel_processors(), shard_bytes = DEFAULT_SHARD_BYTES;
    int stop = read_options(argc, argv, &threads, &shard_bytes);
    if (stop)
        return stop - 1;
    const char *output = argv[optind + 1];
    if (tern_export_model(argv[optind], output, (unsigned)threads, shard_bytes, stderr, &error) != TERN_STATUS_OK)
        return tern_cli_fail("export", &error);
    printf("%s: written\n", output);
    return TERN_EXIT_OK;
}
