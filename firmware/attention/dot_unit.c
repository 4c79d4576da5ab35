// SPDX-License-Identifier: Apache-2.0
// Runs of the attention unit: one for all heads, or one for each pass of DOT_VECTORS images over a head.
#include "firmware/attention/dot_unit.h"

#include "cmodel/attention/dot.h"
#include "firmware/tile.h"
#include "firmware/wait.h"

#define UNIT(name) (TERN_ATTENTION_BASE + TERN_ATTENTION_REG_##name)
_Static_assert(TERN_ATTENTION_STATUS_BUSY_MASK == TERN_DMA_STATUS_BUSY_MASK, "BUSY is the same bit in every unit");

// Heads `head` and up, images `first` and up of each of them.
struct pass {
    uint32_t head, heads, first, vectors;
};

static void write_unit(struct tern_context *context, uint32_t address, uint32_t value) {
    tern_port_write(context->port, address, value);
}

static void write_pair(struct tern_context *context, uint32_t address, uint64_t value) {
    write_unit(context, address, (uint32_t)value);
    write_unit(context, address + 4, (uint32_t)(value >> 32));
}

bool tern_dot_has_unit(struct tern_context *context) {
    return tern_port_read(context->port, UNIT(ID)) == TERN_ATTENTION_ID;
}

// A stride that is not used may have any value in the command.
static void program(struct tern_context *context, const struct tern_command_dot *command, const struct pass *pass) {
    const uint32_t image = pass->head * command->vectors + pass->first;
    const bool one_image = pass->heads * pass->vectors == 1;
    write_pair(context, UNIT(IMAGES_LO), image ? command->images + image * command->image_stride : command->images);
    write_pair(context, UNIT(CACHE_LO),
               pass->head ? command->cache + pass->head * command->head_stride : command->cache);
    write_pair(context, UNIT(OUTPUT_LO), image ? command->output + image * command->output_stride : command->output);
    write_pair(context, UNIT(IMAGE_STRIDE_LO), one_image ? 0 : command->image_stride);
    write_pair(context, UNIT(HEAD_STRIDE_LO), pass->heads == 1 ? 0 : command->head_stride);
    write_pair(context, UNIT(OUTPUT_STRIDE_LO), one_image ? 0 : command->output_stride);
    write_unit(context, UNIT(KIND), command->kind);
    write_unit(context, UNIT(KV_HEADS), pass->heads);
    write_unit(context, UNIT(VECTORS), pass->vectors);
    write_unit(context, UNIT(HEAD_SIZE), command->head_size);
    write_unit(context, UNIT(POSITIONS), command->positions);
}

static enum tern_status wait_for_unit(struct tern_context *context) {
    return tern_wait(context, UNIT(STATUS), UNIT(TAKEN_LO));
}

static enum tern_status abort_unit(struct tern_context *context) {
    write_unit(context, UNIT(CONTROL), TERN_ATTENTION_CONTROL_ABORT_MASK);
    return wait_for_unit(context);
}

// The place of a wrong image or record, counted over the command.
static uint32_t place_of(const struct tern_command_dot *command, const struct pass *pass, uint32_t error) {
    const uint32_t what = TERN_FIELD_GET(ATTENTION_ERROR_WHAT, error);
    const uint32_t head = pass->head + TERN_FIELD_GET(ATTENTION_ERROR_HEAD, error);
    const uint32_t index = TERN_FIELD_GET(ATTENTION_ERROR_INDEX, error);
    return what == TERN_DOT_AT_EXPONENT ? tern_dot_record_place(head, index)
                                        : tern_dot_image_place(head * command->vectors + pass->first + index, what);
}

// The time limit counts from the last beat taken, so that a long cache does not reach it.
static enum tern_status run(struct tern_context *context, const struct tern_command_dot *command,
                            const struct pass *pass) {
    program(context, command, pass);
    write_unit(context, UNIT(CONTROL), TERN_ATTENTION_CONTROL_START_MASK);
    if (wait_for_unit(context) != TERN_STATUS_OK) {
        (void)abort_unit(context);
        return TERN_STATUS_TIMEOUT;
    }
    enum tern_status status =
        (enum tern_status)TERN_FIELD_GET(ATTENTION_STATUS_CODE, tern_port_read(context->port, UNIT(STATUS)));
    if (status == TERN_STATUS_BAD_ACTIVATION) {
        context->detail = place_of(command, pass, tern_port_read(context->port, UNIT(ERROR)));
    }
    return status;
}

enum tern_status tern_dot_run_on_unit(struct tern_context *context, const struct tern_command_dot *command) {
    // An earlier run did not end on abort: aborts it once more.
    if (tern_is_busy(context, UNIT(STATUS)) && abort_unit(context) != TERN_STATUS_OK) {
        return TERN_STATUS_UNIT_BUSY;
    }
    if (command->vectors <= TERN_DOT_VECTORS) {
        return run(context, command, &(struct pass){0, command->kv_heads, 0, command->vectors});
    }
    for (uint32_t first = 0; first < command->vectors; first += TERN_DOT_VECTORS) {
        for (uint32_t head = 0; head < command->kv_heads; head++) {
            const uint32_t vectors = tern_min_u32(command->vectors - first, TERN_DOT_VECTORS);
            TERN_TRY(run(context, command, &(struct pass){head, 1, first, vectors}));
        }
    }
    return TERN_STATUS_OK;
}
