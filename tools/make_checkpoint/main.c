// SPDX-License-Identifier: Apache-2.0
// make_checkpoint: writes a checkpoint with seeded weights of the shape that a config.json gives.
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/descriptors.h"
#include "host_driver/system/parallel.h"
#include "tools/make_checkpoint/checkpoint.h"

static const char usage[] =
    "usage: make_checkpoint CONFIG OUT [options]\n\n"
    "Writes the new directory OUT with seeded weights of the shape that the config.json CONFIG gives\n"
    "(testvectors/configs/ has those of Qwen2.5, Qwen3, Llama 3.1, Mistral) and a byte-level tokenizer.json.\n"
    "An element depends on seed, tensor name and place alone. A run that is killed is taken up again by\n"
    "the same command.\n\n"
    "  --layers N        another number of layers\n"
    "  --vocabulary N    another vocabulary, at least 257\n"
    "  --dtype T         F16 or BF16 (BF16)\n"
    "  --packed          write the packed form directly, with random levels\n"
    "  --depth D         trits a weight of the packed form (3)\n"
    "  --seed S          (0)\n"
    "  --threads N       (as many as there are processors)\n"
    "  --shard-bytes B   largest size of a file that can be split (5000000000)\n";

static bool usage_error(const char *option, const char *text) {
    fprintf(stderr, "make_checkpoint: --%s %s: no such value\n%s", option, text, usage);
    return false;
}

static bool read_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    *value = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    return (end && *end == '\0' && errno == 0 && *value >= least && *value <= most) || usage_error(option, text);
}

static bool read_dtype(const char *text, enum tern_dtype *dtype) {
    *dtype = strcmp(text, "F16") == 0 ? TERN_DTYPE_F16 : TERN_DTYPE_BF16;
    return *dtype == TERN_DTYPE_F16 || strcmp(text, "BF16") == 0 || usage_error("dtype", text);
}

// Returns true to go on, with both operands at argv[optind].
static bool read_options(int argc, char **argv, struct checkpoint_options *options) {
    static const struct option table[] = {{"layers", required_argument, NULL, 'l'},
                                          {"vocabulary", required_argument, NULL, 'v'},
                                          {"dtype", required_argument, NULL, 'y'},
                                          {"packed", no_argument, NULL, 'p'},
                                          {"depth", required_argument, NULL, 'd'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"shard-bytes", required_argument, NULL, 'b'},
                                          {NULL, 0, NULL, 0}};
    uint64_t depth = 3, threads = tern_parallel_processors();
    bool packed = false, good = true;
    for (int option; good && (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        packed |= option == 'p' || option == 'd';
        if (option == 'l') {
            good = read_number("layers", optarg, 1, 1024, &options->layers);
        } else if (option == 'v') {
            good = read_number("vocabulary", optarg, 257, UINT32_MAX, &options->vocabulary);
        } else if (option == 'y') {
            good = read_dtype(optarg, &options->dtype);
        } else if (option == 'd') {
            good = read_number("depth", optarg, 1, TERN_MAX_DEPTH, &depth);
        } else if (option == 's') {
            good = read_number("seed", optarg, 0, UINT64_MAX, &options->seed);
        } else if (option == 't') {
            good = read_number("threads", optarg, 1, TERN_PARALLEL_MAX_THREADS, &threads);
        } else if (option == 'b') {
            good = read_number("shard-bytes", optarg, 1, UINT64_MAX / 2, &options->shard_bytes);
        } else if (option != 'p') {
            good = false;
        }
    }
    options->depth = packed ? (unsigned)depth : 0;
    options->threads = (unsigned)threads;
    if (good && argc - optind != 2) {
        fputs(usage, stderr);
    }
    return good && argc - optind == 2;
}

int main(int argc, char **argv) {
    struct checkpoint_options options = {.dtype = TERN_DTYPE_BF16, .shard_bytes = 5000000000u, .progress = stderr};
    struct tern_error error = {""};
    if (!tern_descriptors_guard()) {
        return 1;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &options)) {
        return 2;
    }
    options.config = argv[optind];
    signal(SIGXFSZ, SIG_IGN); // a file size limit is a write error with a sentence, not a signal
    if (checkpoint_make(argv[optind + 1], &options, &error) != TERN_STATUS_OK) {
        fprintf(stderr, "make_checkpoint: %s\n", error.message);
        return 1;
    }
    return 0;
}
