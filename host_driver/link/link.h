// SPDX-License-Identifier: Apache-2.0
// The host's side of the link to a board: docs/link.md, section 4. Every request takes effect once, although frames may
// be lost. Writes are sent ahead and answered later: a failed write is reported by a later call. A call that failed may
// have had its effect or not. The next call opens a new session, after which no frame of the old one has an effect.
#ifndef TERN_HOST_DRIVER_LINK_LINK_H
#define TERN_HOST_DRIVER_LINK_LINK_H

#include "cmodel/link/frame.h"
#include "host_driver/link/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_link;

// Facts of the board, from its answer to HELLO.
struct tern_link_board_facts {
    uint32_t receive_bytes;
    uint64_t memory_base, memory_bytes;
};

// name: begins each error sentence. tries: so many in a row without an answer end a call with TIMEOUT. The link owns
// the transport, also when opening fails.
enum tern_status tern_link_open(const struct tern_link_transport *transport, const char *name, uint32_t tries,
                                struct tern_error *error, struct tern_link **link);
void tern_link_close(struct tern_link *link); // NULL allowed
const struct tern_link_board_facts *tern_link_facts(const struct tern_link *link);

// Registers of 32 bits; writes to rising addresses travel together.
enum tern_status tern_link_register_read(struct tern_link *link, uint32_t address, uint32_t *value,
                                         struct tern_error *error);
enum tern_status tern_link_register_write(struct tern_link *link, uint32_t address, uint32_t value,
                                          struct tern_error *error);
// Device memory, any number of bytes at any address.
enum tern_status tern_link_memory_read(struct tern_link *link, uint64_t address, void *data, size_t bytes,
                                       struct tern_error *error);
enum tern_status tern_link_memory_write(struct tern_link *link, uint64_t address, const void *data, size_t bytes,
                                        struct tern_error *error);
// Waits until the board has done every write.
enum tern_status tern_link_flush(struct tern_link *link, struct tern_error *error);

#ifdef __cplusplus
}
#endif
#endif
