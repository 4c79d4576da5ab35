// SPDX-License-Identifier: Apache-2.0
// DOT: exact dot products of the records of a key/value head (cache.h) with activation images.
//
//   keys      output[p] = key of position p . image          image: `head_size` elements; p < positions
//   values    output[e] = element e of all positions . image  image: `positions` elements; e < head_size
//
//   result = round(sum over groups of 2^(image shift + cache exponent byte) x (sum of 16 products of mantissas)
//                  x 2^(image's base exponent + CACHE_EXPONENT))
//
// The sum is exact and is rounded once, so the result does not depend on any order. A group is always summed over all
// its 16 columns, also those beyond the last element or position: the image has zeros there.
//
// Bounds, also for the mantissa -32768: a sum of 16 products is at most 2^34. Shifts are at most 15 + 31. A sum has at
// most 2048 groups, so |sum| <= 2^91.
#ifndef TERN_CMODEL_ATTENTION_DOT_H
#define TERN_CMODEL_ATTENTION_DOT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmodel/attention/cache.h"
#include "cmodel/matmul/round.h"
#include "cmodel/portable.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- parts, for tiles in scratch memory ---

// Checks the first four words of an activation image of `length` elements. BAD_ACTIVATION: *word is the word that is
// wrong, tested in the order 3 magic, 1 groups, 2 columns, 0 base exponent.
enum tern_status tern_dot_check_header(const uint32_t header[4], uint32_t length, uint32_t *word);
// Is each of the bytes at most `largest`? For the shifts of an image (all tern_groups(length) of them, MAX_SHIFT) and
// the exponent bytes of a record (those that are used, CACHE_MAX_SHIFT).
bool tern_dot_shifts_are_valid(const uint8_t *shifts, uint32_t count, uint32_t largest);

// The scores of the first `positions` positions (1..16) of one key record. image_mantissas: i16 [16 x
// ceil(head_size/16)], 4-byte aligned. image_shifts: one a group. base_exponent: that of the image's header.
void tern_dot_key_record(const uint8_t *record, uint32_t head_size, uint32_t positions, const int16_t *image_mantissas,
                         const uint8_t *image_shifts, int32_t base_exponent, float *scores);

// Adds `count` value records to sums [head_size]. weights: the mantissas of the records' positions, i16 [16 x count],
// 4-byte aligned. weight_shifts: one a record.
void tern_dot_value_records(const uint8_t *records, uint32_t count, uint32_t head_size, const int16_t *weights,
                            const uint8_t *weight_shifts, struct tern_wide_sum *sums);
// Rounds sums [head_size], after the last record.
void tern_dot_finish(const struct tern_wide_sum *sums, uint32_t head_size, int32_t base_exponent, float *output);

// The portable functions of dot.c. fast/dot.c has those of the host.
extern __typeof__(tern_dot_key_record) TERN_PORTABLE(tern_dot_key_record);
extern __typeof__(tern_dot_value_records) TERN_PORTABLE(tern_dot_value_records);
extern __typeof__(tern_dot_finish) TERN_PORTABLE(tern_dot_finish);

// Where DOT failed with BAD_ACTIVATION, as the command's detail has it. Bits 7:0: word 0..3 of an image's header,
// DOT_AT_SHIFT or DOT_AT_EXPONENT. For an image bits 31:8 are its number, counted over all heads of the command. For an
// exponent byte bits 15:8 are the key/value head, bits 31:16 the record.
#define TERN_DOT_IMAGE_SHIFT_WORD ((uint32_t)TERN_DOT_AT_SHIFT)
#define TERN_DOT_RECORD_WORD ((uint32_t)TERN_DOT_AT_EXPONENT)

static inline uint32_t tern_dot_image_place(uint32_t image, uint32_t word) {
    return image << 8 | word;
}

static inline uint32_t tern_dot_record_place(uint32_t head, uint32_t record) {
    return record << 16 | head << 8 | TERN_DOT_RECORD_WORD;
}

// --- one key/value head, in the order of the unit ---

// Memory of a head's operands and results, by device address. `at` returns the bytes, or NULL with a status when they
// must not be touched. Each range is asked for before its first access. Neighbouring ranges are neighbours in memory.
struct tern_dot_memory {
    void *context;
    uint8_t *(*at)(void *context, uint64_t address, uint64_t bytes, enum tern_status *status);
};

struct tern_dot_head {
    enum tern_cache_kind kind;
    uint32_t head_size;              // 1..MAX_HEAD_SIZE
    uint32_t positions;              // 1..MAX_POSITIONS
    uint32_t vectors;                // 1..DOT_VECTORS
    uint64_t records;                // the first of tern_cache_records(positions)
    uint64_t images, image_stride;   // vector v's image is at images + v x image_stride
    uint64_t outputs, output_stride; // vector v's results are at outputs + v x output_stride
};

// What failed, with the status that the function returns.
struct tern_dot_fault {
    uint32_t what;  // word 0..3 of an image's header, or DOT_AT_*
    uint32_t index; // vector of an image, or record; 0 for an output
};

// All vectors of one head. The order of work is that of the unit, so that a failure leaves the same results. Records
// are taken in parts of DOT_PART_RECORDS; only values of more than 2048 positions have a second part. A part begins
// with the images, vector by vector: header (first part only), mantissas, shifts. Its records follow. Keys: a record's
// scores are written after the record, vector by vector. Values: results are written after the last record. The first
// failure ends the work. sums: working space [vectors][head_size] for values; NULL for keys.
enum tern_status tern_dot_run_head(const struct tern_dot_head *job, const struct tern_dot_memory *memory,
                                   struct tern_wide_sum *sums, struct tern_dot_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
