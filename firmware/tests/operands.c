// SPDX-License-Identifier: Apache-2.0
#include "firmware/tests/operands.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
#include "firmware/check.h"

static void append(struct operands *operands, struct operand operand) {
    assert_true(operands->count < OPERANDS_MOST);
    operands->list[operands->count++] = operand;
}

static void count(struct operands *operands, uint32_t word, uint32_t limit) {
    append(operands, (struct operand){.kind = OPERAND_COUNT, .word = word, .limit = limit});
}

static void buffer(struct operands *operands, enum operand_kind kind, uint32_t word, uint64_t bytes, uint32_t align) {
    append(operands, (struct operand){.kind = kind, .word = word, .bytes = bytes, .align = align});
}

static void stride(struct operands *operands, uint32_t word, uint32_t of) {
    append(operands, (struct operand){.kind = OPERAND_STRIDE, .word = word, .of = of, .align = 4});
}

static void far_stride(struct operands *operands, uint32_t word, uint32_t of) {
    append(operands, (struct operand){.kind = OPERAND_STRIDE, .word = word, .of = of, .align = TERN_SEGMENT_ALIGN});
}

static void other(struct operands *operands, uint32_t word) {
    append(operands, (struct operand){.kind = OPERAND_OTHER, .word = word});
}

// Words 4 to 9 of the commands with two inputs and one output of `length` elements.
static void binary(struct operands *operands, uint32_t length) {
    count(operands, TERN_WORD(add, length), TERN_MAX_LENGTH);
    buffer(operands, OPERAND_INPUT, TERN_WORD(add, left), 4 * (uint64_t)length, TERN_SEGMENT_ALIGN);
    buffer(operands, OPERAND_INPUT, TERN_WORD(add, right), 4 * (uint64_t)length, TERN_SEGMENT_ALIGN);
    buffer(operands, OPERAND_OUTPUT, TERN_WORD(add, output), 4 * (uint64_t)length, TERN_SEGMENT_ALIGN);
}

static void operands_nop(struct bench *bench, uint32_t size, struct operands *operands) {
    (void)bench;
    (void)size;
    operands->command = build_nop();
    operands->elements = 1;
}

static void operands_quantize(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t rows = 2, length = (size + 1) / rows;
    operands->command = build_quantize_rows(bench, rows, length, 12);
    operands->elements = rows * length;
    const struct tern_command_quantize *quantize = &operands->command.quantize;
    const uint64_t image = tern_activation_bytes(length);
    count(operands, TERN_WORD(quantize, length), TERN_MAX_COLUMNS);
    count(operands, TERN_WORD(quantize, rows), TERN_MAX_HEADS);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(quantize, input), quantize->input_stride + 4 * length,
           TERN_SEGMENT_ALIGN);
    stride(operands, TERN_WORD(quantize, input_stride), TERN_WORD(quantize, input));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(quantize, output), quantize->output_stride + image, TERN_SEGMENT_ALIGN);
    far_stride(operands, TERN_WORD(quantize, output_stride), TERN_WORD(quantize, output));
}

static void operands_matmul(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t rows = 1 + size / 32, columns = 288, depth = 3;
    struct build_matrix matrix;
    build_matrix(bench, rows, columns, depth, 2, &matrix);
    build_matrix_free(&matrix);
    operands->first = matrix.quantize;
    operands->command = matrix.matmul;
    operands->elements = 1;
    count(operands, TERN_WORD(matmul, rows), TERN_MAX_ROWS);
    count(operands, TERN_WORD(matmul, columns), TERN_MAX_COLUMNS);
    other(operands, TERN_WORD(matmul, depth_stored));
    other(operands, TERN_WORD(matmul, depth_used));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(matmul, weights), tern_matrix_bytes(rows, columns, depth), 64);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(matmul, crc), tern_crc_bytes(rows, depth), 64);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(matmul, steps), sizeof matrix.steps, 64);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(matmul, activation), tern_activation_bytes(columns), 64);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(matmul, output), 4 * (uint64_t)rows, 64);
    count(operands, TERN_WORD(matmul, vectors), TERN_MAX_VECTORS);
}

// Exact in double precision, so rounded once.
static double element_add(double left, double right) {
    return (double)(float)(left + right);
}

static void operands_add(struct bench *bench, uint32_t size, struct operands *operands) {
    operands->command = build_add(bench, size);
    operands->element = element_add;
    binary(operands, size);
}

static void operands_rmsnorm(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t rows = 3, length = 1 + (size - 1) / rows;
    operands->command = build_rmsnorm(bench, rows, length);
    operands->elements = rows * length;
    count(operands, TERN_WORD(rmsnorm, length), TERN_MAX_LENGTH);
    count(operands, TERN_WORD(rmsnorm, rows), TERN_MAX_HEADS);
    buffer(operands, OPERAND_INPUT, TERN_WORD(rmsnorm, input), 4 * rows * length, TERN_SEGMENT_ALIGN);
    buffer(operands, OPERAND_INPUT, TERN_WORD(rmsnorm, weight), 4 * length, TERN_SEGMENT_ALIGN);
    buffer(operands, OPERAND_OUTPUT, TERN_WORD(rmsnorm, output), 4 * rows * length, TERN_SEGMENT_ALIGN);
}

static void operands_rope(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t heads = 1 + size / 64, head_size = 64, gap = 20;
    operands->command = build_rope(bench, heads, head_size, 4, gap);
    operands->elements = heads * head_size;
    count(operands, TERN_WORD(rope, heads), TERN_MAX_HEADS);
    count(operands, TERN_WORD(rope, head_size), TERN_MAX_HEAD_SIZE);
    buffer(operands, OPERAND_INPUT, TERN_WORD(rope, input), 4 * heads * head_size, TERN_SEGMENT_ALIGN);
    buffer(operands, OPERAND_INPUT, TERN_WORD(rope, table), 4 * head_size, TERN_SEGMENT_ALIGN);
    buffer(operands, OPERAND_OUTPUT, TERN_WORD(rope, output), (4 * head_size + gap) * heads - gap, 4);
    stride(operands, TERN_WORD(rope, output_stride), TERN_WORD(rope, output));
}

static double element_swiglu(double gate, double up) {
    return gate / (1 + exp(-gate)) * up;
}

static void operands_swiglu(struct bench *bench, uint32_t size, struct operands *operands) {
    operands->command = build_swiglu(bench, size);
    operands->element = element_swiglu;
    operands->relative = ldexp(8, -23);
    binary(operands, size);
}

static void operands_copy(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t rows = 2 + size / 64, row_bytes = 256;
    operands->command = build_copy(bench, rows, row_bytes, 4, 8);
    operands->elements = rows * row_bytes / 4;
    const struct tern_command_copy *copy = &operands->command.copy;
    count(operands, TERN_WORD(copy, rows), TERN_MAX_ROWS);
    count(operands, TERN_WORD(copy, row_bytes), 4 * TERN_MAX_LENGTH);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(copy, input), (rows - 1) * copy->input_stride + row_bytes, 4);
    stride(operands, TERN_WORD(copy, input_stride), TERN_WORD(copy, input));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(copy, output), (rows - 1) * copy->output_stride + row_bytes, 4);
    stride(operands, TERN_WORD(copy, output_stride), TERN_WORD(copy, output));
}

static void operands_store(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t heads = 2, length = 40, rows = 1 + size / (heads * length), groups = 3 * rows;
    operands->command = build_store(bench, heads, rows, length, 5);
    operands->elements = heads * rows * length;
    const struct tern_command_store *store = &operands->command.store;
    count(operands, TERN_WORD(store, heads), TERN_MAX_HEADS);
    count(operands, TERN_WORD(store, rows), TERN_MAX_HEAD_SIZE);
    count(operands, TERN_WORD(store, length), TERN_MAX_HEAD_SIZE);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(store, input), (heads * rows - 1) * store->input_stride + 4 * length, 4);
    stride(operands, TERN_WORD(store, input_stride), TERN_WORD(store, input));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(store, mantissas),
           (heads - 1) * store->head_stride + TERN_CACHE_GROUP_BYTES * groups, TERN_CACHE_GROUP_BYTES);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(store, exponents), (heads - 1) * store->head_stride + groups, 1);
    far_stride(operands, TERN_WORD(store, head_stride), TERN_WORD(store, mantissas));
}

static void operands_dot(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t kv_heads = 2, vectors = 2, head_size = 24;
    const uint32_t positions = 1 + size / (kv_heads * vectors * head_size), images = kv_heads * vectors;
    operands->command = build_dot(bench, TERN_CACHE_KEYS, kv_heads, vectors, head_size, positions);
    operands->elements = images * head_size * positions;
    const struct tern_command_dot *dot = &operands->command.dot;
    other(operands, TERN_WORD(dot, kind));
    count(operands, TERN_WORD(dot, kv_heads), TERN_MAX_HEADS);
    count(operands, TERN_WORD(dot, vectors), TERN_MAX_HEADS / kv_heads);
    count(operands, TERN_WORD(dot, head_size), TERN_MAX_HEAD_SIZE);
    count(operands, TERN_WORD(dot, positions), TERN_MAX_POSITIONS);
    buffer(operands, OPERAND_BUFFER, TERN_WORD(dot, images),
           (images - 1) * dot->image_stride + tern_activation_bytes(head_size), TERN_SEGMENT_ALIGN);
    far_stride(operands, TERN_WORD(dot, image_stride), TERN_WORD(dot, images));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(dot, cache),
           (kv_heads - 1) * dot->head_stride + tern_cache_head_bytes(TERN_CACHE_KEYS, head_size, positions),
           TERN_SEGMENT_ALIGN);
    far_stride(operands, TERN_WORD(dot, head_stride), TERN_WORD(dot, cache));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(dot, output), (images - 1) * dot->output_stride + 4 * positions,
           TERN_SEGMENT_ALIGN);
    far_stride(operands, TERN_WORD(dot, output_stride), TERN_WORD(dot, output));
}

static void operands_softmax(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t rows = 2, length = (size + 1) / rows;
    operands->command = build_softmax(bench, rows, length, 64);
    operands->elements = rows * length;
    const struct tern_command_softmax *softmax = &operands->command.softmax;
    count(operands, TERN_WORD(softmax, rows), TERN_MAX_HEADS);
    count(operands, TERN_WORD(softmax, length), TERN_MAX_POSITIONS);
    other(operands, TERN_WORD(softmax, scale));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(softmax, input), softmax->input_stride + 4 * length, TERN_SEGMENT_ALIGN);
    far_stride(operands, TERN_WORD(softmax, input_stride), TERN_WORD(softmax, input));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(softmax, output), softmax->output_stride + tern_activation_bytes(length),
           TERN_SEGMENT_ALIGN);
    far_stride(operands, TERN_WORD(softmax, output_stride), TERN_WORD(softmax, output));
    buffer(operands, OPERAND_BUFFER, TERN_WORD(softmax, totals), 4 * rows, 4);
}

static void operands_scale(struct bench *bench, uint32_t size, struct operands *operands) {
    const uint32_t rows = 8, length = 1 + size / rows % TERN_MAX_HEAD_SIZE;
    operands->command = build_scale(bench, rows, length, 4);
    operands->elements = rows * length;
    const struct tern_command_scale *scale = &operands->command.scale;
    count(operands, TERN_WORD(scale, rows), TERN_MAX_HEADS);
    count(operands, TERN_WORD(scale, length), TERN_MAX_HEAD_SIZE);
    buffer(operands, OPERAND_INPUT, TERN_WORD(scale, input), (rows - 1) * scale->input_stride + 4 * length, 4);
    stride(operands, TERN_WORD(scale, input_stride), TERN_WORD(scale, input));
    buffer(operands, OPERAND_INPUT, TERN_WORD(scale, totals), 4 * rows, 4);
    buffer(operands, OPERAND_OUTPUT, TERN_WORD(scale, output), (rows - 1) * scale->output_stride + 4 * length, 4);
    stride(operands, TERN_WORD(scale, output_stride), TERN_WORD(scale, output));
}

#define MAKE(name, member, detail)                                                                                     \
    static void make_##member(struct bench *bench, uint32_t size, struct operands *operands) {                         \
        *operands = (struct operands){.first = build_nop(), .elements = size};                                         \
        operands_##member(bench, size, operands);                                                                      \
    }
TERN_OPCODE_LIST(MAKE)

#define ROW(name, member, detail) [TERN_OPCODE_##name] = {#name, make_##member},
const struct operands_row operands_rows[TERN_OPCODE_COUNT] = {TERN_OPCODE_LIST(ROW)};

uint64_t operands_address(const struct operands *operands, uint32_t word) {
    return (uint64_t)operands->command.words[word + 1] << 32 | operands->command.words[word];
}

void operands_set_address(struct operands *operands, uint32_t word, uint64_t address) {
    operands->command.words[word] = (uint32_t)address;
    operands->command.words[word + 1] = (uint32_t)(address >> 32);
}

const struct operand *operands_find(const struct operands *operands, enum operand_kind kind, size_t index) {
    for (size_t i = 0; i < operands->count; i++) {
        if (operands->list[i].kind == kind && index-- == 0) {
            return &operands->list[i];
        }
    }
    return NULL;
}

bool operands_cover(const struct operands *operands, uint32_t word) {
    for (size_t i = 0; i < operands->count; i++) {
        const struct operand *operand = &operands->list[i];
        const bool is_pair = operand->kind != OPERAND_COUNT && operand->kind != OPERAND_OTHER;
        if (word == operand->word || (is_pair && word == operand->word + 1)) {
            return true;
        }
    }
    return false;
}
