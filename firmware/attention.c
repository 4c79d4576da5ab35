// SPDX-License-Identifier: Apache-2.0
// ATTENTION: one query head after the other, in two passes over tiles of positions. The first pass writes scaled scores
// to the command's working space and finds the largest. The second turns them into exponentials, and adds these and the
// weighted values. A key tile is fetched again for each query head that shares it. This costs about 16 cycles a
// position, against thousands for the arithmetic.
#include "cmodel/float/f32_math.h"
#include "cmodel/vector/vector.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/tile.h"

#define TILE_BYTES 32768u
#define TILE_POSITIONS 1024u
#define HEAD_BYTES (4u * TERN_MAX_HEAD_SIZE)

#define CACHE_SLOT TERN_LOCAL_WORK // keys, then values
#define SCORE_SLOT (CACHE_SLOT + TERN_SLOT_BYTES(TILE_BYTES))
#define QUERY_SLOT (SCORE_SLOT + TERN_SLOT_BYTES(4u * TILE_POSITIONS))
#define OUTPUT_SLOT (QUERY_SLOT + TERN_SLOT_BYTES(HEAD_BYTES))
#define PARTIAL_SLOT (OUTPUT_SLOT + TERN_SLOT_BYTES(HEAD_BYTES))
_Static_assert(PARTIAL_SLOT + TERN_REDUCTION_PARTS * HEAD_BYTES <= TERN_SCRATCH_BYTES, "ATTENTION fits scratch memory");
_Static_assert(TILE_BYTES / HEAD_BYTES >= TERN_REDUCTION_PARTS && TILE_POSITIONS % TERN_REDUCTION_PARTS == 0,
               "every tile starts at partial sum 0");

// One query head and its key/value head.
struct head {
    uint64_t query, keys, values, scores, output;
    uint32_t head_size, positions, tile_positions;
    float scale;
};

static enum tern_status check(struct tern_context *context, const struct tern_command_attention *command) {
    TERN_TRY(tern_check_count(context, TERN_WORD(attention, heads), command->heads, TERN_MAX_HEADS));
    TERN_TRY(tern_check_count(context, TERN_WORD(attention, kv_heads), command->kv_heads, command->heads));
    if (command->heads % command->kv_heads != 0) {
        return tern_refuse(context, TERN_STATUS_BAD_LENGTH, TERN_WORD(attention, kv_heads));
    }
    TERN_TRY(tern_check_count(context, TERN_WORD(attention, head_size), command->head_size, TERN_MAX_HEAD_SIZE));
    TERN_TRY(tern_check_count(context, TERN_WORD(attention, positions), command->positions, TERN_MAX_POSITIONS));
    uint32_t row = command->heads * command->head_size;
    uint32_t cache_bytes = 4 * command->positions * command->head_size;
    uint32_t stride_word = TERN_WORD(attention, head_stride);
    TERN_TRY(tern_check_f32(context, TERN_WORD(attention, query), command->query, row));
    TERN_TRY(tern_check_rows(context, TERN_WORD(attention, keys), command->keys, stride_word, command->head_stride,
                             command->kv_heads, cache_bytes));
    TERN_TRY(tern_check_rows(context, TERN_WORD(attention, values), command->values, stride_word, command->head_stride,
                             command->kv_heads, cache_bytes));
    TERN_TRY(tern_check_f32(context, TERN_WORD(attention, scores), command->scores, command->positions));
    return tern_check_f32(context, TERN_WORD(attention, output), command->output, row);
}

static enum tern_status read_cache(struct tern_context *context, const struct head *head, uint64_t cache,
                                   uint32_t start, uint32_t count, float **tile) {
    uint64_t address = cache + 4 * (uint64_t)start * head->head_size;
    return tern_view_f32(context, address, CACHE_SLOT, count * head->head_size, tile);
}

static enum tern_status score_pass(struct tern_context *context, const struct head *head, float *largest) {
    float *query;
    TERN_TRY(tern_read_f32(context, head->query, QUERY_SLOT, head->head_size, &query));
    for (uint32_t start = 0; start < head->positions; start += head->tile_positions) {
        uint32_t count = tern_min_u32(head->positions - start, head->tile_positions);
        uint64_t address = head->scores + 4 * (uint64_t)start;
        float *keys;
        TERN_TRY(read_cache(context, head, head->keys, start, count, &keys));
        tern_attention_scores(query, keys, head->head_size, count, head->scale, start == 0,
                              tern_slot(context, SCORE_SLOT, address), largest);
        TERN_TRY(tern_write_f32(context, address, SCORE_SLOT, count));
    }
    return TERN_STATUS_OK;
}

static enum tern_status value_pass(struct tern_context *context, const struct head *head, float largest, float *sum) {
    float *partial_values = (void *)(context->scratch + PARTIAL_SLOT);
    struct tern_sum16 total;
    tern_sum16_start(&total);
    for (uint32_t i = 0; i < TERN_REDUCTION_PARTS * head->head_size; i++) {
        partial_values[i] = 0.0f;
    }
    for (uint32_t start = 0; start < head->positions; start += head->tile_positions) {
        uint32_t count = tern_min_u32(head->positions - start, head->tile_positions);
        float *scores, *values;
        TERN_TRY(tern_read_f32(context, head->scores + 4 * (uint64_t)start, SCORE_SLOT, count, &scores));
        tern_attention_exponentials(scores, count, largest);
        tern_sum16_add(&total, scores, count);
        TERN_TRY(read_cache(context, head, head->values, start, count, &values));
        tern_attention_values(scores, values, head->head_size, count, partial_values);
    }
    *sum = tern_sum16_finish(&total);
    return TERN_STATUS_OK;
}

static enum tern_status attend(struct tern_context *context, const struct head *head) {
    float largest = 0.0f, sum;
    TERN_TRY(score_pass(context, head, &largest));
    TERN_TRY(value_pass(context, head, largest, &sum));
    tern_attention_finish((void *)(context->scratch + PARTIAL_SLOT), head->head_size, tern_f32_reciprocal(sum),
                          tern_slot(context, OUTPUT_SLOT, head->output));
    return tern_write_f32(context, head->output, OUTPUT_SLOT, head->head_size);
}

enum tern_status tern_run_attention(struct tern_context *context, const struct tern_command_attention *command) {
    TERN_TRY(check(context, command));
    uint32_t head_bytes = 4 * command->head_size;
    uint32_t group = command->heads / command->kv_heads;
    uint32_t fitting = TILE_BYTES / head_bytes & ~(TERN_REDUCTION_PARTS - 1u);
    struct head head = {command->query,
                        command->keys,
                        command->values,
                        command->scores,
                        command->output,
                        command->head_size,
                        command->positions,
                        tern_min_u32(fitting, TILE_POSITIONS),
                        tern_f32_from_bits(command->scale)};
    for (uint32_t kv_head = 0; kv_head < command->kv_heads; kv_head++) {
        for (uint32_t i = 0; i < group; i++) {
            TERN_TRY(attend(context, &head));
            head.query += head_bytes;
            head.output += head_bytes;
        }
        head.keys += command->head_stride;
        head.values += command->head_stride;
    }
    return TERN_STATUS_OK;
}
