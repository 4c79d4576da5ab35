// SPDX-License-Identifier: Apache-2.0
#include "cmodel/link/stuffing.h"

size_t tern_link_stuff(const uint8_t *frame, size_t size, uint8_t *bytes) {
    size_t count = 0;
    bytes[count++] = TERN_LINK_END; // ends what noise on the line began
    for (size_t i = 0; i < size; i++) {
        if (frame[i] == TERN_LINK_END || frame[i] == TERN_LINK_ESCAPE) {
            bytes[count++] = TERN_LINK_ESCAPE;
            bytes[count++] = frame[i] == TERN_LINK_END ? TERN_LINK_ESCAPED_END : TERN_LINK_ESCAPED_ESCAPE;
        } else {
            bytes[count++] = frame[i];
        }
    }
    bytes[count++] = TERN_LINK_END;
    return count;
}

static void take(struct tern_link_unstuffer *unstuffer, uint8_t byte) {
    if (unstuffer->escaped) {
        unstuffer->spoilt |= byte != TERN_LINK_ESCAPED_END && byte != TERN_LINK_ESCAPED_ESCAPE;
        byte = byte == TERN_LINK_ESCAPED_END ? TERN_LINK_END : TERN_LINK_ESCAPE;
        unstuffer->escaped = false;
    }
    if (unstuffer->size == sizeof unstuffer->frame) {
        unstuffer->spoilt = true;
        return;
    }
    unstuffer->frame[unstuffer->size++] = byte;
}

bool tern_link_unstuff(struct tern_link_unstuffer *unstuffer, uint8_t byte) {
    if (unstuffer->ended) {
        *unstuffer = (struct tern_link_unstuffer){.ended = false};
    }
    if (byte == TERN_LINK_END) {
        unstuffer->ended = true;
        return unstuffer->size && !unstuffer->spoilt && !unstuffer->escaped;
    }
    if (byte == TERN_LINK_ESCAPE && !unstuffer->escaped) {
        unstuffer->escaped = true;
    } else {
        take(unstuffer, byte);
    }
    return false;
}
