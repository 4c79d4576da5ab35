// SPDX-License-Identifier: Apache-2.0
// The board's side of the link: docs/link.md, section 4. It is the contract of rtl/link/tern_link.v.
#ifndef TERN_CMODEL_LINK_BOARD_H
#define TERN_CMODEL_LINK_BOARD_H

#include "cmodel/link/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

// What stands behind the link. A call returns false when the bus refused it.
struct tern_link_bus {
    void *context;
    bool (*register_read)(void *context, uint32_t address, uint32_t *value);
    bool (*register_write)(void *context, uint32_t address, uint32_t value);
    bool (*memory_read)(void *context, uint64_t address, void *data, size_t bytes);
    bool (*memory_write)(void *context, uint64_t address, const void *data, size_t bytes);
};

struct tern_link_board {
    struct tern_link_bus bus;
    uint64_t memory_base, memory_bytes;
    uint32_t clock; // free running, also over a reset
    // The state of a session. A reset clears it.
    bool has_offer, has_session;
    uint32_t offer, session;
    uint32_t opener;        // sequence number of the OPEN, which the host drew
    uint32_t expected;      // number of the next write, which is how many were done
    uint32_t failed_status; // of the last write; no further one is done
};

void tern_link_board_reset(struct tern_link_board *board);
// Takes the bytes of a frame and makes those of its answer. Returns their number, 0 when there is no answer.
size_t tern_link_board_take(struct tern_link_board *board, const uint8_t *bytes, size_t size, uint8_t *answer);

#ifdef __cplusplus
}
#endif
#endif
