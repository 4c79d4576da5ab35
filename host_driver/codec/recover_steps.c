// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/recover_steps.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/matmul/step_table.h"
#include "cmodel/matmul/levels.h"
#include "cmodel/float/half.h"
#include "host_driver/system/parallel.h"
#include "host_driver/codec/step_codes.h"
#include "host_driver/codec/step_cover.h"

#define SAMPLE_GROUPS 2048u
#define HOPELESS_GROUPS (SAMPLE_GROUPS / 16) // as many sample groups without a step mean another depth
#define NEARLY_ALL 256u                      // at most one unexplained group in so many: depth right, a weight wrong
#define PIECE_DOUBTS 16u                     // unexplained groups that a piece reports in one pass
#define PASSES 64u                           // limit; a few are usual

struct answers { // of one piece
    unsigned doubts;
    uint64_t doubtful[PIECE_DOUBTS];
    uint64_t alone[TERN_STEPS]; // number of groups that only this code explains
    uint64_t last[TERN_STEPS];  // the last of them
    uint64_t negative_zeros;
};

struct recovery {
    const struct tern_safetensors_tensor *weights;
    const uint8_t *data;
    struct tern_pieces pieces;
    uint64_t row_groups; // groups of a row with columns of the matrix
    unsigned depth, threads;
    struct tern_step_cover cover;
    struct tern_step_codes codes;
    struct answers *answers; // [pieces]
};

enum refusal { NO_STEP, TOO_MANY_STEPS, TOO_WIDE, BESIDE };

struct verdict {          // on one depth
    uint64_t unexplained; // known groups without a step; 0: solved
    uint64_t group;       // one of them
    enum refusal refusal;
};

static const uint8_t *group_data(const struct recovery *job, uint64_t group, unsigned *count) {
    uint64_t column = group % job->row_groups * TERN_GROUP_COLUMNS, left = job->pieces.columns - column;
    *count = left < TERN_GROUP_COLUMNS ? (unsigned)left : TERN_GROUP_COLUMNS;
    return job->data + (group / job->row_groups * job->pieces.columns + column) * job->weights->element_bytes;
}

static enum tern_status out_of_memory(const struct recovery *job, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for the steps of tensor '%.200s'",
                          job->weights->path, job->weights->tensor.name);
}

// Adds a group to the cover. NON_FINITE names a weight that is not finite.
static enum tern_status add_group(struct recovery *job, uint64_t group, struct tern_error *error,
                                  struct verdict *verdict) {
    enum tern_dtype dtype = job->weights->tensor.dtype;
    struct tern_step_interval intervals[TERN_STEP_INTERVALS];
    uint32_t magnitudes[TERN_GROUP_COLUMNS] = {0}, all = 0;
    unsigned count;
    const uint8_t *data = group_data(job, group, &count);
    tern_read_magnitudes(dtype, data, count, magnitudes);
    for (unsigned i = 0; i < count; i++) {
        all |= magnitudes[i];
        if (magnitudes[i] >= tern_dtype_infinity(dtype)) {
            return tern_error_set(error, TERN_STATUS_NON_FINITE, "%s: tensor '%.200s' has %s at row %llu, column %llu",
                                  job->weights->path, job->weights->tensor.name,
                                  magnitudes[i] > tern_dtype_infinity(dtype) ? "NaN" : "an infinity",
                                  (unsigned long long)(group / job->row_groups),
                                  (unsigned long long)(group % job->row_groups * TERN_GROUP_COLUMNS + i));
        }
    }
    if (all == 0) {
        return TERN_STATUS_OK;
    }
    unsigned found = tern_step_intervals(dtype, magnitudes, job->codes.limit, intervals);
    if (found == 0 && verdict->unexplained++ == 0) {
        *verdict = (struct verdict){1, group, NO_STEP};
    }
    return found == 0 || tern_step_cover_add(&job->cover, group, intervals, found) ? TERN_STATUS_OK
                                                                                   : out_of_memory(job, error);
}

static enum tern_status add_sample(struct recovery *job, struct tern_error *error, struct verdict *verdict) {
    uint64_t total = job->pieces.rows * job->row_groups, count = total < SAMPLE_GROUPS ? total : SAMPLE_GROUPS;
    for (uint64_t i = 0; i < count && verdict->unexplained < HOPELESS_GROUPS; i++) {
        TERN_TRY(add_group(job, (uint64_t)((unsigned __int128)i * total / count), error, verdict));
    }
    return TERN_STATUS_OK;
}

static int compare_floats(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

// Sorts the steps, smallest first; unused ones are 0.
static void sort_steps(const struct tern_step_cover *cover, float steps[TERN_STEPS]) {
    memset(steps, 0, TERN_STEPS * sizeof *steps);
    for (unsigned i = 0; i < cover->step_count; i++) {
        steps[i] = tern_float_from_bits(cover->steps[i]);
    }
    qsort(steps, TERN_STEPS, sizeof *steps, compare_floats);
}

static bool steps_are_valid(const float steps[TERN_STEPS]) {
    struct tern_step_table table;
    uint32_t bits[TERN_STEPS], bad_entry;
    memcpy(bits, steps, sizeof bits);
    return tern_step_table_make(bits, &table, &bad_entry) == TERN_STATUS_OK;
}

static uint64_t first_group_at(const struct tern_step_cover *cover, uint32_t step) {
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < cover->count; i++) {
        if (cover->by_low[i].steps.low <= step && step <= cover->by_low[i].steps.high &&
            cover->groups[cover->by_low[i].group].name < first) {
            first = cover->groups[cover->by_low[i].group].name;
        }
    }
    return first;
}

static uint64_t first_uncovered(const struct tern_step_cover *cover) {
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < cover->group_count; i++) {
        if (cover->groups[i].covered == 0 && cover->groups[i].name < first) {
            first = cover->groups[i].name;
        }
    }
    return first;
}

static void choose_steps(struct recovery *job, float steps[TERN_STEPS], struct verdict *verdict) {
    size_t left = tern_step_cover_solve(&job->cover);
    sort_steps(&job->cover, steps);
    if (left > 0) {
        *verdict = (struct verdict){left, first_uncovered(&job->cover), TOO_MANY_STEPS};
    } else if (!steps_are_valid(steps)) {
        *verdict = (struct verdict){1, 0, TOO_WIDE};
    }
    if (verdict->unexplained > 0 && verdict->refusal == TOO_WIDE) {
        unsigned smallest = TERN_STEPS - job->cover.step_count;
        verdict->group = first_group_at(&job->cover, tern_float_to_bits(steps[smallest]));
    }
}

static uint64_t count_negative_zeros(enum tern_dtype dtype, const uint8_t *data, unsigned count) {
    uint64_t found = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t single = 0;
        uint16_t half = 0;
        if (dtype == TERN_DTYPE_F32) {
            memcpy(&single, data + 4 * i, sizeof single);
        } else {
            memcpy(&half, data + 2 * i, sizeof half);
        }
        found += single == 0x80000000u || half == 0x8000u;
    }
    return found;
}

static void ask_group(const struct recovery *job, uint64_t group, struct answers *answers) {
    unsigned count;
    const uint8_t *data = group_data(job, group, &count);
    uint32_t found = tern_step_codes_of(&job->codes, data, count);
    answers->negative_zeros += count_negative_zeros(job->weights->tensor.dtype, data, count);
    if (found == 0 && answers->doubts < PIECE_DOUBTS) {
        answers->doubtful[answers->doubts++] = group;
    } else if (found != 0 && (found & (found - 1)) == 0) {
        unsigned code = (unsigned)__builtin_ctz(found);
        answers->alone[code]++;
        answers->last[code] = group;
    }
}

static enum tern_status ask_piece(void *context, unsigned worker, uint64_t piece, struct tern_error *error) {
    const struct recovery *job = context;
    uint64_t first, end;
    (void)worker;
    (void)error;
    tern_piece_rows(&job->pieces, piece, &first, &end);
    job->answers[piece] = (struct answers){0};
    for (uint64_t group = first * job->row_groups; group < end * job->row_groups; group++) {
        ask_group(job, group, &job->answers[piece]);
    }
    return TERN_STATUS_OK;
}

// Checks every group against the steps. Groups without a code join the cover; *doubtful is their number.
static enum tern_status ask_all(struct recovery *job, const float steps[TERN_STEPS], struct tern_error *error,
                                uint64_t *doubtful, struct verdict *verdict) {
    tern_step_codes_free(&job->codes);
    if (!tern_step_codes_make(job->weights->tensor.dtype, job->depth, steps, &job->codes)) {
        return out_of_memory(job, error);
    }
    TERN_TRY(tern_parallel_run(job->threads, job->pieces.count, ask_piece, job, error));
    *doubtful = 0;
    for (uint64_t piece = 0; piece < job->pieces.count; piece++) {
        const struct answers *answers = &job->answers[piece];
        *doubtful += answers->doubts;
        for (unsigned i = 0; i < answers->doubts; i++) {
            TERN_TRY(add_group(job, answers->doubtful[i], error, verdict));
        }
    }
    return TERN_STATUS_OK;
}

// Distance between a magnitude and the nearest product of a code, in units in the last place.
static uint32_t units_beside(const struct tern_step_codes *codes, unsigned code, uint32_t magnitude) {
    uint32_t least = UINT32_MAX;
    for (unsigned level = 0; level <= codes->limit; level++) {
        uint32_t product = codes->expanded[code][level];
        uint32_t units = magnitude > product ? magnitude - product : product - magnitude;
        least = units < least ? units : least;
    }
    return least;
}

// Whether the code explains all weights of a group but one, which is off by one unit. The explained weights must have
// several magnitudes.
static bool is_beside_code(const struct tern_step_codes *codes, unsigned code, const uint32_t *magnitudes) {
    unsigned beside = 0, several = 0;
    uint32_t seen = 0;
    for (unsigned i = 0; i < TERN_GROUP_COLUMNS; i++) {
        uint32_t units = units_beside(codes, code, magnitudes[i]);
        if (units > 1) {
            return false;
        }
        beside += units > 0;
        if (units > 0 || magnitudes[i] == 0) {
            continue;
        }
        several |= seen != 0 && magnitudes[i] != seen;
        seen = magnitudes[i];
    }
    return beside == 1 && several;
}

static bool is_beside(const struct recovery *job, uint64_t group, const uint64_t alone[TERN_STEPS]) {
    uint32_t magnitudes[TERN_GROUP_COLUMNS] = {0};
    unsigned count;
    const uint8_t *data = group_data(job, group, &count);
    tern_read_magnitudes(job->weights->tensor.dtype, data, count, magnitudes);
    for (unsigned code = 0; code < TERN_STEPS; code++) {
        if (alone[code] > 1 && is_beside_code(&job->codes, code, magnitudes)) {
            return true;
        }
    }
    return false;
}

// Refuses a group that alone uses a step and that a step of other groups explains but for one unit of one weight. Such
// a group has an altered weight, which a spare step would hide.
static void look_beside(const struct recovery *job, struct verdict *verdict) {
    uint64_t alone[TERN_STEPS] = {0}, last[TERN_STEPS] = {0};
    for (uint64_t piece = 0; piece < job->pieces.count; piece++) {
        for (unsigned code = 0; code < TERN_STEPS; code++) {
            const struct answers *answers = &job->answers[piece];
            alone[code] += answers->alone[code];
            last[code] = answers->alone[code] ? answers->last[code] : last[code];
        }
    }
    for (unsigned code = 0; code < TERN_STEPS && verdict->unexplained == 0; code++) {
        if (alone[code] == 1 && is_beside(job, last[code], alone)) {
            *verdict = (struct verdict){1, last[code], BESIDE};
        }
    }
}

static enum tern_status try_depth(struct recovery *job, unsigned depth, struct tern_error *error,
                                  float steps[TERN_STEPS], struct verdict *verdict) {
    uint64_t doubtful = 1;
    *verdict = (struct verdict){0};
    job->depth = depth;
    job->codes.limit = (unsigned)tern_level_limit(depth);
    tern_step_cover_clear(&job->cover);
    TERN_TRY(add_sample(job, error, verdict));
    for (unsigned pass = 0; pass < PASSES && doubtful > 0; pass++) {
        if (verdict->unexplained == 0) {
            choose_steps(job, steps, verdict);
        }
        if (verdict->unexplained > 0) {
            return TERN_STATUS_OK;
        }
        TERN_TRY(ask_all(job, steps, error, &doubtful, verdict));
    }
    if (doubtful == 0) {
        look_beside(job, verdict);
    } else if (verdict->unexplained == 0) {
        *verdict = (struct verdict){doubtful, job->cover.groups[job->cover.group_count - 1].name, TOO_MANY_STEPS};
    }
    return TERN_STATUS_OK;
}

static enum tern_status refuse(const struct recovery *job, const struct verdict *verdict, unsigned depth,
                               struct tern_error *error) {
    static const char *const reasons[] = {
        [NO_STEP] = "these weights are no multiples of one step",
        [TOO_MANY_STEPS] = "these weights ask for a step beside the matrix's 27",
        [TOO_WIDE] = "these weights ask for a step more than 2^32 below the largest",
        [BESIDE] = "these weights alone ask for a step just beside one of the matrix's steps"};
    uint64_t row = verdict->group / job->row_groups, first = verdict->group % job->row_groups * TERN_GROUP_COLUMNS;
    uint64_t left = job->pieces.columns - first, columns = left < TERN_GROUP_COLUMNS ? left : TERN_GROUP_COLUMNS;
    char nearest[48] = "";
    if (verdict->unexplained < HOPELESS_GROUPS) {
        snprintf(nearest, sizeof nearest, " (depth %u comes nearest)", depth);
    }
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "%s: tensor '%.150s', row %llu, group %llu (columns %llu to %llu): %s; no dequantized matrix "
                          "of depth 1 to %d%s",
                          job->weights->path, job->weights->tensor.name, (unsigned long long)row,
                          (unsigned long long)(first / TERN_GROUP_COLUMNS), (unsigned long long)first,
                          (unsigned long long)(first + columns - 1), reasons[verdict->refusal], TERN_MAX_DEPTH,
                          nearest);
}

// Whether the group has a normal number. Among subnormal numbers a unit is coarse, so that another depth is likelier
// than an altered weight.
static bool is_normal(const struct recovery *job, uint64_t group) {
    uint32_t magnitudes[TERN_GROUP_COLUMNS], largest = 0;
    unsigned count;
    const uint8_t *data = group_data(job, group, &count);
    tern_read_magnitudes(job->weights->tensor.dtype, data, count, magnitudes);
    for (unsigned i = 0; i < count; i++) {
        largest = magnitudes[i] > largest ? magnitudes[i] : largest;
    }
    return largest >= tern_dtype_least_normal(job->weights->tensor.dtype);
}

// Tries the depths from 1. When none explains every group, the verdict of the best one is the error.
static enum tern_status try_depths(struct recovery *job, struct tern_error *error, struct tern_recovered *recovered) {
    struct verdict verdict, best = {.unexplained = UINT64_MAX};
    unsigned best_depth = 1;
    for (unsigned depth = 1; depth <= TERN_MAX_DEPTH; depth++) {
        TERN_TRY(try_depth(job, depth, error, recovered->steps, &verdict));
        if (verdict.unexplained == 0) {
            recovered->depth = depth;
            for (uint64_t piece = 0; piece < job->pieces.count; piece++) {
                recovered->negative_zeros += job->answers[piece].negative_zeros;
            }
            return TERN_STATUS_OK;
        }
        best_depth = verdict.unexplained < best.unexplained ? depth : best_depth;
        best = verdict.unexplained < best.unexplained ? verdict : best;
        if (verdict.unexplained * NEARLY_ALL <= job->cover.group_count && is_normal(job, verdict.group)) {
            break;
        }
    }
    return refuse(job, &best, best_depth, error);
}

enum tern_status tern_recover_steps(const struct tern_safetensors_tensor *weights, unsigned threads,
                                    struct tern_error *error, struct tern_recovered *recovered) {
    *recovered = (struct tern_recovered){0};
    TERN_TRY(tern_encode_check(weights, 1, error));
    struct recovery job = {.weights = weights,
                           .data = weights->tensor.data,
                           .pieces = tern_pieces_of(&weights->tensor),
                           .threads = threads};
    job.row_groups = (job.pieces.columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
    job.answers = calloc(job.pieces.count, sizeof *job.answers);
    enum tern_status status = job.answers ? try_depths(&job, error, recovered) : out_of_memory(&job, error);
    tern_step_cover_free(&job.cover);
    tern_step_codes_free(&job.codes);
    free(job.answers);
    return status;
}
