// SPDX-License-Identifier: Apache-2.0
// Uploads read-only data to the device. When all data fit they stay, uploaded at first use. Otherwise they pass through
// a ring in device memory. The oldest pieces are overwritten when the commands that read them have ended.
#ifndef TERN_HOST_DRIVER_RUNNER_STREAM_H
#define TERN_HOST_DRIVER_RUNNER_STREAM_H

#include "host_driver/device/device.h"

struct tern_stream_piece {
    const void *data; // host address, identifies resident data
    uint64_t address, bytes;
    uint32_t ticket; // last command that reads it
    bool has_ticket;
};

struct tern_stream {
    struct tern_device *device;
    bool is_resident;
    uint64_t base, bytes;             // the ring
    uint64_t next;                    // offset of the next piece
    struct tern_stream_piece *pieces; // resident: all, in no order; ring: pieces in use, oldest first
    size_t first, count, capacity;
    size_t *table;     // resident: 1 + index of a piece, by the hash of its data, 0 where there is none
    size_t table_mask; // a power of two less 1: the table has at least twice as many entries as there are pieces
    uint64_t uploaded_bytes;
};

// Allocates `bytes` of device memory. Data are resident when total_bytes fits there: the sum of all pieces, each
// rounded up to 64. NO_DEVICE_MEMORY when least_bytes does not fit, the need of the largest command.
enum tern_status tern_stream_open(struct tern_stream *stream, struct tern_device *device, uint64_t bytes,
                                  uint64_t total_bytes, uint64_t least_bytes, struct tern_error *error);
void tern_stream_close(struct tern_stream *stream);

// The largest piece for which the next one can be written while it is read.
uint64_t tern_stream_piece_bytes(const struct tern_stream *stream);

// *address: device address of a copy of data[bytes]. The copy is valid until the command that tern_stream_used names
// for it has ended.
enum tern_status tern_stream_put(struct tern_stream *stream, const void *data, uint64_t bytes, struct tern_error *error,
                                 uint64_t *address);
// The same for strips of `strip_bytes` bytes, of which the device reads the first `used_bytes`. A ring gets only those
// bytes; the others in device memory keep old data. Resident strips are uploaded whole, for any depth.
enum tern_status tern_stream_put_strips(struct tern_stream *stream, const void *data, uint64_t strips,
                                        uint64_t strip_bytes, uint64_t used_bytes, struct tern_error *error,
                                        uint64_t *address);
// Names the last command, `ticket`, that reads the pieces put since the last call.
void tern_stream_used(struct tern_stream *stream, uint32_t ticket);

#endif
