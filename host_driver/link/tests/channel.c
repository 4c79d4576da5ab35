// SPDX-License-Identifier: Apache-2.0
#include "host_driver/link/tests/channel.h"

#include <string.h>

#define WAIT_STEPS 40u
#define REORDER_REACH 8u

static bool chance(struct channel *channel) {
    return test_random_below(&channel->random, 1000) < channel->faults;
}

static void push(struct channel_way *way, const struct channel_chunk *chunk) {
    if (way->count < CHANNEL_CHUNKS) { // else lost
        way->chunks[(way->first + way->count++) % CHANNEL_CHUNKS] = *chunk;
    }
}

static void pop(struct channel_way *way, struct channel_chunk *chunk) {
    *chunk = way->chunks[way->first];
    way->first = (way->first + 1) % CHANNEL_CHUNKS;
    way->count--;
}

static void flip(struct channel *channel, struct channel_chunk *chunk) {
    for (uint32_t i = 1 + test_random_below(&channel->random, 3); i > 0; i--) {
        chunk->bytes[test_random_below(&channel->random, (uint32_t)chunk->size)] ^=
            (uint8_t)(1u << test_random_below(&channel->random, 8));
    }
}

// The last one changes places with one before it.
static void reorder(struct channel *channel, struct channel_way *way) {
    const uint32_t back = 1 + test_random_below(&channel->random, REORDER_REACH);
    if (back < way->count) {
        struct channel_chunk *last = &way->chunks[(way->first + way->count - 1) % CHANNEL_CHUNKS];
        struct channel_chunk *other = &way->chunks[(way->first + way->count - 1 - back) % CHANNEL_CHUNKS];
        const struct channel_chunk kept = *last;
        *last = *other;
        *other = kept;
    }
}

static void carry(struct channel *channel, struct channel_way *way, const uint8_t *bytes, size_t size) {
    struct channel_chunk chunk;
    channel->carried++;
    if (channel->is_dead || chance(channel)) {
        return;
    }
    memcpy(chunk.bytes, bytes, size);
    chunk.size = size;
    if (chance(channel)) {
        flip(channel, &chunk);
    }
    if (chance(channel)) {
        chunk.size = test_random_below(&channel->random, (uint32_t)size);
    }
    if (way == &channel->to_board && chance(channel)) {
        push(way, &channel->old);
        channel->old = chunk;
    }
    push(way, &chunk);
    if (chance(channel)) {
        push(way, &chunk);
    }
    if (!channel->is_stream && chance(channel)) {
        reorder(channel, way);
    }
}

static void step(struct channel *channel) {
    struct channel_chunk chunk;
    chunk.size = 0;
    uint8_t answer[CHANNEL_CHUNK_BYTES];
    if (channel->to_board.count) {
        pop(&channel->to_board, &chunk);
    }
    const size_t size = channel->board(channel->board_context, chunk.bytes, chunk.size, answer);
    if (size) {
        carry(channel, &channel->to_host, answer, size);
    }
}

static void send_frame(void *context, const uint8_t *frame, size_t bytes) {
    struct channel *channel = context;
    uint8_t stuffed[TERN_LINK_MAX_STUFFED_BYTES];
    if (channel->is_stream) {
        carry(channel, &channel->to_board, stuffed, tern_link_stuff(frame, bytes, stuffed));
    } else {
        carry(channel, &channel->to_board, frame, bytes);
    }
}

// The rest of the chunk at the host, as a frame.
static size_t take(struct channel *channel, uint8_t *frame) {
    const struct channel_chunk *chunk = &channel->at_host;
    if (!channel->is_stream) {
        const size_t size = chunk->size - channel->at_byte;
        channel->at_byte = chunk->size;
        memcpy(frame, chunk->bytes, size <= TERN_LINK_MAX_FRAME_BYTES ? size : 0);
        return size <= TERN_LINK_MAX_FRAME_BYTES ? size : 0;
    }
    while (channel->at_byte < chunk->size) {
        if (tern_link_unstuff(&channel->unstuffer, chunk->bytes[channel->at_byte++])) {
            memcpy(frame, channel->unstuffer.frame, channel->unstuffer.size);
            return channel->unstuffer.size;
        }
    }
    return 0;
}

static size_t receive_frame(void *context, uint8_t *frame, bool wait) {
    struct channel *channel = context;
    for (unsigned i = 0; i < (wait ? WAIT_STEPS : 1); i++) {
        const size_t size = take(channel, frame);
        if (size) {
            return size;
        }
        step(channel);
        if (channel->to_host.count) {
            pop(&channel->to_host, &channel->at_host);
            channel->at_byte = 0;
        }
    }
    return 0;
}

static void close_channel(void *context) {
    (void)context;
}

struct tern_link_transport channel_transport(struct channel *channel) {
    return (struct tern_link_transport){channel, send_frame, receive_frame, close_channel};
}

void channel_drain(struct channel *channel) {
    while (channel->to_board.count) {
        step(channel);
    }
    channel->to_host.count = 0;
}
