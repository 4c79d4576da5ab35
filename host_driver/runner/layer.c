// SPDX-License-Identifier: Apache-2.0
// Runs one transformer layer as commands, row by row of host_driver/model/layer_table.h. Each stage is done for every
// token of the pass before the next stage, so that a weight matrix is streamed once. Stages that use a shared buffer
// are done token by token. So a token attends to the newest values as they are quantized at its own position.
// host_driver/runner/overlap.c has other orders, in which commands run beside each other.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "cmodel/float/f32.h"
#include "cmodel/float/f32_math.h"
#include "cmodel/layout.h"
#include "host_driver/runner/plan.h"

enum tern_status tern_at_stage(const struct tern_runner *runner, const char *name, enum tern_status status,
                               struct tern_error *error) {
    struct tern_sent at = {.name = name, .layer = runner->layer};
    struct tern_completion failed;
    if (status == TERN_STATUS_OK || !error) {
        return status;
    }
    if (tern_device_take_failed(runner->site->device, &failed)) {
        at = runner->site->sent[failed.sequence % TERN_DEVICE_RING_ENTRIES];
    }
    if (!at.name) {
        return status;
    }
    struct tern_error cause = *error;
    char last[24] = "", strips[48] = "";
    if (runner->tokens > 1) {
        snprintf(last, sizeof last, " to %u", runner->position + runner->tokens - 1);
    }
    if (at.first_strip > 0) {
        snprintf(strips, sizeof strips, ", counted from strip %u", at.first_strip);
    }
    return tern_error_set(error, status, "layer %d, %s, position %u%s: %.400s%s", at.layer, at.name, runner->position,
                          last, cause.message, strips);
}

// data: [rows][row_bytes] of the stage, working space.
static enum tern_status read_and_tap(struct tern_runner *runner, const struct tern_stage *stage, uint8_t *data,
                                     size_t bytes, struct tern_error *error) {
    for (uint32_t row = 0; row < stage->rows; row++) {
        TERN_TRY(tern_device_read(runner->site->device, stage->address + row * stage->stride,
                                  data + (size_t)row * stage->row_bytes, stage->row_bytes, error));
    }
    return runner->options.tap(runner->options.tap_context, stage, data, bytes, error);
}

static enum tern_status tap(struct tern_runner *runner, const struct tern_stage *stage, struct tern_error *error) {
    TERN_TRY(tern_device_wait(runner->site->device, runner->site->ticket, error, NULL));
    size_t bytes = (size_t)stage->rows * stage->row_bytes;
    uint8_t *data = malloc(bytes);
    if (!data) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a tap");
    }
    enum tern_status status = read_and_tap(runner, stage, data, bytes, error);
    free(data);
    return status;
}

enum tern_status tern_layer_submit(struct tern_runner *runner, const char *name, const union tern_command *command,
                                   struct tern_error *error) {
    TERN_TRY(tern_waves_before(runner, name, error));
    TERN_TRY(tern_at_stage(runner, name,
                           tern_device_submit(runner->site->device, command, error, &runner->site->ticket), error));
    runner->site->sent[runner->site->ticket % TERN_DEVICE_RING_ENTRIES] =
        (struct tern_sent){.name = name, .layer = runner->layer, .position = runner->position, .command = *command};
    return TERN_STATUS_OK;
}

enum tern_status tern_layer_watch(struct tern_runner *runner, uint32_t done, struct tern_error *error) {
    uint32_t all = runner->layer_rows * runner->layers_at_once * runner->tokens;
    if (!runner->watch || runner->stages == all) { // no call for the final norm
        return TERN_STATUS_OK;
    }
    runner->stages += done;
    double share = (double)runner->stages / all;
    return runner->watch(runner->watch_context, runner->earlier_tokens + share * runner->tokens, error);
}

static enum tern_status tap_stage(struct tern_runner *runner, const struct tern_layer_row *row, uint32_t token,
                                  struct tern_error *error) {
    if (!runner->options.tap) {
        return TERN_STATUS_OK;
    }
    const struct tern_stage stage = tern_layer_result(runner, row, token);
    return tern_at_stage(runner, row->stage, tap(runner, &stage, error), error);
}

enum tern_status tern_layer_stage_done(struct tern_runner *runner, const struct tern_layer_row *row,
                                       struct tern_error *error) {
    for (uint32_t token = 0; token < runner->tokens; token++) {
        TERN_TRY(tap_stage(runner, row, token, error));
    }
    return tern_layer_watch(runner, runner->tokens, error);
}

enum tern_status tern_layer_put(struct tern_runner *runner, const void *data, uint64_t bytes, struct tern_error *error,
                                uint64_t *address) {
    return tern_at_stage(runner, "upload", tern_stream_put(&runner->site->stream, data, bytes, error, address), error);
}

// The number of strips of one command: as many as a piece of the stream holds.
static uint32_t strips_at_once(const struct tern_runner *runner, const struct tern_matrix *matrix) {
    const uint32_t multiple = TERN_STRIPS_MULTIPLE;
    uint64_t fit = tern_stream_piece_bytes(&runner->site->stream) / tern_strip_bytes(matrix->columns, matrix->depth);
    uint64_t strips = tern_strips(matrix->rows);
    if (fit >= strips && strips * TERN_STRIP_ROWS <= TERN_MAX_ROWS) {
        return (uint32_t)strips;
    }
    return fit < multiple ? multiple : (uint32_t)(fit / multiple * multiple);
}

// Device addresses of strips: resident ones within their matrix, others as a piece of their own.
static enum tern_status put_strips(struct tern_runner *runner, const struct tern_matrix *matrix, uint64_t first,
                                   uint64_t count, struct tern_error *error, uint64_t *weights, uint64_t *crc) {
    const uint64_t strip_bytes = tern_strip_bytes(matrix->columns, matrix->depth);
    const uint64_t used_bytes = tern_strip_bytes(matrix->columns, runner->depth);
    const uint64_t crc_bytes = tern_crc_bytes(TERN_STRIP_ROWS, matrix->depth); // of a strip
    const uint64_t start = runner->site->stream.is_resident ? 0 : first;
    const uint64_t strips = runner->site->stream.is_resident ? tern_strips(matrix->rows) : count;
    const uint8_t *trits = matrix->trits + start * strip_bytes;
    const uint64_t uploaded = runner->site->stream.uploaded_bytes;
    TERN_TRY(tern_at_stage(
        runner, "upload",
        tern_stream_put_strips(&runner->site->stream, trits, strips, strip_bytes, used_bytes, error, weights), error));
    if (runner->site->stream.uploaded_bytes != uploaded) {
        tern_model_release(runner->model, trits, strips * strip_bytes);
    }
    TERN_TRY(tern_layer_put(runner, matrix->crc + start * (matrix->depth + 1), strips * crc_bytes, error, crc));
    *weights += (first - start) * strip_bytes;
    *crc += (first - start) * crc_bytes;
    return TERN_STATUS_OK;
}

enum tern_status tern_layer_multiply(struct tern_runner *runner, const struct tern_layer_row *row,
                                     const struct tern_matrix *matrix, uint64_t first, uint64_t count,
                                     struct tern_error *error) {
    const struct tern_rows activation = runner->site->at[row->reads[0]], output = runner->site->at[row->writes];
    uint32_t first_row = (uint32_t)first * TERN_STRIP_ROWS, rows = (uint32_t)count * TERN_STRIP_ROWS;
    rows = rows > matrix->rows - first_row ? matrix->rows - first_row : rows;
    uint64_t weights, crc, steps;
    TERN_TRY(put_strips(runner, matrix, first, count, error, &weights, &crc));
    TERN_TRY(tern_layer_put(runner, matrix->steps, TERN_STEPS * sizeof(float), error, &steps));
    const union tern_command command = {
        .matmul = {TERN_OPCODE_MATMUL, 0, .rows = rows, .columns = matrix->columns, .depth_stored = matrix->depth,
                   .depth_used = runner->depth, .weights = weights, .crc = crc, .steps = steps,
                   .activation = activation.address, .output = output.address + (uint64_t)first_row * sizeof(float),
                   .vectors = runner->tokens, .activation_stride = activation.stride, .output_stride = output.stride}};
    TERN_TRY(tern_layer_submit(runner, row->stage, &command, error));
    runner->site->sent[runner->site->ticket % TERN_DEVICE_RING_ENTRIES].first_strip = (uint32_t)first;
    tern_stream_used(&runner->site->stream, runner->site->ticket);
    uint64_t streams = (runner->tokens + runner->site->unit_vectors - 1) / runner->site->unit_vectors;
    runner->site->weight_bytes += streams * count * tern_strip_bytes(matrix->columns, runner->depth);
    return TERN_STATUS_OK;
}

static enum tern_status multiply(struct tern_runner *runner, const struct tern_layer_row *row,
                                 const struct tern_matrix *matrix, struct tern_error *error) {
    uint64_t strips = tern_strips(matrix->rows);
    uint32_t step = strips_at_once(runner, matrix);
    for (uint64_t first = 0; first < strips; first += step) {
        uint64_t count = strips - first < step ? strips - first : step;
        TERN_TRY(tern_layer_multiply(runner, row, matrix, first, count, error));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_layer_put_angles(struct tern_runner *runner, uint32_t token, struct tern_error *error,
                                       uint64_t *address) {
    const float *angles = runner->rotary + (size_t)(runner->position + token) * runner->config.head_size;
    return tern_layer_put(runner, angles, runner->config.head_size * sizeof(float), error, address);
}

// Uploads the operand that is not in a buffer: the rotary row of the token's position, or the row's tensor, once for
// all tokens.
static enum tern_status put_operand(struct tern_runner *runner, const struct tern_layer_row *row,
                                    const struct tern_operand *tensor, uint32_t token, struct tern_error *error,
                                    uint64_t *address) {
    if (row->opcode == TERN_OPCODE_ROPE) {
        return tern_layer_put_angles(runner, token, error, address);
    }
    return tensor->vector && token == 0
               ? tern_layer_put(runner, tensor->vector, tensor->length * sizeof(float), error, address)
               : TERN_STATUS_OK;
}

// Submits one command for each token.
static enum tern_status run_tokens(struct tern_runner *runner, const struct tern_layer_row *row,
                                   const struct tern_operand *tensor, uint32_t flags, struct tern_error *error) {
    uint64_t operand = 0;
    for (uint32_t token = 0; token < runner->tokens; token++) {
        TERN_TRY(put_operand(runner, row, tensor, token, error, &operand));
        union tern_command command = tern_layer_command(runner, row, token, operand);
        command.header.opcode |= flags;
        TERN_TRY(tern_layer_submit(runner, row->stage, &command, error));
        if (row->opcode == TERN_OPCODE_ROPE || token + 1 == runner->tokens) {
            tern_stream_used(&runner->site->stream, runner->site->ticket);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_layer_run_row(struct tern_runner *runner, const struct tern_layer_row *row,
                                    const struct tern_operand *tensor, uint32_t flags, struct tern_error *error) {
    TERN_TRY(row->opcode == TERN_OPCODE_MATMUL ? multiply(runner, row, &tensor->matrix, error)
                                               : run_tokens(runner, row, tensor, flags, error));
    return tern_layer_stage_done(runner, row, error);
}

uint32_t tern_layer_rows_that(const struct tern_runner *runner, uint32_t first,
                              bool (*hold)(const struct tern_layer_row *row)) {
    uint32_t end = first;
    while (end < runner->layer_rows && hold(tern_layer_row(&runner->config, end))) {
        end++;
    }
    return end - first;
}

// The stages of rows `first` to before `end`, token by token.
static enum tern_status run_shared_rows(struct tern_runner *runner, uint32_t first, uint32_t end,
                                        struct tern_error *error) {
    for (uint32_t token = 0; token < runner->tokens; token++) {
        for (uint32_t i = first, rows; i < end; i += rows) {
            const struct tern_layer_row *row = tern_layer_row(&runner->config, i);
            TERN_TRY(tern_overlap_token(runner, i, token, error, &rows));
            if (rows == 0) {
                const union tern_command command = tern_layer_command(runner, row, token, 0);
                TERN_TRY(tern_layer_submit(runner, row->stage, &command, error));
                TERN_TRY(tap_stage(runner, row, token, error));
                rows = 1;
            }
            TERN_TRY(tern_layer_watch(runner, rows, error));
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_layer_run(struct tern_runner *runner, uint32_t layer, struct tern_error *error) {
    const struct tern_operand *tensors = runner->operands + (size_t)layer * runner->layer_rows;
    runner->layer = (int32_t)layer;
    for (uint32_t i = 0, rows; i < runner->layer_rows; i += rows) {
        TERN_TRY(tern_overlap_pass(runner, i, tensors, error, &rows));
        if (rows == 0 && (rows = tern_layer_rows_that(runner, i, tern_layer_row_is_shared)) > 0) {
            TERN_TRY(run_shared_rows(runner, i, i + rows, error));
        } else if (rows == 0) {
            TERN_TRY(tern_layer_run_row(runner, tern_layer_row(&runner->config, i), &tensors[i], 0, error));
            rows = 1;
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_final_norm_run(struct tern_runner *runner, struct tern_error *error) {
    runner->layer = -1;
    return tern_layer_run_row(runner, &tern_final_norm_row, &runner->final_norm, 0, error);
}
