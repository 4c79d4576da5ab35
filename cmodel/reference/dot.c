// SPDX-License-Identifier: Apache-2.0
// Dot products of the key/value cache, product by product, from the bytes of the records.
#include "cmodel/reference/reference.h"

static int mantissa_at(const uint8_t *bytes, size_t index) {
    return (int16_t)(bytes[2 * index] | bytes[2 * index + 1] << 8);
}

static size_t round_up(size_t count, size_t multiple) {
    return (count + multiple - 1) / multiple * multiple;
}

// The bytes of an image: header of 64, mantissas of groups in fours, shifts.
static int image_base(const uint8_t *image) {
    return (int)(image[0] | (uint32_t)image[1] << 8 | (uint32_t)image[2] << 16 | (uint32_t)image[3] << 24);
}

static int image_shift(const uint8_t *image, size_t length, size_t group) {
    return image[64 + 2 * round_up(length, 64) + group];
}

// sum += the products of one group of a record and one of the image. groups: of the record.
static void add_group(struct tern_reference_exact *sum, const uint8_t *record, size_t groups, size_t group,
                      const uint8_t *image, size_t length, size_t image_group) {
    const uint8_t *mantissas = record + round_up(groups, 64);
    int exponent = record[group] - 30 + image_base(image) + image_shift(image, length, image_group);
    for (size_t i = 0; i < 16; i++) {
        int64_t product =
            (int64_t)mantissa_at(mantissas, 16 * group + i) * mantissa_at(image + 64, 16 * image_group + i);
        tern_reference_accumulate(sum, product, exponent);
    }
}

static size_t record_bytes(size_t groups) {
    return round_up(groups, 64) + round_up(32 * groups, 64);
}

uint32_t tern_reference_dot_key(const uint8_t *records, size_t head_size, size_t index, const uint8_t *image) {
    size_t parts = (head_size + 15) / 16, groups = 16 * parts;
    struct tern_reference_exact sum = {{0}};
    for (size_t part = 0; part < parts; part++) {
        add_group(&sum, records + index / 16 * record_bytes(groups), groups, index % 16 * parts + part, image,
                  head_size, part);
    }
    return tern_reference_round(&sum);
}

uint32_t tern_reference_dot_value(const uint8_t *records, size_t head_size, size_t positions, size_t index,
                                  const uint8_t *image) {
    struct tern_reference_exact sum = {{0}};
    for (size_t record = 0; record < (positions + 15) / 16; record++) {
        add_group(&sum, records + record * record_bytes(head_size), head_size, index, image, positions, record);
    }
    return tern_reference_round(&sum);
}
