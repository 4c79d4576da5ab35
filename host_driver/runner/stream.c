// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/stream.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"

static enum tern_status check_room(const struct tern_stream *stream, uint64_t wanted_bytes, struct tern_error *error) {
    return wanted_bytes <= stream->bytes
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_NO_DEVICE_MEMORY,
                                "%s: %llu bytes of device memory are left for weights, one command needs %llu",
                                tern_device_name(stream->device), (unsigned long long)stream->bytes,
                                (unsigned long long)wanted_bytes);
}

enum tern_status tern_stream_open(struct tern_stream *stream, struct tern_device *device, uint64_t bytes,
                                  uint64_t total_bytes, uint64_t least_bytes, struct tern_error *error) {
    memset(stream, 0, sizeof *stream);
    stream->device = device;
    stream->is_resident = total_bytes <= bytes;
    stream->bytes = (stream->is_resident ? total_bytes : bytes) / TERN_SEGMENT_ALIGN * TERN_SEGMENT_ALIGN;
    TERN_TRY(check_room(stream, stream->is_resident ? 0 : least_bytes, error));
    return tern_device_allocate(device, stream->bytes, error, &stream->base);
}

void tern_stream_close(struct tern_stream *stream) {
    free(stream->pieces);
    free(stream->table);
    memset(stream, 0, sizeof *stream);
}

uint64_t tern_stream_piece_bytes(const struct tern_stream *stream) {
    return stream->is_resident ? stream->bytes : stream->bytes / 3 / TERN_SEGMENT_ALIGN * TERN_SEGMENT_ALIGN;
}

// The table's entry of a piece, or the empty one where it belongs.
static size_t *entry_of(const struct tern_stream *stream, const void *data, uint64_t bytes) {
    size_t i = (size_t)(((uintptr_t)data >> 2) * 0x9e3779b97f4a7c15u >> 32) & stream->table_mask;
    while (stream->table[i] != 0) {
        const struct tern_stream_piece *piece = &stream->pieces[stream->table[i] - 1];
        if (piece->data == data && piece->bytes == bytes) {
            break;
        }
        i = (i + 1) & stream->table_mask;
    }
    return &stream->table[i];
}

static const struct tern_stream_piece *find(const struct tern_stream *stream, const void *data, uint64_t bytes) {
    const size_t number = stream->table ? *entry_of(stream, data, bytes) : 0;
    return number ? &stream->pieces[number - 1] : NULL;
}

// More room in the list of pieces, and a table for as many.
static bool grow(struct tern_stream *stream) {
    const size_t capacity = stream->capacity ? 2 * stream->capacity : 64;
    size_t *table = calloc(2 * capacity, sizeof *table);
    void *grown = table ? realloc(stream->pieces, capacity * sizeof *stream->pieces) : NULL;
    if (!grown) {
        free(table);
        return false;
    }
    free(stream->table);
    stream->table = table;
    stream->table_mask = 2 * capacity - 1;
    stream->pieces = grown;
    stream->capacity = capacity;
    for (size_t i = 0; stream->is_resident && i < stream->count; i++) {
        *entry_of(stream, stream->pieces[i].data, stream->pieces[i].bytes) = i + 1;
    }
    return true;
}

static enum tern_status append(struct tern_stream *stream, const struct tern_stream_piece *piece,
                               struct tern_error *error) {
    if (stream->first > 0 && stream->first == stream->capacity / 2) {
        memmove(stream->pieces, stream->pieces + stream->first, (stream->count - stream->first) * sizeof *piece);
        stream->count -= stream->first;
        stream->first = 0;
    }
    if (stream->count == stream->capacity && !grow(stream)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the list of uploads");
    }
    stream->pieces[stream->count++] = *piece;
    if (stream->is_resident) {
        *entry_of(stream, piece->data, piece->bytes) = stream->count;
    }
    return TERN_STATUS_OK;
}

static bool overlaps(const struct tern_stream_piece *piece, uint64_t address, uint64_t bytes) {
    return piece->address < address + bytes &&
           address < piece->address + tern_align_up(piece->bytes, TERN_SEGMENT_ALIGN);
}

// Waits for the pieces that overlap the next one. A piece without a command cannot be waited for: then the next one is
// too large for the ring.
static enum tern_status make_room(struct tern_stream *stream, uint64_t address, uint64_t bytes,
                                  struct tern_error *error) {
    for (size_t last = stream->count; last > stream->first; last--) {
        if (!overlaps(&stream->pieces[last - 1], address, bytes)) {
            continue;
        }
        if (!stream->pieces[last - 1].has_ticket) {
            return tern_error_set(error, TERN_STATUS_NO_DEVICE_MEMORY,
                                  "%s: %llu bytes of device memory are left for weights, too few for one command",
                                  tern_device_name(stream->device), (unsigned long long)stream->bytes);
        }
        enum tern_status status = tern_device_wait(stream->device, stream->pieces[last - 1].ticket, error, NULL);
        stream->first = last;
        return status;
    }
    return TERN_STATUS_OK;
}

static enum tern_status write_strips(struct tern_stream *stream, const struct tern_stream_piece *piece, uint64_t strips,
                                     uint64_t used_bytes, struct tern_error *error) {
    uint64_t strip_bytes = piece->bytes / strips;
    if (tern_device_times_only(stream->device)) {
        return TERN_STATUS_OK;
    }
    if (stream->is_resident || used_bytes == strip_bytes) {
        stream->uploaded_bytes += piece->bytes;
        return tern_device_write(stream->device, piece->address, piece->data, piece->bytes, error);
    }
    for (uint64_t strip = 0; strip < strips; strip++) {
        const uint8_t *data = (const uint8_t *)piece->data + strip * strip_bytes;
        TERN_TRY(tern_device_write(stream->device, piece->address + strip * strip_bytes, data, used_bytes, error));
    }
    stream->uploaded_bytes += strips * used_bytes;
    return TERN_STATUS_OK;
}

enum tern_status tern_stream_put_strips(struct tern_stream *stream, const void *data, uint64_t strips,
                                        uint64_t strip_bytes, uint64_t used_bytes, struct tern_error *error,
                                        uint64_t *address) {
    uint64_t bytes = strips * strip_bytes;
    const struct tern_stream_piece *known = find(stream, data, bytes);
    if (known) {
        *address = known->address;
        return TERN_STATUS_OK;
    }
    uint64_t stored = tern_align_up(bytes, TERN_SEGMENT_ALIGN);
    TERN_TRY(check_room(stream, stored, error));
    uint64_t offset = stream->next + stored <= stream->bytes ? stream->next : 0;
    const struct tern_stream_piece piece = {.data = data, .address = stream->base + offset, .bytes = bytes};
    if (!stream->is_resident) {
        TERN_TRY(make_room(stream, piece.address, stored, error));
    }
    TERN_TRY(write_strips(stream, &piece, strips, used_bytes, error));
    TERN_TRY(append(stream, &piece, error));
    stream->next = offset + stored;
    *address = piece.address;
    return TERN_STATUS_OK;
}

enum tern_status tern_stream_put(struct tern_stream *stream, const void *data, uint64_t bytes, struct tern_error *error,
                                 uint64_t *address) {
    return tern_stream_put_strips(stream, data, 1, bytes, bytes, error, address);
}

void tern_stream_used(struct tern_stream *stream, uint32_t ticket) {
    for (size_t i = stream->count; i > stream->first && !stream->pieces[i - 1].has_ticket; i--) {
        stream->pieces[i - 1].has_ticket = true;
        stream->pieces[i - 1].ticket = ticket;
    }
}
