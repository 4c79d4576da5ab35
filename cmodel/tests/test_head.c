// SPDX-License-Identifier: Apache-2.0
// Compares the output head with the specified order of scalar operations. Cases: every kernel, every type, odd lengths
// and addresses, 1 to 32 vectors, one thread and three.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/fast/pool.h"
#include "cmodel/tests/random.h"
#include "cmodel/fast/head/head.h"

#define ROWS_MAX 150
#define LENGTH_MAX 320

struct problem {
    struct tern_tensor tensor;
    struct tern_head head;
    uint8_t *data;
    float hidden[TERN_MAX_VECTORS][LENGTH_MAX], logits[TERN_MAX_VECTORS][ROWS_MAX + 1];
};

// Computes a logit by numerics-vector.md, section 1.
static float written_order(const float *row, const float *hidden, uint32_t length) {
    volatile float partial[16] = {0};
    for (uint32_t i = 0; i < length; i++) {
        volatile float product = row[i] * hidden[i];
        partial[i % 16] = partial[i % 16] + product;
    }
    for (int stride = 8; stride >= 1; stride /= 2) {
        for (int part = 0; part < stride; part++) {
            partial[part] = partial[part] + partial[part + stride];
        }
    }
    return partial[0];
}

static void problem_make(struct problem *p, uint64_t seed) {
    struct test_random random = test_random_seed(seed);
    memset(p, 0, sizeof *p);
    p->head.tensor = &p->tensor;
    p->head.rows = 1 + test_random_below(&random, ROWS_MAX);
    p->head.length = seed % 3 ? 16 * (1 + test_random_below(&random, 20)) : 1 + test_random_below(&random, LENGTH_MAX);
    p->head.vectors = 1 + (uint32_t)seed % TERN_MAX_VECTORS;
    p->tensor.dtype = (enum tern_dtype)(seed % 3);
    const size_t element_bytes = p->tensor.dtype == TERN_DTYPE_F32 ? 4 : 2;
    p->tensor.bytes = (uint64_t)p->head.rows * p->head.length * element_bytes;
    // The tensor has an odd address and no byte behind it. The sanitizer finds a read past its end.
    p->data = malloc(p->tensor.bytes + 1);
    assert_non_null(p->data);
    p->tensor.data = p->data + 1;
    for (uint64_t i = 0; i < p->tensor.bytes; i++) {
        p->data[1 + i] = (uint8_t)test_random_word(&random);
    }
    for (uint32_t v = 0; v < p->head.vectors; v++) {
        for (uint32_t i = 0; i < p->head.length; i++) {
            p->hidden[v][i] = (float)test_random_between(&random, -1000000, 1000000) * 1e-5f;
        }
        p->head.hidden[v] = p->hidden[v];
        p->head.logits[v] = p->logits[v];
    }
}

static void expect_right(struct problem *p, enum tern_kernel kernel, uint64_t seed) {
    float row[LENGTH_MAX];
    for (uint32_t r = 0; r < p->head.rows; r++) {
        tern_tensor_read_f32(&p->tensor, (uint64_t)r * p->head.length, p->head.length, row);
        for (uint32_t v = 0; v < p->head.vectors; v++) {
            float expected = written_order(row, p->hidden[v], p->head.length);
            tern_f32_canonical(&expected, 1);
            if (tern_f32_to_bits(expected) != tern_f32_to_bits(p->logits[v][r])) {
                fail_msg("%s, type %d, length %u, row %u, vector %u of %u: got %08x, expected %08x, seed %llu",
                         tern_kernel_name(kernel), p->tensor.dtype, p->head.length, r, v, p->head.vectors,
                         tern_f32_to_bits(p->logits[v][r]), tern_f32_to_bits(expected), (unsigned long long)seed);
            }
        }
    }
}

static void test_written_order(void **state) {
    (void)state;
    struct tern_pool *pool;
    struct problem p;
    assert_int_equal(tern_pool_create(3, &pool), TERN_STATUS_OK);
    for (uint64_t seed = 1; seed <= 150; seed++) {
        problem_make(&p, seed);
        for (enum tern_kernel kernel = TERN_KERNEL_BEST; kernel <= TERN_KERNEL_AVX512; kernel++) {
            memset(p.logits, 0x55, sizeof p.logits);
            tern_head_run(&p.head, kernel, seed % 2 ? pool : NULL);
            expect_right(&p, kernel, seed);
            for (uint32_t v = 0; v < TERN_MAX_VECTORS; v++) {
                uint32_t untouched = v < p.head.vectors ? p.head.rows : 0;
                assert_int_equal(tern_f32_to_bits(p.logits[v][untouched]), 0x55555555);
            }
        }
        free(p.data);
    }
    tern_pool_destroy(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_written_order)};
    return cmocka_run_group_tests_name("cmodel.head", tests, NULL, NULL);
}
