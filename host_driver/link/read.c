// SPDX-License-Identifier: Apache-2.0
// Reads: only when every write is done, so the board may do one again. Each batch is asked for at once.
#include "host_driver/link/link_internal.h"

#include <string.h>

struct batch {
    uint32_t first; // number of its first read
    uint32_t count, left;
    struct part {
        uint64_t address;
        uint32_t length;
        uint8_t *to;
        bool is_done;
    } parts[TERN_LINK_WINDOW];
    uint8_t kind;
};

static void ask_for_parts(struct tern_link *link, const struct batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct part *part = &batch->parts[i];
        if (!part->is_done) {
            link->request = (struct tern_link_frame){.kind = batch->kind,
                                                     .session = link->session,
                                                     .sequence = batch->first + i,
                                                     .length = part->length,
                                                     .address = part->address};
            tern_link_send(link, &link->request);
        }
    }
}

static enum tern_status take_part(struct tern_link *link, struct batch *batch, struct tern_error *error) {
    const struct tern_link_frame *answer = &link->answer;
    const uint32_t number = answer->sequence - batch->first;
    const bool is_memory = batch->kind == TERN_LINK_MEMORY_READ;
    if (answer->kind != (batch->kind | TERN_LINK_ANSWER) || answer->session != link->session ||
        number >= batch->count || batch->parts[number].is_done) {
        return TERN_STATUS_OK;
    }
    struct part *part = &batch->parts[number];
    if (answer->status != TERN_STATUS_OK) {
        return tern_link_refuse(link, "a read", part->address, error);
    }
    if (answer->payload_bytes == (is_memory ? tern_link_memory_payload(part->address, part->length) : part->length)) {
        memcpy(part->to, answer->payload + (is_memory ? tern_link_memory_offset(part->address) : 0), part->length);
        part->is_done = true;
        batch->left--;
        tern_link_progress(link);
    }
    return TERN_STATUS_OK;
}

static enum tern_status run(struct tern_link *link, struct batch *batch, struct tern_error *error) {
    batch->left = batch->count;
    batch->first = link->reads;
    link->reads += batch->count;
    ask_for_parts(link, batch);
    while (batch->left) {
        if (tern_link_receive(link, true)) {
            TERN_TRY(take_part(link, batch, error));
        } else {
            TERN_TRY(tern_link_count_try(link, error));
            ask_for_parts(link, batch);
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_link_register_read(struct tern_link *link, uint32_t address, uint32_t *value,
                                         struct tern_error *error) {
    uint8_t bytes[4];
    struct batch batch = {
        .count = 1, .kind = TERN_LINK_REGISTER_READ, .parts = {{.address = address, .length = 4, .to = bytes}}};
    TERN_TRY(tern_link_flush(link, error));
    TERN_TRY(run(link, &batch, error));
    *value = tern_link_word(bytes);
    return TERN_STATUS_OK;
}

enum tern_status tern_link_memory_read(struct tern_link *link, uint64_t address, void *data, size_t bytes,
                                       struct tern_error *error) {
    uint8_t *to = data;
    TERN_TRY(tern_link_flush(link, error));
    while (bytes) {
        struct batch batch = {.kind = TERN_LINK_MEMORY_READ};
        while (bytes && batch.count < TERN_LINK_WINDOW) {
            const uint32_t room = (uint32_t)(TERN_LINK_MAX_PAYLOAD - address % TERN_LINK_MAX_PAYLOAD);
            const uint32_t length = bytes < room ? (uint32_t)bytes : room;
            batch.parts[batch.count++] = (struct part){.address = address, .length = length, .to = to};
            address += length;
            to += length;
            bytes -= length;
        }
        TERN_TRY(run(link, &batch, error));
    }
    return TERN_STATUS_OK;
}
