// SPDX-License-Identifier: Apache-2.0
// The key/value cache: block floating point with absolute exponents.
//
// A group is 16 elements with one exponent byte s of 0..CACHE_MAX_SHIFT: value = mantissa x 2^(s + CACHE_EXPONENT). s
// depends on the 16 elements alone, so a group can be written when its elements are known.
//
// A record is CACHE_POSITIONS positions of one key/value head. It holds its exponent bytes, padded to a multiple of 64
// bytes, then its mantissas i16 [16 x groups], padded likewise. Groups of a record, with h the head size:
//   keys      along the head. Position p, part g of the head is group p x ceil(h/16) + g. The last part of a position
//             is filled up with zeros. 16 x ceil(h/16) groups.
//   values    along the positions. Element e of the head is group e, its 16 columns are the positions. h groups.
// The records of a head follow each other. Padding has no meaning: nothing reads it.
#ifndef TERN_CMODEL_ATTENTION_CACHE_H
#define TERN_CMODEL_ATTENTION_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/layout.h"

TERN_SPEC_STATIC_ASSERT(TERN_CACHE_POSITIONS == TERN_GROUP_COLUMNS, "the positions of a record are a value group");

#ifdef __cplusplus
extern "C" {
#endif

enum tern_cache_kind { TERN_CACHE_KEYS = 0, TERN_CACHE_VALUES = 1 };

#define TERN_CACHE_GROUP_BYTES (2u * TERN_GROUP_COLUMNS) // mantissas of a group

// Groups of one position of a key head: ceil(head_size / 16).
static inline uint32_t tern_cache_head_groups(uint32_t head_size) {
    return (head_size + TERN_GROUP_COLUMNS - 1) / TERN_GROUP_COLUMNS;
}

// Groups of a record.
static inline uint32_t tern_cache_groups(enum tern_cache_kind kind, uint32_t head_size) {
    return kind == TERN_CACHE_KEYS ? TERN_CACHE_POSITIONS * tern_cache_head_groups(head_size) : head_size;
}

// Bytes from the start of a record to the mantissas of group 0; the exponent byte of group i is at i.
static inline uint32_t tern_cache_mantissas_offset(enum tern_cache_kind kind, uint32_t head_size) {
    return (uint32_t)tern_align_up(tern_cache_groups(kind, head_size), TERN_SEGMENT_ALIGN);
}

static inline uint32_t tern_cache_record_bytes(enum tern_cache_kind kind, uint32_t head_size) {
    uint32_t mantissas = TERN_CACHE_GROUP_BYTES * tern_cache_groups(kind, head_size);
    return tern_cache_mantissas_offset(kind, head_size) + (uint32_t)tern_align_up(mantissas, TERN_SEGMENT_ALIGN);
}

// Records of a head with this many positions.
static inline uint32_t tern_cache_records(uint32_t positions) {
    return (positions + TERN_CACHE_POSITIONS - 1) / TERN_CACHE_POSITIONS;
}

// Bytes of all records of a head: the least stride between heads.
static inline uint64_t tern_cache_head_bytes(enum tern_cache_kind kind, uint32_t head_size, uint32_t positions) {
    return (uint64_t)tern_cache_records(positions) * tern_cache_record_bytes(kind, head_size);
}

// NON_FINITE when an element is infinite, not a number, or too large. Too large is a magnitude of 65535 or more: its
// group would need a shift over CACHE_MAX_SHIFT. *bad_index: the first such element.
enum tern_status tern_cache_check(const float *x, size_t count, size_t *bad_index);

// Quantizes `count` elements that start a group and passed the check. Zeros fill up a last partial group. mantissas:
// i16 [16 x ceil(count/16)]. exponents: u8 [ceil(count/16)].
void tern_cache_quantize(const float *x, size_t count, int16_t *mantissas, uint8_t *exponents);

#ifdef __cplusplus
}
#endif
#endif
