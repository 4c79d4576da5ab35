// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/vector.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "cmodel/fast/softmax.h"
#include "cmodel/float/f32_math.h"
#include "cmodel/vector/bfp.h"
#include "cmodel/vector/vector.h"

static bool is_busy(const struct tern_vector_unit *unit) {
    return TERN_FIELD_GET(VECTOR_STATUS_BUSY, tern_registers_get(&unit->registers, TERN_VECTOR_REG_STATUS));
}

static void end(struct tern_vector_unit *unit, enum tern_status status) {
    tern_registers_set(&unit->registers, TERN_VECTOR_REG_STATUS, TERN_FIELD_PUT(VECTOR_STATUS_CODE, status));
}

static bool is_image(const struct tern_vector_run *run) {
    return run->operation == TERN_OPCODE_QUANTIZE || run->operation == TERN_OPCODE_SOFTMAX;
}

static bool has_right(const struct tern_vector_run *run) {
    return !is_image(run) && run->operation != TERN_OPCODE_STORE && run->operation != TERN_OPCODE_COPY;
}

// Device memory at an address, or NULL with the status.
static void *at(const struct tern_vector_unit *unit, uint64_t address, uint64_t bytes, enum tern_status *status) {
    if (!tern_window_holds(&unit->run.window, address, bytes)) {
        *status = TERN_STATUS_BAD_ADDRESS;
        return NULL;
    }
    if (tern_bus_errs(unit->memory, address, bytes)) {
        *status = TERN_STATUS_BUS_ERROR;
        return NULL;
    }
    return tern_bus_at(unit->memory, address);
}

// Part `part`, counted over all rows.
static float *left_at(const struct tern_vector_unit *unit, uint64_t part, enum tern_status *status) {
    const struct tern_vector_run *run = &unit->run;
    return at(unit, run->left + part * run->left_stride, 4 * (uint64_t)run->length, status);
}

static float *output_at(const struct tern_vector_unit *unit, uint64_t part, enum tern_status *status) {
    const struct tern_vector_run *run = &unit->run;
    return at(unit, run->output + part * run->output_stride, 4 * (uint64_t)run->length, status);
}

static float norm_factor(const struct tern_vector_run *run, const float *x) {
    struct tern_sum16 sum;
    tern_sum16_start(&sum);
    tern_sum16_add_products(&sum, x, x, run->length);
    float mean = tern_f32_mul(tern_sum16_finish(&sum), run->scalar_1);
    return tern_f32_reciprocal_sqrt(tern_f32_add(mean, run->scalar_0));
}

// Operations whose results are words: one part.
static void compute(const struct tern_vector_run *run, uint64_t row, const float *left, const float *right,
                    float *output) {
    switch (run->operation) {
    case TERN_OPCODE_ADD: tern_vector_add(left, right, run->length, output); break;
    case TERN_OPCODE_SWIGLU: tern_vector_swiglu(left, right, run->length, output); break;
    case TERN_OPCODE_RMSNORM: tern_rmsnorm_apply(left, norm_factor(run, left), right, run->length, output); break;
    case TERN_OPCODE_SCALE: tern_vector_scale(left, tern_f32_reciprocal(right[row]), run->length, output); break;
    default: memmove(output, left, sizeof(float) * run->length); return;
    }
    tern_f32_canonical(output, run->length);
}

static enum tern_status run_words(struct tern_vector_unit *unit) {
    const struct tern_vector_run *run = &unit->run;
    const uint64_t right_words = run->operation == TERN_OPCODE_SCALE ? run->rows : run->length;
    enum tern_status status = TERN_STATUS_OK;
    const float *right = has_right(run) ? at(unit, run->right, 4 * right_words, &status) : NULL;
    for (uint64_t part = 0; part < (uint64_t)run->rows * run->parts; part++) {
        const float *left = left_at(unit, part, &status);
        float *output = output_at(unit, part, &status);
        if (status != TERN_STATUS_OK) {
            return status;
        }
        compute(run, part, left, right, output);
    }
    return status;
}

static enum tern_status run_rope(struct tern_vector_unit *unit) {
    const struct tern_vector_run *run = &unit->run;
    const size_t half = run->length, bytes = sizeof(float) * half;
    enum tern_status status = TERN_STATUS_OK;
    const float *table = at(unit, run->right, 2 * bytes, &status);
    for (uint64_t row = 0; row < run->rows && status == TERN_STATUS_OK; row++) {
        float head[TERN_MAX_HEAD_SIZE], rotated[TERN_MAX_HEAD_SIZE];
        for (uint64_t part = 0; part < 2; part++) {
            const float *left = left_at(unit, 2 * row + part, &status);
            if (left) {
                memcpy(head + part * half, left, bytes);
            }
        }
        if (status != TERN_STATUS_OK) {
            return status;
        }
        tern_rope_head(head, table, table + half, 2 * half, rotated);
        tern_f32_canonical(rotated, 2 * half);
        for (uint64_t part = 0; part < 2; part++) {
            float *output = output_at(unit, 2 * row + part, &status);
            if (output) {
                memcpy(output, rotated + part * half, bytes);
            }
        }
    }
    return status;
}

static enum tern_status refuse(struct tern_vector_unit *unit, uint64_t part, size_t bad_index) {
    tern_registers_set(&unit->registers, TERN_VECTOR_REG_ERROR_ELEMENT,
                       (uint32_t)(part * unit->run.length + bad_index));
    return TERN_STATUS_NON_FINITE;
}

// Row `row` and those after it, if the rows from there to before `end` are all in memory.
static bool find_rows(const struct tern_vector_unit *unit, uint32_t row, uint32_t end, struct tern_softmax_rows *rows) {
    const struct tern_vector_run *run = &unit->run;
    const uint64_t bytes = tern_activation_bytes(run->length);
    enum tern_status status = TERN_STATUS_OK;
    *rows = (struct tern_softmax_rows){.rows = end - row,
                                       .length = run->length,
                                       .scale = run->scalar_0,
                                       .scores = (const uint8_t *)left_at(unit, row, &status),
                                       .images = at(unit, run->output + row * run->output_stride, bytes, &status),
                                       .score_stride = run->left_stride,
                                       .image_stride = run->output_stride,
                                       .totals = at(unit, run->side + 4 * (uint64_t)row, 4 * (end - row), &status)};
    for (uint32_t i = row; i < end && status == TERN_STATUS_OK; i++) {
        (void)left_at(unit, i, &status);
        (void)at(unit, run->output + i * run->output_stride, bytes, &status);
    }
    return status == TERN_STATUS_OK;
}

static enum tern_status softmax(struct tern_vector_unit *unit, uint32_t row, const float *scores) {
    struct tern_softmax_rows rows;
    struct tern_softmax_scan scan;
    size_t bad_index;
    enum tern_status status = TERN_STATUS_OK;
    tern_softmax_start(&scan);
    tern_softmax_scan_tile(&scan, scores, unit->run.length);
    if (tern_softmax_check(&scan, &bad_index) != TERN_STATUS_OK) {
        return refuse(unit, row, bad_index);
    }
    if (!find_rows(unit, row, row + 1, &rows)) {
        (void)at(unit, unit->run.side + 4 * (uint64_t)row, 4, &status);
        return status;
    }
    (void)tern_softmax_try_rows(&rows, NULL);
    return status;
}

static enum tern_status run_images(struct tern_vector_unit *unit) {
    const struct tern_vector_run *run = &unit->run;
    struct tern_softmax_rows rows;
    enum tern_status status = TERN_STATUS_OK;
    if (run->operation == TERN_OPCODE_SOFTMAX && find_rows(unit, 0, run->rows, &rows) &&
        tern_softmax_try_rows(&rows, unit->engine)) {
        return status;
    }
    // Rows of QUANTIZE, or of a SOFTMAX that fails.
    for (uint32_t row = 0; row < run->rows && status == TERN_STATUS_OK; row++) {
        size_t bad_index;
        const float *left = left_at(unit, row, &status);
        uint8_t *image = at(unit, run->output + row * run->output_stride, tern_activation_bytes(run->length), &status);
        if (status != TERN_STATUS_OK) {
            break;
        }
        if (run->operation == TERN_OPCODE_SOFTMAX) {
            status = softmax(unit, row, left);
        } else if (tern_bfp_quantize(left, run->length, image, &bad_index) != TERN_STATUS_OK) {
            status = refuse(unit, row, bad_index);
        }
    }
    return status;
}

static enum tern_status check_records(struct tern_vector_unit *unit) {
    enum tern_status status = TERN_STATUS_OK;
    for (uint64_t part = 0; part < (uint64_t)unit->run.rows * unit->run.parts; part++) {
        size_t bad_index;
        const float *left = left_at(unit, part, &status);
        if (!left) {
            return status;
        }
        if (tern_cache_check(left, unit->run.length, &bad_index) != TERN_STATUS_OK) {
            return refuse(unit, part, bad_index);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_store(struct tern_vector_unit *unit) {
    const struct tern_vector_run *run = &unit->run;
    const uint64_t groups = tern_cache_head_groups(run->length);
    TERN_TRY(check_records(unit));
    for (uint64_t part = 0; part < (uint64_t)run->rows * run->parts; part++) {
        const uint64_t head = part / run->parts, first = part % run->parts * groups;
        enum tern_status status = TERN_STATUS_OK;
        const float *left = left_at(unit, part, &status);
        int16_t *mantissas = at(unit, run->output + head * run->output_stride + TERN_CACHE_GROUP_BYTES * first,
                                TERN_CACHE_GROUP_BYTES * groups, &status);
        uint8_t *exponents = at(unit, run->side + head * run->output_stride + first, groups, &status);
        if (status != TERN_STATUS_OK) {
            return status;
        }
        tern_cache_quantize(left, run->length, mantissas, exponents);
    }
    return TERN_STATUS_OK;
}

static bool has_parts(const struct tern_vector_run *run) {
    switch (run->operation) {
    case TERN_OPCODE_ROPE: return run->parts == 2 && run->length <= TERN_MAX_HEAD_SIZE / 2;
    case TERN_OPCODE_COPY: return run->parts <= TERN_MAX_ROWS;
    case TERN_OPCODE_STORE: return run->parts <= TERN_MAX_HEAD_SIZE && run->length <= TERN_MAX_HEAD_SIZE;
    default: return run->parts == 1;
    }
}

static enum tern_status check(const struct tern_vector_run *run) {
    const uint64_t words = run->left | run->left_stride | run->output | run->output_stride |
                           (has_right(run) ? run->right : 0) | (run->operation == TERN_OPCODE_SOFTMAX ? run->side : 0);
    const uint32_t longest = is_image(run) ? TERN_MAX_COLUMNS : TERN_MAX_LENGTH;
    switch (run->operation) {
    case TERN_OPCODE_ADD:
    case TERN_OPCODE_COPY:
    case TERN_OPCODE_QUANTIZE:
    case TERN_OPCODE_RMSNORM:
    case TERN_OPCODE_ROPE:
    case TERN_OPCODE_SCALE:
    case TERN_OPCODE_SOFTMAX:
    case TERN_OPCODE_STORE:
    case TERN_OPCODE_SWIGLU: break;
    default: return TERN_STATUS_BAD_OPCODE;
    }
    if (run->rows == 0 || run->rows > TERN_MAX_HEADS || run->parts == 0 || run->length == 0 || run->length > longest ||
        !has_parts(run)) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (words % 4 != 0 || (is_image(run) && (run->output | run->output_stride) % TERN_SEGMENT_ALIGN != 0)) {
        return TERN_STATUS_BAD_ADDRESS;
    }
    return TERN_STATUS_OK;
}

// Takes the registers and the window.
static void start(struct tern_vector_unit *unit, struct tern_window window) {
    const struct tern_registers *registers = &unit->registers;
    if (is_busy(unit)) {
        return;
    }
    unit->run = (struct tern_vector_run){
        .window = window,
        .operation = tern_registers_get(registers, TERN_VECTOR_REG_OPERATION),
        .rows = tern_registers_get(registers, TERN_VECTOR_REG_ROWS),
        .parts = tern_registers_get(registers, TERN_VECTOR_REG_PARTS),
        .length = tern_registers_get(registers, TERN_VECTOR_REG_LENGTH),
        .left = tern_registers_get_pair(registers, TERN_VECTOR_REG_LEFT_LO),
        .left_stride = tern_registers_get_pair(registers, TERN_VECTOR_REG_LEFT_STRIDE_LO),
        .right = tern_registers_get_pair(registers, TERN_VECTOR_REG_RIGHT_LO),
        .output = tern_registers_get_pair(registers, TERN_VECTOR_REG_OUTPUT_LO),
        .output_stride = tern_registers_get_pair(registers, TERN_VECTOR_REG_OUTPUT_STRIDE_LO),
        .side = tern_registers_get_pair(registers, TERN_VECTOR_REG_SIDE_LO),
        .scalar_0 = tern_f32_from_bits(tern_registers_get(registers, TERN_VECTOR_REG_SCALAR_0)),
        .scalar_1 = tern_f32_from_bits(tern_registers_get(registers, TERN_VECTOR_REG_SCALAR_1))};
    tern_registers_set(&unit->registers, TERN_VECTOR_REG_STATUS, TERN_FIELD_PUT(VECTOR_STATUS_BUSY, 1));
    tern_registers_set(&unit->registers, TERN_VECTOR_REG_ERROR_ELEMENT, 0);
}

static void control(struct tern_vector_unit *unit, uint32_t value, struct tern_window window) {
    if (TERN_FIELD_GET(VECTOR_CONTROL_ABORT, value)) {
        if (is_busy(unit) && !unit->ignores_abort) {
            end(unit, TERN_STATUS_TIMEOUT);
        }
    } else if (TERN_FIELD_GET(VECTOR_CONTROL_START, value)) {
        start(unit, window);
    }
}

enum tern_status tern_vector_unit_check(const struct tern_vector_unit *unit) {
    return check(&unit->run);
}

void tern_vector_unit_reset(struct tern_vector_unit *unit, struct tern_bus_memory *memory) {
    memset(unit, 0, sizeof *unit);
    unit->registers.block = TERN_BLOCK_VECTOR;
    unit->memory = memory;
    tern_registers_set(&unit->registers, TERN_VECTOR_REG_ID, TERN_VECTOR_ID);
}

uint32_t tern_vector_unit_read(const struct tern_vector_unit *unit, uint32_t offset) {
    return tern_registers_read(&unit->registers, offset);
}

void tern_vector_unit_write(struct tern_vector_unit *unit, uint32_t offset, uint32_t value, struct tern_window window) {
    if (offset == TERN_VECTOR_REG_CONTROL) {
        control(unit, value, window);
    } else {
        tern_registers_write(&unit->registers, offset, value);
    }
}

static enum tern_status run(struct tern_vector_unit *unit) {
    TERN_TRY(tern_vector_unit_check(unit));
    if (unit->skips) {
        return TERN_STATUS_OK;
    }
    switch (unit->run.operation) {
    case TERN_OPCODE_ROPE: return run_rope(unit);
    case TERN_OPCODE_QUANTIZE:
    case TERN_OPCODE_SOFTMAX: return run_images(unit);
    case TERN_OPCODE_STORE: return run_store(unit);
    default: return run_words(unit);
    }
}

void tern_vector_unit_step(struct tern_vector_unit *unit) {
    if (is_busy(unit) && !unit->hangs) {
        end(unit, run(unit));
    }
}
