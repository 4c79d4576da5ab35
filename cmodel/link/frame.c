// SPDX-License-Identifier: Apache-2.0
#include "cmodel/link/frame.h"

#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/crc32c.h"

enum { WORD_KIND, WORD_SESSION, WORD_SEQUENCE, WORD_LENGTHS, WORD_LOW, WORD_HIGH };

void tern_link_put_word(uint8_t *bytes, uint32_t word) {
    for (unsigned i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(word >> 8 * i);
    }
}

uint32_t tern_link_word(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t first_word(uint8_t kind) {
    return TERN_LINK_MAGIC | (uint32_t)TERN_LINK_VERSION << 16 | (uint32_t)kind << 24;
}

size_t tern_link_encode(const struct tern_link_frame *frame, uint8_t *bytes) {
    const bool answers = frame->kind & TERN_LINK_ANSWER;
    const size_t size = TERN_LINK_HEADER_BYTES + frame->payload_bytes;
    tern_link_put_word(bytes + 4 * WORD_KIND, first_word(frame->kind));
    tern_link_put_word(bytes + 4 * WORD_SESSION, frame->session);
    tern_link_put_word(bytes + 4 * WORD_SEQUENCE, frame->sequence);
    tern_link_put_word(bytes + 4 * WORD_LENGTHS, frame->payload_bytes | frame->length << 16);
    tern_link_put_word(bytes + 4 * WORD_LOW, answers ? frame->expected : (uint32_t)frame->address);
    tern_link_put_word(bytes + 4 * WORD_HIGH, answers ? frame->status : (uint32_t)(frame->address >> 32));
    memcpy(bytes + TERN_LINK_HEADER_BYTES, frame->payload, frame->payload_bytes);
    tern_link_put_word(bytes + size, tern_crc32c(bytes, size));
    return size + TERN_LINK_CRC_BYTES;
}

bool tern_link_decode(const uint8_t *bytes, size_t size, struct tern_link_frame *frame) {
    if (size < TERN_LINK_HEADER_BYTES + TERN_LINK_CRC_BYTES || size > TERN_LINK_MAX_FRAME_BYTES || size % 4) {
        return false;
    }
    const size_t checked = size - TERN_LINK_CRC_BYTES;
    const uint32_t lengths = tern_link_word(bytes + 4 * WORD_LENGTHS);
    const uint8_t kind = bytes[3];
    if (tern_link_word(bytes) != first_word(kind) || (lengths & 0xffff) != checked - TERN_LINK_HEADER_BYTES ||
        tern_link_word(bytes + checked) != tern_crc32c(bytes, checked)) {
        return false;
    }
    frame->kind = kind;
    frame->session = tern_link_word(bytes + 4 * WORD_SESSION);
    frame->sequence = tern_link_word(bytes + 4 * WORD_SEQUENCE);
    frame->payload_bytes = lengths & 0xffff;
    frame->length = lengths >> 16;
    frame->expected = tern_link_word(bytes + 4 * WORD_LOW);
    frame->status = tern_link_word(bytes + 4 * WORD_HIGH);
    frame->address = frame->expected | (uint64_t)frame->status << 32;
    memcpy(frame->payload, bytes + TERN_LINK_HEADER_BYTES, frame->payload_bytes);
    return true;
}

uint32_t tern_link_memory_offset(uint64_t address) {
    return (uint32_t)(address % TERN_LINK_BEAT_BYTES);
}

uint32_t tern_link_memory_payload(uint64_t address, uint32_t length) {
    return (uint32_t)tern_align_up(tern_link_memory_offset(address) + length, TERN_LINK_BEAT_BYTES);
}

bool tern_link_memory_range(uint64_t address, uint32_t length) {
    return length && length <= TERN_LINK_MAX_PAYLOAD &&
           address % TERN_LINK_MAX_PAYLOAD + length <= TERN_LINK_MAX_PAYLOAD;
}
