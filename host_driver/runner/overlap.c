// SPDX-License-Identifier: Apache-2.0
// Orders of a layer's commands in which those of the vector unit and of attention run beside others. The results are
// the same. A tap sees whole stages one after the other, so there is none of this with a tap.
#include "cmodel/layout.h"
#include "host_driver/runner/plan.h"

// ---- turns

enum { TURNS = 4 };

static const struct tern_layer_row *row_of(const struct tern_runner *runner, uint32_t index) {
    return tern_layer_row(&runner->config, index);
}

static bool has_turn(const struct tern_layer_row *row) {
    return row->turn != 0;
}

// Those beside run during the last MATMUL of the turn before.
static enum tern_status run_turns(struct tern_runner *runner, uint32_t first, uint32_t rows,
                                  const struct tern_operand *tensors, struct tern_error *error) {
    for (uint8_t turn = 1; turn <= TURNS; turn++) {
        const uint32_t flags = turn == TERN_TURN_BESIDE ? TERN_COMMAND_BESIDE : 0;
        for (uint32_t i = first; i < first + rows; i++) {
            if (row_of(runner, i)->turn == turn) {
                TERN_TRY(tern_layer_run_row(runner, row_of(runner, i), &tensors[i], flags, error));
            }
        }
    }
    return TERN_STATUS_OK;
}

// ---- joined

// Below so many elements of the query its projection is too short to hide anything behind, and every command costs time
// of the core.
#define LONG_QUERY 512u

bool tern_overlap_joins(const struct tern_model_config *config) {
    const uint64_t query = tern_extent_length(config, TERN_EXTENT_QUERY) * sizeof(float);
    const uint64_t key = tern_extent_length(config, TERN_EXTENT_KEY_VALUE) * sizeof(float);
    return query < LONG_QUERY * sizeof(float) && query % TERN_SEGMENT_ALIGN == 0 && key % TERN_SEGMENT_ALIGN == 0 &&
           config->heads + config->kv_heads <= TERN_MAX_HEADS;
}

// The first row's command, for the results of all rows with its opcode.
static enum tern_status run_joined(struct tern_runner *runner, const struct tern_layer_row *row,
                                   struct tern_error *error) {
    uint64_t operand;
    union tern_command command;
    if (row->opcode == TERN_OPCODE_ADD) {
        const float *biases = runner->biases + (size_t)runner->layer * runner->joined_length;
        TERN_TRY(tern_layer_put(runner, biases, runner->joined_length * sizeof *biases, error, &operand));
        command = tern_layer_command(runner, row, 0, operand);
        command.add.length = runner->joined_length;
    } else {
        TERN_TRY(tern_layer_put_angles(runner, 0, error, &operand));
        command = tern_layer_command(runner, row, 0, operand);
        command.rope.heads += runner->config.kv_heads;
    }
    TERN_TRY(tern_layer_submit(runner, row->stage, &command, error));
    tern_stream_used(&runner->site->stream, runner->site->ticket);
    return TERN_STATUS_OK;
}

// Rows with turns: the projections, then the others. One command adds all biases, one rotates query and key.
static enum tern_status run_short_turns(struct tern_runner *runner, uint32_t first, uint32_t rows,
                                        const struct tern_operand *tensors, struct tern_error *error) {
    enum tern_opcode before = TERN_OPCODE_NOP;
    for (uint32_t i = first; i < first + rows; i++) {
        if (row_of(runner, i)->opcode == TERN_OPCODE_MATMUL) {
            TERN_TRY(tern_layer_run_row(runner, row_of(runner, i), &tensors[i], 0, error));
        }
    }
    for (uint32_t i = first; i < first + rows; i++) {
        const struct tern_layer_row *row = row_of(runner, i);
        const bool is_joined = row->opcode == TERN_OPCODE_ADD || row->opcode == TERN_OPCODE_ROPE;
        if (is_joined) {
            TERN_TRY(row->opcode == before ? TERN_STATUS_OK : run_joined(runner, row, error));
            TERN_TRY(tern_layer_stage_done(runner, row, error));
            before = row->opcode;
        } else if (row->opcode != TERN_OPCODE_MATMUL) {
            TERN_TRY(tern_layer_run_row(runner, row, &tensors[i], 0, error));
        }
    }
    return TERN_STATUS_OK;
}

// ---- heads

// Submits a row's command for one key/value head. flags: COMMAND_BESIDE or 0.
static enum tern_status submit_head(struct tern_runner *runner, uint32_t index, uint32_t token, uint32_t head,
                                    uint32_t flags, struct tern_error *error) {
    const struct tern_layer_row *row = row_of(runner, index);
    union tern_command command = tern_layer_head_command(runner, tern_layer_command(runner, row, token, 0), head);
    command.header.opcode |= flags;
    return tern_layer_submit(runner, row->stage, &command, error);
}

// Scores, softmax and values of a token, head by head. The softmax of a head runs beside the scores of the next one.
// The values of the first head run beside the last softmax.
static enum tern_status run_heads(struct tern_runner *runner, uint32_t scores, uint32_t token,
                                  struct tern_error *error) {
    const uint32_t heads = runner->config.kv_heads;
    for (uint32_t head = 0; head < heads; head++) {
        TERN_TRY(submit_head(runner, scores, token, head, 0, error));
        if (head > 0) {
            TERN_TRY(submit_head(runner, scores + 1, token, head - 1, TERN_COMMAND_BESIDE, error));
        }
    }
    TERN_TRY(submit_head(runner, scores + 1, token, heads - 1, 0, error));
    for (uint32_t head = 0; head < heads; head++) {
        const uint32_t flags = head == 0 && heads > 1 ? TERN_COMMAND_BESIDE : 0;
        TERN_TRY(submit_head(runner, scores + 2, token, head, flags, error));
    }
    return TERN_STATUS_OK;
}

// From so many positions on, what is hidden is more than what further commands cost the core.
#define LONG_CONTEXT 96u

enum tern_status tern_overlap_token(struct tern_runner *runner, uint32_t first, uint32_t token,
                                    struct tern_error *error, uint32_t *rows) {
    const bool by_head = !runner->options.tap && tern_device_has_clock(runner->site->device) &&
                         row_of(runner, first)->writes == TERN_BUFFER_SCORES &&
                         runner->position + token >= LONG_CONTEXT;
    *rows = by_head ? 3 : 0;
    return by_head ? run_heads(runner, first, token, error) : TERN_STATUS_OK;
}

// ---- pieces

// Shares of the strips, in sixteenths. SwiGLU of the last piece has nothing to hide behind, so that one is short.
static const uint32_t pieces[] = {7, 5, 3, 1};
enum { PIECES = sizeof pieces / sizeof *pieces };

// SwiGLU of the rows of `count` strips. flags: COMMAND_BESIDE or 0.
static enum tern_status swiglu_strips(struct tern_runner *runner, const struct tern_layer_row *row, uint64_t first,
                                      uint64_t count, uint32_t flags, struct tern_error *error) {
    union tern_command command = tern_layer_command(runner, row, 0, 0);
    const uint64_t first_row = first * TERN_STRIP_ROWS, whole = count * TERN_STRIP_ROWS;
    const uint64_t rest = command.swiglu.length - first_row;
    command.header.opcode |= flags;
    command.swiglu.length = (uint32_t)(rest < whole ? rest : whole);
    command.swiglu.gate += first_row * sizeof(float);
    command.swiglu.up += first_row * sizeof(float);
    command.swiglu.output += first_row * sizeof(float);
    return tern_layer_submit(runner, row->stage, &command, error);
}

// Gate, up and SwiGLU in pieces: SwiGLU of a piece runs beside the next piece of gate.
static enum tern_status run_pieces(struct tern_runner *runner, uint32_t index, const struct tern_operand *tensors,
                                   struct tern_error *error) {
    const struct tern_layer_row *gate = row_of(runner, index);
    const struct tern_layer_row *up = row_of(runner, index + 1);
    const struct tern_layer_row *swiglu = row_of(runner, index + 2);
    const uint64_t strips = tern_strips(tensors[0].matrix.rows);
    uint64_t first = 0, before = 0; // strips of this piece and of the one before
    for (uint32_t i = 0; first < strips; i++) {
        uint64_t count = tern_align_up((strips * pieces[i < PIECES ? i : PIECES - 1] + 15) / 16, TERN_STRIPS_MULTIPLE);
        count = strips - first < count ? strips - first : count;
        TERN_TRY(tern_layer_multiply(runner, gate, &tensors[0].matrix, first, count, error));
        if (first > 0) {
            TERN_TRY(swiglu_strips(runner, swiglu, before, first - before, TERN_COMMAND_BESIDE, error));
        }
        TERN_TRY(tern_layer_multiply(runner, up, &tensors[1].matrix, first, count, error));
        before = first;
        first += count;
    }
    TERN_TRY(swiglu_strips(runner, swiglu, before, strips - before, 0, error));
    for (uint32_t i = 0; i < 3; i++) {
        TERN_TRY(tern_layer_stage_done(runner, row_of(runner, index + i), error));
    }
    return TERN_STATUS_OK;
}

// Below so many elements the core takes longer for the commands of more pieces than SwiGLU does. A device without a
// clock hides nothing, and its threads meet at the end of each piece.
#define LONG_SWIGLU 1024u

// Whether the row is gate of a long SwiGLU, which comes after the next row.
static bool is_gate(const struct tern_runner *runner, uint32_t index) {
    const struct tern_layer_row *swiglu = row_of(runner, index + 2);
    return row_of(runner, index)->opcode == TERN_OPCODE_MATMUL && swiglu && swiglu->opcode == TERN_OPCODE_SWIGLU &&
           tern_extent_length(&runner->config, swiglu->length) >= LONG_SWIGLU;
}

enum tern_status tern_overlap_pass(struct tern_runner *runner, uint32_t first, const struct tern_operand *tensors,
                                   struct tern_error *error, uint32_t *rows) {
    *rows = 0;
    if (runner->options.tap || runner->tokens > 1) {
        return TERN_STATUS_OK;
    }
    if (is_gate(runner, first) && runner->site->stream.is_resident && tern_device_has_clock(runner->site->device)) {
        *rows = 3;
        return run_pieces(runner, first, &tensors[first], error);
    }
    *rows = tern_layer_rows_that(runner, first, has_turn);
    // A profile names each stage.
    return tern_overlap_joins(&runner->config) && !tern_device_has_profile(runner->site->device)
               ? run_short_turns(runner, first, *rows, tensors, error)
               : run_turns(runner, first, *rows, tensors, error);
}
