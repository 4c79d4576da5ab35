// SPDX-License-Identifier: Apache-2.0
// A channel that drops, repeats, reorders, cuts and flips what it carries, by a seed. It is the transport of a link at
// one end, and calls a board at the other. No clock: a step of it delivers one chunk to the board.
#ifndef TERN_HOST_DRIVER_LINK_TESTS_CHANNEL_H
#define TERN_HOST_DRIVER_LINK_TESTS_CHANNEL_H

#include "cmodel/link/stuffing.h"
#include "cmodel/tests/random.h"
#include "host_driver/link/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CHANNEL_CHUNKS 256u
#define CHANNEL_CHUNK_BYTES (2u * TERN_LINK_MAX_STUFFED_BYTES)

// A board takes a chunk of bytes, a datagram or a part of a stream, and makes the bytes that it sends. No bytes: time
// passes. Returns their number, to CHANNEL_CHUNK_BYTES.
typedef size_t channel_board(void *context, const uint8_t *bytes, size_t size, uint8_t *answer);

struct channel_chunk {
    uint8_t bytes[CHANNEL_CHUNK_BYTES];
    size_t size;
};

struct channel_way {
    struct channel_chunk chunks[CHANNEL_CHUNKS];
    size_t first, count;
};

struct channel {
    struct test_random random;
    uint32_t faults;  // of each kind, in 1000 chunks
    bool is_stream;   // bytes with stuffing, else datagrams. A stream does not reorder
    bool is_dead;     // the cable is pulled
    uint64_t carried; // chunks given to it, both ways
    channel_board *board;
    void *board_context;
    struct channel_way to_board, to_host;
    struct tern_link_unstuffer unstuffer; // of the host
    struct channel_chunk at_host;         // under way to the host, looked at up to at_byte
    size_t at_byte;
    struct channel_chunk old; // comes again much later
};

struct tern_link_transport channel_transport(struct channel *channel);
// Delivers everything, back and forth, until nothing moves.
void channel_drain(struct channel *channel);

#ifdef __cplusplus
}
#endif
#endif
