// SPDX-License-Identifier: Apache-2.0
// A golden run of a unit while it is made: places for operands, register writes, and the run on the C model. The cases
// of matmul_runs.tuv, vector.tuv and attention.tuv in testvectors/unit are made with it.
#ifndef TERN_CMODEL_DEVICE_TESTS_RUN_CASE_H
#define TERN_CMODEL_DEVICE_TESTS_RUN_CASE_H

#include <stdint.h>

#include "cmodel/tests/random.h"
#include "spec/generated/tern_spec.h"
#include "testvectors/unit/run_vectors.h"

#define RUN_MEMORY_BASE UINT64_C(0x300000000)
#define RUN_MEMORY_BYTES 0x10000u // room of a case; a case has as much memory as it places
#define RUN_WRITES 32u

struct run_case {
    struct tern_run_vectors_record record;
    uint32_t writes[RUN_WRITES][2];
    uint8_t memory[RUN_MEMORY_BYTES] __attribute__((aligned(64)));
};

// One file: directed cases, then random ones. The functions make all but the run, by number; record.status is the one
// to expect.
struct run_file {
    const char *path;
    uint32_t directed, randoms;
    void (*make)(uint32_t number, struct test_random *random, struct run_case *c);
    void (*make_random)(uint32_t number, struct test_random *random, struct run_case *c);
};

extern const struct run_file matmul_runs, vector_runs, attention_runs;

// An empty case. Memory is full of large floats, so that a unit that reads beyond an operand is found.
void run_case_start(struct run_case *c, uint32_t unit, const char *name);
// A place of its own for an operand: `offset` bytes after a multiple of 64, with a gap before it.
uint64_t run_case_place(struct run_case *c, uint64_t bytes, uint32_t offset);
uint8_t *run_case_at(struct run_case *c, uint64_t address);
// A register write. A register that was written before gets the new value instead.
void run_case_write(struct run_case *c, uint32_t offset, uint32_t value);
void run_case_write_pair(struct run_case *c, uint32_t offset, uint64_t value);

// Runs a unit of the C model with the case's writes on `memory` [record.memory_bytes], 64-byte aligned. Returns the
// code of STATUS. *detail: the register 0x00c.
uint32_t run_case_model(const struct tern_run_vectors_record *record, const uint32_t (*writes)[2], uint8_t *memory,
                        uint32_t *detail);

#endif
