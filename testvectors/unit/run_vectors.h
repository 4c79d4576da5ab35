// SPDX-License-Identifier: Apache-2.0
// Layout and reader of matmul_runs.tuv, vector.tuv and attention.tuv: golden runs of a unit, as its registers and
// device memory. It is C and C++ and needs unit_vectors.h beside it.
//
// The file is little-endian. It has a 64-byte header as matmul.tuv has, with "TERNRUNS", then the cases one after the
// other. Each case is a 128-byte record and three arrays. Every array is padded with zeros to 64 bytes. The arrays are
// in this order:
//   writes    u32 [writes][2]       offset and value of register writes, in order; then START is written to CONTROL
//   before    u8  [memory_bytes]    device memory from memory_base on, before the run
//   changed   u8  [changed_bytes]   device memory from changed_at on, after the run
// After the run all other bytes of memory are as before. Other addresses have no memory: an access ends in a bus error.
// All three units have CONTROL at 0x004, STATUS at 0x008 and the detail of an error at 0x00c.
#ifndef TERN_RUN_VECTORS_H
#define TERN_RUN_VECTORS_H

#include "unit_vectors.h"

#define TERN_RUN_VECTORS_VERSION 1u

struct tern_run_vectors_record {
    char name[32];                      // what the case is about, zero-terminated
    uint32_t unit;                      // the unit's register ID
    uint32_t status;                    // code in STATUS after the run
    uint32_t has_detail, detail;        // has_detail 1: register 0x00c must be `detail` after the run
    uint32_t writes, bytes;             // bytes: of the case, record and arrays
    uint64_t memory_base, memory_bytes; // multiples of 64
    uint64_t window_base, window_bytes;
    uint64_t changed_at, changed_bytes; // changed_bytes 0: nothing is written
    uint32_t reserved[6];
};

struct tern_run_vector {
    struct tern_run_vectors_record record;
    const uint8_t *writes, *before, *changed; // into the file
};

// Case `index` of a file held in memory; 0 when the file has no such case or does not hold together.
static inline int tern_run_vectors_find(const uint8_t *file, size_t file_bytes, uint32_t index,
                                        struct tern_run_vector *vector) {
    struct tern_run_vectors_record *record = &vector->record;
    const uint8_t *start =
        tern_unit_vectors_seek(file, file_bytes, "TERNRUNS", TERN_RUN_VECTORS_VERSION, index, record, sizeof *record);
    if (!start || record->writes > 256 || record->memory_bytes > 1u << 24 ||
        record->changed_bytes > record->memory_bytes) {
        return 0;
    }
    vector->writes = start + sizeof *record;
    vector->before = vector->writes + tern_unit_vectors_pad(8 * (size_t)record->writes);
    vector->changed = vector->before + tern_unit_vectors_pad(record->memory_bytes);
    const uint64_t changed = record->changed_at - record->memory_base;
    return (record->changed_bytes == 0 || changed <= record->memory_bytes - record->changed_bytes) &&
           (size_t)(vector->changed - start) + tern_unit_vectors_pad(record->changed_bytes) == record->bytes;
}

#endif
