// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/attention.h"

#include <string.h>

#include "cmodel/fast/dot/dot_engine.h"
#include "cmodel/layout.h"

static bool is_busy(const struct tern_attention_unit *unit) {
    return TERN_FIELD_GET(ATTENTION_STATUS_BUSY, tern_registers_get(&unit->registers, TERN_ATTENTION_REG_STATUS));
}

static void end(struct tern_attention_unit *unit, enum tern_status status) {
    tern_registers_set(&unit->registers, TERN_ATTENTION_REG_STATUS, TERN_FIELD_PUT(ATTENTION_STATUS_CODE, status));
}

// Takes the registers and the window.
static void capture(const struct tern_registers *registers, struct tern_window window,
                    struct tern_attention_unit_run *run) {
    *run = (struct tern_attention_unit_run){
        .window = window,
        .head_stride = tern_registers_get_pair(registers, TERN_ATTENTION_REG_HEAD_STRIDE_LO),
        .kind = tern_registers_get(registers, TERN_ATTENTION_REG_KIND),
        .kv_heads = tern_registers_get(registers, TERN_ATTENTION_REG_KV_HEADS),
        .head = {.head_size = tern_registers_get(registers, TERN_ATTENTION_REG_HEAD_SIZE),
                 .positions = tern_registers_get(registers, TERN_ATTENTION_REG_POSITIONS),
                 .vectors = tern_registers_get(registers, TERN_ATTENTION_REG_VECTORS),
                 .records = tern_registers_get_pair(registers, TERN_ATTENTION_REG_CACHE_LO),
                 .images = tern_registers_get_pair(registers, TERN_ATTENTION_REG_IMAGES_LO),
                 .image_stride = tern_registers_get_pair(registers, TERN_ATTENTION_REG_IMAGE_STRIDE_LO),
                 .outputs = tern_registers_get_pair(registers, TERN_ATTENTION_REG_OUTPUT_LO),
                 .output_stride = tern_registers_get_pair(registers, TERN_ATTENTION_REG_OUTPUT_STRIDE_LO)}};
}

static bool in_range(uint32_t count, uint32_t largest) {
    return count != 0 && count <= largest;
}

static enum tern_status check(const struct tern_attention_unit_run *run) {
    const struct tern_dot_head *head = &run->head;
    if (run->kind > TERN_CACHE_VALUES || !in_range(run->kv_heads, TERN_MAX_HEADS) ||
        !in_range(head->vectors, TERN_DOT_VECTORS) || !in_range(head->head_size, TERN_MAX_HEAD_SIZE) ||
        !in_range(head->positions, TERN_MAX_POSITIONS)) {
        return TERN_STATUS_BAD_LENGTH;
    }
    const uint64_t places =
        head->records | head->images | head->outputs | head->image_stride | head->output_stride | run->head_stride;
    return places % TERN_SEGMENT_ALIGN == 0 ? TERN_STATUS_OK : TERN_STATUS_BAD_ADDRESS;
}

static uint8_t *memory_at(void *context, uint64_t address, uint64_t bytes, enum tern_status *status) {
    const struct tern_attention_unit *unit = context;
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

// Bytes of images and records of one head that the unit reads. A part of an image's shifts ends with a whole beat.
static uint64_t head_bytes(const struct tern_dot_head *head, uint32_t beat_bytes) {
    const bool has_values = head->kind == TERN_CACHE_VALUES;
    const uint32_t left = head->positions - TERN_CACHE_POSITIONS * (tern_cache_records(head->positions) - 1);
    const uint64_t image = tern_activation_bytes(has_values ? head->positions : head->head_size);
    uint64_t records = tern_cache_head_bytes(head->kind, head->head_size, head->positions);
    if (!has_values) {
        // The last record is read up to the last position.
        const uint32_t row = TERN_CACHE_GROUP_BYTES * tern_cache_head_groups(head->head_size);
        records -= TERN_CACHE_POSITIONS * row - tern_align_up(left * row, beat_bytes);
    }
    return head->vectors * image + records;
}

// Head after head, as hardware does. The first failure ends the run.
static enum tern_status run_in_order(struct tern_attention_unit *unit, const struct tern_dot_heads *heads,
                                     const struct tern_dot_memory *memory, uint32_t *error) {
    for (uint32_t number = 0; number < heads->count; number++) {
        const struct tern_dot_head head = tern_dot_head_at(heads, number);
        struct tern_dot_fault fault = {0, 0};
        enum tern_status status = tern_dot_run_head(&head, memory, unit->sums, &fault);
        if (status != TERN_STATUS_OK) {
            // Hardware does not know which of the results in flight failed.
            const uint32_t place = fault.what == TERN_DOT_AT_OUTPUT ? 0 : number;
            *error = TERN_FIELD_PUT(ATTENTION_ERROR_WHAT, fault.what) | TERN_FIELD_PUT(ATTENTION_ERROR_HEAD, place) |
                     TERN_FIELD_PUT(ATTENTION_ERROR_INDEX, fault.index);
            return status;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status run_heads(struct tern_attention_unit *unit, uint32_t *error) {
    const struct tern_dot_memory memory = {unit, memory_at};
    struct tern_dot_heads heads = {
        .first = unit->run.head, .count = unit->run.kv_heads, .head_stride = unit->run.head_stride};
    heads.first.kind = (enum tern_cache_kind)unit->run.kind;
    if (!unit->skips && !tern_dot_try_heads(&heads, &memory, unit->engine, unit->sums)) {
        TERN_TRY(run_in_order(unit, &heads, &memory, error));
    }
    const uint32_t beat_bytes = tern_bus_beat_bytes(unit->memory);
    tern_registers_add_pair(&unit->registers, TERN_ATTENTION_REG_TAKEN_LO,
                            heads.count * head_bytes(&heads.first, beat_bytes) / beat_bytes);
    return TERN_STATUS_OK;
}

static void control(struct tern_attention_unit *unit, uint32_t value, struct tern_window window) {
    if (TERN_FIELD_GET(ATTENTION_CONTROL_ABORT, value)) {
        if (is_busy(unit) && !unit->ignores_abort) {
            end(unit, TERN_STATUS_TIMEOUT);
        }
    } else if (TERN_FIELD_GET(ATTENTION_CONTROL_START, value) && !is_busy(unit)) {
        capture(&unit->registers, window, &unit->run);
        tern_registers_set(&unit->registers, TERN_ATTENTION_REG_STATUS, TERN_FIELD_PUT(ATTENTION_STATUS_BUSY, 1));
        tern_registers_set(&unit->registers, TERN_ATTENTION_REG_ERROR, 0);
    }
}

enum tern_status tern_attention_unit_check(const struct tern_attention_unit *unit) {
    return check(&unit->run);
}

void tern_attention_unit_reset(struct tern_attention_unit *unit, struct tern_bus_memory *memory) {
    memset(unit, 0, sizeof *unit);
    unit->registers.block = TERN_BLOCK_ATTENTION;
    unit->memory = memory;
    tern_registers_set(&unit->registers, TERN_ATTENTION_REG_ID, TERN_ATTENTION_ID);
}

uint32_t tern_attention_unit_read(const struct tern_attention_unit *unit, uint32_t offset) {
    return tern_registers_read(&unit->registers, offset);
}

void tern_attention_unit_write(struct tern_attention_unit *unit, uint32_t offset, uint32_t value,
                               struct tern_window window) {
    if (offset == TERN_ATTENTION_REG_CONTROL) {
        control(unit, value, window);
    } else {
        tern_registers_write(&unit->registers, offset, value);
    }
}

void tern_attention_unit_step(struct tern_attention_unit *unit) {
    if (!is_busy(unit) || unit->hangs) {
        return;
    }
    uint32_t error = 0;
    enum tern_status status = tern_attention_unit_check(unit);
    if (status == TERN_STATUS_OK) {
        status = run_heads(unit, &error);
    }
    tern_registers_set(&unit->registers, TERN_ATTENTION_REG_ERROR, error);
    end(unit, status);
}
