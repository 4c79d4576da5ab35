// SPDX-License-Identifier: Apache-2.0
// Parts of the link that its files share.
#ifndef TERN_HOST_DRIVER_LINK_LINK_INTERNAL_H
#define TERN_HOST_DRIVER_LINK_LINK_INTERNAL_H

#include "host_driver/link/link.h"

#define TERN_LINK_WINDOW 32u // writes that are not answered, and reads of one batch

// A write that the board may not have done.
struct tern_link_pending {
    uint8_t bytes[TERN_LINK_MAX_FRAME_BYTES];
    size_t size;
    uint64_t address;
};

struct tern_link {
    struct tern_link_transport transport;
    struct tern_link_board_facts facts;
    char name[128];
    uint32_t tries;
    uint32_t quiet;   // tries since the last answer that was of use
    uint32_t useless; // frames since then
    bool is_open;
    uint32_t beginning; // number of HELLO and OPEN: other hosts have others
    uint32_t session;
    uint32_t reads; // number of the next read
    uint32_t next;  // number of the next write
    uint32_t done;  // writes below this number are done
    size_t pending_bytes;
    uint32_t gap; // the board asked for this write again, and got it; meaningful with has_gap
    bool has_gap;
    struct tern_link_pending pending[TERN_LINK_WINDOW]; // of write n at n modulo the window
    struct tern_link_frame gathered;                    // register writes that are not sent; none without a payload
    struct tern_link_frame request, answer;             // in work
};

// Begins a session unless there is one.
enum tern_status tern_link_begin(struct tern_link *link, struct tern_error *error);
void tern_link_send(struct tern_link *link, const struct tern_link_frame *frame);
// The next frame of the transport in link->answer. False: there is none.
bool tern_link_receive(struct tern_link *link, bool wait);
// Notes an answer that was of use.
void tern_link_progress(struct tern_link *link);
// Counts a try without an answer. TIMEOUT after the last one, which ends the session.
enum tern_status tern_link_count_try(struct tern_link *link, struct tern_error *error);
// Ends the session of a link whose answer has a status that is not OK. Returns that status.
enum tern_status tern_link_refuse(struct tern_link *link, const char *what, uint64_t address, struct tern_error *error);

#endif
