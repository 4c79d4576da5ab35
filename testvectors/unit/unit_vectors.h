// SPDX-License-Identifier: Apache-2.0
// Layout and reader of matmul.tuv, the golden vectors of the trit matmul unit. It is C and C++ and needs no other
// file of the tree.
//
// The file is little-endian. It has a 64-byte header, then the cases one after the other. Each case is a 64-byte record
// and five arrays. Every array is padded with zeros to 64 bytes. The arrays are in this order:
//   weights     u8  [strips][strip_bytes]           strips = ceil(rows/5); docs/packed-format.md
//   crc         u32 [strips][depth_stored + 1]
//   activation  the image: 64-byte header, i16 [16 groups], u8 [groups] padded to 64
//   step_bits   u32 [27]                            float32 steps as in a packed file
//   output      u32 [rows]                          float32 bits the unit must write; words from rows_written on
//                                                   must stay as they were (here zero)
// The matrix has 16 x groups columns. The unit must end with record.status, and ERROR_DETAIL must be record.detail.
#ifndef TERN_UNIT_VECTORS_H
#define TERN_UNIT_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TERN_UNIT_VECTORS_VERSION 2u
#define TERN_UNIT_VECTORS_BYTES_AT 52u // of `bytes` in a record, also in those of run_vectors.h

struct tern_unit_vectors_header {
    char magic[8];                  // "TERNUNIT"
    uint32_t version, cases, bytes; // bytes: of the whole file
    uint32_t reserved[11];
};

struct tern_unit_vectors_record {
    char name[24]; // what the case is about, zero-terminated
    uint32_t rows, groups, depth_stored, depth_used;
    uint32_t status, detail, rows_written;
    uint32_t bytes; // of the case: record and arrays
    uint32_t reserved[2];
};

struct tern_unit_vector {
    struct tern_unit_vectors_record record;
    const uint8_t *weights, *crc, *activation, *step_bits, *output; // into the file
    size_t weights_bytes, crc_bytes, activation_bytes;              // without the padding between arrays
};

static inline size_t tern_unit_vectors_pad(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

// Copies the record of case `index` of a file held in memory and returns its place. NULL when the file has no such case
// or does not hold together.
static inline const uint8_t *tern_unit_vectors_seek(const uint8_t *file, size_t file_bytes, const char *magic,
                                                    uint32_t version, uint32_t index, void *record,
                                                    size_t record_bytes) {
    struct tern_unit_vectors_header header;
    size_t at = sizeof header;
    uint32_t bytes;
    if (file_bytes < sizeof header) {
        return NULL;
    }
    memcpy(&header, file, sizeof header);
    if (memcmp(header.magic, magic, 8) != 0 || header.version != version || header.bytes != file_bytes ||
        index >= header.cases) {
        return NULL;
    }
    for (uint32_t i = 0;; i++) {
        if (file_bytes - at < record_bytes) {
            return NULL;
        }
        memcpy(&bytes, file + at + TERN_UNIT_VECTORS_BYTES_AT, sizeof bytes);
        if (bytes < record_bytes || bytes > file_bytes - at) {
            return NULL;
        }
        if (i == index) {
            memcpy(record, file + at, record_bytes);
            return file + at;
        }
        at += bytes;
    }
}

// Case `index` of a file held in memory; 0 when the file has no such case or does not hold together.
static inline int tern_unit_vectors_find(const uint8_t *file, size_t file_bytes, uint32_t index,
                                         struct tern_unit_vector *vector) {
    struct tern_unit_vectors_record *record = &vector->record;
    const uint8_t *start =
        tern_unit_vectors_seek(file, file_bytes, "TERNUNIT", TERN_UNIT_VECTORS_VERSION, index, record, sizeof *record);
    if (!start || record->rows > 4096 || record->groups > 4096 || record->depth_stored > 4) {
        return 0;
    }
    const size_t strips = (record->rows + 4) / 5;
    vector->weights_bytes = strips * (tern_unit_vectors_pad(3 * (size_t)record->groups) +
                                      16 * (size_t)record->groups * record->depth_stored);
    vector->crc_bytes = 4 * strips * (record->depth_stored + 1);
    vector->activation_bytes = 64 + 32 * (size_t)record->groups + tern_unit_vectors_pad(record->groups);
    vector->weights = start + sizeof *record;
    vector->crc = vector->weights + tern_unit_vectors_pad(vector->weights_bytes);
    vector->activation = vector->crc + tern_unit_vectors_pad(vector->crc_bytes);
    vector->step_bits = vector->activation + tern_unit_vectors_pad(vector->activation_bytes);
    vector->output = vector->step_bits + 128;
    return (size_t)(vector->output - start) + tern_unit_vectors_pad(4 * (size_t)record->rows) == record->bytes;
}

#endif
