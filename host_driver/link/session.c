// SPDX-License-Identifier: Apache-2.0
// Sessions: HELLO and OPEN, tries, failures.
#include "host_driver/link/link_internal.h"

#define MOST_USELESS_FRAMES 4096u // in a row count as a try, so that a peer that only babbles is no endless wait

void tern_link_send(struct tern_link *link, const struct tern_link_frame *frame) {
    uint8_t bytes[TERN_LINK_MAX_FRAME_BYTES];
    link->transport.send(link->transport.context, bytes, tern_link_encode(frame, bytes));
}

bool tern_link_receive(struct tern_link *link, bool wait) {
    uint8_t bytes[TERN_LINK_MAX_FRAME_BYTES];
    while (link->useless < MOST_USELESS_FRAMES) {
        const size_t size = link->transport.receive(link->transport.context, bytes, wait);
        if (size == 0) {
            return false;
        }
        link->useless++;
        if (tern_link_decode(bytes, size, &link->answer)) {
            return true;
        }
    }
    link->useless = 0;
    return false;
}

void tern_link_progress(struct tern_link *link) {
    link->quiet = link->useless = 0;
}

enum tern_status tern_link_count_try(struct tern_link *link, struct tern_error *error) {
    if (++link->quiet < link->tries) {
        return TERN_STATUS_OK;
    }
    link->is_open = false;
    return tern_error_set(error, TERN_STATUS_TIMEOUT,
                          "%s: no answer after %u tries: is the board on, is its cable in, is the address right?",
                          link->name, link->tries);
}

enum tern_status tern_link_refuse(struct tern_link *link, const char *what, uint64_t address,
                                  struct tern_error *error) {
    link->is_open = false;
    if (link->answer.status == TERN_LINK_ENDED) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE,
                              "%s: the board was reset, or another program has opened it: run the command again",
                              link->name);
    }
    return tern_error_set(error, (enum tern_status)link->answer.status, "%s: %s at 0x%llx: %s", link->name, what,
                          (unsigned long long)address, tern_status_text((enum tern_status)link->answer.status));
}

// One try: sends link->request and waits for its answer.
static bool ask(struct tern_link *link) {
    tern_link_send(link, &link->request);
    while (tern_link_receive(link, true)) {
        if (link->answer.kind == (link->request.kind | TERN_LINK_ANSWER) &&
            link->answer.sequence == link->request.sequence &&
            (link->request.kind == TERN_LINK_HELLO || link->answer.session == link->request.session)) {
            return true;
        }
    }
    return false;
}

static uint32_t payload_word(const struct tern_link_frame *frame, unsigned index) {
    return tern_link_word(frame->payload + 4 * index);
}

static void take_facts(struct tern_link *link) {
    const struct tern_link_frame *answer = &link->answer;
    link->session = answer->session;
    link->facts.receive_bytes = payload_word(answer, 0);
    link->facts.memory_base = payload_word(answer, 1) | (uint64_t)payload_word(answer, 2) << 32;
    link->facts.memory_bytes = payload_word(answer, 3) | (uint64_t)payload_word(answer, 4) << 32;
}

// A number that OPEN refuses was taken by another program, or is from before a reset: the next HELLO gives another one.
static bool try_session(struct tern_link *link) {
    link->request = (struct tern_link_frame){.kind = TERN_LINK_HELLO, .sequence = link->beginning};
    if (!ask(link) || link->answer.payload_bytes != 4 * TERN_LINK_HELLO_WORDS) {
        return false;
    }
    take_facts(link);
    link->request =
        (struct tern_link_frame){.kind = TERN_LINK_OPEN, .session = link->session, .sequence = link->beginning};
    return ask(link) && link->answer.status == TERN_STATUS_OK;
}

enum tern_status tern_link_begin(struct tern_link *link, struct tern_error *error) {
    if (link->is_open) {
        return TERN_STATUS_OK;
    }
    tern_link_progress(link);
    link->beginning++; // the number of all tries: an answer may be later than the next try
    while (!try_session(link)) {
        TERN_TRY(tern_link_count_try(link, error));
    }
    if (link->facts.receive_bytes < TERN_LINK_MAX_FRAME_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_DEVICE, "%s: the board takes frames of %u bytes, %u are needed",
                              link->name, link->facts.receive_bytes, TERN_LINK_MAX_FRAME_BYTES);
    }
    tern_link_progress(link);
    link->next = link->done = 0;
    link->pending_bytes = 0;
    link->has_gap = false;
    link->gathered.payload_bytes = 0;
    link->is_open = true;
    return TERN_STATUS_OK;
}
