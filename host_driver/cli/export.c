// SPDX-License-Identifier: Apache-2.0
// tern export: a packed directory to a Hugging Face directory in FP16.
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "host_driver/cli/cli.h"
#include "host_driver/files/export_model.h"
#include "host_driver/files/float_type.h"
#include "host_driver/files/parallel.h"

#define DEFAULT_SHARD_BYTES 5000000000u

static void print_usage(FILE *stream) {
    fprintf(stream,
            "usage: tern export PACKED OUT [--dtype T] [--threads N] [--shard-bytes B]\n\n"
            "Writes the packed directory PACKED as the new Hugging Face directory OUT, matrices in FP16, or\n"
            "in the type they were imported from.\n\n"
            "  --dtype T         F16, BF16 or F32 for every matrix; F32 has exactly what the devices compute with\n"
            "  --threads N       1 to %d (as many as there are processors)\n"
            "  --shard-bytes B   largest size of a file that can be split (%llu)\n",
            TERN_PARALLEL_MAX_THREADS, (unsigned long long)DEFAULT_SHARD_BYTES);
}

static int read_dtype(const char *text, enum tern_dtype *dtype) {
    for (*dtype = TERN_DTYPE_F32; *dtype <= TERN_DTYPE_BF16; (*dtype)++)
        if (strcmp(text, tern_dtype_name(*dtype)) == 0)
            return 1;
    fprintf(stderr, "tern export: --dtype %s is not F16, BF16 or F32\n", text);
    return 0;
}

// 0 to go on, otherwise an exit code + 1.
static int read_options(int argc, char **argv, struct tern_export_options *options) {
    static const struct option table[] = {{"dtype", required_argument, NULL, 'y'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"shard-bytes", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    uint64_t threads = tern_parallel_processors();
    int good = 1;
    optind = 0; // glibc: start anew, also after another subcommand in this process
    for (int option; good && (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (option == 'h') {
            print_usage(stdout);
            return TERN_EXIT_OK + 1;
        }
        if (option == 'y')
            good = read_dtype(optarg, &options->dtype);
        else if (option == 't')
            good = tern_cli_number("export", "--threads", optarg, 1, TERN_PARALLEL_MAX_THREADS, &threads);
        else if (option == 's')
            good = tern_cli_number("export", "--shard-bytes", optarg, 1, UINT64_MAX / 2, &options->shard_bytes);
        else
            good = 0;
    }
    options->threads = (unsigned)threads;
    if (good && argc - optind == 2)
        return 0;
    print_usage(stderr);
    return TERN_EXIT_USAGE + 1;
}

int tern_cli_export(int argc, char **argv) {
    struct tern_error error = {""};
    struct tern_export_options options = {
        .dtype = TERN_DTYPE_OTHER, .shard_bytes = DEFAULT_SHARD_BYTES, .progress = stderr};
    int stop = read_options(argc, argv, &options);
    if (stop)
        return stop - 1;
    const char *output = argv[optind + 1];
    if (tern_export_model(argv[optind], output, &options, &error) != TERN_STATUS_OK)
        return tern_cli_fail("export", &error);
    printf("%s: written\n", output);
    return TERN_EXIT_OK;
}
