// SPDX-License-Identifier: Apache-2.0
#include "tools/make_checkpoint/checkpoint.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/strip.h"
#include "host_driver/formats/packed_output.h"
#include "host_driver/model/config.h"
#include "host_driver/system/hash.h"
#include "host_driver/system/parallel.h"
#include "host_driver/system/path.h"
#include "host_driver/system/progress.h"
#include "host_driver/system/staging.h"
#include "host_driver/system/write_file.h"
#include "tools/make_checkpoint/random_tensor.h"
#include "tools/make_checkpoint/texts.h"

#define PIECE_ELEMENTS 1048576u

struct job {
    const struct checkpoint_options *options;
    struct tern_model_config config;
    struct tern_staging staging;
    struct tern_output output;
    struct tern_progress progress;
    size_t *first_output; // of each needed tensor
};

// One tensor being made.
struct work {
    struct job *job;
    struct tern_needed_tensor needed;
    struct random_tensor random;
    size_t first_output;
    uint64_t strips_a_piece;
    uint32_t *crc; // [strips][depth + 1]
};

static enum tern_status no_memory(const char *name, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to make '%s'", name);
}

static enum tern_status make_halves(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    const struct work *work = context;
    uint64_t columns = work->needed.columns ? work->needed.columns : 1, all = work->needed.rows * columns;
    uint64_t first = piece * PIECE_ELEMENTS, count = all - first < PIECE_ELEMENTS ? all - first : PIECE_ELEMENTS;
    uint16_t *halves = malloc(2 * count);
    (void)worker;
    if (!halves) {
        return no_memory(work->needed.name, error);
    }
    random_tensor_halves(&work->random, first, count, work->job->options->dtype, halves);
    tern_progress_add(&work->job->progress, 2 * count);
    enum tern_status status =
        tern_output_write(&work->job->output, work->first_output, 2 * first, halves, 2 * count, error);
    free(halves);
    return status;
}

// Packs strips first..end-1 to `strips`.
static void pack_strips(const struct work *work, uint64_t first, uint64_t end, int8_t *levels, uint8_t *codes,
                        uint8_t *strips) {
    unsigned depth = work->job->options->depth;
    uint64_t columns = work->needed.columns, groups = tern_groups(columns);
    for (uint64_t strip = first; strip < end; strip++) {
        uint64_t left = work->needed.rows - strip * TERN_STRIP_ROWS;
        unsigned rows = left < TERN_STRIP_ROWS ? (unsigned)left : TERN_STRIP_ROWS;
        random_tensor_strip(&work->random, strip, rows, columns, depth, levels, codes);
        tern_strip_pack(levels, columns, codes, groups, rows, columns, depth,
                        strips + (strip - first) * tern_strip_bytes(columns, depth), work->crc + strip * (depth + 1));
    }
}

static enum tern_status make_strips(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    const struct work *work = context;
    unsigned depth = work->job->options->depth;
    uint64_t columns = work->needed.columns, strip_bytes = tern_strip_bytes(columns, depth);
    uint64_t all = tern_strips(work->needed.rows), first = piece * work->strips_a_piece;
    uint64_t end = all - first < work->strips_a_piece ? all : first + work->strips_a_piece;
    int8_t *levels = malloc(TERN_STRIP_ROWS * columns);
    uint8_t *codes = malloc(TERN_STRIP_ROWS * tern_groups(columns)), *strips = malloc((end - first) * strip_bytes);
    enum tern_status status;
    (void)worker;
    if (levels && codes && strips) {
        pack_strips(work, first, end, levels, codes, strips);
        tern_progress_add(&work->job->progress, (end - first) * strip_bytes);
        status = tern_output_write(&work->job->output, work->first_output + TERN_PACKED_TRITS, first * strip_bytes,
                                   strips, (end - first) * strip_bytes, error);
    } else {
        status = no_memory(work->needed.name, error);
    }
    free(levels);
    free(codes);
    free(strips);
    return status;
}

static enum tern_status write_matrix(struct work *work, uint64_t crc_bytes, struct tern_error *error) {
    const struct job *job = work->job;
    uint64_t strips = tern_strips(work->needed.rows);
    float steps[TERN_STEPS];
    work->strips_a_piece = PIECE_ELEMENTS / (TERN_STRIP_ROWS * work->needed.columns) + 1;
    random_tensor_steps(&work->random, job->options->depth, steps);
    TERN_TRY(tern_parallel_run(job->options->threads, (strips + work->strips_a_piece - 1) / work->strips_a_piece,
                               make_strips, work, error));
    TERN_TRY(tern_output_write(&job->output, work->first_output + TERN_PACKED_STEPS, 0, steps, sizeof steps, error));
    return tern_output_write(&job->output, work->first_output + TERN_PACKED_CRC, 0, work->crc, crc_bytes, error);
}

static enum tern_status make_packed(struct work *work, struct tern_error *error) {
    uint64_t crc_bytes = tern_crc_bytes(work->needed.rows, work->job->options->depth);
    work->crc = malloc(crc_bytes);
    enum tern_status status = work->crc ? write_matrix(work, crc_bytes, error) : no_memory(work->needed.name, error);
    free(work->crc);
    return status;
}

static enum tern_status make_rest(struct work *work, struct tern_error *error) {
    uint64_t elements = work->needed.rows * (work->needed.columns ? work->needed.columns : 1);
    return tern_parallel_run(work->job->options->threads, (elements + PIECE_ELEMENTS - 1) / PIECE_ELEMENTS, make_halves,
                             work, error);
}

static bool is_packed(const struct job *job, const struct tern_needed_tensor *needed) {
    return job->options->depth > 0 && needed->packed;
}

static uint64_t output_bytes(const struct job *job, const struct tern_needed_tensor *needed) {
    return is_packed(job, needed) ? tern_matrix_bytes(needed->rows, needed->columns, job->options->depth)
                                  : 2 * needed->rows * (needed->columns ? needed->columns : 1);
}

static enum tern_status make_tensor(struct job *job, uint64_t index, struct tern_error *error) {
    struct work work = {.job = job, .first_output = job->first_output[index]};
    tern_config_tensor(&job->config, index, &work.needed);
    if (tern_staging_is_done(&job->staging, work.needed.name)) {
        tern_progress_skip(&job->progress, output_bytes(job, &work.needed));
        return TERN_STATUS_OK;
    }
    work.random = random_tensor_of(&work.needed, job->options->seed);
    TERN_TRY(is_packed(job, &work.needed) ? make_packed(&work, error) : make_rest(&work, error));
    TERN_TRY(tern_output_sync(&job->output, work.first_output, error));
    return tern_staging_mark(&job->staging, work.needed.name, error);
}

static enum tern_status make_tensors(struct job *job, struct tern_error *error) {
    uint64_t count = tern_config_tensor_count(&job->config);
    for (uint64_t i = 0; i < count; i++) {
        TERN_TRY(make_tensor(job, i, error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status plan_tensor(struct job *job, uint64_t index, struct tern_error *error) {
    struct tern_needed_tensor needed;
    tern_config_tensor(&job->config, index, &needed);
    if (is_packed(job, &needed)) {
        return tern_packed_output_matrix(&job->output, needed.name, needed.rows, needed.columns, job->options->depth,
                                         index, error, &job->first_output[index]);
    }
    struct tern_output_tensor part = {.name = needed.name,
                                      .dtype_name = job->options->dtype == TERN_DTYPE_F16 ? "F16" : "BF16",
                                      .dimensions = needed.columns ? 2 : 1,
                                      .shape = {needed.rows, needed.columns},
                                      .bytes = output_bytes(job, &needed)};
    return tern_packed_output_rest(&job->output, &part, 2, index, error, &job->first_output[index]);
}

static enum tern_status plan(struct job *job, struct tern_error *error) {
    uint64_t count = tern_config_tensor_count(&job->config);
    job->first_output = calloc(count, sizeof *job->first_output);
    if (!job->first_output) {
        return no_memory("the list of tensors", error);
    }
    TERN_TRY(job->options->depth ? tern_packed_output_start(&job->output, job->options->depth, error)
                                 : tern_output_note(&job->output, TERN_OUTPUT_EVERY_SHARD, "format", "pt", error));
    for (uint64_t i = 0; i < count; i++) {
        TERN_TRY(plan_tensor(job, i, error));
    }
    TERN_TRY(tern_output_layout(&job->output, job->options->shard_bytes, error));
    return tern_output_create(&job->output, job->staging.path, error);
}

static enum tern_status write_text(const struct job *job, const char *name, const char *text,
                                   struct tern_error *error) {
    char *path = tern_path_join(job->staging.path, name);
    enum tern_status status = path ? tern_write_file(path, text, strlen(text), error) : no_memory(name, error);
    free(path);
    return status;
}

// The library reads the new config.json, which gives the list of tensors.
static enum tern_status write_texts(struct job *job, const char *config, struct tern_error *error) {
    char *tokenizer;
    TERN_TRY(write_text(job, "config.json", config, error));
    TERN_TRY(tern_config_load(job->staging.path, error, &job->config));
    TERN_TRY(checkpoint_tokenizer(job->config.vocabulary_size, job->config.stop_ids, job->config.stop_id_count, error,
                                  &tokenizer));
    enum tern_status status = write_text(job, "tokenizer.json", tokenizer, error);
    free(tokenizer);
    return status;
}

static enum tern_status fill(struct job *job, const char *config, struct tern_error *error) {
    TERN_TRY(write_texts(job, config, error));
    TERN_TRY(plan(job, error));
    uint64_t count = tern_config_tensor_count(&job->config), total = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct tern_needed_tensor needed;
        tern_config_tensor(&job->config, i, &needed);
        total += output_bytes(job, &needed);
    }
    tern_progress_start(&job->progress, job->options->progress, NULL, "make", TERN_PROGRESS_BYTES, (double)total);
    enum tern_status status = make_tensors(job, error);
    tern_progress_end(&job->progress, status == TERN_STATUS_OK);
    TERN_TRY(status);
    return tern_output_finish(&job->output, error);
}

// Everything that decides the bytes, on one line.
static char *make_fingerprint(const struct checkpoint_options *options, const char *config) {
    const uint64_t hash = tern_hash_text(TERN_HASH_START, config);
    return tern_text_format("make_checkpoint: config %016" PRIx64 ", dtype %d, depth %u, seed %" PRIu64
                            ", shard bytes %" PRIu64,
                            hash, (int)options->dtype, options->depth, options->seed, options->shard_bytes);
}

static enum tern_status run(struct job *job, const char *output, const char *config, struct tern_error *error) {
    char *fingerprint = make_fingerprint(job->options, config);
    enum tern_status status =
        fingerprint ? tern_staging_open(output, fingerprint, error, &job->staging) : no_memory(output, error);
    free(fingerprint);
    TERN_TRY(status);
    return tern_staging_finish(&job->staging, fill(job, config, error), error);
}

enum tern_status checkpoint_make(const char *output, const struct checkpoint_options *options,
                                 struct tern_error *error) {
    struct job job = {.options = options};
    char *config;
    TERN_TRY(checkpoint_config(options->config, options->layers, options->vocabulary,
                               options->dtype == TERN_DTYPE_F16 ? "F16" : "BF16", error, &config));
    enum tern_status status = run(&job, output, config, error);
    tern_output_free(&job.output);
    free(job.first_output);
    free(config);
    return status;
}
