// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/tests/matmul_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/fast/pool.h"
#include "cmodel/float/f32.h"
#include "cmodel/reference/reference.h"

static size_t strips_of(const struct matmul_case *c) {
    return (c->rows + 4) / 5;
}

size_t matmul_case_strip_bytes(const struct matmul_case *c) {
    return (3 * (size_t)c->groups + 63) / 64 * 64 + 16 * (size_t)c->groups * c->depth_stored;
}

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count, size);
    assert_non_null(memory);
    return memory;
}

void matmul_case_allocate(struct matmul_case *c, uint32_t rows, uint32_t groups, uint32_t depth_stored,
                          uint32_t depth_used) {
    struct matmul_case sizes = {.rows = rows, .groups = groups, .depth_stored = depth_stored, .depth_used = depth_used};
    *c = sizes;
    c->weights_bytes = strips_of(c) * matmul_case_strip_bytes(c);
    c->levels = zeroed((size_t)rows * 16 * groups, sizeof *c->levels);
    c->codes = zeroed((size_t)rows * groups, 1);
    c->mantissas = zeroed(16 * (size_t)groups, sizeof *c->mantissas);
    c->shifts = zeroed(groups, 1);
    c->weights = zeroed(c->weights_bytes, 1);
    c->crc = zeroed(strips_of(c) * (depth_stored + 1), sizeof *c->crc);
    c->expected = zeroed(rows, sizeof *c->expected);
}

void matmul_case_free(struct matmul_case *c) {
    free(c->levels);
    free(c->codes);
    free(c->mantissas);
    free(c->shifts);
    free(c->weights);
    free(c->crc);
    free(c->expected);
}

int32_t matmul_case_largest_level(uint32_t depth) {
    return depth == 0 ? 0 : 3 * matmul_case_largest_level(depth - 1) + 1;
}

static int32_t tie_level(size_t row, size_t column) {
    int32_t sign = row < 16 ? 1 : -1;
    return column == 0 ? sign : column == 16 ? sign * (int32_t)(row % 16) : 0;
}

void matmul_case_fill_levels(struct matmul_case *c, enum matmul_levels kind, struct test_random *random) {
    int32_t largest = matmul_case_largest_level(c->depth_stored);
    for (size_t i = 0; i < (size_t)c->rows * 16 * c->groups; i++) {
        switch (kind) {
        case LEVELS_RANDOM: c->levels[i] = test_random_between(random, -largest, largest); break;
        case LEVELS_LARGEST: c->levels[i] = largest; break;
        case LEVELS_SMALLEST: c->levels[i] = -largest; break;
        case LEVELS_SPARSE:
            c->levels[i] = test_random_below(random, 37) ? 0 : test_random_between(random, -largest, largest);
            break;
        case LEVELS_ALTERNATING: c->levels[i] = i & 1 ? largest : -largest; break;
        case LEVELS_TIES: c->levels[i] = tie_level(i / (16 * c->groups), i % (16 * c->groups)); break;
        }
    }
}

void matmul_case_fill_codes(struct matmul_case *c, enum matmul_codes kind, struct test_random *random) {
    for (size_t i = 0; i < (size_t)c->rows * c->groups; i++) {
        c->codes[i] = (uint8_t)(kind == CODES_RANDOM  ? test_random_below(random, TERN_STEPS)
                                : kind == CODES_EQUAL ? 26
                                                      : (i / c->groups + i) % TERN_STEPS);
    }
}

void matmul_case_fill_mantissas(struct matmul_case *c, enum matmul_mantissas kind, struct test_random *random) {
    for (size_t i = 0; i < 16 * (size_t)c->groups; i++) {
        int32_t value = 0;
        switch (kind) {
        case MANTISSAS_RANDOM: value = test_random_between(random, -32767, 32767); break;
        case MANTISSAS_LARGEST: value = 32767; break;
        case MANTISSAS_SMALLEST: value = -32767; break;
        case MANTISSAS_SIGNS: value = test_random_below(random, 2) ? 32767 : -32767; break;
        case MANTISSAS_SMALL: value = test_random_between(random, -3, 3); break;
        case MANTISSAS_TIES: value = i == 0 ? 0x4000 : i == 16; break;
        }
        c->mantissas[i] = (int16_t)value;
    }
}

void matmul_case_fill_shifts(struct matmul_case *c, enum matmul_shifts kind, struct test_random *random) {
    for (size_t i = 0; i < c->groups; i++) {
        switch (kind) {
        case SHIFTS_RANDOM: c->shifts[i] = (uint8_t)test_random_below(random, 16); break;
        case SHIFTS_ZERO: c->shifts[i] = 0; break;
        case SHIFTS_LARGEST: c->shifts[i] = 15; break;
        case SHIFTS_TIES: c->shifts[i] = i == 0 ? 11 : 0; break;
        }
    }
}

void matmul_case_fill_steps(struct matmul_case *c, enum matmul_steps kind, struct test_random *random) {
    uint32_t field = (uint32_t)test_random_between(random, 90, 120);
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        uint32_t fraction = test_random_word(random) & 0x7fffffu;
        switch (kind) {
        case STEPS_SPACED: c->step_bits[i] = (field + i / 3) << 23 | fraction; break;
        case STEPS_WIDEST: c->step_bits[i] = i < 13 ? field << 23 : ((field + 32) << 23 | 0x7fffffu); break;
        case STEPS_SUBNORMAL: c->step_bits[i] = i < 20 ? fraction >> (i % 23) : i << 23 | fraction; break;
        case STEPS_ZERO: c->step_bits[i] = 0; break;
        case STEPS_SPARSE: c->step_bits[i] = i % 3 ? 0 : (field + i) << 23 | fraction; break;
        case STEPS_LARGE: c->step_bits[i] = (254 - i) << 23 | fraction; break;
        case STEPS_ONE: c->step_bits[i] = 0x3f800000u; break;
        }
    }
}

void matmul_case_expect(const struct matmul_case *c, const int16_t *mantissas, const uint8_t *shifts,
                        int32_t activation_exponent, uint32_t *expected) {
    size_t columns = 16 * (size_t)c->groups;
    int32_t *used_levels = zeroed(c->rows * columns, sizeof *used_levels);
    uint8_t *used_codes = zeroed((size_t)c->rows * c->groups, 1);
    tern_reference_unpack(c->weights, c->rows, c->groups, c->depth_stored, c->depth_used, used_levels, used_codes);
    assert_memory_equal(used_codes, c->codes, (size_t)c->rows * c->groups);
    if (c->depth_used == c->depth_stored) {
        assert_memory_equal(used_levels, c->levels, c->rows * columns * sizeof *used_levels);
    }
    tern_reference_matmul(used_levels, used_codes, c->rows, c->groups, c->step_bits, mantissas, shifts,
                          activation_exponent, expected);
    free(used_levels);
    free(used_codes);
}

void matmul_case_finish(struct matmul_case *c) {
    tern_reference_pack(c->levels, c->codes, c->rows, c->groups, c->depth_stored, c->weights, c->crc);
    matmul_case_expect(c, c->mantissas, c->shifts, c->activation_exponent, c->expected);
}

struct tern_matmul_job matmul_case_job(const struct matmul_case *c, float *out) {
    struct tern_matmul_job job = {
        .rows = c->rows,
        .groups = c->groups,
        .depth_stored = c->depth_stored,
        .depth_used = c->depth_used,
        .weights = c->weights,
        .crc = c->crc,
        .vectors = 1,
        .vector = {{.mantissas = c->mantissas, .shifts = c->shifts, .output = out}},
    };
    uint32_t bad_entry = 0;
    assert_int_equal(tern_step_table_make(c->step_bits, &job.steps, &bad_entry), TERN_STATUS_OK);
    job.vector[0].exponent = c->activation_exponent + job.steps.base_exponent;
    return job;
}

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
#ifdef TERN_EMULATED // the best one, since the processor does not say that it has AVX-512
    static const enum tern_kernel kernels[] = {TERN_KERNEL_EXACT, TERN_KERNEL_BEST};
#else
    static const enum tern_kernel kernels[] = {TERN_KERNEL_EXACT, TERN_KERNEL_AVX2, TERN_KERNEL_AVX512};
#endif
    struct matmul_engines *engines = calloc(1, sizeof *engines);
    assert_non_null(engines);
    assert_int_equal(tern_pool_create(3, &engines->pool), TERN_STATUS_OK);
    engines->engine[engines->count++].kernel = TERN_KERNEL_EXACT;
    for (unsigned i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
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
