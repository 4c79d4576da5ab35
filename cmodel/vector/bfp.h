// SPDX-License-Identifier: Apache-2.0
// Block floating point quantizer of activations: converts a float32 vector to the activation image that the unit reads.
//
// A group is 16 consecutive elements. Its exponent e is that of its largest magnitude minus 14. It is one more when
// that magnitude would round to 32768. mantissa = x / 2^e rounded to nearest even, so |mantissa| <= 32767.
//
// The vector's base exponent E is its largest group exponent - 15. The shift of a group is max(e - E, 0). Its mantissas
// are x / 2^(E + shift) rounded. value = mantissa x 2^(E + shift). An all-zero vector has E = 0. Groups of zeros have
// shift 0.
//
// Operations are on integers, and products are exact, so every device agrees. The functions for tiles are for the
// firmware, which streams long vectors in two passes.
#ifndef TERN_CMODEL_VECTOR_BFP_H
#define TERN_CMODEL_VECTOR_BFP_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/portable.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_bfp_scan {
    int32_t largest_exponent; // largest group exponent so far; INT32_MIN while every group was zero
};

void tern_bfp_scan_start(struct tern_bfp_scan *scan);
// Pass 1 over `count` elements that start a group. TERN_STATUS_NON_FINITE: *bad_index is the index in x of the first
// element that is not finite.
enum tern_status tern_bfp_scan_tile(struct tern_bfp_scan *scan, const float *x, size_t count, size_t *bad_index);
// The base exponent E of the scanned vector.
int32_t tern_bfp_base_exponent(const struct tern_bfp_scan *scan);
// Pass 2: quantizes `count` elements that start a group to ceil(count/16) groups. Zeros fill up a last partial group.
// mantissas: i16 [16 x groups]. shifts: u8 [groups].
void tern_bfp_quantize_tile(int32_t base_exponent, const float *x, size_t count, int16_t *mantissas, uint8_t *shifts);

// The portable functions of bfp.c. fast/bfp.c has those of the host.
extern __typeof__(tern_bfp_scan_tile) TERN_PORTABLE(tern_bfp_scan_tile);
extern __typeof__(tern_bfp_quantize_tile) TERN_PORTABLE(tern_bfp_quantize_tile);

// Quantizes a whole vector. image: tern_activation_bytes(columns) bytes, all written (padding zero), at an even
// address.
enum tern_status tern_bfp_quantize(const float *x, size_t columns, uint8_t *image, size_t *bad_index);
// What an image has besides its groups: header and padding.
void tern_bfp_frame(int32_t base_exponent, size_t columns, uint8_t *image);

#ifdef __cplusplus
}
#endif
#endif
