// SPDX-License-Identifier: Apache-2.0
#include "cmodel/tests/dot_case.h"

#include <string.h>

static int16_t draw_mantissa(struct test_random *random, enum dot_draw draw) {
    static const int16_t extremes[] = {32767, -32767, -32768, 32767, -32767, 0, 1, -1};
    switch (draw) {
    case DOT_EXTREME: return extremes[test_random_below(random, 8)];
    case DOT_TIES: return (int16_t)(1 << test_random_below(random, 15));
    default: return (int16_t)test_random_word(random);
    }
}

static uint8_t draw_shift(struct test_random *random, enum dot_draw draw, uint32_t largest) {
    switch (draw) {
    case DOT_EXTREME: return (uint8_t)(test_random_below(random, 2) ? largest : 0);
    case DOT_TIES: return (uint8_t)test_random_below(random, largest + 1);
    default: return (uint8_t)(test_random_below(random, 4) + largest / 2);
    }
}

static int32_t draw_base_exponent(struct test_random *random, enum dot_draw draw) {
    if (draw == DOT_EXTREME && test_random_below(random, 2)) {
        return test_random_below(random, 2) ? TERN_LEAST_BASE_EXPONENT : TERN_LARGEST_BASE_EXPONENT;
    }
    if (draw == DOT_ANY) {
        return test_random_between(random, -40, 0);
    }
    return test_random_between(random, TERN_LEAST_BASE_EXPONENT, TERN_LARGEST_BASE_EXPONENT);
}

static void put_mantissa(uint8_t *to, int16_t mantissa) {
    memcpy(to, &mantissa, sizeof mantissa);
}

void dot_draw_image(struct test_random *random, enum dot_draw draw, size_t length, uint8_t *image) {
    uint32_t header[16] = {(uint32_t)draw_base_exponent(random, draw), (uint32_t)tern_groups(length), (uint32_t)length,
                           TERN_ACTIVATION_MAGIC};
    size_t groups = tern_groups(length), used = (length + 15) / 16;
    uint8_t *shifts = image + tern_activation_shifts_offset(length);
    memset(image, 0, tern_activation_bytes(length));
    memcpy(image, header, sizeof header);
    for (size_t i = 0; i < 16 * used; i++) {
        put_mantissa(image + TERN_ACTIVATION_HEADER_BYTES + 2 * i, draw_mantissa(random, draw));
    }
    for (size_t i = 0; i < groups; i++) {
        shifts[i] = draw_shift(random, draw, TERN_MAX_SHIFT);
    }
    memset(shifts + groups, 0xee, tern_activation_bytes(length) - tern_activation_shifts_offset(length) - groups);
}

void dot_draw_records(struct test_random *random, enum dot_draw draw, enum tern_cache_kind kind, uint32_t head_size,
                      uint32_t positions, uint8_t *records) {
    const uint32_t bytes = tern_cache_record_bytes(kind, head_size);
    const uint32_t offset = tern_cache_mantissas_offset(kind, head_size);
    for (uint32_t record = 0; record < tern_cache_records(positions); record++) {
        uint8_t *data = records + (size_t)record * bytes;
        uint32_t groups = tern_cache_groups(kind, head_size), left = positions - 16 * record;
        if (kind == TERN_CACHE_KEYS && left < 16) {
            groups = left * tern_cache_head_groups(head_size);
        }
        memset(data, 0xee, bytes);
        for (uint32_t group = 0; group < groups; group++) {
            data[group] = draw_shift(random, draw, TERN_CACHE_MAX_SHIFT);
        }
        for (uint32_t i = 0; i < 16 * groups; i++) {
            put_mantissa(data + offset + 2 * i, draw_mantissa(random, draw));
        }
    }
}

uint64_t dot_refused = UINT64_MAX;

static uint8_t *memory_at(void *context, uint64_t address, uint64_t bytes, enum tern_status *status) {
    (void)context;
    *status = TERN_STATUS_BUS_ERROR;
    return address + bytes > dot_refused && address < dot_refused ? NULL : (uint8_t *)(uintptr_t)address;
}

const struct tern_dot_memory dot_host_memory = {NULL, memory_at};
