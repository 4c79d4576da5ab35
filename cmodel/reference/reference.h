// SPDX-License-Identifier: Apache-2.0
// A slow and simple second implementation, with which tests compare libtern. It shares no code with cmodel/ on purpose.
// It has its own trit decoder and checksum. Sums are exact in one wide fixed-point number. All else is in double
// precision.
#ifndef TERN_CMODEL_REFERENCE_H
#define TERN_CMODEL_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- trits, strips ---

// Five base-3 digits (0..2) of a byte, by the table of ASTC's integer sequence encoding.
void tern_reference_digits(uint8_t byte, unsigned digits[5]);
// The lowest byte that decodes to these digits.
uint8_t tern_reference_byte(const unsigned digits[5]);
// Computes CRC-32C bit by bit.
uint32_t tern_reference_crc32c(const uint8_t *data, size_t bytes);

// Unpacks the weights of a packed matrix to plain integers. groups: as stored. strips: ceil(rows/5) of them. levels:
// i32 [rows][16 x groups] from the first depth_used planes. codes: u8 [rows][groups].
void tern_reference_unpack(const uint8_t *strips, size_t rows, size_t groups, unsigned depth_stored,
                           unsigned depth_used, int32_t *levels, uint8_t *codes);
// Packs all planes. strips: ceil(rows/5) x (64 ceil(3 groups/64) + 16 depth groups) bytes, padding zero. crc: u32
// [strips][depth + 1], may be NULL.
void tern_reference_pack(const int32_t *levels, const uint8_t *codes, size_t rows, size_t groups, unsigned depth,
                         uint8_t *strips, uint32_t *crc);

// --- exact sums ---

// A signed fixed-point number of 2048 bits. Its last place is 2^-1024. It holds every sum that the unit can have.
#define TERN_REFERENCE_LIMBS 64
struct tern_reference_exact {
    uint32_t limb[TERN_REFERENCE_LIMBS]; // two's complement, least significant first
};

// exact += value x 2^exponent. exponent >= -1024, |value| x 2^exponent < 2^1000.
void tern_reference_accumulate(struct tern_reference_exact *exact, int64_t value, int exponent);
// Rounds to float32 bits, nearest even, by a search among the floats. An exact zero is +0.
uint32_t tern_reference_round(const struct tern_reference_exact *exact);

// y[rows] (float32 bits) = sum over columns of level x step x mantissa x 2^(activation_exponent + shift), rounded once.
// levels: i32 [rows][16 x groups]. codes: u8 [rows][groups]. steps: 27 non-negative float32 bit patterns. mantissas:
// i16 [16 x groups]. shifts: u8 [groups].
void tern_reference_matmul(const int32_t *levels, const uint8_t *codes, size_t rows, size_t groups,
                           const uint32_t steps[27], const int16_t *mantissas, const uint8_t *shifts,
                           int32_t activation_exponent, uint32_t *y);

// --- block floating point, by doubles ---

// x: finite floats [columns]. mantissas: i16 [16 x ceil(columns/16)], shifts: u8 [ceil(columns/16)].
void tern_reference_bfp(const float *x, size_t columns, int32_t *base_exponent, int16_t *mantissas, uint8_t *shifts);

// The same for one group of the key/value cache, whose exponent is absolute. x: [count], count <= 16, magnitudes below
// 65535. mantissas: i16 [16].
void tern_reference_cache_group(const float *x, size_t count, int16_t *mantissas, uint8_t *exponent);

// --- dot products of the key/value cache ---

// One result (float32 bits), from the bytes of a head's records and of an image. Keys: position `index`. Values:
// element `index` of `positions` positions.
uint32_t tern_reference_dot_key(const uint8_t *records, size_t head_size, size_t index, const uint8_t *image);
uint32_t tern_reference_dot_value(const uint8_t *records, size_t head_size, size_t positions, size_t index,
                                  const uint8_t *image);

// --- everything else, by doubles ---

// output[i] = input[i] x weight[i] / sqrt(mean(input^2) + epsilon)
void tern_reference_rmsnorm(const double *input, const double *weight, size_t length, double epsilon, double *output);
// The halves (a, b) of each head become (a cos - b sin, b cos + a sin). input, output: [heads][head_size], may be the
// same. cosine, sine: [head_size/2].
void tern_reference_rotary(const double *input, size_t heads, size_t head_size, const double *cosine,
                           const double *sine, double *output);
// Softmax attention of one position. query, output: [heads][head_size]. keys, values: [kv_heads][capacity][head_size].
// It attends to `positions` positions. Head h reads kv head h / (heads / kv_heads). scores: [positions], working space.
void tern_reference_attention(const double *query, const double *keys, const double *values, size_t heads,
                              size_t kv_heads, size_t head_size, size_t capacity, size_t positions, double scale,
                              double *scores, double *output);

#ifdef __cplusplus
}
#endif
#endif
