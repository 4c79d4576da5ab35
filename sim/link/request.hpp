// SPDX-License-Identifier: Apache-2.0
// A request of the link that is right in itself, and must not get through.
#pragma once

#include <cstdint>
#include <vector>

#include "cmodel/link/frame.h"

namespace tern_bench {

// The same write of memory with other data. Empty for another request.
inline std::vector<uint8_t> altered(const std::vector<uint8_t> &datagram) {
    tern_link_frame frame;
    std::vector<uint8_t> other(TERN_LINK_MAX_FRAME_BYTES);
    if (!tern_link_decode(datagram.data(), datagram.size(), &frame) || frame.kind != TERN_LINK_MEMORY_WRITE) {
        return {};
    }
    for (unsigned i = 0; i < frame.payload_bytes; i++) {
        frame.payload[i] ^= 1;
    }
    other.resize(tern_link_encode(&frame, other.data()));
    return other;
}

} // namespace tern_bench
