// SPDX-License-Identifier: Apache-2.0
// A frame of the link between host and board: docs/link.md, section 2. Both sides use this file.
#ifndef TERN_CMODEL_LINK_FRAME_H
#define TERN_CMODEL_LINK_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_LINK_HEADER_BYTES (4u * TERN_LINK_HEADER_WORDS)
#define TERN_LINK_CRC_BYTES 4u
#define TERN_LINK_MAX_FRAME_BYTES (TERN_LINK_HEADER_BYTES + TERN_LINK_MAX_PAYLOAD + TERN_LINK_CRC_BYTES)

struct tern_link_frame {
    uint8_t kind;           // TERN_LINK_HELLO ..., an answer with TERN_LINK_ANSWER
    uint32_t session;       // answer to HELLO: the number that OPEN may begin
    uint32_t sequence;      // an answer has that of its request
    uint32_t payload_bytes; // a multiple of 4, to TERN_LINK_MAX_PAYLOAD
    uint32_t length;        // bytes of memory or registers that the request is about, below 2^16
    uint64_t address;       // request
    uint32_t expected;      // answer: writes of the session that the board has done
    uint32_t status;        // answer: a status code, or TERN_LINK_ENDED
    uint8_t payload[TERN_LINK_MAX_PAYLOAD];
};

// Writes the frame as bytes, of which there are TERN_LINK_MAX_FRAME_BYTES at most. Returns their number.
size_t tern_link_encode(const struct tern_link_frame *frame, uint8_t *bytes);
// False for bytes that are no frame: length, magic, version or CRC.
bool tern_link_decode(const uint8_t *bytes, size_t size, struct tern_link_frame *frame);

// A word of a frame or payload, the lowest byte first.
void tern_link_put_word(uint8_t *bytes, uint32_t word);
uint32_t tern_link_word(const uint8_t *bytes);

// Bytes of the payload that holds `length` bytes of memory from `address` on: whole pieces of TERN_LINK_BEAT_BYTES.
uint32_t tern_link_memory_payload(uint64_t address, uint32_t length);
// The place of the first of these bytes in the payload.
uint32_t tern_link_memory_offset(uint64_t address);
// Whether a memory request may have this range: one byte at least, and within an aligned TERN_LINK_MAX_PAYLOAD bytes.
bool tern_link_memory_range(uint64_t address, uint32_t length);

#ifdef __cplusplus
}
#endif
#endif
