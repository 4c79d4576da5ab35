// SPDX-License-Identifier: Apache-2.0
// DOT of one head against the reference: shapes, extreme operands, ties; and what it refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/reference/reference.h"
#include "cmodel/tests/dot_case.h"

#define MOST_POSITIONS 4200u // three parts
#define LEAST_STRIDE 64u

static uint8_t *records, *images, *outputs;
static struct tern_wide_sum sums[TERN_DOT_VECTORS * TERN_MAX_HEAD_SIZE];

static uint64_t image_stride(size_t length) {
    return tern_align_up(tern_activation_bytes(length), LEAST_STRIDE);
}

static int set_up(void **state) {
    (void)state;
    records = aligned_alloc(64, tern_cache_head_bytes(TERN_CACHE_VALUES, TERN_MAX_HEAD_SIZE, MOST_POSITIONS));
    images = aligned_alloc(64, TERN_DOT_VECTORS * image_stride(MOST_POSITIONS));
    outputs = aligned_alloc(64, tern_align_up(TERN_DOT_VECTORS * (4 * MOST_POSITIONS + 64ul), 64));
    return records && images && outputs ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    free(records);
    free(images);
    free(outputs);
    return 0;
}

static struct tern_dot_head draw_head(struct test_random *random, enum dot_draw draw, enum tern_cache_kind kind,
                                      uint32_t head_size, uint32_t positions, uint32_t vectors) {
    size_t length = kind == TERN_CACHE_KEYS ? head_size : positions;
    uint32_t results = kind == TERN_CACHE_KEYS ? positions : head_size;
    struct tern_dot_head head = {.kind = kind,
                                 .head_size = head_size,
                                 .positions = positions,
                                 .vectors = vectors,
                                 .records = (uintptr_t)records,
                                 .images = (uintptr_t)images,
                                 .image_stride = image_stride(length),
                                 .outputs = (uintptr_t)outputs,
                                 .output_stride = tern_align_up(4 * results, 64)};
    dot_draw_records(random, draw, kind, head_size, positions, records);
    for (uint32_t vector = 0; vector < vectors; vector++) {
        dot_draw_image(random, draw, length, images + vector * head.image_stride);
    }
    memset(outputs, 0xcc, vectors * head.output_stride);
    return head;
}

static uint32_t result_at(const struct tern_dot_head *head, uint32_t vector, uint32_t index) {
    uint32_t bits;
    memcpy(&bits, outputs + vector * head->output_stride + 4 * index, sizeof bits);
    return bits;
}

static uint32_t expected_at(const struct tern_dot_head *head, uint32_t vector, uint32_t index) {
    const uint8_t *image = images + vector * head->image_stride;
    return head->kind == TERN_CACHE_KEYS
               ? tern_reference_dot_key(records, head->head_size, index, image)
               : tern_reference_dot_value(records, head->head_size, head->positions, index, image);
}

static void check(struct test_random *random, enum dot_draw draw, enum tern_cache_kind kind, uint32_t head_size,
                  uint32_t positions, uint32_t vectors) {
    struct tern_dot_head head = draw_head(random, draw, kind, head_size, positions, vectors);
    uint32_t results = kind == TERN_CACHE_KEYS ? positions : head_size;
    struct tern_dot_fault fault;
    assert_int_equal(tern_dot_run_head(&head, &dot_host_memory, sums, &fault), TERN_STATUS_OK);
    for (uint32_t vector = 0; vector < vectors; vector++) {
        for (uint32_t index = 0; index < results; index += 1 + results / 12) {
            uint32_t got = result_at(&head, vector, index), expected = expected_at(&head, vector, index);
            if (got != expected) {
                fail_msg("%s, head size %u, %u positions, draw %d: result %u of vector %u is %08x, expected %08x",
                         kind == TERN_CACHE_KEYS ? "keys" : "values", head_size, positions, draw, index, vector, got,
                         expected);
            }
        }
        for (uint32_t i = 4 * results; i < head.output_stride; i++) {
            assert_int_equal(outputs[vector * head.output_stride + i], 0xcc);
        }
    }
}

static void shapes(void **state) {
    static const uint32_t head_sizes[] = {8, 16, 40, 64, 80, 96, 128, 256, 1, 15, 17};
    static const uint32_t positions[] = {1, 2, 15, 16, 17, 100, 301};
    struct test_random random = test_random_seed(2);
    (void)state;
    for (size_t h = 0; h < sizeof head_sizes / sizeof *head_sizes; h++) {
        for (size_t p = 0; p < sizeof positions / sizeof *positions; p++) {
            for (int draw = 0; draw < DOT_DRAWS; draw++) {
                uint32_t vectors = 1 + test_random_below(&random, TERN_DOT_VECTORS);
                check(&random, draw, TERN_CACHE_KEYS, head_sizes[h], positions[p], vectors);
                check(&random, draw, TERN_CACHE_VALUES, head_sizes[h], positions[p], vectors);
            }
        }
    }
}

static void several_parts(void **state) {
    struct test_random random = test_random_seed(3);
    (void)state;
    check(&random, DOT_ANY, TERN_CACHE_VALUES, 16, MOST_POSITIONS, 3);
    check(&random, DOT_EXTREME, TERN_CACHE_VALUES, 16, MOST_POSITIONS, 2);
    check(&random, DOT_ANY, TERN_CACHE_KEYS, 16, MOST_POSITIONS, 2);
}

// Every mantissa has its largest magnitude, every shift its largest value: the bound of the sum.
static void largest_sum(void **state) {
    struct test_random random = test_random_seed(4);
    struct tern_dot_head head = draw_head(&random, DOT_ANY, TERN_CACHE_VALUES, 1, MOST_POSITIONS, 1);
    const uint32_t base_exponent = (uint32_t)-50, count = tern_cache_records(MOST_POSITIONS);
    struct tern_dot_fault fault;
    (void)state;
    memcpy(images, &base_exponent, sizeof base_exponent);
    for (uint32_t i = 0; i < 16 * count; i++) {
        memcpy(images + 64 + 2 * i, &(int16_t){-32768}, 2);
    }
    memset(images + tern_activation_shifts_offset(MOST_POSITIONS), TERN_MAX_SHIFT, count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *record = records + (size_t)i * 128;
        record[0] = TERN_CACHE_MAX_SHIFT;
        for (uint32_t k = 0; k < 16; k++) {
            memcpy(record + 64 + 2 * k, &(int16_t){-32768}, 2);
        }
    }
    assert_int_equal(tern_dot_run_head(&head, &dot_host_memory, sums, &fault), TERN_STATUS_OK);
    assert_true(sums[0].high == (int64_t)count << 16 && sums[0].low == 0); // count x 2^34 x 2^46
    assert_int_equal(result_at(&head, 0, 0), expected_at(&head, 0, 0));
}

// Sums of any number of bits, some of them just beside the middle between two floats.
static void same_results(struct test_random *random, int32_t exponent) {
    struct tern_wide_sum sums_of_all[64];
    float results[2][64];
    for (uint32_t i = 0; i < 64; i++) {
        const uint32_t bits = test_random_below(random, 94);
        unsigned __int128 sum = (unsigned __int128)(test_random_word(random) >> 8 | 1u << 23) << 1 | 1;
        sum = (bits < 64 ? sum << bits : sum << 63 << (bits - 63)) + test_random_below(random, 3) - 1;
        sum = test_random_below(random, 2) ? sum : -sum;
        sums_of_all[i] = (struct tern_wide_sum){(uint64_t)sum, (int64_t)(sum >> 64)};
    }
    tern_dot_finish(sums_of_all, 64, exponent, results[0]);
    tern_dot_finish_portable(sums_of_all, 64, exponent, results[1]);
    assert_memory_equal(results[0], results[1], sizeof results[0]);
}

// The host's functions give the bits of the portable ones, with the operands of both paths.
static void portable(void **state) {
    static float scores[2][TERN_CACHE_POSITIONS];
    static struct tern_wide_sum wide[2][TERN_MAX_HEAD_SIZE];
    struct test_random random = test_random_seed(9);
    (void)state;
    for (int trial = 0; trial < 3000; trial++) {
        const enum dot_draw draw = trial % 4 == 3 ? (enum dot_draw)(trial / 4 % DOT_DRAWS) : DOT_ANY;
        const uint32_t head_size = 1 + test_random_below(&random, trial % 2 ? TERN_MAX_HEAD_SIZE : 16);
        const uint32_t positions = 1 + test_random_below(&random, TERN_CACHE_POSITIONS);
        const uint32_t count = 1 + test_random_below(&random, 18);
        dot_draw_image(&random, draw, head_size, images);
        dot_draw_records(&random, draw, TERN_CACHE_KEYS, head_size, positions, records);
        const int16_t *mantissas = (const int16_t *)(const void *)(images + TERN_ACTIVATION_HEADER_BYTES);
        const uint8_t *shifts = images + tern_activation_shifts_offset(head_size);
        const int32_t exponent = test_random_between(&random, -90, 90);
        memset(scores, 0, sizeof scores);
        tern_dot_key_record(records, head_size, positions, mantissas, shifts, exponent, scores[0]);
        tern_dot_key_record_portable(records, head_size, positions, mantissas, shifts, exponent, scores[1]);
        assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
        dot_draw_image(&random, draw, 16 * count, images);
        dot_draw_records(&random, draw, TERN_CACHE_VALUES, head_size, 16 * count, records);
        shifts = images + tern_activation_shifts_offset(16 * count);
        for (uint32_t i = 0; i < TERN_MAX_HEAD_SIZE; i++) {
            wide[0][i] = wide[1][i] = (struct tern_wide_sum){test_random_word(&random) * UINT64_C(0x100000001), i % 7};
        }
        tern_dot_value_records(records, count, head_size, mantissas, shifts, wide[0]);
        tern_dot_value_records_portable(records, count, head_size, mantissas, shifts, wide[1]);
        assert_memory_equal(wide[0], wide[1], sizeof wide[0]);
        same_results(&random, exponent);
    }
}

// --- what is refused ---

static void expect_bad(const struct tern_dot_head *head, enum tern_status status, uint32_t what, uint32_t index) {
    struct tern_dot_fault fault = {99, 99};
    assert_int_equal(tern_dot_run_head(head, &dot_host_memory, sums, &fault), status);
    assert_int_equal(fault.what, what);
    assert_int_equal(fault.index, index);
}

static void header_is_checked(void **state) {
    static const struct {
        uint32_t word, value;
    } rows[] = {
        {3, 0}, {1, 8}, {2, 63}, {0, (uint32_t)(TERN_LEAST_BASE_EXPONENT - 1)}, {0, TERN_LARGEST_BASE_EXPONENT + 1}};
    struct test_random random = test_random_seed(5);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tern_dot_head head = draw_head(&random, DOT_ANY, TERN_CACHE_KEYS, 64, 20, 3);
        memcpy(images + 2 * head.image_stride + 4 * rows[i].word, &rows[i].value, 4);
        expect_bad(&head, TERN_STATUS_BAD_ACTIVATION, rows[i].word, 2);
        assert_int_equal(result_at(&head, 0, 0), 0xcccccccc);
    }
}

static void image_shifts_are_checked(void **state) {
    struct test_random random = test_random_seed(6);
    struct tern_dot_head head = draw_head(&random, DOT_ANY, TERN_CACHE_KEYS, 40, 20, 2);
    (void)state;
    images[head.image_stride + tern_activation_shifts_offset(40) + 3] = 16; // the group that fills up to four
    expect_bad(&head, TERN_STATUS_BAD_ACTIVATION, TERN_DOT_AT_SHIFT, 1);
}

static void exponent_bytes_are_checked(void **state) {
    struct test_random random = test_random_seed(7);
    struct tern_dot_head head = draw_head(&random, DOT_ANY, TERN_CACHE_KEYS, 40, 38, 2);
    struct tern_dot_fault fault;
    (void)state;
    records[2 * 1600 + 6 * 3] = 32; // of position 38, which is to come
    assert_int_equal(tern_dot_run_head(&head, &dot_host_memory, sums, &fault), TERN_STATUS_OK);
    memset(outputs, 0xcc, 2 * head.output_stride);
    records[2 * 1600 + 6 * 3 - 1] = 32;
    expect_bad(&head, TERN_STATUS_BAD_ACTIVATION, TERN_DOT_AT_EXPONENT, 2);
    assert_int_equal(result_at(&head, 1, 31), expected_at(&head, 1, 31));
    assert_int_equal(result_at(&head, 1, 32), 0xcccccccc);
    head = draw_head(&random, DOT_ANY, TERN_CACHE_VALUES, 40, 38, 2);
    records[1344 + 39] = 0x80;
    expect_bad(&head, TERN_STATUS_BAD_ACTIVATION, TERN_DOT_AT_EXPONENT, 1);
    assert_int_equal(result_at(&head, 0, 0), 0xcccccccc);
}

static void refused_accesses(void **state) {
    struct test_random random = test_random_seed(8);
    struct tern_dot_head head = draw_head(&random, DOT_ANY, TERN_CACHE_KEYS, 40, 38, 3);
    (void)state;
    dot_refused = head.images + head.image_stride + tern_activation_bytes(40) - 1;
    expect_bad(&head, TERN_STATUS_BUS_ERROR, TERN_DOT_AT_IMAGE, 1);
    dot_refused = head.records + 2 * 1600 + 64 + 6 * 96; // after the last position
    dot_refused += 1;
    struct tern_dot_fault fault;
    assert_int_equal(tern_dot_run_head(&head, &dot_host_memory, sums, &fault), TERN_STATUS_OK);
    memset(outputs, 0xcc, 3 * head.output_stride);
    dot_refused -= 2;
    expect_bad(&head, TERN_STATUS_BUS_ERROR, TERN_DOT_AT_RECORD, 2);
    assert_int_equal(result_at(&head, 2, 31), expected_at(&head, 2, 31));
    assert_int_equal(result_at(&head, 0, 32), 0xcccccccc);
    memset(outputs, 0xcc, 3 * head.output_stride);
    dot_refused = head.outputs + head.output_stride + 4 * 20;
    expect_bad(&head, TERN_STATUS_BUS_ERROR, TERN_DOT_AT_OUTPUT, 0);
    assert_int_equal(result_at(&head, 0, 31), expected_at(&head, 0, 31));
    assert_int_equal(result_at(&head, 1, 16), 0xcccccccc);
    dot_refused = UINT64_MAX;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(several_parts),
        cmocka_unit_test(largest_sum),
        cmocka_unit_test(portable),
        cmocka_unit_test(header_is_checked),
        cmocka_unit_test(image_shifts_are_checked),
        cmocka_unit_test(exponent_bytes_are_checked),
        cmocka_unit_test(refused_accesses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
