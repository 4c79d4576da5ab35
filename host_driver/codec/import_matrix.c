// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/import_matrix.h"

#include <stdlib.h>

#include "host_driver/codec/dequantize.h"
#include "cmodel/float/half.h"
#include "host_driver/codec/step_codes.h"

struct import_job {
    const struct tern_safetensors_tensor *weights;
    struct tern_matrix packed; // sizes, steps and checksums, without the strips
    struct tern_step_codes codes;
    tern_strips_sink sink;
    void *context;
};

static void encode_row(void *context, unsigned worker, uint64_t row, int8_t *levels, uint8_t *codes) {
    const struct import_job *job = context;
    uint64_t columns = job->packed.columns, bytes = job->weights->element_bytes;
    const uint8_t *weights = (const uint8_t *)job->weights->tensor.data + row * columns * bytes;
    (void)worker;
    for (uint64_t column = 0; column < columns; column += TERN_GROUP_COLUMNS) {
        unsigned count = columns - column < TERN_GROUP_COLUMNS ? (unsigned)(columns - column) : TERN_GROUP_COLUMNS;
        const uint8_t *group = weights + column * bytes;
        uint32_t found = tern_step_codes_of(&job->codes, group, count);
        unsigned code = found ? (unsigned)__builtin_ctz(found) : 0; // without a code compare_row() refuses the row
        codes[column / TERN_GROUP_COLUMNS] = (uint8_t)code;
        tern_step_levels(&job->codes, code, group, count, levels + column);
    }
}

// Rounds the products to the source's type.
static void round_products(enum tern_dtype dtype, uint64_t count, float *products) {
    if (dtype == TERN_DTYPE_F16) {
        for (uint64_t i = 0; i < count; i++) {
            products[i] = tern_float_from_f16(tern_f16_from_float(products[i]));
        }
    } else if (dtype == TERN_DTYPE_BF16) {
        for (uint64_t i = 0; i < count; i++) {
            products[i] = tern_float_from_bf16(tern_bf16_from_float(products[i]));
        }
    }
}

// Compares numbers, not bits: only -0 and 0 are equal with different bits.
static enum tern_status compare_row(const struct import_job *job, uint64_t row, const float *products, float *weights,
                                    struct tern_error *error) {
    uint64_t columns = job->packed.columns, column = 0, differ = 0;
    tern_tensor_read_f32(&job->weights->tensor, row * columns, columns, weights);
    for (uint64_t i = 0; i < columns; i++) {
        differ += !(weights[i] == products[i]);
    }
    if (differ == 0) {
        return TERN_STATUS_OK;
    }
    while (weights[column] == products[column]) {
        column++;
    }
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "%s: tensor '%.200s', row %llu, group %llu, column %llu: %g comes back as %g",
                          job->weights->path, job->weights->tensor.name, (unsigned long long)row,
                          (unsigned long long)(column / TERN_GROUP_COLUMNS), (unsigned long long)column,
                          (double)weights[column], (double)products[column]);
}

static enum tern_status compare_strip(const struct import_job *job, const struct tern_matrix *strip, uint64_t number,
                                      struct tern_strip_space *space, float *products, struct tern_error *error) {
    unsigned rows;
    TERN_TRY(tern_strip_dequantize(strip, 0, strip->depth, true, job->weights->path, space, error, products, &rows));
    round_products(job->weights->tensor.dtype, (uint64_t)rows * strip->columns, products);
    for (unsigned row = 0; row < rows; row++) {
        TERN_TRY(compare_row(job, number * TERN_STRIP_ROWS + row, products + (size_t)row * strip->columns,
                             products + (size_t)TERN_STRIP_ROWS * strip->columns, error));
    }
    return TERN_STATUS_OK;
}

// products: f32 [5 + 1][columns], working space for a strip and a row of the source.
static enum tern_status compare_strips(const struct import_job *job, uint64_t first, const uint8_t *data,
                                       uint64_t count, struct tern_strip_space *space, float *products,
                                       struct tern_error *error) {
    struct tern_matrix strip = job->packed;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t left = job->packed.rows - (first + i) * TERN_STRIP_ROWS;
        strip.rows = left < TERN_STRIP_ROWS ? (uint32_t)left : TERN_STRIP_ROWS;
        strip.trits = data + i * tern_strip_bytes(strip.columns, strip.depth);
        strip.crc = job->packed.crc + (first + i) * (strip.depth + 1);
        TERN_TRY(compare_strip(job, &strip, first + i, space, products, error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status prove_and_write(void *context, uint64_t offset, const uint8_t *data, uint64_t bytes,
                                        struct tern_error *error) {
    const struct import_job *job = context;
    uint64_t strip_bytes = tern_strip_bytes(job->packed.columns, job->packed.depth);
    struct tern_strip_space space = {NULL, NULL};
    float *products = malloc((size_t)(TERN_STRIP_ROWS + 1) * job->packed.columns * sizeof *products);
    enum tern_status status =
        products && tern_strip_space_make(&job->packed, &space)
            ? compare_strips(job, offset / strip_bytes, data, bytes / strip_bytes, &space, products, error)
            : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to prove '%s'", job->packed.name);
    tern_strip_space_free(&space);
    free(products);
    TERN_TRY(status);
    return job->sink(job->context, offset, data, bytes, error);
}

enum tern_status tern_import_matrix(const struct tern_safetensors_tensor *weights, unsigned depth, unsigned threads,
                                    const float steps[TERN_STEPS], tern_strips_sink sink, void *context,
                                    struct tern_error *error, uint32_t *crc) {
    TERN_TRY(tern_encode_check(weights, depth, error));
    struct import_job job = {.weights = weights, .sink = sink, .context = context};
    job.packed = (struct tern_matrix){.name = weights->tensor.name,
                                      .rows = (uint32_t)weights->tensor.shape[0],
                                      .columns = (uint32_t)weights->tensor.shape[1],
                                      .depth = depth,
                                      .crc = crc,
                                      .steps = steps};
    const struct tern_row_encoder encoder = {encode_row, &job};
    if (!tern_step_codes_make(weights->tensor.dtype, depth, steps, &job.codes)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to import '%s'", weights->tensor.name);
    }
    enum tern_status status = tern_encode_matrix(weights, depth, threads, &encoder, prove_and_write, &job, error, crc);
    tern_step_codes_free(&job.codes);
    return status;
}
