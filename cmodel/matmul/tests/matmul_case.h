// SPDX-License-Identifier: Apache-2.0
// One matmul problem in plain integers, its packed form, and its result by the reference. The random tests and the
// golden vectors of testvectors/unit use it.
#ifndef TERN_CMODEL_MATMUL_TESTS_MATMUL_CASE_H
#define TERN_CMODEL_MATMUL_TESTS_MATMUL_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/fast/matmul_engine.h"
#include "cmodel/tests/random.h"

// Both kinds ending in TIES are used together, with depth 4, up to 32 rows and STEPS_ONE. Row r sums to 2^25 + r mod
// 16. From row 16 on it sums to minus that. The last place of the float is 4.
enum matmul_levels { LEVELS_RANDOM, LEVELS_LARGEST, LEVELS_SMALLEST, LEVELS_SPARSE, LEVELS_ALTERNATING, LEVELS_TIES };
enum matmul_mantissas {
    MANTISSAS_RANDOM,
    MANTISSAS_LARGEST,
    MANTISSAS_SMALLEST,
    MANTISSAS_SIGNS,
    MANTISSAS_SMALL,
    MANTISSAS_TIES
};
enum matmul_shifts { SHIFTS_RANDOM, SHIFTS_ZERO, SHIFTS_LARGEST, SHIFTS_TIES };
enum matmul_codes { CODES_RANDOM, CODES_EQUAL, CODES_IN_TURN };
enum matmul_steps { STEPS_SPACED, STEPS_WIDEST, STEPS_SUBNORMAL, STEPS_ZERO, STEPS_SPARSE, STEPS_LARGE, STEPS_ONE };

struct matmul_case {
    uint32_t rows, groups;
    uint32_t depth_stored, depth_used;
    int32_t activation_exponent;
    uint32_t step_bits[TERN_STEPS];
    int32_t *levels;    // [rows][16 x groups], depth_stored planes
    uint8_t *codes;     // [rows][groups]
    int16_t *mantissas; // [16 x groups]
    uint8_t *shifts;    // [groups]
    uint8_t *weights;   // packed strips
    size_t weights_bytes;
    uint32_t *crc;      // [strips][depth_stored + 1]
    uint32_t *expected; // [rows], float32 bits
};

// Allocates zeroed arrays for the sizes set in the case.
void matmul_case_allocate(struct matmul_case *c, uint32_t rows, uint32_t groups, uint32_t depth_stored,
                          uint32_t depth_used);
void matmul_case_free(struct matmul_case *c);

void matmul_case_fill_levels(struct matmul_case *c, enum matmul_levels kind, struct test_random *random);
void matmul_case_fill_codes(struct matmul_case *c, enum matmul_codes kind, struct test_random *random);
void matmul_case_fill_mantissas(struct matmul_case *c, enum matmul_mantissas kind, struct test_random *random);
void matmul_case_fill_shifts(struct matmul_case *c, enum matmul_shifts kind, struct test_random *random);
void matmul_case_fill_steps(struct matmul_case *c, enum matmul_steps kind, struct test_random *random);
// Packs the levels and codes and computes the expected result by the reference.
void matmul_case_finish(struct matmul_case *c);

int32_t matmul_case_largest_level(uint32_t depth);
size_t matmul_case_strip_bytes(const struct matmul_case *c);
// Computes the result of another vector on the same weights by the reference: expected[rows].
void matmul_case_expect(const struct matmul_case *c, const int16_t *mantissas, const uint8_t *shifts,
                        int32_t activation_exponent, uint32_t *expected);

// Runs libtern's job of the case's one vector into out[rows]. Aborts the test if the steps are refused.
struct tern_matmul_job matmul_case_job(const struct matmul_case *c, float *out);

// All engines: tern_matmul_exact(), and each kernel that this processor has, on one thread and on three.

#define MATMUL_UNTOUCHED 0xdeadbeefu // what matmul_out_clear() leaves in each output
#define MATMUL_ROWS_MAX 256

struct matmul_engines {
    struct tern_pool *pool;
    unsigned count;
    struct tern_engine engine[7]; // the first stands for tern_matmul_exact()
};

// Setup and teardown of a cmocka group; *state is the engines.
int matmul_engines_open(void **state);
int matmul_engines_close(void **state);

enum tern_status matmul_engines_run(struct matmul_engines *engines, unsigned i, const struct tern_matmul_job *job,
                                    uint32_t *bad_strip);
// Checks that each engine computes what the case expects, and no row more.
void matmul_engines_expect(struct matmul_engines *engines, struct matmul_case *c, uint64_t seed);

void matmul_out_clear(float out[MATMUL_ROWS_MAX]);
// Checks that the first `rows` rows of `out` are what the case expects.
void matmul_engine_expect_values(const struct matmul_case *c, const float *out, uint32_t rows, uint64_t seed,
                                 const struct tern_engine *engine);

#endif
