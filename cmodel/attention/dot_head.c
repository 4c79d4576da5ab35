// SPDX-License-Identifier: Apache-2.0
// All vectors of one key/value head, in the order of the unit.
#include "cmodel/attention/dot.h"

#define PART TERN_DOT_PART_RECORDS
#define LINE_WORDS (TERN_SEGMENT_ALIGN / 4) // results that the unit writes at once

struct work {
    const struct tern_dot_head *job;
    const struct tern_dot_memory *memory;
    struct tern_wide_sum *sums;
    struct tern_dot_fault *fault;
    uint32_t length; // elements of each image
    const uint8_t *image[TERN_DOT_VECTORS];
};

static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static enum tern_status fail(const struct work *work, enum tern_status status, uint32_t what, uint32_t index) {
    *work->fault = (struct tern_dot_fault){what, index};
    return status;
}

static enum tern_status touch(const struct work *work, uint64_t address, uint64_t bytes, uint32_t what, uint32_t index,
                              uint8_t **data) {
    enum tern_status status = TERN_STATUS_OK;
    *data = work->memory->at(work->memory->context, address, bytes, &status);
    return *data ? TERN_STATUS_OK : fail(work, status, what, index);
}

static const int16_t *mantissas_of(const struct work *work, uint32_t vector) {
    return (const int16_t *)(const void *)(work->image[vector] + TERN_ACTIVATION_HEADER_BYTES);
}

static const uint8_t *shifts_of(const struct work *work, uint32_t vector) {
    return work->image[vector] + tern_activation_shifts_offset(work->length);
}

static int32_t base_exponent_of(const struct work *work, uint32_t vector) {
    return *(const int32_t *)(const void *)work->image[vector];
}

static enum tern_status check_header(struct work *work, uint32_t vector) {
    uint8_t *header;
    uint32_t word;
    TERN_TRY(touch(work, work->job->images + vector * work->job->image_stride, TERN_ACTIVATION_HEADER_BYTES,
                   TERN_DOT_AT_IMAGE, vector, &header));
    work->image[vector] = header;
    enum tern_status status = tern_dot_check_header((const uint32_t *)(const void *)header, work->length, &word);
    return status == TERN_STATUS_OK ? status : fail(work, status, word, vector);
}

// Mantissas and shifts of an image for the part that begins with record `first`.
static enum tern_status check_groups(struct work *work, uint32_t vector, uint32_t first) {
    const uint64_t image = work->job->images + vector * work->job->image_stride;
    const uint32_t groups = min_u32((uint32_t)tern_groups(work->length) - first, PART);
    uint8_t *data;
    TERN_TRY(touch(work, image + TERN_ACTIVATION_HEADER_BYTES + TERN_CACHE_GROUP_BYTES * first,
                   TERN_CACHE_GROUP_BYTES * groups, TERN_DOT_AT_IMAGE, vector, &data));
    TERN_TRY(touch(work, image + tern_activation_shifts_offset(work->length) + first,
                   tern_align_up(groups, TERN_SEGMENT_ALIGN), TERN_DOT_AT_IMAGE, vector, &data));
    return tern_dot_shifts_are_valid(data, groups, TERN_MAX_SHIFT)
               ? TERN_STATUS_OK
               : fail(work, TERN_STATUS_BAD_ACTIVATION, TERN_DOT_AT_SHIFT, vector);
}

static enum tern_status check_images(struct work *work, uint32_t first) {
    for (uint32_t vector = 0; vector < work->job->vectors; vector++) {
        if (first == 0) {
            TERN_TRY(check_header(work, vector));
        }
        TERN_TRY(check_groups(work, vector, first));
    }
    return TERN_STATUS_OK;
}

// Positions of a record that are in use.
static uint32_t positions_of(const struct work *work, uint32_t record) {
    return min_u32(work->job->positions - record * TERN_CACHE_POSITIONS, TERN_CACHE_POSITIONS);
}

// Checks what is used of a record: not the groups of positions to come.
static enum tern_status check_record(struct work *work, uint32_t record, uint8_t **data) {
    const struct tern_dot_head *job = work->job;
    const uint64_t address = job->records + (uint64_t)record * tern_cache_record_bytes(job->kind, job->head_size);
    const uint32_t groups = job->kind == TERN_CACHE_KEYS
                                ? positions_of(work, record) * tern_cache_head_groups(job->head_size)
                                : job->head_size;
    const uint64_t bytes = tern_cache_mantissas_offset(job->kind, job->head_size) +
                           tern_align_up(TERN_CACHE_GROUP_BYTES * groups, TERN_SEGMENT_ALIGN);
    TERN_TRY(touch(work, address, bytes, TERN_DOT_AT_RECORD, record, data));
    return tern_dot_shifts_are_valid(*data, groups, TERN_CACHE_MAX_SHIFT)
               ? TERN_STATUS_OK
               : fail(work, TERN_STATUS_BAD_ACTIVATION, TERN_DOT_AT_EXPONENT, record);
}

static enum tern_status touch_results(const struct work *work, uint32_t vector, uint32_t first, uint32_t count,
                                      float **results) {
    const uint64_t address = work->job->outputs + vector * work->job->output_stride + 4 * (uint64_t)first;
    uint8_t *data;
    TERN_TRY(touch(work, address, 4 * count, TERN_DOT_AT_OUTPUT, 0, &data));
    *results = (float *)(void *)data;
    return TERN_STATUS_OK;
}

static enum tern_status run_key_record(struct work *work, uint32_t record, const uint8_t *data) {
    const uint32_t count = positions_of(work, record);
    for (uint32_t vector = 0; vector < work->job->vectors; vector++) {
        float *scores;
        TERN_TRY(touch_results(work, vector, record * TERN_CACHE_POSITIONS, count, &scores));
        tern_dot_key_record(data, work->job->head_size, count, mantissas_of(work, vector), shifts_of(work, vector),
                            base_exponent_of(work, vector), scores);
    }
    return TERN_STATUS_OK;
}

static void run_value_record(struct work *work, uint32_t record, const uint8_t *data) {
    const uint32_t head_size = work->job->head_size;
    for (uint32_t vector = 0; vector < work->job->vectors; vector++) {
        tern_dot_value_records(data, 1, head_size, mantissas_of(work, vector) + record * TERN_CACHE_POSITIONS,
                               shifts_of(work, vector) + record, work->sums + vector * head_size);
    }
}

static enum tern_status finish_values(struct work *work) {
    const uint32_t head_size = work->job->head_size;
    for (uint32_t vector = 0; vector < work->job->vectors; vector++) {
        for (uint32_t first = 0; first < head_size; first += LINE_WORDS) {
            const uint32_t count = min_u32(head_size - first, LINE_WORDS);
            float *results;
            TERN_TRY(touch_results(work, vector, first, count, &results));
            tern_dot_finish(work->sums + vector * head_size + first, count, base_exponent_of(work, vector), results);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_dot_run_head(const struct tern_dot_head *job, const struct tern_dot_memory *memory,
                                   struct tern_wide_sum *sums, struct tern_dot_fault *fault) {
    const bool has_values = job->kind == TERN_CACHE_VALUES;
    struct work work = {.job = job,
                        .memory = memory,
                        .sums = sums,
                        .fault = fault,
                        .length = has_values ? job->positions : job->head_size};
    if (has_values) {
        __builtin_memset(sums, 0, sizeof *sums * job->vectors * job->head_size);
    }
    for (uint32_t record = 0; record < tern_cache_records(job->positions); record++) {
        uint8_t *data;
        if (has_values ? record % PART == 0 : record == 0) {
            TERN_TRY(check_images(&work, record));
        }
        TERN_TRY(check_record(&work, record, &data));
        if (has_values) {
            run_value_record(&work, record, data);
        } else {
            TERN_TRY(run_key_record(&work, record, data));
        }
    }
    return has_values ? finish_values(&work) : TERN_STATUS_OK;
}
