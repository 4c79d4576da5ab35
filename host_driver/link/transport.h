// SPDX-License-Identifier: Apache-2.0
// What carries frames to a board and back: docs/link.md, section 3. It may lose, repeat and reorder frames, and change
// their bytes.
#ifndef TERN_HOST_DRIVER_LINK_TRANSPORT_H
#define TERN_HOST_DRIVER_LINK_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_link_transport {
    void *context;
    void (*send)(void *context, const uint8_t *frame, size_t bytes);
    // The next frame, of at most TERN_LINK_MAX_FRAME_BYTES. 0: there is none; with `wait` none came for a while, which
    // is a try of the link.
    size_t (*receive)(void *context, uint8_t *frame, bool wait);
    void (*close)(void *context);
};

// "HOST" or "HOST:PORT": a frame is a datagram. BAD_ARGUMENT or IO with a sentence that begins with `name`.
enum tern_status tern_link_udp_open(const char *name, const char *address, struct tern_error *error,
                                    struct tern_link_transport *transport);
// "PATH" or "PATH:BAUD": a serial line, with frames as in cmodel/link/stuffing.h.
enum tern_status tern_link_tty_open(const char *name, const char *address, struct tern_error *error,
                                    struct tern_link_transport *transport);
// BAD_ARGUMENT for an address of another form. They open nothing.
enum tern_status tern_link_udp_check(const char *name, const char *address, struct tern_error *error);
enum tern_status tern_link_tty_check(const char *name, const char *address, struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
