// SPDX-License-Identifier: Apache-2.0
// All vectors of one key/value head, in the order of the unit.
#include "cmodel/attention/dot.h"

#define PART TERN_DOT_PART_RECORDS

static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// Elements of each image.
static uint32_t image_length(const struct tern_dot_head *job) {
    return job->kind == TERN_CACHE_KEYS ? job->head_size : job->positions;
}

static const uint8_t *image_at(const struct tern_dot_head *job, uint32_t vector) {
    return job->images + vector * job->image_stride;
}

static const int16_t *mantissas_at(const struct tern_dot_head *job, uint32_t vector) {
    return (const int16_t *)(const void *)(image_at(job, vector) + TERN_ACTIVATION_HEADER_BYTES);
}

static const uint8_t *shifts_at(const struct tern_dot_head *job, uint32_t vector) {
    return image_at(job, vector) + tern_activation_shifts_offset(image_length(job));
}

static int32_t base_exponent_of(const struct tern_dot_head *job, uint32_t vector) {
    return *(const int32_t *)(const void *)image_at(job, vector);
}

static float *output_at(const struct tern_dot_head *job, uint32_t vector) {
    return (float *)(void *)(job->output + vector * job->output_stride);
}

// Checks the images for the part that begins with record `first`.
static enum tern_status check_images(const struct tern_dot_head *job, uint32_t first, uint32_t first_image,
                                     uint32_t *place) {
    const uint32_t groups = (uint32_t)tern_groups(image_length(job));
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        uint32_t word = TERN_DOT_IMAGE_SHIFT_WORD;
        const uint32_t *header = (const uint32_t *)(const void *)image_at(job, vector);
        if ((first == 0 && tern_dot_check_header(header, image_length(job), &word) != TERN_STATUS_OK) ||
            !tern_dot_shifts_are_valid(shifts_at(job, vector) + first, min_u32(groups - first, PART), TERN_MAX_SHIFT)) {
            *place = tern_dot_image_place(first_image + vector, word);
            return TERN_STATUS_BAD_ACTIVATION;
        }
    }
    return TERN_STATUS_OK;
}

static void run_record(const struct tern_dot_head *job, uint32_t record, struct tern_wide_sum *sums) {
    const uint8_t *data = job->records + (uint64_t)record * tern_cache_record_bytes(job->kind, job->head_size);
    const uint32_t start = record * TERN_CACHE_POSITIONS;
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        if (job->kind == TERN_CACHE_KEYS) {
            tern_dot_key_record(data, job->head_size, min_u32(job->positions - start, TERN_CACHE_POSITIONS),
                                mantissas_at(job, vector), shifts_at(job, vector), base_exponent_of(job, vector),
                                output_at(job, vector) + start);
        } else {
            tern_dot_value_record(data, job->head_size, mantissas_at(job, vector) + start,
                                  shifts_at(job, vector)[record], sums + vector * job->head_size);
        }
    }
}

// The exponent bytes of a record that are used: not those of positions to come.
static bool record_is_valid(const struct tern_dot_head *job, uint32_t record) {
    uint32_t groups = tern_cache_groups(job->kind, job->head_size);
    if (job->kind == TERN_CACHE_KEYS) {
        uint32_t positions = min_u32(job->positions - record * TERN_CACHE_POSITIONS, TERN_CACHE_POSITIONS);
        groups = positions * tern_cache_head_groups(job->head_size);
    }
    const uint8_t *data = job->records + (uint64_t)record * tern_cache_record_bytes(job->kind, job->head_size);
    return tern_dot_shifts_are_valid(data, groups, TERN_CACHE_MAX_SHIFT);
}

static enum tern_status run_records(const struct tern_dot_head *job, uint32_t head, uint32_t first_image,
                                    struct tern_wide_sum *sums, uint32_t *place) {
    const uint32_t records = tern_cache_records(job->positions);
    for (uint32_t record = 0; record < records; record++) {
        if (record == 0 || (job->kind == TERN_CACHE_VALUES && record % PART == 0)) {
            TERN_TRY(check_images(job, record, first_image, place));
        }
        if (!record_is_valid(job, record)) {
            *place = tern_dot_record_place(head, record);
            return TERN_STATUS_BAD_ACTIVATION;
        }
        run_record(job, record, sums);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_dot_run_head(const struct tern_dot_head *job, uint32_t head, uint32_t first_image,
                                   struct tern_wide_sum *sums, uint32_t *place) {
    if (job->kind == TERN_CACHE_KEYS) {
        return run_records(job, head, first_image, sums, place);
    }
    __builtin_memset(sums, 0, sizeof *sums * job->vectors * job->head_size);
    TERN_TRY(run_records(job, head, first_image, sums, place));
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        tern_dot_finish(sums + vector * job->head_size, job->head_size, base_exponent_of(job, vector),
                        output_at(job, vector));
    }
    return TERN_STATUS_OK;
}
