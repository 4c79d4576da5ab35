// SPDX-License-Identifier: Apache-2.0
#include "cmodel/tests/matmul_engines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/fast/pool.h"
#include "cmodel/float/f32.h"

void matmul_engine_expect_values(const struct matmul_case *c, const float *out, uint32_t rows, uint64_t seed,
                                 const struct tern_engine *engine) {
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t got = tern_f32_to_bits(out[row]);
        if (got != c->expected[row]) {
            fail_msg("%s%s: row %u of %u, groups %u, depth %u of %u, activation exponent %d: got %08x, expected %08x, "
                     "seed %llu",
                     tern_kernel_name(engine->kernel), engine->pool ? " with threads" : "", row, c->rows, c->groups,
                     c->depth_used, c->depth_stored, c->activation_exponent, got, c->expected[row],
                     (unsigned long long)seed);
        }
    }
}

void matmul_out_clear(float out[MATMUL_ROWS_MAX]) {
    for (unsigned i = 0; i < MATMUL_ROWS_MAX; i++) {
        out[i] = tern_f32_from_bits(MATMUL_UNTOUCHED);
    }
}

enum tern_status matmul_engines_run(struct matmul_engines *engines, unsigned i, const struct tern_matmul_job *job,
                                    uint32_t *bad_strip) {
    return i == 0 ? tern_matmul_exact(job, bad_strip) : tern_matmul_run(job, &engines->engine[i], bad_strip);
}

int matmul_engines_open(void **state) {
    static const enum tern_kernel kernels[] = {TERN_KERNEL_EXACT, TERN_KERNEL_AVX2, TERN_KERNEL_AVX512};
    struct matmul_engines *engines = calloc(1, sizeof *engines);
    assert_non_null(engines);
    assert_int_equal(tern_pool_create(3, &engines->pool), TERN_STATUS_OK);
    engines->engine[engines->count++].kernel = TERN_KERNEL_EXACT;
    for (unsigned i = 0; i < 3; i++) {
        if (tern_kernel_is_supported(kernels[i])) {
            engines->engine[engines->count++].kernel = kernels[i];
            engines->engine[engines->count].kernel = kernels[i];
            engines->engine[engines->count++].pool = engines->pool;
        } else {
            printf("skipped: needs %s\n", tern_kernel_name(kernels[i]));
        }
    }
    *state = engines;
    return 0;
}

int matmul_engines_close(void **state) {
    struct matmul_engines *engines = *state;
    tern_pool_destroy(engines->pool);
    free(engines);
    return 0;
}

void matmul_engines_expect(struct matmul_engines *engines, struct matmul_case *c, uint64_t seed) {
    for (unsigned i = 0; i < engines->count; i++) {
        float out[MATMUL_ROWS_MAX];
        uint32_t bad_strip = 0;
        struct tern_matmul_job job = matmul_case_job(c, out);
        matmul_out_clear(out);
        assert_int_equal(matmul_engines_run(engines, i, &job, &bad_strip), TERN_STATUS_OK);
        matmul_engine_expect_values(c, out, c->rows, seed, &engines->engine[i]);
        assert_int_equal(tern_f32_to_bits(out[c->rows]), MATMUL_UNTOUCHED);
    }
}
