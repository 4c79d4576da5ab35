// SPDX-License-Identifier: Apache-2.0
// Packs levels and scale codes into the bytes and checksums of a strip, and unpacks them.
#ifndef TERN_CMODEL_MATMUL_STRIP_H
#define TERN_CMODEL_MATMUL_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/layout.h"
#include "cmodel/matmul/levels.h"

#ifdef __cplusplus
extern "C" {
#endif

// Packs one strip. levels: i8 [rows][columns] with row pitch `level_pitch`, rows 1..5, each |level| <= (3^depth - 1)/2.
// codes: u8 [rows][ceil(columns/16)] with row pitch `code_pitch`, each 0..26. strip: tern_strip_bytes(). crc: [depth +
// 1].
void tern_strip_pack(const int8_t *levels, size_t level_pitch, const uint8_t *codes, size_t code_pitch, unsigned rows,
                     size_t columns, unsigned depth, uint8_t *strip, uint32_t *crc);
// Checks a strip. strict: bytes are canonical, padding is zero, and so are digits of rows and columns that do not
// exist. *bad_byte is an offset in the strip. TERN_STATUS_BAD_FILE (strict only): that of the offending byte.
// TERN_STATUS_CHECKSUM: that of the segment's first byte. crc: [depth + 1], may be NULL.
enum tern_status tern_strip_check(const uint8_t *strip, const uint32_t *crc, unsigned rows, size_t columns,
                                  unsigned depth, bool strict, size_t *bad_byte);
// Checks a strip as tern_strip_check() does, then unpacks it. Codes are always valid: three digits give 0..26.
enum tern_status tern_strip_unpack(const uint8_t *strip, const uint32_t *crc, unsigned rows, size_t columns,
                                   unsigned depth, bool strict, int8_t *levels, size_t level_pitch, uint8_t *codes,
                                   size_t code_pitch, size_t *bad_byte);

#ifdef __cplusplus
}
#endif
#endif
