// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/timing_table/cases.h"

#include <assert.h>
#include <stddef.h>

#include "cmodel/attention/cache.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const uint32_t latencies[] = {60, 20, 120, 200};

struct matrix {
    uint32_t rows, columns, stored, used;
};

// Parts of the matrices of the sizes 0.5B, 7B and 72B. The long ones have few rows: a run takes a cycle a beat.
static const struct matrix matrices[] = {
    {128, 896, 3, 3},  {896, 896, 3, 3},  {1000, 896, 3, 3}, {896, 896, 1, 1},  {896, 896, 2, 2},  {896, 896, 4, 4},
    {200, 896, 4, 1},  {200, 896, 4, 2},  {200, 896, 4, 3},  {200, 896, 3, 1},  {200, 896, 3, 2},  {160, 4864, 3, 3},
    {160, 4864, 4, 1}, {512, 3584, 3, 3}, {100, 3584, 1, 1}, {60, 18944, 3, 3}, {60, 18944, 2, 2}, {150, 8192, 3, 3},
    {100, 8192, 1, 1}, {40, 29568, 3, 3}, {40, 29568, 4, 4},
};
// Here the lanes wait for finish, or the first results come late.
static const struct matrix small_matrices[] = {
    {1, 16, 1, 1},    {16, 64, 1, 1},   {16, 64, 3, 3},   {80, 64, 3, 3},   {100, 128, 1, 1}, {100, 128, 3, 3},
    {200, 200, 1, 1}, {200, 200, 3, 3}, {500, 256, 1, 1}, {500, 256, 2, 2}, {500, 256, 4, 4}, {500, 384, 1, 1},
    {500, 512, 1, 1}, {5, 896, 3, 3},   {20, 4864, 3, 3}, {200, 448, 2, 2},
};
static const struct matrix test_matrices[] = {
    {128, 896, 3, 3}, {200, 896, 4, 1}, {100, 128, 1, 1}, {20, 4864, 3, 3}, {1, 16, 1, 1}, {200, 448, 2, 2},
};

struct rows {
    uint32_t operation, rows, parts, length;
};

static const struct rows vector_rows[] = {
    {TERN_OPCODE_ADD, 1, 1, 16},       {TERN_OPCODE_ADD, 1, 1, 128},       {TERN_OPCODE_ADD, 1, 1, 896},
    {TERN_OPCODE_ADD, 1, 1, 3584},     {TERN_OPCODE_ADD, 1, 1, 8192},      {TERN_OPCODE_RMSNORM, 1, 1, 64},
    {TERN_OPCODE_RMSNORM, 1, 1, 896},  {TERN_OPCODE_RMSNORM, 1, 1, 3584},  {TERN_OPCODE_RMSNORM, 1, 1, 8192},
    {TERN_OPCODE_RMSNORM, 8, 1, 128},  {TERN_OPCODE_RMSNORM, 16, 1, 128},  {TERN_OPCODE_RMSNORM, 64, 1, 64},
    {TERN_OPCODE_ROPE, 1, 2, 32},      {TERN_OPCODE_ROPE, 2, 2, 32},       {TERN_OPCODE_ROPE, 14, 2, 32},
    {TERN_OPCODE_ROPE, 28, 2, 64},     {TERN_OPCODE_ROPE, 64, 2, 64},      {TERN_OPCODE_SWIGLU, 1, 1, 100},
    {TERN_OPCODE_SWIGLU, 1, 1, 4864},  {TERN_OPCODE_SWIGLU, 1, 1, 18944},  {TERN_OPCODE_QUANTIZE, 1, 1, 64},
    {TERN_OPCODE_QUANTIZE, 1, 1, 896}, {TERN_OPCODE_QUANTIZE, 1, 1, 4864}, {TERN_OPCODE_QUANTIZE, 1, 1, 18944},
    {TERN_OPCODE_QUANTIZE, 14, 1, 64}, {TERN_OPCODE_QUANTIZE, 28, 1, 128}, {TERN_OPCODE_QUANTIZE, 64, 1, 128},
    {TERN_OPCODE_COPY, 1, 1, 896},     {TERN_OPCODE_COPY, 1, 128, 1},      {TERN_OPCODE_COPY, 1, 512, 1},
    {TERN_OPCODE_COPY, 1, 14, 64},     {TERN_OPCODE_STORE, 2, 1, 64},      {TERN_OPCODE_STORE, 4, 1, 128},
    {TERN_OPCODE_STORE, 2, 64, 16},    {TERN_OPCODE_STORE, 4, 128, 16},    {TERN_OPCODE_STORE, 8, 128, 1},
    {TERN_OPCODE_SOFTMAX, 14, 1, 1},   {TERN_OPCODE_SOFTMAX, 1, 1, 257},   {TERN_OPCODE_SOFTMAX, 14, 1, 33},
    {TERN_OPCODE_SOFTMAX, 14, 1, 257}, {TERN_OPCODE_SOFTMAX, 14, 1, 2048}, {TERN_OPCODE_SOFTMAX, 28, 1, 600},
    {TERN_OPCODE_SCALE, 1, 1, 64},     {TERN_OPCODE_SCALE, 14, 1, 64},     {TERN_OPCODE_SCALE, 28, 1, 128},
    {TERN_OPCODE_SCALE, 64, 1, 128},
};
static const struct rows test_rows[] = {
    {TERN_OPCODE_ADD, 1, 1, 896},      {TERN_OPCODE_RMSNORM, 1, 1, 896}, {TERN_OPCODE_ROPE, 14, 2, 32},
    {TERN_OPCODE_RMSNORM, 16, 1, 128}, {TERN_OPCODE_SWIGLU, 1, 1, 1000}, {TERN_OPCODE_QUANTIZE, 1, 1, 896},
    {TERN_OPCODE_QUANTIZE, 14, 1, 64}, {TERN_OPCODE_COPY, 1, 128, 1},    {TERN_OPCODE_STORE, 2, 64, 16},
    {TERN_OPCODE_SOFTMAX, 4, 1, 257},  {TERN_OPCODE_SCALE, 14, 1, 64},
};

struct dot {
    uint32_t kv_heads, vectors, head_size, positions;
};

static const struct dot dots[] = {
    {2, 7, 64, 1},    {2, 7, 64, 2},    {2, 7, 64, 15},   {2, 7, 64, 16},  {2, 7, 64, 17},
    {2, 7, 64, 257},  {2, 7, 64, 1000}, {2, 7, 64, 2048}, {4, 7, 128, 1},  {4, 7, 128, 100},
    {4, 7, 128, 600}, {8, 8, 128, 33},  {1, 1, 64, 257},  {1, 8, 64, 257}, {2, 4, 128, 257},
};
static const struct dot test_dots[] = {{2, 7, 64, 1}, {2, 7, 64, 257}, {1, 1, 128, 100}};

struct copy {
    uint32_t bytes, skew;
};

static const struct copy copies[] = {{4, 4}, {16, 0}, {64, 0}, {256, 8}, {1024, 0}, {1040, 12}, {4096, 0}, {16384, 0}};
static const struct copy test_copies[] = {{64, 0}, {4096, 4}};

static struct timing_case *append(struct timing_cases *cases, enum timing_unit unit) {
    assert(cases->count < TIMING_MOST_CASES);
    struct timing_case *added = &cases->list[cases->count++];
    *added = (struct timing_case){.unit = unit, .latency = cases->latency, .bandwidth = cases->bandwidth};
    return added;
}

static void append_matrices(struct timing_cases *cases, const struct matrix *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct timing_case *added = append(cases, TIMING_MATMUL);
        added->matmul.rows = list[i].rows;
        added->matmul.columns = list[i].columns;
        added->matmul.stored = list[i].stored;
        added->matmul.used = list[i].used;
        added->matmul.vectors = 1;
    }
}

// The same with as many vectors as the unit takes at once.
static void append_vectors(struct timing_cases *cases, const struct matrix *list, size_t count) {
    const uint32_t first = cases->count;
    if (cases->vectors > 1) {
        append_matrices(cases, list, count);
    }
    for (uint32_t i = first; i < cases->count; i++) {
        cases->list[i].matmul.vectors = cases->vectors;
    }
}

// A run that ends when the image is checked.
static void append_check(struct timing_cases *cases, uint32_t columns) {
    append_matrices(cases, &(struct matrix){100, columns, 3, 3}, 1);
    cases->list[cases->count - 1].matmul.is_check = true;
}

static void append_rows(struct timing_cases *cases, const struct rows *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct timing_case *added = append(cases, TIMING_VECTOR);
        added->vector.operation = list[i].operation;
        added->vector.rows = list[i].rows;
        added->vector.parts = list[i].parts;
        added->vector.length = list[i].length;
    }
}

static void append_dots(struct timing_cases *cases, const struct dot *list, size_t count) {
    for (size_t i = 0; i < 2 * count; i++) {
        const struct dot *dot = &list[i / 2];
        struct timing_case *added = append(cases, TIMING_ATTENTION);
        added->attention.kind = i % 2 == 0 ? TERN_CACHE_KEYS : TERN_CACHE_VALUES;
        added->attention.kv_heads = dot->kv_heads;
        added->attention.vectors = dot->vectors;
        added->attention.head_size = dot->head_size;
        added->attention.positions = dot->positions;
    }
}

static void append_copies(struct timing_cases *cases, const struct copy *list, size_t count) {
    for (size_t i = 0; i < 2 * count; i++) {
        struct timing_case *added = append(cases, TIMING_DMA);
        added->dma.bytes = list[i / 2].bytes;
        added->dma.skew = list[i / 2].skew;
        added->dma.to_device = i % 2 == 1;
    }
}

static void make_short(struct timing_cases *cases) {
    append_matrices(cases, test_matrices, COUNT(test_matrices));
    append_vectors(cases, test_matrices, COUNT(test_matrices));
    append_check(cases, 896);
    append_rows(cases, test_rows, COUNT(test_rows));
    append_dots(cases, test_dots, COUNT(test_dots));
    append_copies(cases, test_copies, COUNT(test_copies));
}

static void make_long(struct timing_cases *cases) {
    append_matrices(cases, matrices, COUNT(matrices));
    append_matrices(cases, small_matrices, COUNT(small_matrices));
    append_vectors(cases, matrices, COUNT(matrices));
    append_vectors(cases, small_matrices, COUNT(small_matrices));
    append_check(cases, 64);
    append_check(cases, 8192);
    append_rows(cases, vector_rows, COUNT(vector_rows));
    append_dots(cases, dots, COUNT(dots));
    append_copies(cases, copies, COUNT(copies));
}

void timing_cases_make(bool is_short, uint32_t bandwidth, uint32_t vectors, struct timing_cases *cases) {
    cases->count = 0;
    cases->vectors = vectors;
    cases->bandwidth = bandwidth;
    for (size_t i = 0; i < COUNT(latencies); i++) {
        cases->latency = latencies[i];
        if (!is_short) {
            make_long(cases);
        } else if (i % 3 == 0) {
            make_short(cases);
        }
    }
}
