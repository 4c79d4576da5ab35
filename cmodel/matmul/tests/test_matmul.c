// SPDX-License-Identifier: Apache-2.0
// Compares the trit matmul bit for bit with the reference. It runs every kernel of this processor, on one thread and on
// three. Cases: shapes, depths, extremes, cancellation, ties, underflow, overflow, checksums, refused jobs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/reference/reference.h"
#include "cmodel/matmul/tests/matmul_case.h"

enum kind { ZERO, SUBNORMAL, NORMAL, INFINITE, KINDS };

static enum kind kind_of(uint32_t bits) {
    uint32_t magnitude = bits & 0x7fffffffu;
    return magnitude == 0 ? ZERO : magnitude < 0x00800000u ? SUBNORMAL : magnitude < 0x7f800000u ? NORMAL : INFINITE;
}

static void random_cases(void **state) {
    struct matmul_engines *engines = *state;
    unsigned count[KINDS] = {0};
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct test_random random = test_random_seed(seed);
        struct matmul_case c;
        uint32_t depth = 1 + test_random_below(&random, TERN_MAX_DEPTH);
        matmul_case_allocate(&c, 1 + test_random_below(&random, 17), 4 * (1 + test_random_below(&random, 6)), depth,
                             1 + test_random_below(&random, depth));
        matmul_case_fill_levels(&c, (enum matmul_levels)test_random_below(&random, 5), &random);
        matmul_case_fill_codes(&c, (enum matmul_codes)test_random_below(&random, 3), &random);
        matmul_case_fill_mantissas(&c, (enum matmul_mantissas)test_random_below(&random, 5), &random);
        matmul_case_fill_shifts(&c, (enum matmul_shifts)test_random_below(&random, 3), &random);
        matmul_case_fill_steps(&c, (enum matmul_steps)test_random_below(&random, 7), &random);
        // Of three cases one is aimed at subnormal results, one at overflow, and one anywhere.
        c.activation_exponent = seed % 3 == 0   ? test_random_between(&random, -165, -130)
                                : seed % 3 == 1 ? test_random_between(&random, 60, 130)
                                                : test_random_between(&random, -330, 250);
        matmul_case_finish(&c);
        matmul_engines_expect(engines, &c, seed);
        for (uint32_t row = 0; row < c.rows; row++) {
            count[kind_of(c.expected[row])]++;
        }
        matmul_case_free(&c);
    }
    printf("%u zeros, %u subnormals, %u normals, %u infinities\n", count[ZERO], count[SUBNORMAL], count[NORMAL],
           count[INFINITE]);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        assert_true(count[kind] >= 100); // the cases reach every kind of result
    }
}

// The largest bins and sums of the format, at a width well over the widest supported model.
static void widest_extremes(void **state) {
    struct matmul_engines *engines = *state;
    static const enum matmul_mantissas mantissas[] = {MANTISSAS_LARGEST, MANTISSAS_SMALLEST, MANTISSAS_SIGNS};
    for (unsigned i = 0; i < 3; i++) {
        struct test_random random = test_random_seed(i);
        struct matmul_case c;
        matmul_case_allocate(&c, 2, TERN_MAX_COLUMNS / 16, TERN_MAX_DEPTH, TERN_MAX_DEPTH);
        matmul_case_fill_levels(&c, i == 1 ? LEVELS_SMALLEST : LEVELS_LARGEST, &random);
        matmul_case_fill_codes(&c, CODES_EQUAL, &random);
        matmul_case_fill_mantissas(&c, mantissas[i], &random);
        matmul_case_fill_shifts(&c, SHIFTS_LARGEST, &random);
        matmul_case_fill_steps(&c, STEPS_WIDEST, &random);
        matmul_case_finish(&c);
        matmul_engines_expect(engines, &c, i);
        matmul_case_free(&c);
    }
}

// Runs a job of several vectors. Its rows before strip `bad` are right; nothing else is written. 99: no strip is bad.
static void expect_vectors(struct matmul_engines *engines, struct tern_matmul_job *job,
                           const struct matmul_case vector[], uint32_t bad, uint64_t seed) {
    static float out[TERN_MAX_VECTORS][MATMUL_ROWS_MAX];
    const uint32_t rows = bad == 99 ? job->rows : bad * TERN_STRIP_ROWS;
    for (unsigned e = 0; e < engines->count; e++) {
        uint32_t bad_strip = 99;
        for (uint32_t i = 0; i < job->vectors; i++) {
            matmul_out_clear(out[i]);
            job->vector[i].output = out[i];
        }
        assert_int_equal(matmul_engines_run(engines, e, job, &bad_strip),
                         bad == 99 ? TERN_STATUS_OK : TERN_STATUS_CHECKSUM);
        assert_int_equal(bad_strip, bad);
        for (uint32_t i = 0; i < job->vectors; i++) {
            matmul_engine_expect_values(&vector[i], out[i], rows, seed, &engines->engine[e]);
            for (uint32_t row = rows; row < MATMUL_ROWS_MAX; row++) {
                assert_int_equal(tern_f32_to_bits(out[i][row]), MATMUL_UNTOUCHED);
            }
        }
    }
}

// Each vector of a job gets the result that it would get alone. Only existing rows are written, and only those before a
// bad strip, which has any place among those that a kernel takes at once.
static void several_vectors(void **state) {
    struct matmul_engines *engines = *state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct test_random random = test_random_seed(seed);
        struct matmul_case c, vector[TERN_MAX_VECTORS];
        uint32_t depth = 1 + test_random_below(&random, TERN_MAX_DEPTH);
        matmul_case_allocate(&c, 1 + test_random_below(&random, 60), 4 * (1 + test_random_below(&random, 6)), depth,
                             1 + test_random_below(&random, depth));
        matmul_case_fill_levels(&c, (enum matmul_levels)test_random_below(&random, 5), &random);
        matmul_case_fill_codes(&c, CODES_RANDOM, &random);
        matmul_case_fill_steps(&c, (enum matmul_steps)test_random_below(&random, 7), &random);
        matmul_case_finish(&c);
        struct tern_matmul_job job = matmul_case_job(&c, NULL);
        job.vectors = 1 + (uint32_t)seed % TERN_MAX_VECTORS;
        for (uint32_t i = 0; i < job.vectors; i++) {
            matmul_case_allocate(&vector[i], c.rows, c.groups, depth, depth);
            matmul_case_fill_mantissas(&vector[i], (enum matmul_mantissas)test_random_below(&random, 5), &random);
            matmul_case_fill_shifts(&vector[i], (enum matmul_shifts)test_random_below(&random, 3), &random);
            int32_t exponent = test_random_between(&random, -40, 20);
            matmul_case_expect(&c, vector[i].mantissas, vector[i].shifts, exponent, vector[i].expected);
            struct tern_matmul_vector one = {vector[i].mantissas, vector[i].shifts, exponent + job.steps.base_exponent,
                                             NULL};
            job.vector[i] = one;
        }
        expect_vectors(engines, &job, vector, 99, seed);
        const uint32_t bad = test_random_below(&random, (c.rows + TERN_STRIP_ROWS - 1) / TERN_STRIP_ROWS);
        c.weights[bad * matmul_case_strip_bytes(&c) + test_random_below(&random, 64)] ^= 1;
        expect_vectors(engines, &job, vector, bad, seed);
        for (uint32_t i = 0; i < job.vectors; i++) {
            matmul_case_free(&vector[i]);
        }
        matmul_case_free(&c);
    }
}

// The quantizer never writes -32768, but memory may hold it. It must not wrap.
static void mantissa_of_minus_32768(void **state) {
    struct matmul_engines *engines = *state;
    struct test_random random = test_random_seed(5);
    struct matmul_case c;
    matmul_case_allocate(&c, 5, 64, TERN_MAX_DEPTH, TERN_MAX_DEPTH);
    matmul_case_fill_levels(&c, LEVELS_LARGEST, &random);
    matmul_case_fill_shifts(&c, SHIFTS_LARGEST, &random);
    matmul_case_fill_steps(&c, STEPS_WIDEST, &random);
    for (size_t i = 0; i < 16 * (size_t)c.groups; i++) {
        c.mantissas[i] = INT16_MIN;
    }
    matmul_case_finish(&c);
    matmul_engines_expect(engines, &c, 5);
    matmul_case_free(&c);
}

// The second half of each row is minus the first. The sum is exactly zero, so +0. Then one unit is left over.
static void cancellation(void **state) {
    struct matmul_engines *engines = *state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct test_random random = test_random_seed(seed);
        struct matmul_case c;
        uint32_t depth = 1 + (uint32_t)(seed % TERN_MAX_DEPTH);
        matmul_case_allocate(&c, 7, 16, depth, depth);
        matmul_case_fill_levels(&c, LEVELS_RANDOM, &random);
        matmul_case_fill_codes(&c, CODES_RANDOM, &random);
        matmul_case_fill_mantissas(&c, MANTISSAS_RANDOM, &random);
        matmul_case_fill_shifts(&c, SHIFTS_RANDOM, &random);
        matmul_case_fill_steps(&c, (enum matmul_steps)(seed % 3), &random);
        for (size_t row = 0; row < c.rows; row++) {
            for (size_t i = 0; i < 128; i++) {
                c.levels[row * 256 + 128 + i] = -c.levels[row * 256 + i];
                c.mantissas[128 + i] = c.mantissas[i];
            }
            for (size_t group = 0; group < 8; group++) {
                c.codes[row * 16 + 8 + group] = c.codes[row * 16 + group];
                c.shifts[8 + group] = c.shifts[group];
            }
        }
        matmul_case_finish(&c);
        for (size_t row = 0; row < c.rows; row++) {
            assert_int_equal(c.expected[row], 0);
        }
        matmul_engines_expect(engines, &c, seed);
        c.mantissas[0] = (int16_t)(c.mantissas[0] > 0 ? c.mantissas[0] - 1 : c.mantissas[0] + 1);
        matmul_case_finish(&c);
        matmul_engines_expect(engines, &c, seed);
        matmul_case_free(&c);
    }
}

// The sums are 2^25 + 0..15, where the float's last place is 4. 2, 6, 10 and 14 are ties.
static void ties_through_the_whole_unit(void **state) {
    struct matmul_engines *engines = *state;
    static const uint32_t last_places[16] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4};
    struct test_random random = test_random_seed(1);
    struct matmul_case c;
    matmul_case_allocate(&c, 32, 4, 4, 4);
    matmul_case_fill_levels(&c, LEVELS_TIES, &random);
    matmul_case_fill_codes(&c, CODES_IN_TURN, &random);
    matmul_case_fill_mantissas(&c, MANTISSAS_TIES, &random);
    matmul_case_fill_shifts(&c, SHIFTS_TIES, &random);
    matmul_case_fill_steps(&c, STEPS_ONE, &random);
    matmul_case_finish(&c);
    for (uint32_t row = 0; row < 32; row++) {
        assert_int_equal(c.expected[row], ((row < 16 ? 0 : 0x80000000u) | 0x4c000000u) + last_places[row % 16]);
    }
    for (unsigned i = 0; i < engines->count; i++) {
        engines->engine[i].undecided_rows = 0;
    }
    matmul_engines_expect(engines, &c, 1);
    // Double precision cannot decide the ties. It decides all others.
    for (unsigned i = 0; i < engines->count; i++) {
        assert_int_equal(engines->engine[i].undecided_rows, engines->engine[i].kernel == TERN_KERNEL_EXACT ? 0 : 8);
    }
    matmul_case_free(&c);
}

// The unit's exponent register takes any 32 bits.
static void absurd_exponents(void **state) {
    struct matmul_engines *engines = *state;
    static const int32_t exponents[] = {INT32_MAX, INT32_MIN, 801, -801, 800, -800, 1000, -1074};
    struct test_random random = test_random_seed(6);
    struct matmul_case c;
    matmul_case_allocate(&c, 5, 4, 3, 3);
    matmul_case_fill_levels(&c, LEVELS_RANDOM, &random);
    matmul_case_fill_mantissas(&c, MANTISSAS_SIGNS, &random);
    matmul_case_fill_steps(&c, STEPS_ONE, &random);
    matmul_case_finish(&c);
    for (unsigned i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        for (unsigned e = 0; e < engines->count; e++) {
            float out[MATMUL_ROWS_MAX];
            uint32_t bad_strip;
            struct tern_matmul_job job = matmul_case_job(&c, out);
            job.vector[0].exponent = exponents[i];
            assert_int_equal(matmul_engines_run(engines, e, &job, &bad_strip), TERN_STATUS_OK);
            for (uint32_t row = 0; row < c.rows; row++) {
                assert_int_equal(tern_f32_to_bits(out[row]) & 0x7fffffffu, exponents[i] > 0 ? 0x7f800000u : 0);
                assert_int_equal(tern_f32_to_bits(out[row]) >> 31, c.expected[row] >> 31);
            }
        }
    }
    matmul_case_free(&c);
}

// All is random but the sizes.
static void random_case(struct matmul_case *c, uint32_t rows, uint32_t groups, uint32_t depth_stored,
                        uint32_t depth_used, struct test_random *random) {
    matmul_case_allocate(c, rows, groups, depth_stored, depth_used);
    matmul_case_fill_levels(c, LEVELS_RANDOM, random);
    matmul_case_fill_codes(c, CODES_RANDOM, random);
    matmul_case_fill_mantissas(c, MANTISSAS_RANDOM, random);
    matmul_case_fill_shifts(c, SHIFTS_RANDOM, random);
    matmul_case_fill_steps(c, STEPS_SPACED, random);
    matmul_case_finish(c);
}

// A depth in use below the stored one gives the result of weights without their low trits.
static void depth_in_use(void **state) {
    struct matmul_engines *engines = *state;
    for (uint32_t stored = 1; stored <= TERN_MAX_DEPTH; stored++) {
        for (uint32_t used = 1; used <= stored; used++) {
            struct test_random random = test_random_seed(10 * stored + used);
            struct matmul_case c;
            random_case(&c, 11, 12, stored, used, &random);
            matmul_engines_expect(engines, &c, 10 * stored + used);
            matmul_case_free(&c);
        }
    }
}

// All 256 bytes are legal in codes and planes, also the 13 that the packer never writes.
static void any_byte_is_a_weight(void **state) {
    struct matmul_engines *engines = *state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct test_random random = test_random_seed(seed);
        struct matmul_case c;
        uint32_t depth = 1 + (uint32_t)(seed % TERN_MAX_DEPTH);
        matmul_case_allocate(&c, 10, 8, depth, depth);
        matmul_case_fill_mantissas(&c, MANTISSAS_RANDOM, &random);
        matmul_case_fill_shifts(&c, SHIFTS_RANDOM, &random);
        matmul_case_fill_steps(&c, STEPS_SPACED, &random);
        for (size_t i = 0; i < c.weights_bytes; i++) {
            c.weights[i] = (uint8_t)test_random_word(&random);
        }
        tern_reference_unpack(c.weights, c.rows, c.groups, depth, depth, c.levels, c.codes);
        tern_reference_matmul(c.levels, c.codes, c.rows, c.groups, c.step_bits, c.mantissas, c.shifts, 0, c.expected);
        float out[MATMUL_ROWS_MAX];
        struct tern_matmul_job job = matmul_case_job(&c, out);
        uint32_t bad_strip;
        job.crc = NULL;
        for (unsigned i = 0; i < engines->count; i++) {
            matmul_out_clear(out);
            assert_int_equal(matmul_engines_run(engines, i, &job, &bad_strip), TERN_STATUS_OK);
            matmul_engine_expect_values(&c, out, c.rows, seed, &engines->engine[i]);
        }
        matmul_case_free(&c);
    }
}

// Checks rows of strips before bad_strip; later ones must be untouched. bad_strip 99: no strip is bad.
static void expect_stop(struct matmul_engines *engines, const struct matmul_case *c, uint32_t expected_strip) {
    for (unsigned i = 0; i < engines->count; i++) {
        float out[MATMUL_ROWS_MAX];
        uint32_t bad_strip = 99;
        struct tern_matmul_job job = matmul_case_job(c, out);
        matmul_out_clear(out);
        assert_int_equal(matmul_engines_run(engines, i, &job, &bad_strip),
                         expected_strip == 99 ? TERN_STATUS_OK : TERN_STATUS_CHECKSUM);
        assert_int_equal(bad_strip, expected_strip);
        uint32_t right_rows = expected_strip == 99 ? c->rows : 5 * expected_strip;
        matmul_engine_expect_values(c, out, right_rows, expected_strip, &engines->engine[i]);
        for (uint32_t row = right_rows; row < MATMUL_ROWS_MAX; row++) {
            assert_int_equal(tern_f32_to_bits(out[row]), MATMUL_UNTOUCHED);
        }
    }
}

static void flipped_bit(struct matmul_engines *engines, struct matmul_case *c, size_t byte, uint32_t strip) {
    c->weights[byte] ^= 0x10;
    expect_stop(engines, c, strip);
    c->weights[byte] ^= 0x10;
}

// 13 rows, 3 strips, depth 3 stored, 2 in use. Codes and two planes are checked. The lowest plane is not read.
static void checksums(void **state) {
    struct matmul_engines *engines = *state;
    struct test_random random = test_random_seed(3);
    struct matmul_case c;
    random_case(&c, 13, 4, 3, 2, &random);
    size_t strip_bytes = matmul_case_strip_bytes(&c);
    for (uint32_t strip = 0; strip < 3; strip++) {
        static const size_t seen[] = {0, 11, 12, 63, 64, 127, 128, 191}; // codes, their padding, plane 2, plane 1
        for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
            flipped_bit(engines, &c, strip * strip_bytes + seen[i], strip);
        }
        flipped_bit(engines, &c, strip * strip_bytes + 192, 99);
        flipped_bit(engines, &c, strip * strip_bytes + 255, 99);
        for (uint32_t segment = 0; segment < 3; segment++) {
            c.crc[4 * strip + segment] ^= 1u << (7 * segment);
            expect_stop(engines, &c, strip);
            c.crc[4 * strip + segment] ^= 1u << (7 * segment);
        }
    }
    matmul_engines_expect(engines, &c, 3);
    matmul_case_free(&c);
}

// Every bit of a strip is checked, at every length a panel can have.
static void checksum_of_each_byte(void **state) {
    struct matmul_engines *engines = *state;
    for (uint32_t groups = 4; groups <= 40; groups += 12) {
        struct test_random random = test_random_seed(groups);
        struct matmul_case c;
        random_case(&c, 5, groups, TERN_MAX_DEPTH, TERN_MAX_DEPTH, &random);
        for (size_t byte = 0; byte < c.weights_bytes; byte++) {
            flipped_bit(engines, &c, byte, 0);
        }
        matmul_case_free(&c);
    }
}

// Of several bad strips the lowest counts, whichever thread is first. No row behind it is written.
static void lowest_bad_strip(void **state) {
    struct matmul_engines *engines = *state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct test_random random = test_random_seed(seed);
        struct matmul_case c;
        uint32_t lowest = 99;
        random_case(&c, 253, 8, 3, 3, &random); // 51 strips: a thread takes several at a time
        for (uint32_t strip = 51; strip-- > 0;) {
            if (test_random_below(&random, 20) == 0) {
                c.weights[strip * matmul_case_strip_bytes(&c) + test_random_below(&random, 64)] ^= 1;
                lowest = strip;
            }
        }
        expect_stop(engines, &c, lowest);
        matmul_case_free(&c);
    }
}

// The strips are long. When one thread finds the bad strip at its batch's end, the others are well ahead.
static void bad_strip_behind_other_threads(void **state) {
    struct matmul_engines *engines = *state;
    struct test_random random = test_random_seed(7);
    struct matmul_case c;
    random_case(&c, 253, 256, 3, 3, &random);
    c.weights[8 * matmul_case_strip_bytes(&c)] ^= 1;
    for (int i = 0; i < 100; i++) { // on a busy machine they are seldom ahead
        expect_stop(engines, &c, 8);
    }
    matmul_case_free(&c);
}

static void expect_refused(struct tern_matmul_job job, enum tern_status status) {
    float *out = job.vector[0].output;
    uint32_t bad_strip = 99;
    matmul_out_clear(out);
    assert_int_equal(tern_matmul_run(&job, NULL, &bad_strip), status);
    assert_int_equal(tern_matmul_exact(&job, &bad_strip), status);
    assert_int_equal(tern_f32_to_bits(out[0]), MATMUL_UNTOUCHED);
}

#define EXPECT_REFUSED(field, value, status)                                                                           \
    do {                                                                                                               \
        struct tern_matmul_job changed = job;                                                                          \
        changed.field = (value);                                                                                       \
        expect_refused(changed, (status));                                                                             \
    } while (0)

static void refused_jobs(void **state) {
    (void)state;
    struct test_random random = test_random_seed(4);
    struct matmul_case c;
    float out[MATMUL_ROWS_MAX];
    matmul_case_allocate(&c, 5, 4, 2, 2);
    matmul_case_fill_steps(&c, STEPS_SPACED, &random);
    matmul_case_finish(&c);
    struct tern_matmul_job job = matmul_case_job(&c, out);
    EXPECT_REFUSED(rows, 0, TERN_STATUS_BAD_LENGTH);
    EXPECT_REFUSED(rows, TERN_MAX_ROWS + 1, TERN_STATUS_BAD_LENGTH);
    struct tern_engine unknown = {.kernel = (enum tern_kernel)99};
    uint32_t bad_strip;
    assert_int_equal(tern_matmul_run(&job, &unknown, &bad_strip), TERN_STATUS_UNSUPPORTED);
    EXPECT_REFUSED(vectors, 0, TERN_STATUS_BAD_LENGTH);
    EXPECT_REFUSED(vectors, TERN_MAX_VECTORS + 1, TERN_STATUS_BAD_LENGTH);
    EXPECT_REFUSED(groups, 0, TERN_STATUS_BAD_LENGTH);
    EXPECT_REFUSED(groups, 6, TERN_STATUS_BAD_LENGTH);
    EXPECT_REFUSED(groups, TERN_MAX_COLUMNS / 16 + 4, TERN_STATUS_BAD_LENGTH);
    EXPECT_REFUSED(depth_stored, 0, TERN_STATUS_BAD_DEPTH);
    EXPECT_REFUSED(depth_stored, TERN_MAX_DEPTH + 1, TERN_STATUS_BAD_DEPTH);
    EXPECT_REFUSED(depth_used, 0, TERN_STATUS_BAD_DEPTH);
    EXPECT_REFUSED(depth_used, 3, TERN_STATUS_BAD_DEPTH);
    EXPECT_REFUSED(steps.shift[26], 33, TERN_STATUS_BAD_STEPS);
    EXPECT_REFUSED(steps.mantissa[0], 1u << 24, TERN_STATUS_BAD_STEPS);
    c.shifts[3] = 16;
    expect_refused(job, TERN_STATUS_BAD_ACTIVATION);
    matmul_case_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cases),     cmocka_unit_test(widest_extremes),
        cmocka_unit_test(cancellation),     cmocka_unit_test(mantissa_of_minus_32768),
        cmocka_unit_test(depth_in_use),     cmocka_unit_test(ties_through_the_whole_unit),
        cmocka_unit_test(checksums),        cmocka_unit_test(any_byte_is_a_weight),
        cmocka_unit_test(refused_jobs),     cmocka_unit_test(several_vectors),
        cmocka_unit_test(lowest_bad_strip), cmocka_unit_test(checksum_of_each_byte),
        cmocka_unit_test(absurd_exponents), cmocka_unit_test(bad_strip_behind_other_threads),
    };
    return cmocka_run_group_tests_name("cmodel.matmul", tests, matmul_engines_open, matmul_engines_close);
}
