// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/commands/bench.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/pool.h"
#include "host_driver/cli/sources/sources.h"

static const char usage[] =
    "usage: tern bench [MODEL] [--device NAME] [--depth D] [--context P] [--max-tokens N] [--threads N]\n"
    "                  [--top-k K] [--device-memory BYTES] [--latency CYCLES] [--bandwidth PERCENT] [--lanes N]\n"
    "                  [--vectors M] [--memory NAME] [--verilated UNITS] [--json]\n"
    "Without MODEL: how fast the C model multiplies, in GB/s of packed weights (checksums included), for weights "
    "larger\n"
    "than the caches, and its share of the memory bandwidth that the same threads reach by reading alone in the same\n"
    "run. With MODEL: tokens a second of that model on a device and where the time went.\n"
    "  --depth D        one depth only; of a model: planes in use (default: all)\n"
    "  --context P      of a model: tokens of the prompt, read 16 at once (default: N)\n"
    "  --max-tokens N   of a model: generated one by one after them (default 32)\n"
    "  --top-k K        of a model: as many of the largest logits are wanted (default 1, greedy), 0: all of "
    "them\n" TERN_CLI_MEMORY_HELP TERN_CLI_VARIANT_HELP "  --threads N      of the host (default: one a processor)\n"
    "  --json           one object\n"
    "The environment variable TERN_KERNEL (exact, avx2, avx512) chooses what multiplies.\n";

// Four times the caches of most machines.
#define WEIGHTS_BYTES ((uint64_t)192 << 20)
#define PREFILL_AT_ONCE TERN_MAX_VECTORS
#define DEFAULT_TOKENS 32u

static void print_matrix(const struct tern_bench_matmul *bench, const struct tern_bench_matrix *matrix, cJSON *list) {
    const double gb = (double)matrix->bytes / matrix->seconds / 1e9;
    const double read_gb = (double)bench->bytes / bench->read_seconds / 1e9;
    const double gmac = (double)matrix->rows * matrix->columns * matrix->vectors / matrix->seconds / 1e9;
    if (!list) {
        printf("%7u x %5u  %5u  %7u  %8.2f  %7.2f  %5.2f  %8.1f\n", matrix->rows, matrix->columns, matrix->depth,
               matrix->vectors, gb, read_gb, gb / read_gb, gmac);
        fflush(stdout);
        return;
    }
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(list, row);
    cJSON_AddNumberToObject(row, "rows", matrix->rows);
    cJSON_AddNumberToObject(row, "columns", matrix->columns);
    cJSON_AddNumberToObject(row, "depth", matrix->depth);
    cJSON_AddNumberToObject(row, "vectors", matrix->vectors);
    cJSON_AddNumberToObject(row, "gb_s", gb);
    cJSON_AddNumberToObject(row, "read_gb_s", read_gb);
    cJSON_AddNumberToObject(row, "share", gb / read_gb);
    cJSON_AddNumberToObject(row, "gmac_s", gmac);
}

static enum tern_status bench_matrices(struct tern_bench_matmul *bench, uint64_t depth, cJSON *list,
                                       struct tern_error *error) {
    static const uint32_t columns[] = {896, 4864, 8192}, vectors[] = {1, TERN_MAX_VECTORS};
    for (unsigned i = 0; i < 3; i++) {
        for (uint32_t d = 1; d <= TERN_MAX_DEPTH; d++) {
            for (unsigned v = 0; v < 2; v++) {
                struct tern_bench_matrix matrix = {.columns = columns[i], .depth = d, .vectors = vectors[v]};
                if ((depth && depth != d) || (vectors[v] > 1 && d != 3 && !depth)) {
                    continue;
                }
                fprintf(stderr, "bench: %u columns, depth %u, %u vectors\n", columns[i], d, vectors[v]);
                TERN_TRY(tern_bench_matrix(bench, error, &matrix));
                print_matrix(bench, &matrix, list);
                TERN_TRY(tern_cli_flush(error));
            }
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status bench_matmul(const struct tern_cli_options *options, cJSON *root, struct tern_error *error) {
    struct tern_engine engine;
    struct tern_bench_matmul bench = {0};
    TERN_TRY(tern_cli_engine(options, error, &engine));
    const char *kernel = tern_kernel_name(engine.kernel == TERN_KERNEL_BEST ? tern_kernel_best() : engine.kernel);
    const unsigned threads = tern_pool_threads(engine.pool);
    if (root) {
        cJSON_AddStringToObject(root, "kernel", kernel);
        cJSON_AddNumberToObject(root, "threads", threads);
    } else {
        printf("kernel %s, %u threads\n   rows x columns  depth  vectors  GB/s     read     share  GMAC/s\n", kernel,
               threads);
    }
    enum tern_status status = tern_bench_matmul_open(&engine, WEIGHTS_BYTES, error, &bench);
    if (status == TERN_STATUS_OK) {
        status = bench_matrices(&bench, options->depth, root ? cJSON_AddArrayToObject(root, "matmul") : NULL, error);
    }
    tern_bench_matmul_close(&bench);
    tern_pool_destroy(engine.pool);
    return status;
}

static void print_part(const char *name, const struct tern_bench_part *part, cJSON *root) {
    const double rate = part->tokens / part->seconds;
    const double other = part->seconds - part->matmul - part->vector - part->head;
    if (!root) {
        printf("%-10s %4u tokens  %9.2f tokens/s\n", name, part->tokens, rate);
        printf("%-10s time: matmul %4.1f%%, vector commands %4.1f%%, head %4.1f%%, other %4.1f%%\n", "",
               100 * part->matmul / part->seconds, 100 * part->vector / part->seconds, 100 * part->head / part->seconds,
               100 * other / part->seconds);
        printf("%-10s %.2f of each 1000 rows of the head needed in full\n", "",
               1000.0 * (double)part->exact_rows / (double)part->head_rows);
        if (part->matmul_cycles) {
            printf("%-10s %.0f cycles a token, %.1f%% of them in the matmul unit\n", "",
                   (double)part->cycles / part->tokens, 100 * (double)part->matmul_cycles / (double)part->cycles);
        }
        return;
    }
    cJSON *object = cJSON_AddObjectToObject(root, name);
    cJSON_AddNumberToObject(object, "tokens", part->tokens);
    cJSON_AddNumberToObject(object, "tokens_s", rate);
    cJSON_AddNumberToObject(object, "seconds", part->seconds);
    cJSON_AddNumberToObject(object, "matmul_seconds", part->matmul);
    cJSON_AddNumberToObject(object, "vector_seconds", part->vector);
    cJSON_AddNumberToObject(object, "head_seconds", part->head);
    cJSON_AddNumberToObject(object, "other_seconds", other);
    cJSON_AddNumberToObject(object, "head_rows", (double)part->head_rows);
    cJSON_AddNumberToObject(object, "exact_rows", (double)part->exact_rows);
    cJSON_AddNumberToObject(object, "weight_bytes", (double)part->weight_bytes);
    cJSON_AddNumberToObject(object, "cycles", (double)part->cycles);
    cJSON_AddNumberToObject(object, "matmul_cycles", (double)part->matmul_cycles);
}

// Whether an option is given that needs a model.
static bool is_of_a_model(const struct tern_cli_options *options) {
    return options->device || options->context || options->max_tokens || options->top_k != UINT64_MAX ||
           options->memory_bytes || options->latency || options->bandwidth || options->lanes || options->vectors;
}

static void print_title(const struct tern_cli_options *options, const struct tern_session *session, cJSON *root) {
    const unsigned threads = tern_pool_threads(session->engine.pool);
    if (root) {
        cJSON_AddStringToObject(root, "device", tern_device_name(session->device));
        cJSON_AddNumberToObject(root, "depth", tern_runner_depth(session->runner));
        cJSON_AddNumberToObject(root, "threads", threads);
    } else {
        printf("%s on %s, depth %u, %u threads\n", options->operand[0], tern_device_name(session->device),
               tern_runner_depth(session->runner), threads);
    }
}

static enum tern_status bench_parts(struct tern_session *session, uint32_t prefill, uint32_t tokens, cJSON *root,
                                    struct tern_error *error) {
    struct tern_bench_part part;
    // The first token loads weights and pages, the second makes a copy of the head.
    TERN_TRY(tern_bench_tokens(session, 2, 1, error, &part));
    if (root) {
        print_part("start", &part, root);
    }
    fprintf(stderr, "bench: %u tokens, %u at once\n", prefill, PREFILL_AT_ONCE);
    TERN_TRY(tern_bench_tokens(session, prefill, PREFILL_AT_ONCE, error, &part));
    print_part("prefill", &part, root);
    TERN_TRY(tern_cli_flush(error));
    fprintf(stderr, "bench: %u tokens, one by one\n", tokens);
    TERN_TRY(tern_bench_tokens(session, tokens, 1, error, &part));
    print_part("generation", &part, root);
    return TERN_STATUS_OK;
}

static enum tern_status bench_model(const struct tern_cli_options *options, cJSON *root, struct tern_error *error) {
    const uint32_t tokens = options->max_tokens ? (uint32_t)options->max_tokens : DEFAULT_TOKENS;
    const uint32_t prompt = options->context ? (uint32_t)options->context : tokens;
    const uint32_t prefill = (prompt + PREFILL_AT_ONCE - 1) / PREFILL_AT_ONCE * PREFILL_AT_ONCE;
    struct tern_session session;
    const struct tern_session_options more = {.device = tern_cli_device(options), .capacity = prefill + tokens + 2};
    TERN_TRY(tern_session_open(options, &more, error, &session));
    print_title(options, &session, root);
    tern_runner_set_best(session.runner, options->top_k == UINT64_MAX ? 1 : (uint32_t)options->top_k);
    enum tern_status status = bench_parts(&session, prefill, tokens, root, error);
    tern_session_close(&session);
    return status;
}

static void add_sources(cJSON *root, const struct tern_cli_sources *sources) {
    char *text = root ? tern_cli_sources_json(sources) : NULL;
    if (text) {
        cJSON_AddRawToObject(root, "sources", text);
    }
    free(text);
}

int tern_cli_bench(int argc, char **argv) {
    struct tern_cli_options options = {0};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (!options.operand[0] && is_of_a_model(&options)) {
        return tern_cli_misused("bench", "without MODEL there are only --depth, --threads and --json");
    }
    struct tern_error error = {{0}};
    cJSON *root = options.json ? cJSON_CreateObject() : NULL;
    struct tern_cli_sources sources;
    enum tern_status status = tern_cli_sources_open(&options, NULL, 0, options.json, &error, &sources);
    add_sources(root, &sources);
    if (status == TERN_STATUS_OK) {
        status = options.operand[0] ? bench_model(&options, root, &error) : bench_matmul(&options, root, &error);
    }
    char *text = root ? cJSON_PrintUnformatted(root) : NULL;
    if (text && status == TERN_STATUS_OK) {
        puts(text);
    }
    cJSON_free(text);
    cJSON_Delete(root);
    sources.is_allowed = true; // times are worth something anyway
    code = tern_cli_sources_end(&sources, tern_cli_end("bench", status, &error));
    tern_cli_sources_close(&sources);
    return code;
}
