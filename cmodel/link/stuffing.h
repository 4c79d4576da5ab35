// SPDX-License-Identifier: Apache-2.0
// Frames in a stream of bytes, such as a serial line (RFC 1055). TERN_LINK_END ends a frame and is nowhere else, so the
// next frame is found whatever happened to the last one.
#ifndef TERN_CMODEL_LINK_STUFFING_H
#define TERN_CMODEL_LINK_STUFFING_H

#include "cmodel/link/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

// Every byte of a frame may become two. The frame begins and ends with TERN_LINK_END.
#define TERN_LINK_MAX_STUFFED_BYTES (2u * TERN_LINK_MAX_FRAME_BYTES + 2u)

size_t tern_link_stuff(const uint8_t *frame, size_t size, uint8_t *bytes);

// The frame that is under way. A struct of zeros begins.
struct tern_link_unstuffer {
    uint8_t frame[TERN_LINK_MAX_FRAME_BYTES];
    size_t size;
    bool escaped;
    bool ended;  // the next byte begins another frame
    bool spoilt; // too long, or an escape that is none: dropped at its end
};

// Takes a byte. True when it ended a frame: `size` bytes of `frame`, until the next call.
bool tern_link_unstuff(struct tern_link_unstuffer *unstuffer, uint8_t byte);

#ifdef __cplusplus
}
#endif
#endif
