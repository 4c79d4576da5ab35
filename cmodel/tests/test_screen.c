// SPDX-License-Identifier: Apache-2.0
// Compares the int8 head with the stored one, for any weights. Logits that can be among the best must have their bits.
// Each other one must not be below its logit and must be below the best. Some rows and vectors reach the limit of one
// part of their interval.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/fast/pool.h"
#include "cmodel/tests/random.h"
#include "cmodel/float/half.h"
#include "cmodel/fast/head/screen.h"

#define ROWS_MAX 300
#define LENGTH_MAX TERN_SCREEN_MAX_LENGTH
#define LENGTH_RANDOM 2200
#define VECTORS 3

struct problem {
    struct tern_tensor tensor;
    struct tern_head head;
    uint8_t *data; // the tensor, one byte behind the allocation's begin
    float hidden[VECTORS][LENGTH_MAX], exact[VECTORS][ROWS_MAX], logits[VECTORS][ROWS_MAX + 1];
};

static float gaussian(struct test_random *random) {
    int32_t sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += test_random_between(random, -1000, 1000);
    }
    return (float)sum / 2000;
}

static void store(struct problem *p, uint32_t row, const float *weights) {
    const size_t element_bytes = p->tensor.dtype == TERN_DTYPE_F32 ? 4 : 2;
    uint8_t *to = p->data + 1 + row * element_bytes * p->head.length;
    for (uint32_t i = 0; i < p->head.length; i++, to += element_bytes) {
        const uint16_t half =
            p->tensor.dtype == TERN_DTYPE_F16 ? tern_f16_from_float(weights[i]) : tern_bf16_from_float(weights[i]);
        memcpy(to, element_bytes == 4 ? (const void *)&weights[i] : &half, element_bytes);
    }
}

static void shape(struct problem *p, enum tern_dtype dtype, uint32_t rows, uint32_t length, uint32_t vectors) {
    memset(p, 0, sizeof *p);
    p->tensor.dtype = dtype;
    p->head = (struct tern_head){.tensor = &p->tensor, .rows = rows, .length = length, .vectors = vectors};
    p->tensor.bytes = (uint64_t)rows * length * (dtype == TERN_DTYPE_F32 ? 4 : 2);
    p->data = malloc(p->tensor.bytes + 1);
    assert_non_null(p->data);
    p->tensor.data = p->data + 1;
    for (uint32_t v = 0; v < vectors; v++) {
        p->head.hidden[v] = p->hidden[v];
        p->head.logits[v] = p->logits[v];
    }
}

enum kind { PLAIN, ON_GRID, ONE_OUTLIER, SMALL, LARGE, ZERO, ANY_BITS, KINDS };

// Makes a vector of this kind, weights or hidden values.
static void fill(struct test_random *random, enum kind kind, uint32_t length, float *x) {
    const float scale = kind == SMALL ? 0x1p-133f : kind == LARGE ? 0x1p39f : 1;
    for (uint32_t i = 0; i < length; i++) {
        x[i] = kind == ZERO      ? 0
               : kind == ON_GRID ? (float)test_random_between(random, -127, 127)
                                 : scale * gaussian(random);
        if (kind == ANY_BITS) {
            x[i] = tern_f32_from_bits(test_random_word(random));
        }
    }
    if (kind == ONE_OUTLIER) {
        x[test_random_below(random, length)] *= 1000;
    } else if (kind == ON_GRID) {
        x[0] = 127;
    }
}

// In every third problem few rows differ, or rows differ in one bit of one weight.
static void problem_make(struct problem *p, uint64_t seed) {
    static float row[LENGTH_MAX];
    struct test_random random = test_random_seed(seed);
    const uint32_t length = 1 + test_random_below(&random, seed % 10 ? 300 : LENGTH_RANDOM);
    shape(p, (enum tern_dtype)(seed % 3), 1 + test_random_below(&random, ROWS_MAX), length, 1 + seed % VECTORS);
    const enum kind kind = (enum kind)(seed / 3 % KINDS), hidden = (enum kind)(seed / 3 / KINDS % KINDS);
    for (uint32_t r = 0; r < p->head.rows; r++) {
        if (seed % 4 || r % 50 == 0) {
            fill(&random, test_random_below(&random, 8) ? kind : test_random_below(&random, KINDS), length, row);
        } else if (seed % 8) {
            float *nudged = &row[test_random_below(&random, length)];
            *nudged = tern_f32_from_bits(tern_f32_to_bits(*nudged) ^ 1u << (p->tensor.dtype ? 16 : 0));
        }
        store(p, r, row);
    }
    for (uint32_t v = 0; v < p->head.vectors; v++) {
        fill(&random, v == 0 ? hidden : PLAIN, length, p->hidden[v]);
    }
}

static int is_greater(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

// The best-th largest number; -infinity when there are fewer.
static float least_of_best(const float *exact, uint32_t rows, uint32_t best) {
    float sorted[ROWS_MAX];
    uint32_t count = 0;
    for (uint32_t r = 0; r < rows; r++) {
        if (!isnan(exact[r])) {
            sorted[count++] = exact[r];
        }
    }
    qsort(sorted, count, sizeof *sorted, is_greater);
    return best <= count ? sorted[best - 1] : -INFINITY;
}

static uint64_t expect_good(const struct problem *p, uint32_t best, const char *what) {
    uint64_t same = 0;
    for (uint32_t v = 0; v < p->head.vectors; v++) {
        const float least = least_of_best(p->exact[v], p->head.rows, best);
        for (uint32_t r = 0; r < p->head.rows; r++) {
            const float exact = p->exact[v][r], got = p->logits[v][r];
            const bool is_same = tern_f32_to_bits(exact) == tern_f32_to_bits(got);
            same += (uint64_t)is_same;
            if (!is_same && !(isfinite(got) && got >= exact && got < least)) {
                fail_msg("%s: row %u of %u, length %u, vector %u, type %d: %a replaces %a, best %u from %a", what, r,
                         p->head.rows, p->head.length, v, p->tensor.dtype, (double)got, (double)exact, best,
                         (double)least);
            }
        }
    }
    return same;
}

static struct tern_screen *make_screen(const struct problem *p, enum tern_kernel kernel, struct tern_pool *pool) {
    struct tern_screen *screen = NULL;
    assert_int_equal(tern_screen_make(&p->tensor, p->head.rows, p->head.length, kernel, pool, &screen), TERN_STATUS_OK);
    return screen;
}

static uint64_t run(struct problem *p, struct tern_screen *screen, uint32_t best, enum tern_kernel kernel,
                    struct tern_pool *pool) {
    uint64_t exact_rows = 0;
    memset(p->logits, 0x55, sizeof p->logits);
    assert_int_equal(tern_screen_run(screen, &p->head, best, kernel, pool, &exact_rows), TERN_STATUS_OK);
    for (uint32_t v = 0; v < VECTORS; v++) {
        assert_int_equal(tern_f32_to_bits(p->logits[v][v < p->head.vectors ? p->head.rows : 0]), 0x55555555);
    }
    return exact_rows;
}

static void find_exact(struct problem *p) {
    tern_head_run(&p->head, TERN_KERNEL_EXACT, NULL);
    for (uint32_t v = 0; v < p->head.vectors; v++) {
        memcpy(p->exact[v], p->logits[v], p->head.rows * sizeof **p->exact);
    }
}

static void test_any_weights(void **state) {
    (void)state;
    static struct problem p;
    static float first[VECTORS][ROWS_MAX + 1];
    struct tern_pool *pool;
    assert_int_equal(tern_pool_create(3, &pool), TERN_STATUS_OK);
    for (uint64_t seed = 1; seed <= 900; seed++) {
        char what[64];
        problem_make(&p, seed);
        find_exact(&p);
        const uint32_t best = seed % 5 == 0 ? 1 + (uint32_t)seed % p.head.rows : 1 + (uint32_t)seed % 4;
        for (enum tern_kernel kernel = TERN_KERNEL_BEST; kernel <= TERN_KERNEL_AVX512; kernel++) {
            struct tern_screen *screen = make_screen(&p, kernel, seed % 2 ? pool : NULL);
            const uint64_t exact_rows = run(&p, screen, best, kernel, seed % 2 ? NULL : pool);
            snprintf(what, sizeof what, "seed %llu, %s", (unsigned long long)seed, tern_kernel_name(kernel));
            assert_true(expect_good(&p, best, what) >= exact_rows);
            if (kernel == TERN_KERNEL_BEST) {
                memcpy(first, p.logits, sizeof first);
            }
            if (memcmp(first, p.logits, sizeof first) != 0) {
                fail_msg("%s: other bits than the best kernel", what);
            }
            tern_screen_free(screen);
        }
        free(p.data);
    }
    tern_pool_destroy(pool);
}

// The rest of a row after int8, as screen.c computes it.
static void rest_of(const float *weights, uint32_t length, float *rest) {
    float largest = 0;
    for (uint32_t i = 0; i < length; i++) {
        largest = fmaxf(largest, fabsf(weights[i]));
    }
    const float scale = largest / 127;
    for (uint32_t i = 0; i < length; i++) {
        rest[i] = weights[i] - scale * nearbyintf(weights[i] / scale);
    }
}

static double norm(const float *x, uint32_t length) {
    double square = 0;
    for (uint32_t i = 0; i < length; i++) {
        square += (double)x[i] * (double)x[i];
    }
    return sqrt(square);
}

static void run_tight(struct problem *p, const char *what) {
    struct tern_screen *screen = make_screen(p, TERN_KERNEL_BEST, NULL);
    find_exact(p);
    run(p, screen, 1, TERN_KERNEL_BEST, NULL);
    expect_good(p, 1, what);
    tern_screen_free(screen);
    free(p->data);
}

// The hidden vector has the direction of the first row's rest, so its logit is at the upper end of its interval. The
// second row is so large that the first is not computed.
static void test_upper_end(void **state) {
    (void)state;
    static struct problem p;
    static float row[LENGTH_MAX], rest[LENGTH_MAX];
    struct test_random random = test_random_seed(2);
    for (int round = 0; round < 50; round++) {
        const uint32_t length = 64 + test_random_below(&random, 1000);
        shape(&p, TERN_DTYPE_F32, 2, length, 1);
        fill(&random, PLAIN, length, row);
        rest_of(row, length, rest);
        store(&p, 0, row);
        memcpy(p.hidden[0], rest, length * sizeof *rest);
        for (uint32_t i = 0; i < length; i++) {
            row[i] = 1e4f * rest[i];
        }
        store(&p, 1, row);
        run_tight(&p, "upper end");
        const double width = norm(rest, length) * norm(rest, length);
        assert_true((double)p.logits[0][0] > (double)p.exact[0][0]); // not computed
        assert_true((double)p.logits[0][0] < (double)p.exact[0][0] + 0.05 * width);
    }
}

// The hidden vector is opposite to the first row's rest. The row's estimate is a width above its logit. The second row
// has no rest in int8. It lies between the two and is the largest.
static void test_lower_end(void **state) {
    (void)state;
    static struct problem p;
    static float row[LENGTH_MAX];
    struct test_random random = test_random_seed(3);
    for (int round = 0; round < 50; round++) {
        const uint32_t length = 64 + test_random_below(&random, 1000);
        uint32_t largest = 0;
        shape(&p, TERN_DTYPE_F32, 2, length, 1);
        fill(&random, PLAIN, length, row);
        store(&p, 0, row);
        rest_of(row, length, p.hidden[0]);
        double logit = 0, width = norm(p.hidden[0], length) * norm(p.hidden[0], length);
        for (uint32_t i = 0; i < length; i++) {
            p.hidden[0][i] = -p.hidden[0][i];
            logit += (double)row[i] * (double)p.hidden[0][i];
            largest = fabsf(p.hidden[0][i]) > fabsf(p.hidden[0][largest]) ? i : largest;
        }
        memset(row, 0, sizeof row);
        row[largest] = (float)((logit + 0.1 * width) / (double)p.hidden[0][largest]);
        store(&p, 1, row);
        run_tight(&p, "lower end");
        assert_true(p.exact[0][1] > p.exact[0][0]);
    }
}

// Weights have no rest in int8 and the largest magnitude. Their signs are those of the hidden vector's rest after 16
// bits.
static void test_hidden_rest(void **state) {
    (void)state;
    static struct problem p;
    static float row[LENGTH_MAX];
    struct test_random random = test_random_seed(4);
    for (int round = 0; round < 50; round++) {
        const uint32_t length = 64 + test_random_below(&random, 100);
        shape(&p, TERN_DTYPE_F16, 2, length, 1);
        double lost = 0;
        for (uint32_t i = 0; i < length; i++) {
            const float rest = (test_random_below(&random, 2) ? 0.48f : -0.48f);
            p.hidden[0][i] = (float)test_random_between(&random, -20000, 20000) + rest;
            row[i] = rest > 0 ? 127 : -127;
            lost += 127 * 0.48;
        }
        p.hidden[0][0] = row[0] > 0 ? 30000.48f : 29999.52f; // step 1
        store(&p, 0, row);
        for (uint32_t i = 0; i < length; i++) {
            row[i] = p.hidden[0][i];
        }
        store(&p, 1, row);
        run_tight(&p, "hidden rest");
        assert_true((double)p.logits[0][0] > (double)p.exact[0][0]);
        assert_true((double)p.logits[0][0] < (double)p.exact[0][0] + 0.5 * lost);
    }
}

// Products round up to the smallest float, in a row too small for int8.
static void test_underflow(void **state) {
    (void)state;
    static struct problem p;
    static float row[LENGTH_MAX];
    shape(&p, TERN_DTYPE_F32, 2, 500, 1);
    for (uint32_t i = 0; i < 500; i++) {
        p.hidden[0][i] = 0.6f * 0x1p-49f;
        row[i] = 0x1p-100f;
    }
    store(&p, 0, row);
    store(&p, 1, p.hidden[0]);
    run_tight(&p, "underflow");
    assert_true(p.exact[0][0] == 500 * 0x1p-149f && p.logits[0][0] > p.exact[0][0]);
}

// The longest rows with the largest values of either sign fill the integer sums. In 16 bits these values are 32768 and
// -32768. The first exceeds the range by one.
static void test_longest(void **state) {
    (void)state;
    static struct problem p;
    static float row[LENGTH_MAX];
    shape(&p, TERN_DTYPE_F16, 3, LENGTH_MAX, 2);
    for (uint32_t i = 0; i < LENGTH_MAX; i++) {
        p.hidden[0][i] = 0x1.ffffp0f;
        p.hidden[1][i] = -0x1.ffffp0f;
        row[i] = 1;
    }
    store(&p, 0, row);
    store(&p, 1, p.hidden[1]);
    store(&p, 2, row);
    find_exact(&p);
    for (enum tern_kernel kernel = TERN_KERNEL_BEST; kernel <= TERN_KERNEL_AVX512; kernel++) {
        struct tern_screen *screen = make_screen(&p, kernel, NULL);
        run(&p, screen, 1, kernel, NULL);
        expect_good(&p, 1, tern_kernel_name(kernel));
        assert_true(p.logits[0][1] < -100000 && p.logits[1][0] < -100000 && p.logits[1][2] < -100000);
        tern_screen_free(screen);
    }
    free(p.data);
}

// The screen must compute few logits in full.
static void test_few_rows_are_computed(void **state) {
    (void)state;
    static struct problem p;
    static float row[LENGTH_MAX];
    struct test_random random = test_random_seed(5);
    shape(&p, TERN_DTYPE_F16, ROWS_MAX, 896, VECTORS);
    for (uint32_t r = 0; r < ROWS_MAX; r++) {
        fill(&random, PLAIN, 896, row);
        store(&p, r, row);
    }
    for (uint32_t v = 0; v < VECTORS; v++) {
        fill(&random, PLAIN, 896, p.hidden[v]);
    }
    struct tern_screen *screen = make_screen(&p, TERN_KERNEL_BEST, NULL);
    find_exact(&p);
    for (uint32_t best = 1; best <= 30; best++) {
        const uint64_t exact_rows = run(&p, screen, best, TERN_KERNEL_BEST, NULL);
        expect_good(&p, best, "few rows");
        assert_in_range(exact_rows, best * VECTORS, (2 * best + 8) * VECTORS);
    }
    tern_screen_free(screen);
    free(p.data);
}

static void test_refuses(void **state) {
    (void)state;
    struct tern_screen *screen = NULL;
    const struct tern_tensor tensor = {.dtype = TERN_DTYPE_F32};
    assert_int_equal(tern_screen_make(&tensor, 1, 0, TERN_KERNEL_BEST, NULL, &screen), TERN_STATUS_BAD_LENGTH);
    assert_int_equal(tern_screen_make(&tensor, 1, TERN_SCREEN_MAX_LENGTH + 1, TERN_KERNEL_BEST, NULL, &screen),
                     TERN_STATUS_BAD_LENGTH);
    assert_null(screen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_weights), cmocka_unit_test(test_upper_end),
        cmocka_unit_test(test_lower_end),   cmocka_unit_test(test_hidden_rest),
        cmocka_unit_test(test_underflow),   cmocka_unit_test(test_longest),
        cmocka_unit_test(test_refuses),     cmocka_unit_test(test_few_rows_are_computed)};
    return cmocka_run_group_tests_name("cmodel.screen", tests, NULL, NULL);
}
