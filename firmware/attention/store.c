// SPDX-License-Identifier: Apache-2.0
// STORE: two passes over tiles of rows. The first checks that every element fits the cache, the second quantizes. The
// rows of all heads have the same distance, so a tile may be one copy of several rows.
#include "cmodel/attention/cache.h"
#include "firmware/check.h"
#include "firmware/operation.h"
#include "firmware/vector/vector_unit.h"
#include "firmware/tile.h"

#define INPUT_BYTES 10240u
#define MANTISSA_BYTES 6144u
#define MOST_EXPONENTS (TERN_MAX_HEAD_SIZE * (TERN_MAX_HEAD_SIZE / TERN_GROUP_COLUMNS)) // of a head
#define INPUT_SLOT TERN_LOCAL_WORK
#define MANTISSA_SLOT (INPUT_SLOT + TERN_SLOT_BYTES(INPUT_BYTES))
#define EXPONENT_SLOT (MANTISSA_SLOT + TERN_SLOT_BYTES(MANTISSA_BYTES))
_Static_assert(EXPONENT_SLOT + TERN_SLOT_BYTES(MOST_EXPONENTS + 8u) <= TERN_SCRATCH_BYTES, "STORE fits scratch memory");

struct store {
    const struct tern_command_store *command;
    uint32_t groups;    // of a row
    uint32_t tile_rows; // that fit a tile
};

static uint32_t rows_of_tile(const struct tern_command_store *command, uint32_t groups) {
    const uint32_t row_bytes = 4 * command->length, fit = MANTISSA_BYTES / (TERN_CACHE_GROUP_BYTES * groups);
    if (command->input_stride == 0) {
        return fit;
    }
    return command->input_stride > INPUT_BYTES - row_bytes
               ? 1
               : tern_min_u32(fit, (INPUT_BYTES - row_bytes) / (uint32_t)command->input_stride + 1);
}

static const float *row_of_tile(const struct store *store, const float *tile, uint32_t row) {
    return tile + row * (uint32_t)(store->command->input_stride / 4);
}

// Rows are counted over all heads.
static enum tern_status read_rows(struct tern_context *context, const struct store *store, uint32_t first,
                                  uint32_t count, float **tile) {
    const uint64_t stride = store->command->input_stride;
    const uint32_t words = (count - 1) * (uint32_t)(stride / 4) + store->command->length;
    return tern_view_f32(context, store->command->input + first * stride, INPUT_SLOT, words, tile);
}

static enum tern_status check_elements(struct tern_context *context, const struct store *store) {
    const uint32_t all = store->command->heads * store->command->rows, length = store->command->length;
    for (uint32_t first = 0; first < all; first += store->tile_rows) {
        uint32_t count = tern_min_u32(all - first, store->tile_rows);
        float *tile;
        TERN_TRY(read_rows(context, store, first, count, &tile));
        for (uint32_t row = 0; row < count; row++) {
            size_t bad_index;
            enum tern_status status = tern_cache_check(row_of_tile(store, tile, row), length, &bad_index);
            if (status != TERN_STATUS_OK) {
                return tern_refuse(context, status, (first + row) * length + (uint32_t)bad_index);
            }
        }
    }
    return TERN_STATUS_OK;
}

// Quantizes the rows of a head and writes their mantissas. exponents: u8 [rows][groups].
static enum tern_status write_mantissas(struct tern_context *context, const struct store *store, uint32_t head,
                                        uint8_t *exponents) {
    const struct tern_command_store *command = store->command;
    int16_t *mantissas = (void *)tern_slot(context, MANTISSA_SLOT, command->mantissas);
    const uint32_t row_bytes = TERN_CACHE_GROUP_BYTES * store->groups;
    uint64_t address = command->mantissas + head * command->head_stride;
    for (uint32_t first = 0; first < command->rows; first += store->tile_rows) {
        uint32_t count = tern_min_u32(command->rows - first, store->tile_rows);
        float *tile;
        TERN_TRY(read_rows(context, store, head * command->rows + first, count, &tile));
        for (uint32_t row = 0; row < count; row++) {
            tern_cache_quantize(row_of_tile(store, tile, row), command->length,
                                mantissas + row * store->groups * TERN_GROUP_COLUMNS, exponents);
            exponents += store->groups;
        }
        TERN_TRY(tern_dma_write(context, address, MANTISSA_SLOT, count * row_bytes));
        address += count * row_bytes;
    }
    return TERN_STATUS_OK;
}

// Copies move words. The bytes beside the exponents in the first and the last word are read before, and written back.
static enum tern_status write_head(struct tern_context *context, const struct store *store, uint32_t head) {
    const struct tern_command_store *command = store->command;
    const uint64_t address = command->exponents + head * command->head_stride;
    const uint32_t before = (uint32_t)address & 3u, bytes = command->rows * store->groups;
    const uint32_t words = (before + bytes + 3) / 4;
    void *slot;
    TERN_TRY(tern_dma_read(context, address - before, EXPONENT_SLOT, 4 * words, &slot));
    TERN_TRY(write_mantissas(context, store, head, (uint8_t *)slot + before));
    return tern_dma_write(context, address - before, EXPONENT_SLOT, 4 * words);
}

TERN_TWICE enum tern_status prepare_store(struct tern_context *context, const struct tern_command_store *command,
                                          bool is_exact) {
    TERN_TRY(tern_check_count(context, TERN_WORD(store, heads), command->heads, TERN_MAX_HEADS));
    TERN_TRY(tern_check_count(context, TERN_WORD(store, rows), command->rows, TERN_MAX_HEAD_SIZE));
    TERN_TRY(tern_check_count(context, TERN_WORD(store, length), command->length, TERN_MAX_HEAD_SIZE));
    const uint32_t groups = command->rows * tern_cache_head_groups(command->length);
    tern_vector_set_shape(context, TERN_OPCODE_STORE, command->heads, command->rows, command->length);
    TERN_TRY(tern_check_rows(context, TERN_WORD(store, input), command->input, TERN_WORD(store, input_stride),
                             command->input_stride, command->heads * command->rows, 4 * command->length, is_exact));
    TERN_SET_PAIR(context, VECTOR, LEFT, command->input);
    TERN_SET_PAIR(context, VECTOR, LEFT_STRIDE, command->input_stride);
    TERN_TRY(tern_check_far_rows(context, TERN_WORD(store, mantissas), command->mantissas, TERN_CACHE_GROUP_BYTES,
                                 TERN_WORD(store, head_stride), command->head_stride, command->heads,
                                 TERN_CACHE_GROUP_BYTES * groups, is_exact));
    TERN_SET_PAIR(context, VECTOR, OUTPUT, command->mantissas);
    TERN_TRY(tern_check_far_rows(context, TERN_WORD(store, exponents), command->exponents, 1,
                                 TERN_WORD(store, head_stride), command->head_stride, command->heads, groups,
                                 is_exact));
    TERN_SET_PAIR(context, VECTOR, SIDE, command->exponents);
    if (command->heads > 1) {
        TERN_SET_PAIR(context, VECTOR, OUTPUT_STRIDE, command->head_stride);
    }
    return TERN_STATUS_OK;
}

TERN_PREPARE(store)

enum tern_status tern_compute_store(struct tern_context *context, const struct tern_command_store *command) {
    const uint32_t groups = tern_cache_head_groups(command->length);
    const struct store store = {command, groups, rows_of_tile(command, groups)};
    TERN_TRY(check_elements(context, &store));
    for (uint32_t head = 0; head < command->heads; head++) {
        TERN_TRY(write_head(context, &store, head));
    }
    return TERN_STATUS_OK;
}
