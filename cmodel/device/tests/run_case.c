// SPDX-License-Identifier: Apache-2.0
#include "cmodel/device/tests/run_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/device/device_model.h"
#include "cmodel/layout.h"

#define DETAIL_REGISTER TERN_MATMUL_REG_ERROR_DETAIL
#define CONTROL_START TERN_FIELD_PUT(MATMUL_CONTROL_START, 1)

enum { FILL = 0x7f }; // of memory outside the operands: floats of 3.4e38

TERN_SPEC_STATIC_ASSERT(TERN_MATMUL_REG_CONTROL == TERN_VECTOR_REG_CONTROL &&
                            TERN_MATMUL_REG_CONTROL == TERN_ATTENTION_REG_CONTROL &&
                            TERN_MATMUL_REG_STATUS == TERN_VECTOR_REG_STATUS &&
                            TERN_MATMUL_REG_STATUS == TERN_ATTENTION_REG_STATUS &&
                            TERN_MATMUL_REG_ERROR_DETAIL == TERN_VECTOR_REG_ERROR_ELEMENT &&
                            TERN_MATMUL_REG_ERROR_DETAIL == TERN_ATTENTION_REG_ERROR,
                        "the units have these registers at one place");

void run_case_start(struct run_case *c, uint32_t unit, const char *name) {
    memset(c, 0, sizeof *c);
    memset(c->memory, FILL, sizeof c->memory);
    snprintf(c->record.name, sizeof c->record.name, "%s", name);
    c->record.unit = unit;
    c->record.memory_base = c->record.window_base = RUN_MEMORY_BASE;
}

uint64_t run_case_place(struct run_case *c, uint64_t bytes, uint32_t offset) {
    struct tern_run_vectors_record *record = &c->record;
    const uint64_t at = record->memory_bytes + TERN_SEGMENT_ALIGN + offset;
    record->memory_bytes = record->window_bytes = tern_align_up(at + bytes, TERN_SEGMENT_ALIGN) + TERN_SEGMENT_ALIGN;
    assert_true(record->memory_bytes <= RUN_MEMORY_BYTES);
    return RUN_MEMORY_BASE + at;
}

uint8_t *run_case_at(struct run_case *c, uint64_t address) {
    return c->memory + (address - RUN_MEMORY_BASE);
}

void run_case_write(struct run_case *c, uint32_t offset, uint32_t value) {
    uint32_t i = 0;
    while (i < c->record.writes && c->writes[i][0] != offset) {
        i++;
    }
    assert_true(i < RUN_WRITES);
    c->writes[i][0] = offset;
    c->writes[i][1] = value;
    c->record.writes += i == c->record.writes;
}

void run_case_write_pair(struct run_case *c, uint32_t offset, uint64_t value) {
    run_case_write(c, offset, (uint32_t)value);
    run_case_write(c, offset + 4, (uint32_t)(value >> 32));
}

static uint32_t base_of_unit(uint32_t unit) {
    switch (unit) {
    case TERN_VECTOR_ID: return TERN_VECTOR_BASE;
    case TERN_ATTENTION_ID: return TERN_ATTENTION_BASE;
    default: return TERN_MATMUL_BASE;
    }
}

static void write_pair(struct tern_device_model *model, uint32_t address, uint64_t value) {
    tern_device_model_write(model, address, (uint32_t)value);
    tern_device_model_write(model, address + 4, (uint32_t)(value >> 32));
}

uint32_t run_case_model(const struct tern_run_vectors_record *record, const uint32_t (*writes)[2], uint8_t *memory,
                        uint32_t *detail) {
    struct tern_device_model *model;
    const uint32_t base = base_of_unit(record->unit);
    assert_int_equal(tern_device_model_create(record->memory_base, record->memory_bytes, memory, &model),
                     TERN_STATUS_OK);
    write_pair(model, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BASE_LO, record->window_base);
    write_pair(model, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BYTES_LO, record->window_bytes);
    for (uint32_t i = 0; i < record->writes; i++) {
        tern_device_model_write(model, base + writes[i][0], writes[i][1]);
    }
    tern_device_model_write(model, base + TERN_MATMUL_REG_CONTROL, CONTROL_START);
    const uint32_t status = tern_device_model_read(model, base + TERN_MATMUL_REG_STATUS);
    *detail = tern_device_model_read(model, base + DETAIL_REGISTER);
    tern_device_model_destroy(model);
    assert_int_equal(TERN_FIELD_GET(MATMUL_STATUS_BUSY, status), 0);
    return TERN_FIELD_GET(MATMUL_STATUS_CODE, status);
}
