// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/matmul.h"

#include "cmodel/float/f32.h"
#include "cmodel/layout.h"
#include "cmodel/matmul/finish.h"
#include "cmodel/matmul/lane.h"
#include "cmodel/matmul/round.h"
#include "cmodel/matmul/strip.h"

static bool has_bad_step(const struct tern_step_table *steps) {
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        if (steps->mantissa[i] >> TERN_STEP_MANTISSA_BITS || steps->shift[i] > TERN_STEP_RATIO_LOG2) {
            return true;
        }
    }
    return false;
}

static bool has_bad_shift(const struct tern_matmul_job *job) {
    for (uint32_t vector = 0; vector < job->vectors; vector++) {
        for (size_t group = 0; group < job->groups; group++) {
            if (job->vector[vector].shifts[group] > TERN_MAX_SHIFT) {
                return true;
            }
        }
    }
    return false;
}

enum tern_status tern_matmul_check(const struct tern_matmul_job *job) {
    if (job->rows == 0 || job->rows > TERN_MAX_ROWS || job->groups == 0 || job->groups % TERN_GROUP_MULTIPLE != 0 ||
        job->groups > TERN_MAX_GROUPS || job->vectors == 0 || job->vectors > TERN_MAX_VECTORS) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (job->depth_stored == 0 || job->depth_stored > TERN_MAX_DEPTH || job->depth_used == 0 ||
        job->depth_used > job->depth_stored) {
        return TERN_STATUS_BAD_DEPTH;
    }
    if (has_bad_step(&job->steps)) {
        return TERN_STATUS_BAD_STEPS;
    }
    return has_bad_shift(job) ? TERN_STATUS_BAD_ACTIVATION : TERN_STATUS_OK;
}

static const uint8_t *strip_at(const struct tern_matmul_job *job, uint32_t strip) {
    return job->weights + strip * tern_strip_bytes((uint64_t)job->groups * TERN_GROUP_COLUMNS, job->depth_stored);
}

bool tern_matmul_strip_is_sound(const struct tern_matmul_job *job, uint32_t strip) {
    const uint32_t *crc = job->crc ? job->crc + (size_t)strip * (job->depth_stored + 1) : NULL;
    size_t bad_byte;
    return tern_strip_check(strip_at(job, strip), crc, TERN_STRIP_ROWS, (size_t)job->groups * TERN_GROUP_COLUMNS,
                            job->depth_used, false, &bad_byte) == TERN_STATUS_OK;
}

void tern_matmul_strip(const struct tern_matmul_job *job, uint32_t strip, uint32_t first, uint32_t count,
                       float values[][TERN_STRIP_ROWS]) {
    tern_strip_bins bins[TERN_MAX_VECTORS];
    tern_lane_strip(job, strip_at(job, strip), first, count, bins);
    for (uint32_t i = 0; i < count; i++) {
        for (unsigned row = 0; row < TERN_STRIP_ROWS; row++) {
            const __int128 sum = tern_finish_row(&job->steps, bins[i][row]);
            values[i][row] = tern_f32_from_bits(tern_round_sum(sum, job->vector[first + i].exponent));
        }
    }
}

enum tern_status tern_matmul_exact(const struct tern_matmul_job *job, uint32_t *bad_strip) {
    TERN_TRY(tern_matmul_check(job));
    for (uint32_t strip = 0; strip < tern_strips(job->rows); strip++) {
        float values[TERN_MAX_VECTORS][TERN_STRIP_ROWS];
        if (!tern_matmul_strip_is_sound(job, strip)) {
            *bad_strip = strip;
            return TERN_STATUS_CHECKSUM;
        }
        tern_matmul_strip(job, strip, 0, job->vectors, values);
        for (uint32_t vector = 0; vector < job->vectors; vector++) {
            for (uint32_t row = 0; row < TERN_STRIP_ROWS && strip * TERN_STRIP_ROWS + row < job->rows; row++) {
                job->vector[vector].output[strip * TERN_STRIP_ROWS + row] = values[vector][row];
            }
        }
    }
    return TERN_STATUS_OK;
}
