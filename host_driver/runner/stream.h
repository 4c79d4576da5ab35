// SPDX-License-Identifier: Apache-2.0
// Read-only data on its way to the device. When everything fits it stays (uploaded on first use); otherwise it passes
// through a ring in device memory, whose oldest pieces are overwritten once the commands that read them have ended.
#ifndef TERN_HOST_DRIVER_RUNNER_STREAM_H
#define TERN_HOST_DRIVER_RUNNER_STREAM_H

#include "host_driver/device/device.h"

struct tern_stream_piece {
    const void *data; // host address: the identity of resident data
    uint64_t address, bytes;
    uint32_t ticket; // last command that reads it
    bool has_ticket;
};

struct tern_stream {
    struct tern_device *device;
    bool is_resident;
    uint64_t base, bytes;             // the ring
    uint64_t next;                    // offset of the next piece
    struct tern_stream_piece *pieces; // resident: all, in no order; ring: live ones, oldest first
    size_t first, count, capacity;
    size_t found; // the piece asked for last: the next one asked for mostly follows
    uint64_t uploaded_bytes;
};

// Takes `bytes` of device memory for the ring; resident when `total_bytes`, all that will ever be asked for (each piece
// rounded up to 64), fits there; refused when not even `least_bytes` does, which some command asks for.
enum tern_status tern_stream_open(struct tern_stream *stream, struct tern_device *device, uint64_t bytes,
                                  uint64_t total_bytes, uint64_t least_bytes, struct tern_error *error);
void tern_stream_close(struct tern_stream *stream);

// Largest piece a ring takes so that the next one can be written while it is read.
uint64_t tern_stream_piece_bytes(const struct tern_stream *stream);

// Device address of a copy of data[bytes]. It lasts until tern_stream_used has named the command that reads it and that
// has ended.
enum tern_status tern_stream_put(struct tern_stream *stream, const void *data, uint64_t bytes, struct tern_error *error,
                                 uint64_t *address);
// The same for strips of `strip_bytes` of which the device will read the first `used_bytes`: a ring carries no more,
// and leaves what lies in its place between them; what stays on the device is whole, for any depth.
enum tern_status tern_stream_put_strips(struct tern_stream *stream, const void *data, uint64_t strips,
                                        uint64_t strip_bytes, uint64_t used_bytes, struct tern_error *error,
                                        uint64_t *address);
// All pieces put since the last call are read by commands up to `ticket`.
void tern_stream_used(struct tern_stream *stream, uint32_t ticket);

#endif
