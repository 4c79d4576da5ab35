// SPDX-License-Identifier: Apache-2.0
// Block-floating-point quantiser of activations: f32 vector to the activation image the unit reads.
//
// A block is 16 consecutive elements. Its exponent e is that of its largest magnitude minus 14, one more when that
// magnitude would round to 32768; mantissa = round to nearest even of x / 2^e, so |mantissa| <= 32767.
// The vector's base exponent E is its largest block exponent - 15; a block's shift is max(e - E, 0), its mantissas are
// x / 2^(E + shift) rounded. An all-zero vector has E = 0; zero blocks have shift 0. value = mantissa x 2^(E + shift).
// Integer operations and exact products only, so every device agrees. Tiles: firmware streams long
// vectors in two passes.
#ifndef TERN_CMODEL_VECTOR_BFP_H
#define TERN_CMODEL_VECTOR_BFP_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_bfp_scan {
    int32_t largest_exponent; // largest block exponent so far, INT32_MIN while every block was zero
};

void tern_bfp_scan_start(struct tern_bfp_scan *scan);
// Pass 1 over `count` elements that start at a block boundary; *bad_index is the first non-finite element (within x)
// when TERN_STATUS_NON_FINITE is returned.
enum tern_status tern_bfp_scan_tile(struct tern_bfp_scan *scan, const float *x, size_t count, size_t *bad_index);
// E of the scanned vector.
int32_t tern_bfp_base_exponent(const struct tern_bfp_scan *scan);
// Pass 2: `count` elements from a block boundary to ceil(count/16) blocks; a last partial block is filled with zeros.
// mantissas: i16 [16 x blocks]; shifts: u8 [blocks].
void tern_bfp_quantize_tile(int32_t base_exponent, const float *x, size_t count, int16_t *mantissas, uint8_t *shifts);

// Whole vector at once: image has tern_activation_bytes(columns) bytes, written completely (padding zero).
enum tern_status tern_bfp_quantize(const float *x, size_t columns, uint8_t *image, size_t *bad_index);

#ifdef __cplusplus
}
#endif
#endif
