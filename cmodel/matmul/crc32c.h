// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli): polynomial 0x1EDC6F41 reflected, initial value and final complement all ones. The source is RFC
// 3720, appendix B.4. Each segment of a strip has one.
#ifndef TERN_CMODEL_MATMUL_CRC32C_H
#define TERN_CMODEL_MATMUL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Uses the processor's instruction where it has one (cmodel/fast/crc32c.c).
uint32_t tern_crc32c(const void *data, size_t bytes);
// Uses a table, on every processor.
uint32_t tern_crc32c_portable(const void *data, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
