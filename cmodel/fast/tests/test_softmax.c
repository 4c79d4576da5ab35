// SPDX-License-Identifier: Apache-2.0
// SOFTMAX of rows over threads against the portable functions, row by row; rows that fail.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/fast/pool.h"
#include "cmodel/fast/softmax.h"
#include "cmodel/layout.h"
#include "cmodel/tests/random.h"
#include "cmodel/vector/bfp.h"
#include "cmodel/vector/vector.h"

#define MOST_ROWS 14u
#define LONGEST 3000u
#define MOST_THREADS 3u

static struct tern_pool *pools[MOST_THREADS + 1];
static float scores[MOST_ROWS][LONGEST], totals[MOST_ROWS], weights[LONGEST];
static uint8_t *images, *expected;

static int set_up(void **state) {
    (void)state;
    images = aligned_alloc(64, MOST_ROWS * tern_activation_bytes(LONGEST));
    expected = aligned_alloc(64, tern_activation_bytes(LONGEST));
    for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
        assert_int_equal(tern_pool_create(threads, &pools[threads]), TERN_STATUS_OK);
    }
    return images && expected ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= MOST_THREADS; threads++) {
        tern_pool_destroy(pools[threads]);
    }
    free(images);
    free(expected);
    return 0;
}

static struct tern_softmax_rows draw_rows(struct test_random *random, uint32_t rows, uint32_t length) {
    for (uint32_t i = 0; i < rows * LONGEST; i++) {
        (&scores[0][0])[i] = (float)test_random_between(random, -1000000, 1000000) * 3e-5f;
    }
    memset(images, 0xcc, MOST_ROWS * tern_activation_bytes(LONGEST));
    memset(totals, 0xcc, sizeof totals);
    return (struct tern_softmax_rows){.rows = rows,
                                      .length = length,
                                      .scale = ldexpf(1.3f, test_random_between(random, -4, 3)),
                                      .scores = (const uint8_t *)scores,
                                      .images = images,
                                      .score_stride = sizeof scores[0],
                                      .image_stride = tern_activation_bytes(LONGEST),
                                      .totals = totals};
}

static float expected_row(const struct tern_softmax_rows *rows, uint32_t row) {
    uint32_t header[16] = {(uint32_t)TERN_SOFTMAX_BASE_EXPONENT, (uint32_t)tern_groups(rows->length), rows->length,
                           TERN_ACTIVATION_MAGIC};
    struct tern_softmax_scan scan;
    struct tern_sum16 sum;
    tern_softmax_start(&scan);
    tern_softmax_scan_tile_portable(&scan, scores[row], rows->length);
    memcpy(weights, scores[row], sizeof weights);
    tern_sum16_start(&sum);
    tern_softmax_weights_portable(weights, rows->length, scan.largest, rows->scale, &sum);
    memset(expected, 0, tern_activation_bytes(rows->length));
    memcpy(expected, header, sizeof header);
    tern_bfp_quantize_tile_portable(TERN_SOFTMAX_BASE_EXPONENT, weights, rows->length,
                                    (int16_t *)(void *)(expected + TERN_ACTIVATION_HEADER_BYTES),
                                    expected + tern_activation_shifts_offset(rows->length));
    return tern_sum16_finish(&sum);
}

static void rows_are_those_of_the_portable_functions(void **state) {
    static const uint32_t lengths[] = {1, 15, 16, 17, 100, 1023, 1024, 1025, 2048, 2999, LONGEST};
    struct test_random random = test_random_seed(1);
    (void)state;
    for (size_t i = 0; i < 3 * sizeof lengths / sizeof *lengths; i++) {
        const struct tern_engine engine = {.pool = pools[1 + i % MOST_THREADS]};
        const struct tern_softmax_rows rows =
            draw_rows(&random, 1 + test_random_below(&random, MOST_ROWS), lengths[i / 3]);
        assert_true(tern_softmax_try_rows(&rows, &engine));
        for (uint32_t row = 0; row < rows.rows; row++) {
            const float total = expected_row(&rows, row);
            assert_memory_equal(&totals[row], &total, sizeof total);
            assert_memory_equal(images + row * rows.image_stride, expected, tern_activation_bytes(rows.length));
            for (uint64_t end = tern_activation_bytes(rows.length); end < rows.image_stride; end++) {
                assert_int_equal(images[row * rows.image_stride + end], 0xcc);
            }
        }
    }
}

// The row of the failure does not matter: nothing is written.
static void rows_that_fail(void **state) {
    struct test_random random = test_random_seed(2);
    (void)state;
    for (uint32_t bad = 0; bad < MOST_ROWS; bad++) {
        const struct tern_engine engine = {.pool = pools[1 + bad % MOST_THREADS]};
        const struct tern_softmax_rows rows = draw_rows(&random, MOST_ROWS, 100);
        scores[bad][99 - bad] = bad % 2 ? NAN : INFINITY;
        assert_false(tern_softmax_try_rows(&rows, &engine));
        for (uint64_t i = 0; i < MOST_ROWS * rows.image_stride; i++) {
            assert_int_equal(images[i], 0xcc);
        }
        for (uint32_t i = 0; i < sizeof totals; i++) {
            assert_int_equal(((const uint8_t *)totals)[i], 0xcc);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_the_portable_functions),
        cmocka_unit_test(rows_that_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
