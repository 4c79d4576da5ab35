// SPDX-License-Identifier: Apache-2.0
#include "cmodel/link/board.h"

void tern_link_board_reset(struct tern_link_board *board) {
    board->has_offer = board->has_session = false;
    board->expected = 0;
    board->failed_status = TERN_STATUS_OK;
}

static void put_word(struct tern_link_frame *frame, uint32_t word) {
    tern_link_put_word(frame->payload + frame->payload_bytes, word);
    frame->payload_bytes += sizeof word;
}

// A number is offered until a session begins with it.
static void hello(struct tern_link_board *board, struct tern_link_frame *answer) {
    if (!board->has_offer) {
        board->offer = board->clock;
        board->has_offer = true;
    }
    answer->session = board->offer;
    put_word(answer, TERN_LINK_RECEIVE_BYTES);
    put_word(answer, (uint32_t)board->memory_base);
    put_word(answer, (uint32_t)(board->memory_base >> 32));
    put_word(answer, (uint32_t)board->memory_bytes);
    put_word(answer, (uint32_t)(board->memory_bytes >> 32));
}

// A repeated OPEN changes nothing.
static void open_session(struct tern_link_board *board, const struct tern_link_frame *request) {
    if (board->has_offer && request->session == board->offer) {
        board->session = board->offer;
        board->opener = request->sequence;
        board->has_session = true;
        board->has_offer = false;
        board->expected = 0;
        board->failed_status = TERN_STATUS_OK;
    }
}

static uint32_t read_register(struct tern_link_board *board, const struct tern_link_frame *request,
                              struct tern_link_frame *answer) {
    uint32_t value = 0;
    if (request->length != 4) {
        return TERN_STATUS_BAD_LENGTH;
    }
    if (!board->bus.register_read(board->bus.context, (uint32_t)request->address, &value)) {
        return TERN_STATUS_BUS_ERROR;
    }
    put_word(answer, value);
    return TERN_STATUS_OK;
}

static uint32_t read_memory(struct tern_link_board *board, const struct tern_link_frame *request,
                            struct tern_link_frame *answer) {
    if (!tern_link_memory_range(request->address, request->length)) {
        return TERN_STATUS_BAD_LENGTH;
    }
    const uint32_t bytes = tern_link_memory_payload(request->address, request->length);
    const uint64_t first = request->address - tern_link_memory_offset(request->address);
    if (!board->bus.memory_read(board->bus.context, first, answer->payload, bytes)) {
        return TERN_STATUS_BUS_ERROR;
    }
    answer->payload_bytes = bytes;
    return TERN_STATUS_OK;
}

static uint32_t write_registers(struct tern_link_board *board, const struct tern_link_frame *request) {
    uint32_t status = TERN_STATUS_OK;
    if (request->length == 0 || request->length != request->payload_bytes) {
        return TERN_STATUS_BAD_LENGTH;
    }
    for (uint32_t at = 0; at < request->length; at += 4) {
        const uint32_t word = tern_link_word(request->payload + at);
        if (!board->bus.register_write(board->bus.context, (uint32_t)request->address + at, word)) {
            status = TERN_STATUS_BUS_ERROR;
        }
    }
    return status;
}

static uint32_t write_memory(struct tern_link_board *board, const struct tern_link_frame *request) {
    if (!tern_link_memory_range(request->address, request->length) ||
        request->payload_bytes != tern_link_memory_payload(request->address, request->length)) {
        return TERN_STATUS_BAD_LENGTH;
    }
    const uint8_t *data = request->payload + tern_link_memory_offset(request->address);
    return board->bus.memory_write(board->bus.context, request->address, data, request->length) ? TERN_STATUS_OK
                                                                                                : TERN_STATUS_BUS_ERROR;
}

// Does a write once, in its turn.
static uint32_t write_once(struct tern_link_board *board, const struct tern_link_frame *request) {
    if (board->failed_status == TERN_STATUS_OK && request->sequence == board->expected) {
        board->failed_status =
            request->kind == TERN_LINK_REGISTER_WRITE ? write_registers(board, request) : write_memory(board, request);
        board->expected++;
    }
    return board->failed_status;
}

static uint32_t in_session(struct tern_link_board *board, const struct tern_link_frame *request,
                           struct tern_link_frame *answer) {
    if (!board->has_session || request->session != board->session) {
        return TERN_LINK_ENDED;
    }
    switch (request->kind) {
    // Another host may have had the same offer, and be too late.
    case TERN_LINK_OPEN: return request->sequence == board->opener ? TERN_STATUS_OK : TERN_LINK_ENDED;
    case TERN_LINK_REGISTER_READ: return read_register(board, request, answer);
    case TERN_LINK_MEMORY_READ: return read_memory(board, request, answer);
    default: return write_once(board, request);
    }
}

size_t tern_link_board_take(struct tern_link_board *board, const uint8_t *bytes, size_t size, uint8_t *answer_bytes) {
    struct tern_link_frame request, answer;
    board->clock += 1000003;
    if (!tern_link_decode(bytes, size, &request) || request.kind < TERN_LINK_HELLO ||
        request.kind > TERN_LINK_MEMORY_WRITE) {
        return 0;
    }
    answer.kind = (uint8_t)(request.kind | TERN_LINK_ANSWER);
    answer.session = request.session;
    answer.sequence = request.sequence;
    answer.length = request.length;
    answer.payload_bytes = 0;
    answer.status = TERN_STATUS_OK;
    if (request.kind == TERN_LINK_HELLO) {
        hello(board, &answer);
    } else {
        if (request.kind == TERN_LINK_OPEN) {
            open_session(board, &request);
        }
        answer.status = in_session(board, &request, &answer);
    }
    answer.expected = board->expected;
    return tern_link_encode(&answer, answer_bytes);
}
