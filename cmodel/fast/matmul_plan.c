// SPDX-License-Identifier: Apache-2.0
#include "cmodel/fast/matmul_plan.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/crc32c.h"
#include "cmodel/matmul/trit_code.h"

// The entry of a table for one digit of a byte.
static uint8_t entry(unsigned weight, unsigned byte, unsigned row) {
    const unsigned digit = tern_digits_decode((uint8_t)byte) >> 2 * row & 3;
    const unsigned trit_plus_1 = digit == 2 ? 0 : digit + 1;
    return (uint8_t)(weight * trit_plus_1);
}

static void digit_table_make(unsigned weight, struct tern_digit_table *table) {
    for (unsigned index = 0; index < 64; index++) {
        const unsigned bits = index & 31;
        const bool is_short = (bits & TERN_SHORT_BITS) == TERN_SHORT_BITS;
        const unsigned byte = is_short ? (bits << 3 & 0xe0) | TERN_SHORT_BITS | (bits & 3) : bits;
        for (unsigned row = 0; row < 3; row++) {
            table->low[row][index] = entry(weight, byte, row);
        }
        for (unsigned row = 3; row < TERN_STRIP_ROWS; row++) {
            table->high[row - 3][index] = entry(weight, index << 2, row);
            table->high_long[row - 3][index % 16] = entry(weight, (index & 14) << 4, row);
        }
    }
}

// The tables are the same for every run and as much work as a small matrix. They are made once.
static struct tern_kernel_tables kernel_tables;
static pthread_once_t are_kernel_tables_made = PTHREAD_ONCE_INIT;

static void kernel_tables_make(void) {
    for (unsigned plane = 0; plane < TERN_MAX_DEPTH; plane++) {
        digit_table_make((unsigned)tern_power_of_three(plane), &kernel_tables.plane_trits[plane]);
    }
}

// A scale code with each of its three digits made trit + 1.
static unsigned place_of(unsigned code) {
    return 9 * ((code / 9 + 1) % 3) + 3 * ((code / 3 + 1) % 3) + (code + 1) % 3;
}

static void tables_make(struct tern_matmul_plan *plan) {
    pthread_once(&are_kernel_tables_made, kernel_tables_make);
    plan->tables = &kernel_tables;
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        const struct tern_step_table *steps = &plan->job->steps;
        const unsigned place = place_of(i);
        const uint64_t step = (uint64_t)steps->mantissa[i] << steps->shift[i];
        const double in_units = (double)step * tern_plan_level_unit(plan);
        uint64_t bits;
        memcpy(&bits, &in_units, sizeof bits);
        plan->steps[place] = (float)step;
        plan->step_low[place] = (uint32_t)bits;
        plan->step_high[place] = (uint32_t)(bits >> 32);
    }
}

static void fill_operand(const struct tern_matmul_plan *plan, const struct tern_kernel_path *path,
                         const struct tern_matmul_vector *vector, uint8_t *operand) {
    for (uint32_t panel = 0; panel < plan->panels; panel++) {
        const uint32_t group = panel * path->panel_groups, left = plan->job->groups - group;
        path->fill(plan, vector->mantissas + (size_t)group * TERN_GROUP_COLUMNS, vector->shifts + group,
                   left < path->panel_groups ? left : path->panel_groups, operand + panel * path->panel_bytes);
    }
}

static double largest_step(const struct tern_matmul_plan *plan) {
    double largest = 0;
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        largest = plan->steps[i] > largest ? plan->steps[i] : largest;
    }
    return largest * tern_plan_level_unit(plan);
}

static double bound_of(const struct tern_matmul_plan *plan, const struct tern_matmul_vector *vector) {
    uint64_t magnitudes = 0; // below 2^12 groups x 2^(15 + 4 + 15)
    for (uint32_t group = 0; group < plan->job->groups; group++) {
        uint32_t magnitude = 0;
        for (unsigned column = 0; column < TERN_GROUP_COLUMNS; column++) {
            magnitude += (uint32_t)abs(vector->mantissas[group * TERN_GROUP_COLUMNS + column]);
        }
        magnitudes += (uint64_t)magnitude << vector->shifts[group];
    }
    return (double)magnitudes * tern_plan_largest_level(plan) * largest_step(plan);
}

enum tern_status tern_matmul_plan_make(const struct tern_matmul_job *job, const struct tern_kernel_path *path,
                                       struct tern_matmul_plan *plan) {
    const uint64_t columns = (uint64_t)job->groups * TERN_GROUP_COLUMNS;
    memset(plan, 0, sizeof *plan);
    plan->job = job;
    plan->codes_bytes = tern_codes_bytes(columns);
    plan->plane_bytes = tern_plane_bytes(columns);
    plan->strip_bytes = tern_strip_bytes(columns, job->depth_stored);
    if (!path) {
        return TERN_STATUS_OK;
    }
    plan->panels = (job->groups + path->panel_groups - 1) / path->panel_groups;
    const size_t vector_bytes = plan->panels * path->panel_bytes;
    plan->memory = aligned_alloc(64, job->vectors * vector_bytes);
    if (!plan->memory) {
        return TERN_STATUS_OUT_OF_MEMORY;
    }
    if (job->crc) {
        memset(plan->memory, 0, plan->plane_bytes); // a panel of operands is larger than one of a plane
        plan->codes_crc = tern_crc32c(plan->memory, plan->codes_bytes);
        plan->plane_crc = tern_crc32c(plan->memory, plan->plane_bytes);
    }
    tables_make(plan);
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        plan->operand[vector] = (uint8_t *)plan->memory + vector * vector_bytes;
        fill_operand(plan, path, &job->vector[vector], plan->operand[vector]);
        plan->bound[vector] = job->vectors > 1 ? bound_of(plan, &job->vector[vector]) : 0;
    }
    return TERN_STATUS_OK;
}

void tern_matmul_plan_free(struct tern_matmul_plan *plan) {
    free(plan->memory);
}
