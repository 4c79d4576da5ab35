// SPDX-License-Identifier: Apache-2.0
// Every way to run a job: tern_matmul_exact(), and each kernel that this processor has, on one thread and on three.
#ifndef TERN_CMODEL_TESTS_MATMUL_ENGINES_H
#define TERN_CMODEL_TESTS_MATMUL_ENGINES_H

#include "cmodel/fast/matmul_engine.h"
#include "cmodel/tests/matmul_case.h"

#define MATMUL_UNTOUCHED 0xdeadbeefu // what matmul_out_clear() leaves in each output
#define MATMUL_ROWS_MAX 256

struct matmul_engines {
    struct tern_pool *pool;
    unsigned count;
    struct tern_engine engine[7]; // the first only gives tern_matmul_exact() a name
};

// As cmocka wants a group's setup and teardown; *state is the engines.
int matmul_engines_open(void **state);
int matmul_engines_close(void **state);

enum tern_status matmul_engines_run(struct matmul_engines *engines, unsigned i, const struct tern_matmul_job *job,
                                    uint32_t *bad_strip);
// Each engine computes what the case expects, and no row more.
void matmul_engines_expect(struct matmul_engines *engines, struct matmul_case *c, uint64_t seed);

void matmul_out_clear(float out[MATMUL_ROWS_MAX]);
// The first `rows` rows of `out` are what the case expects.
void matmul_engine_expect_values(const struct matmul_case *c, const float *out, uint32_t rows, uint64_t seed,
                                 const struct tern_engine *engine);

#endif
