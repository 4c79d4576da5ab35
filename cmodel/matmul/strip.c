// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/strip.h"

#include <string.h>

#include "cmodel/matmul/crc32c.h"
#include "cmodel/matmul/trit_code.h"

static void codes_pack(const uint8_t *codes, size_t pitch, unsigned rows, size_t columns, uint8_t *segment) {
    memset(segment, 0, tern_codes_bytes(columns));
    size_t groups = (columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
    for (size_t group = 0; group < groups; group++) {
        unsigned digits[TERN_CODE_BYTES] = {0, 0, 0};
        for (unsigned row = rows; row-- > 0;) {
            unsigned code = codes[row * pitch + group];
            digits[0] = 3 * digits[0] + code / 9;
            digits[1] = 3 * digits[1] + code / 3 % 3;
            digits[2] = 3 * digits[2] + code % 3;
        }
        for (int j = 0; j < TERN_CODE_BYTES; j++) {
            segment[TERN_CODE_BYTES * group + j] = tern_digits_encode(digits[j]);
        }
    }
}

// digits[level + TERN_LARGEST_LEVEL]: the trits of the level as digits, plane j in byte j. Trits 0, +1, -1 are digits
// 0, 1, 2. The lowest level is all -1. From there the index counts up in base 3.
static void level_digits_make(uint64_t digits[2 * TERN_LARGEST_LEVEL + 1]) {
    digits[0] = 0x0202020202020202;
    for (unsigned i = 1; i <= 2 * TERN_LARGEST_LEVEL; i++) {
        digits[i] = digits[i / 3] << 8 | (i + 2) % 3;
    }
}

// Packs all planes at once. Byte j of `sum` collects the five digits of plane j as a base-3 number, at most 242.
static void planes_pack(const int8_t *levels, size_t pitch, unsigned rows, size_t columns, unsigned depth,
                        uint8_t *planes) {
    uint64_t digits[2 * TERN_LARGEST_LEVEL + 1];
    size_t plane_bytes = tern_plane_bytes(columns);
    level_digits_make(digits);
    for (size_t column = 0; column < columns; column++) {
        uint64_t sum = 0;
        for (unsigned row = rows; row-- > 0;) {
            sum = 3 * sum + digits[levels[row * pitch + column] + TERN_LARGEST_LEVEL];
        }
        for (unsigned plane = 0; plane < depth; plane++) {
            planes[(depth - 1 - plane) * plane_bytes + column] = tern_digits_encode(sum >> 8 * plane & 0xff);
        }
    }
    for (unsigned plane = 0; plane < depth; plane++) {
        memset(planes + plane * plane_bytes + columns, 0, plane_bytes - columns);
    }
}

void tern_strip_pack(const int8_t *levels, size_t level_pitch, const uint8_t *codes, size_t code_pitch, unsigned rows,
                     size_t columns, unsigned depth, uint8_t *strip, uint32_t *crc) {
    size_t codes_bytes = tern_codes_bytes(columns), plane_bytes = tern_plane_bytes(columns);
    codes_pack(codes, code_pitch, rows, columns, strip);
    planes_pack(levels, level_pitch, rows, columns, depth, strip + codes_bytes);
    crc[0] = tern_crc32c(strip, codes_bytes);
    for (unsigned segment = 0; segment < depth; segment++) {
        crc[1 + segment] = tern_crc32c(strip + codes_bytes + segment * plane_bytes, plane_bytes);
    }
}

static enum tern_status crc_check(const uint8_t *strip, const uint32_t *crc, size_t columns, unsigned depth,
                                  size_t *bad_byte) {
    size_t offset = 0, bytes = tern_codes_bytes(columns);
    for (unsigned segment = 0; segment <= depth; segment++) {
        if (tern_crc32c(strip + offset, bytes) != crc[segment]) {
            *bad_byte = offset;
            return TERN_STATUS_CHECKSUM;
        }
        offset += bytes;
        bytes = tern_plane_bytes(columns);
    }
    return TERN_STATUS_OK;
}

// A clean byte is canonical, and its digits for rows that do not exist are zero.
static bool byte_is_clean(uint8_t byte, unsigned rows) {
    return tern_trits_is_canonical(byte) && tern_digits_decode(byte) >> 2 * rows == 0;
}

static enum tern_status segment_check(const uint8_t *strip, size_t start, size_t used, size_t bytes, unsigned rows,
                                      size_t *bad_byte) {
    for (size_t i = start; i < start + bytes; i++) {
        bool clean = i < start + used ? byte_is_clean(strip[i], rows) : strip[i] == 0;
        if (!clean) {
            *bad_byte = i;
            return TERN_STATUS_BAD_FILE;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status strict_check(const uint8_t *strip, unsigned rows, size_t columns, unsigned depth,
                                     size_t *bad_byte) {
    size_t groups = (columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
    size_t offset = tern_codes_bytes(columns), plane_bytes = tern_plane_bytes(columns);
    TERN_TRY(segment_check(strip, 0, TERN_CODE_BYTES * groups, offset, rows, bad_byte));
    for (unsigned plane = 0; plane < depth; plane++, offset += plane_bytes) {
        TERN_TRY(segment_check(strip, offset, columns, plane_bytes, rows, bad_byte));
    }
    return TERN_STATUS_OK;
}

static void codes_unpack(const uint8_t *segment, unsigned rows, size_t columns, uint8_t *codes, size_t pitch) {
    size_t groups = (columns + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
    for (size_t group = 0; group < groups; group++) {
        const uint8_t *bytes = segment + TERN_CODE_BYTES * group;
        unsigned high = tern_digits_decode(bytes[0]), middle = tern_digits_decode(bytes[1]),
                 low = tern_digits_decode(bytes[2]);
        for (unsigned row = 0; row < rows; row++) {
            codes[row * pitch + group] =
                (uint8_t)(9 * (high >> 2 * row & 3) + 3 * (middle >> 2 * row & 3) + (low >> 2 * row & 3));
        }
    }
}

// Horner's scheme over the planes in stream order: level = 3 x level + trit.
static void plane_unpack(const uint8_t *plane, unsigned rows, size_t columns, bool first, int8_t *levels,
                         size_t pitch) {
    for (unsigned row = 0; row < rows; row++) {
        int8_t *out = levels + row * pitch;
        for (size_t column = 0; column < columns; column++) {
            unsigned digit = tern_digits_decode(plane[column]) >> 2 * row & 3;
            int trit = (int)(digit & 1) - (int)(digit >> 1);
            out[column] = (int8_t)(first ? trit : 3 * out[column] + trit);
        }
    }
}

enum tern_status tern_strip_check(const uint8_t *strip, const uint32_t *crc, unsigned rows, size_t columns,
                                  unsigned depth, bool strict, size_t *bad_byte) {
    if (crc) {
        TERN_TRY(crc_check(strip, crc, columns, depth, bad_byte));
    }
    return strict ? strict_check(strip, rows, columns, depth, bad_byte) : TERN_STATUS_OK;
}

enum tern_status tern_strip_unpack(const uint8_t *strip, const uint32_t *crc, unsigned rows, size_t columns,
                                   unsigned depth, bool strict, int8_t *levels, size_t level_pitch, uint8_t *codes,
                                   size_t code_pitch, size_t *bad_byte) {
    TERN_TRY(tern_strip_check(strip, crc, rows, columns, depth, strict, bad_byte));
    codes_unpack(strip, rows, columns, codes, code_pitch);
    size_t codes_bytes = tern_codes_bytes(columns), plane_bytes = tern_plane_bytes(columns);
    for (unsigned plane = 0; plane < depth; plane++) {
        plane_unpack(strip + codes_bytes + plane * plane_bytes, rows, columns, plane == 0, levels, level_pitch);
    }
    return TERN_STATUS_OK;
}
