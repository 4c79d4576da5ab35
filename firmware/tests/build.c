// SPDX-License-Identifier: Apache-2.0
#include "firmware/tests/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "cmodel/vector/bfp.h"

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

union tern_command build_start(struct bench *bench, enum tern_opcode opcode) {
    union tern_command command;
    for (int i = 0; i < 32; i++) {
        command.words[i] = test_random_word(&bench->random);
    }
    command.header.opcode = opcode;
    return command;
}

union tern_command build_nop(void) {
    union tern_command command;
    memset(&command, 0xff, sizeof command);
    command.header.opcode = TERN_OPCODE_NOP;
    return command;
}

union tern_command build_quantize(struct bench *bench, uint32_t length, float range) {
    union tern_command command = build_start(bench, TERN_OPCODE_QUANTIZE);
    command.quantize.length = length;
    command.quantize.rows = 1;
    command.quantize.input = bench_random_f32(bench, length, range);
    command.quantize.output = bench_alloc(bench, tern_activation_bytes(length));
    return command;
}

union tern_command build_add(struct bench *bench, uint32_t length) {
    union tern_command command = build_start(bench, TERN_OPCODE_ADD);
    command.add.length = length;
    command.add.left = bench_random_f32(bench, length, 3.0f);
    command.add.right = bench_random_f32(bench, length, 3.0f);
    command.add.output = bench_alloc(bench, 4 * (uint64_t)length);
    return command;
}

union tern_command build_rmsnorm(struct bench *bench, uint32_t rows, uint32_t length) {
    union tern_command command = build_start(bench, TERN_OPCODE_RMSNORM);
    command.rmsnorm.length = length;
    command.rmsnorm.rows = rows;
    command.rmsnorm.epsilon = bits_of(1e-6f);
    command.rmsnorm.input = bench_random_f32(bench, rows * length, 5.0f);
    command.rmsnorm.weight = bench_random_f32(bench, length, 2.0f);
    command.rmsnorm.output = bench_alloc(bench, 4 * (uint64_t)rows * length);
    return command;
}

union tern_command build_rope(struct bench *bench, uint32_t heads, uint32_t head_size, uint32_t skew, uint32_t gap) {
    union tern_command command = build_start(bench, TERN_OPCODE_ROPE);
    uint64_t stride = 4 * (uint64_t)head_size + gap;
    command.rope.heads = heads;
    command.rope.head_size = head_size;
    command.rope.input = bench_random_f32(bench, heads * head_size, 4.0f);
    command.rope.table = bench_random_f32(bench, head_size, 1.0f);
    command.rope.output_stride = stride;
    command.rope.output = bench_alloc_skewed(bench, heads * stride, skew);
    return command;
}

union tern_command build_quantize_rows(struct bench *bench, uint32_t rows, uint32_t length, uint32_t gap) {
    union tern_command command = build_start(bench, TERN_OPCODE_QUANTIZE);
    struct tern_command_quantize *quantize = &command.quantize;
    quantize->length = length;
    quantize->rows = rows;
    quantize->input_stride = 4 * (uint64_t)length + gap;
    quantize->output_stride = tern_activation_bytes(length) + tern_align_up(gap, 64);
    quantize->input = bench_random_f32(bench, rows * quantize->input_stride / 4, 4.0f);
    quantize->output = bench_alloc(bench, rows * quantize->output_stride);
    return command;
}

union tern_command build_softmax(struct bench *bench, uint32_t rows, uint32_t length, uint32_t gap) {
    union tern_command command = build_start(bench, TERN_OPCODE_SOFTMAX);
    struct tern_command_softmax *softmax = &command.softmax;
    softmax->rows = rows;
    softmax->length = length;
    softmax->scale = bits_of(0.125f);
    softmax->input_stride = tern_align_up(4 * (uint64_t)length, 64) + gap;
    softmax->output_stride = tern_activation_bytes(length) + gap;
    softmax->input = bench_random_f32(bench, rows * softmax->input_stride / 4, 100.0f);
    softmax->output = bench_alloc(bench, rows * softmax->output_stride);
    softmax->totals = bench_alloc_skewed(bench, 4 * (uint64_t)rows, 4 * test_random_below(&bench->random, 16));
    return command;
}

union tern_command build_scale(struct bench *bench, uint32_t rows, uint32_t length, uint32_t gap) {
    union tern_command command = build_start(bench, TERN_OPCODE_SCALE);
    struct tern_command_scale *scale = &command.scale;
    scale->rows = rows;
    scale->length = length;
    scale->input_stride = 4 * (uint64_t)length + gap;
    scale->output_stride = 4 * (uint64_t)length + 2 * gap;
    scale->input = bench_random_f32(bench, rows * scale->input_stride / 4, 3.0f);
    scale->totals = bench_random_f32(bench, rows, 9.0f);
    scale->output = bench_alloc_skewed(bench, rows * scale->output_stride, gap % 16);
    return command;
}

union tern_command build_store(struct bench *bench, uint32_t heads, uint32_t rows, uint32_t length, uint32_t first) {
    union tern_command command = build_start(bench, TERN_OPCODE_STORE);
    struct tern_command_store *store = &command.store;
    const uint32_t groups = first + rows * tern_cache_head_groups(length), offset = (uint32_t)tern_align_up(groups, 64);
    store->heads = heads;
    store->rows = rows;
    store->length = length;
    store->input_stride = 4 * (uint64_t)length + 12;
    store->input = bench_random_f32(bench, heads * rows * store->input_stride / 4, 5.0f) + 8;
    store->head_stride = offset + tern_align_up(TERN_CACHE_GROUP_BYTES * groups, 64) + 64;
    store->exponents = bench_alloc(bench, heads * store->head_stride) + first;
    store->mantissas = store->exponents - first + offset + TERN_CACHE_GROUP_BYTES * first;
    return command;
}

static void random_records(struct bench *bench, const struct tern_command_dot *dot) {
    const uint32_t bytes = tern_cache_record_bytes((enum tern_cache_kind)dot->kind, dot->head_size);
    const uint32_t groups = tern_cache_groups((enum tern_cache_kind)dot->kind, dot->head_size);
    for (uint32_t head = 0; head < dot->kv_heads; head++) {
        for (uint32_t record = 0; record < tern_cache_records(dot->positions); record++) {
            uint8_t *data = bench_at(bench, dot->cache + head * dot->head_stride + record * (uint64_t)bytes);
            for (uint32_t i = 0; i < bytes; i++) {
                data[i] = (uint8_t)(i < groups ? 12 + test_random_below(&bench->random, 8)
                                               : test_random_word(&bench->random));
            }
        }
    }
}

union tern_command build_dot(struct bench *bench, uint32_t kind, uint32_t kv_heads, uint32_t vectors,
                             uint32_t head_size, uint32_t positions) {
    const uint32_t images = kv_heads * vectors, length = kind == TERN_CACHE_KEYS ? head_size : positions;
    const uint64_t results = kind == TERN_CACHE_KEYS ? positions : head_size;
    union tern_command command = build_start(bench, TERN_OPCODE_DOT);
    command.dot.kind = kind;
    command.dot.kv_heads = kv_heads;
    command.dot.vectors = vectors;
    command.dot.head_size = head_size;
    command.dot.positions = positions;
    command.dot.image_stride = tern_activation_bytes(length) + 64;
    command.dot.head_stride = tern_cache_head_bytes((enum tern_cache_kind)kind, head_size, positions) + 64;
    command.dot.output_stride = tern_align_up(4 * results, 64) + 64;
    command.dot.images = bench_alloc(bench, images * command.dot.image_stride);
    command.dot.cache = bench_alloc(bench, kv_heads * command.dot.head_stride);
    command.dot.output = bench_alloc(bench, images * command.dot.output_stride);
    random_records(bench, &command.dot);
    for (uint32_t image = 0; image < images; image++) {
        float x[TERN_MAX_POSITIONS];
        size_t bad;
        for (uint32_t i = 0; i < length; i++) {
            x[i] = (float)(test_random_between(&bench->random, -1000000, 1000000) >> i / 16 % 7) / 3e5f;
        }
        uint8_t *to = bench_at(bench, command.dot.images + image * command.dot.image_stride);
        assert_int_equal(tern_bfp_quantize(x, length, to, &bad), TERN_STATUS_OK);
    }
    return command;
}

union tern_command build_swiglu(struct bench *bench, uint32_t length) {
    union tern_command command = build_start(bench, TERN_OPCODE_SWIGLU);
    command.swiglu.length = length;
    command.swiglu.gate = bench_random_f32(bench, length, 12.0f);
    command.swiglu.up = bench_random_f32(bench, length, 3.0f);
    command.swiglu.output = bench_alloc(bench, 4 * (uint64_t)length);
    return command;
}

union tern_command build_copy(struct bench *bench, uint32_t rows, uint32_t row_bytes, uint32_t skew_in,
                              uint32_t skew_out) {
    union tern_command command = build_start(bench, TERN_OPCODE_COPY);
    command.copy.rows = rows;
    command.copy.row_bytes = row_bytes;
    command.copy.input_stride = row_bytes + 12;
    command.copy.output_stride = row_bytes + 20;
    command.copy.input = bench_alloc_skewed(bench, rows * command.copy.input_stride, skew_in);
    command.copy.output = bench_alloc_skewed(bench, rows * command.copy.output_stride, skew_out);
    return command;
}

static int32_t largest_level(uint32_t depth) {
    int32_t power = 1;
    for (uint32_t i = 0; i < depth; i++) {
        power *= 3;
    }
    return (power - 1) / 2;
}

static uint64_t place(struct bench *bench, const void *data, uint64_t bytes) {
    uint64_t address = bench_alloc(bench, bytes);
    memcpy(bench_at(bench, address), data, bytes);
    return address;
}

static void random_weights(struct bench *bench, struct build_matrix *matrix) {
    size_t width = TERN_GROUP_COLUMNS * (size_t)matrix->groups;
    int32_t largest = largest_level(matrix->depth_stored);
    for (uint32_t row = 0; row < matrix->rows; row++) {
        for (uint32_t column = 0; column < matrix->columns; column++) {
            matrix->levels[row * width + column] = test_random_between(&bench->random, -largest, largest);
        }
        for (uint32_t group = 0; group < (matrix->columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS; group++) {
            matrix->codes[row * matrix->groups + group] = (uint8_t)test_random_below(&bench->random, TERN_STEPS);
        }
    }
    for (int i = 0; i < TERN_STEPS; i++) {
        matrix->steps[i] =
            bits_of(0.001f * (float)(1u << (i / 2)) * (1.0f + (float)test_random_below(&bench->random, 1000) / 1e3f));
    }
}

static void store_weights(struct bench *bench, struct build_matrix *matrix) {
    size_t bytes = tern_matrix_bytes(matrix->rows, matrix->columns, matrix->depth_stored);
    size_t crc_bytes = tern_crc_bytes(matrix->rows, matrix->depth_stored);
    uint8_t *strips = calloc(1, bytes), *codes = calloc(matrix->rows, matrix->groups);
    uint32_t *crc = calloc(1, crc_bytes);
    tern_reference_pack(matrix->levels, matrix->codes, matrix->rows, matrix->groups, matrix->depth_stored, strips, crc);
    tern_reference_unpack(strips, matrix->rows, matrix->groups, matrix->depth_stored, matrix->depth_used, matrix->used,
                          codes);
    matrix->matmul.matmul.weights = place(bench, strips, bytes);
    matrix->matmul.matmul.crc = place(bench, crc, crc_bytes);
    matrix->matmul.matmul.steps = place(bench, matrix->steps, sizeof matrix->steps);
    free(strips);
    free(codes);
    free(crc);
}

void build_matrix(struct bench *bench, uint32_t rows, uint32_t columns, uint32_t depth_stored, uint32_t depth_used,
                  struct build_matrix *matrix) {
    memset(matrix, 0, sizeof *matrix);
    matrix->rows = rows;
    matrix->columns = columns;
    matrix->groups = (uint32_t)tern_groups(columns);
    matrix->depth_stored = depth_stored;
    matrix->depth_used = depth_used;
    size_t width = TERN_GROUP_COLUMNS * (size_t)matrix->groups;
    matrix->levels = calloc(rows * width, sizeof(int32_t));
    matrix->used = calloc(rows * width, sizeof(int32_t));
    matrix->codes = calloc(rows, matrix->groups);
    random_weights(bench, matrix);
    matrix->quantize = build_quantize(bench, columns, 6.0f);
    matrix->matmul = build_start(bench, TERN_OPCODE_MATMUL);
    store_weights(bench, matrix);
    matrix->matmul.matmul.rows = rows;
    matrix->matmul.matmul.columns = columns;
    matrix->matmul.matmul.depth_stored = depth_stored;
    matrix->matmul.matmul.depth_used = depth_used;
    matrix->matmul.matmul.activation = matrix->quantize.quantize.output;
    matrix->matmul.matmul.output = bench_alloc(bench, 4 * (uint64_t)rows);
    matrix->matmul.matmul.vectors = 1;
}

void build_matrix_free(struct build_matrix *matrix) {
    free(matrix->levels);
    free(matrix->used);
    free(matrix->codes);
}

void build_matrix_vectors(struct bench *bench, uint32_t vectors, uint64_t gap, struct build_matrix *matrix) {
    struct tern_command_matmul *matmul = &matrix->matmul.matmul;
    matrix->input_stride = tern_align_up(4 * (uint64_t)matrix->columns, TERN_SEGMENT_ALIGN);
    matmul->vectors = vectors;
    matmul->activation_stride = tern_activation_bytes(matrix->columns) + gap;
    matmul->output_stride = tern_align_up(4 * (uint64_t)matrix->rows, TERN_SEGMENT_ALIGN) + gap;
    matrix->quantize.quantize.input = bench_random_f32(bench, vectors * matrix->input_stride / 4, 6.0f);
    matmul->activation = bench_alloc(bench, vectors * matmul->activation_stride);
    matmul->output = bench_alloc(bench, vectors * matmul->output_stride);
    matrix->quantize.quantize.output = matmul->activation;
}

union tern_command build_matrix_quantize(const struct build_matrix *matrix, uint32_t vector) {
    union tern_command command = matrix->quantize;
    command.quantize.input += vector * matrix->input_stride;
    command.quantize.output += vector * matrix->matmul.matmul.activation_stride;
    return command;
}

static void check_vector(const struct bench *bench, const struct build_matrix *matrix, uint32_t vector, uint32_t last) {
    uint32_t *expected = calloc(matrix->rows, sizeof(uint32_t));
    int16_t *mantissas = calloc(TERN_GROUP_COLUMNS * (size_t)matrix->groups, sizeof(int16_t));
    uint8_t *shifts = calloc(matrix->groups, 1);
    int32_t base_exponent;
    tern_reference_bfp(bench_f32(bench, matrix->quantize.quantize.input + vector * matrix->input_stride),
                       matrix->columns, &base_exponent, mantissas, shifts);
    tern_reference_matmul(matrix->used, matrix->codes, matrix->rows, matrix->groups, matrix->steps, mantissas, shifts,
                          base_exponent, expected);
    const uint32_t *got = bench_at(bench, matrix->matmul.matmul.output + vector * matrix->matmul.matmul.output_stride);
    for (uint32_t row = 0; row < last; row++) {
        if (got[row] != expected[row]) {
            fail_msg("%u x %u depth %u of %u, vector %u, row %u: got %08x, expected %08x", matrix->rows,
                     matrix->columns, matrix->depth_used, matrix->depth_stored, vector, row, got[row], expected[row]);
        }
    }
    free(expected);
    free(mantissas);
    free(shifts);
}

void build_matrix_check(const struct bench *bench, const struct build_matrix *matrix, uint32_t last) {
    for (uint32_t vector = 0; vector < matrix->matmul.matmul.vectors; vector++) {
        check_vector(bench, matrix, vector, last);
    }
}
