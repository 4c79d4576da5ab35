// SPDX-License-Identifier: Apache-2.0
// Opening, and writes: they go back to the first one that the board has not done.
#define _DEFAULT_SOURCE // getentropy
#include "host_driver/link/link_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Two hosts that begin at the same time need different numbers.
static uint32_t draw_number(void) {
    uint32_t number = (uint32_t)getpid();
    (void)!getentropy(&number, sizeof number);
    return number;
}

enum tern_status tern_link_open(const struct tern_link_transport *transport, const char *name, uint32_t tries,
                                struct tern_error *error, struct tern_link **link) {
    struct tern_link *opened = calloc(1, sizeof *opened);
    if (!opened) {
        transport->close(transport->context);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", name);
    }
    opened->transport = *transport;
    opened->tries = tries;
    opened->beginning = draw_number();
    snprintf(opened->name, sizeof opened->name, "%s", name);
    enum tern_status status = tern_link_begin(opened, error);
    if (status != TERN_STATUS_OK) {
        tern_link_close(opened);
        return status;
    }
    *link = opened;
    return TERN_STATUS_OK;
}

void tern_link_close(struct tern_link *link) {
    if (link) {
        if (link->is_open) {
            (void)tern_link_flush(link, NULL);
        }
        link->transport.close(link->transport.context);
        free(link);
    }
}

const struct tern_link_board_facts *tern_link_facts(const struct tern_link *link) {
    return &link->facts;
}

static struct tern_link_pending *pending_of(struct tern_link *link, uint32_t number) {
    return &link->pending[number % TERN_LINK_WINDOW];
}

static void send_again(struct tern_link *link) {
    for (uint32_t number = link->done; number != link->next; number++) {
        const struct tern_link_pending *pending = pending_of(link, number);
        link->transport.send(link->transport.context, pending->bytes, pending->size);
    }
}

// The board got a later write than it waits for: one was lost, or is late.
static void fill_gap(struct tern_link *link) {
    const bool was_early = (int32_t)(link->answer.sequence - link->answer.expected) > 0;
    if (was_early && link->answer.expected == link->done && !(link->has_gap && link->gap == link->done)) {
        link->has_gap = true;
        link->gap = link->done;
        send_again(link);
    }
}

// Takes the answer to a write. An old one says less than is known.
static enum tern_status take_answer(struct tern_link *link, struct tern_error *error) {
    const struct tern_link_frame *answer = &link->answer;
    const bool is_write = answer->kind == (TERN_LINK_REGISTER_WRITE | TERN_LINK_ANSWER) ||
                          answer->kind == (TERN_LINK_MEMORY_WRITE | TERN_LINK_ANSWER);
    if (!is_write || answer->session != link->session) {
        return TERN_STATUS_OK;
    }
    if (answer->status != TERN_STATUS_OK) {
        return tern_link_refuse(link, "a write", pending_of(link, answer->expected - 1)->address, error);
    }
    if (answer->expected - link->done > link->next - link->done) {
        return TERN_STATUS_OK;
    }
    while (link->done != answer->expected) {
        link->pending_bytes -= pending_of(link, link->done++)->size;
        tern_link_progress(link);
    }
    fill_gap(link);
    return TERN_STATUS_OK;
}

// Waits for one frame.
static enum tern_status wait_for_answer(struct tern_link *link, struct tern_error *error) {
    if (tern_link_receive(link, true)) {
        return take_answer(link, error);
    }
    TERN_TRY(tern_link_count_try(link, error));
    send_again(link);
    return TERN_STATUS_OK;
}

static enum tern_status post(struct tern_link *link, struct tern_link_frame *frame, struct tern_error *error) {
    frame->session = link->session;
    frame->sequence = link->next;
    const size_t size = TERN_LINK_HEADER_BYTES + frame->payload_bytes + TERN_LINK_CRC_BYTES;
    while (link->next - link->done == TERN_LINK_WINDOW || link->pending_bytes + size > link->facts.receive_bytes) {
        TERN_TRY(wait_for_answer(link, error));
    }
    struct tern_link_pending *pending = pending_of(link, link->next);
    pending->size = tern_link_encode(frame, pending->bytes);
    pending->address = frame->address;
    link->pending_bytes += size;
    link->next++;
    link->transport.send(link->transport.context, pending->bytes, pending->size);
    while (link->next != link->done && tern_link_receive(link, false)) {
        TERN_TRY(take_answer(link, error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status post_gathered(struct tern_link *link, struct tern_error *error) {
    if (link->gathered.payload_bytes == 0) {
        return TERN_STATUS_OK;
    }
    link->gathered.length = link->gathered.payload_bytes;
    enum tern_status status = post(link, &link->gathered, error);
    link->gathered.payload_bytes = 0;
    return status;
}

enum tern_status tern_link_flush(struct tern_link *link, struct tern_error *error) {
    TERN_TRY(tern_link_begin(link, error));
    TERN_TRY(post_gathered(link, error));
    while (link->done != link->next) {
        TERN_TRY(wait_for_answer(link, error));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_link_register_write(struct tern_link *link, uint32_t address, uint32_t value,
                                          struct tern_error *error) {
    struct tern_link_frame *gathered = &link->gathered;
    TERN_TRY(tern_link_begin(link, error));
    if (gathered->payload_bytes == TERN_LINK_MAX_PAYLOAD || address != gathered->address + gathered->payload_bytes) {
        TERN_TRY(post_gathered(link, error));
    }
    if (gathered->payload_bytes == 0) {
        gathered->kind = TERN_LINK_REGISTER_WRITE;
        gathered->address = address;
    }
    tern_link_put_word(gathered->payload + gathered->payload_bytes, value);
    gathered->payload_bytes += 4;
    return TERN_STATUS_OK;
}

static enum tern_status write_part(struct tern_link *link, uint64_t address, const uint8_t *data, uint32_t length,
                                   struct tern_error *error) {
    struct tern_link_frame *frame = &link->request;
    frame->kind = TERN_LINK_MEMORY_WRITE;
    frame->address = address;
    frame->length = length;
    frame->payload_bytes = tern_link_memory_payload(address, length);
    memset(frame->payload, 0, frame->payload_bytes);
    memcpy(frame->payload + tern_link_memory_offset(address), data, length);
    return post(link, frame, error);
}

enum tern_status tern_link_memory_write(struct tern_link *link, uint64_t address, const void *data, size_t bytes,
                                        struct tern_error *error) {
    const uint8_t *from = data;
    TERN_TRY(tern_link_begin(link, error));
    TERN_TRY(post_gathered(link, error));
    while (bytes) {
        const uint32_t room = (uint32_t)(TERN_LINK_MAX_PAYLOAD - address % TERN_LINK_MAX_PAYLOAD);
        const uint32_t length = bytes < room ? (uint32_t)bytes : room;
        TERN_TRY(write_part(link, address, from, length, error));
        address += length;
        from += length;
        bytes -= length;
    }
    return TERN_STATUS_OK;
}
