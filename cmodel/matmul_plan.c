// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul_plan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/pack.h"

static const int32_t largest_level[TERN_MAX_DEPTH + 1] = {0, 1, 4, 13, 40};
static const double power_of_three[TERN_MAX_DEPTH] = {1, 3, 9, 27};

static void digit_table_make(unsigned weight, struct tern_digit_table *table) {
    for (unsigned index = 0; index < 64; index++) {
        unsigned bits = index & 31;
        unsigned is_short = (bits & TERN_SHORT_BITS) == TERN_SHORT_BITS;
        uint8_t byte = (uint8_t)(is_short ? (bits << 3 & 0xe0) | TERN_SHORT_BITS | (bits & 3) : bits);
        unsigned digits = (tern_digits_decode(byte) & 0x3fu) | (tern_digits_decode((uint8_t)(index << 5)) & 0x3c0u);
        for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
            unsigned digit = digits >> 2 * row & 3;
            unsigned trit_plus_1 = digit == 2 ? 0 : digit + 1;
            table->row[row][index] = (uint8_t)(weight ? weight * trit_plus_1 : digit);
        }
    }
}

// The same for every run, and as much work as a small matrix: made once.
static struct tern_kernel_tables kernel_tables;
static pthread_once_t are_kernel_tables_made = PTHREAD_ONCE_INIT;

static void kernel_tables_make(void) {
    digit_table_make(0, &kernel_tables.code_digits);
    for (unsigned plane = 0; plane < TERN_MAX_DEPTH; plane++) {
        digit_table_make((unsigned)power_of_three[plane], &kernel_tables.plane_trits[plane]);
    }
}

static void tables_make(struct tern_matmul_plan *plan) {
    pthread_once(&are_kernel_tables_made, kernel_tables_make);
    plan->tables = &kernel_tables;
    for (unsigned i = 0; i < 64; i++) {
        plan->code_order[i] = (uint8_t)(TERN_CODE_BYTES * tern_block_group(i / 4) + i % 4 % TERN_CODE_BYTES);
    }
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        const struct tern_step_table *steps = &plan->job->steps;
        plan->steps[i] = (float)((uint64_t)steps->mantissa[i] << steps->shift[i]);
    }
}

static void fill_group(const struct tern_matmul_plan *plan, const struct tern_matmul_vector *vector, uint32_t group,
                       uint32_t block, uint32_t slot, struct tern_matmul_operand *operand) {
    const struct tern_matmul_job *job = plan->job;
    const int16_t *from = vector->mantissas + (size_t)group * TERN_GROUP_COLUMNS;
    int16_t *to = operand->mantissas + (size_t)block * TERN_BLOCK_COLUMNS + slot % 4 * 64 + slot / 4 * 8;
    const size_t at = (size_t)block * TERN_BLOCK_GROUPS + slot;
    const int32_t largest = largest_level[job->depth_used];
    int32_t sum = 0, magnitude = 0;
    memcpy(to, from, 8 * sizeof *to);
    memcpy(to + 32, from + 8, 8 * sizeof *to);
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        sum += from[i];
        magnitude += abs(from[i]);
    }
    operand->scale[at] = (double)(1u << vector->shifts[group]) * power_of_three[job->depth_stored - job->depth_used];
    operand->bound[at] = operand->scale[at] * (largest * magnitude);
    operand->bias[at] = largest * sum;
}

static void fill_operand(struct tern_matmul_plan *plan, uint32_t vector, void *memory) {
    const size_t slots = (size_t)plan->blocks * TERN_BLOCK_GROUPS;
    struct tern_matmul_operand *operand = &plan->operand[vector];
    operand->mantissas = memory;
    operand->scale = (double *)(void *)(operand->mantissas + slots * TERN_GROUP_COLUMNS);
    operand->bound = operand->scale + slots;
    operand->bias = (int32_t *)(void *)(operand->bound + slots);
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t block = i / TERN_BLOCK_GROUPS, slot = i % TERN_BLOCK_GROUPS;
        uint32_t group = block * TERN_BLOCK_GROUPS + tern_block_group(slot);
        if (group < plan->job->groups) {
            fill_group(plan, &plan->job->vector[vector], group, block, slot, operand);
        }
    }
}

enum tern_status tern_matmul_plan_make(const struct tern_matmul_job *job, struct tern_matmul_plan *plan) {
    const uint64_t columns = (uint64_t)job->groups * TERN_GROUP_COLUMNS;
    memset(plan, 0, sizeof *plan);
    plan->job = job;
    plan->codes_bytes = tern_codes_bytes(columns);
    plan->plane_bytes = tern_plane_bytes(columns);
    plan->strip_bytes = tern_strip_bytes(columns, job->depth_stored);
    plan->blocks = (job->groups + TERN_BLOCK_GROUPS - 1) / TERN_BLOCK_GROUPS;
    const size_t slot_bytes = 2 * TERN_GROUP_COLUMNS + 2 * sizeof(double) + sizeof(int32_t);
    const size_t vector_bytes = tern_align_up(plan->blocks * TERN_BLOCK_GROUPS * slot_bytes, 64);
    plan->memory = aligned_alloc(64, job->vectors * vector_bytes);
    if (!plan->memory) {
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    memset(plan->memory, 0, job->vectors * vector_bytes);
    if (job->crc) {
        // The memory is still zero, and larger than a plane.
        plan->codes_crc = tern_crc32c(plan->memory, plan->codes_bytes);
        plan->plane_crc = tern_crc32c(plan->memory, plan->plane_bytes);
    }
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        fill_operand(plan, vector, (uint8_t *)plan->memory + vector * vector_bytes);
    }
    tables_make(plan);
    return TERN_STATUS_OK;
}

void tern_matmul_plan_free(struct tern_matmul_plan *plan) {
    free(plan->memory);
}
