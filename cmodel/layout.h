// SPDX-License-Identifier: Apache-2.0
// Sizes and offsets of packed matrices and activation images. docs/packed-format.md is the normative text.
#ifndef TERN_CMODEL_LAYOUT_H
#define TERN_CMODEL_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "spec/generated/tern_spec.h"

TERN_SPEC_STATIC_ASSERT(TERN_BEAT_BYTES == TERN_GROUP_COLUMNS, "a column is a byte of a beat");
TERN_SPEC_STATIC_ASSERT(TERN_SEGMENT_ALIGN == TERN_GROUP_MULTIPLE * TERN_BEAT_BYTES, "planes end aligned");

#define TERN_MAX_GROUPS (TERN_MAX_COLUMNS / TERN_GROUP_COLUMNS) // of a row

#ifdef __cplusplus
extern "C" {
#endif

static inline uint64_t tern_align_up(uint64_t value, uint64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

// The number of groups of a row as stored: ceil(columns / 16) rounded up to a multiple of 4.
static inline uint64_t tern_groups(uint64_t columns) {
    return tern_align_up((columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS, TERN_GROUP_MULTIPLE);
}

static inline uint64_t tern_strips(uint64_t rows) {
    return (rows + TERN_STRIP_ROWS - 1) / TERN_STRIP_ROWS;
}

// Bytes of a strip's scale codes, padding included.
static inline uint64_t tern_codes_bytes(uint64_t columns) {
    return tern_align_up(TERN_CODE_BYTES * tern_groups(columns), TERN_SEGMENT_ALIGN);
}

static inline uint64_t tern_plane_bytes(uint64_t columns) {
    return TERN_BEAT_BYTES * tern_groups(columns);
}

// A strip has its codes, then plane depth-1, ..., plane 0.
static inline uint64_t tern_strip_bytes(uint64_t columns, unsigned depth) {
    return tern_codes_bytes(columns) + depth * tern_plane_bytes(columns);
}

static inline uint64_t tern_matrix_bytes(uint64_t rows, uint64_t columns, unsigned depth) {
    return tern_strips(rows) * tern_strip_bytes(columns, depth);
}

// The bytes of the checksum table u32 [strips][depth + 1].
static inline uint64_t tern_crc_bytes(uint64_t rows, unsigned depth) {
    return tern_strips(rows) * (depth + 1) * sizeof(uint32_t);
}

// An activation image has a header, mantissas i16 [16 x groups] and shifts u8 [groups] padded to 64 bytes.
static inline uint64_t tern_activation_shifts_offset(uint64_t columns) {
    return TERN_ACTIVATION_HEADER_BYTES + 2 * TERN_GROUP_COLUMNS * tern_groups(columns);
}

static inline uint64_t tern_activation_bytes(uint64_t columns) {
    return tern_activation_shifts_offset(columns) + tern_align_up(tern_groups(columns), TERN_SEGMENT_ALIGN);
}

#ifdef __cplusplus
}
#endif
#endif
