// SPDX-License-Identifier: Apache-2.0
// Functions that the tests of the unit share: they do one run, check it and report failures as sentences.
#pragma once

#include "matmul_bench.hpp"
#include "sim/rules/rules.hpp"

namespace tern_bench {

extern unsigned failures;
extern uint64_t seed;

bool fail(const char *test, const Bench &bench, const Run &run, const std::string &what);
std::string describe(const Run &run, const AxiMemoryConfig &config);
// A large number of cycles within which the run must end.
uint64_t limit_cycles(const Run &run, const AxiMemoryConfig &config);
// Compares memory with the expected memory, the outcome with `wanted`, and checks the protocol.
bool check(const char *test, Bench &bench, const Run &run, const Outcome &wanted, Vectors partial);
bool run_to_end(const char *test, Bench &bench, const Run &run);
// Checks that the run gives the model's results. Also counts its beats.
bool good_run(const char *test, Bench &bench, const Run &run);
void use_memory(Bench &bench, const AxiMemoryConfig &config);
AxiMemoryConfig random_config(Random &random);
Shape random_shape(Random &random, uint32_t largest_rows, uint32_t largest_columns);
Run new_run(Bench &bench, const Shape &shape);

// A run in memory of any behaviour, to put a fault into.
Run fault_run(Bench &bench);
// Makes a good run right after a fault: same place, same memory behaviour without the fault.
void recover(const char *test, Bench &bench, const Run &run);

// matmul_fault_tests.cpp: faults of memory and packed data; `rounds` of each.
void test_faults(Bench &bench, unsigned rounds);
// matmul_operand_tests.cpp: activation images and steps that the unit refuses, and runs that only check.
void test_operands(Bench &bench, unsigned rounds);
// matmul_vector_tests.cpp: several vectors, of which some fail; nothing on a unit of one.
void test_vectors(Bench &bench, unsigned rounds);
// matmul_register_tests.cpp
void test_registers(Bench &bench);
// matmul_golden_tests.cpp
void test_golden(Bench &bench, const std::string &path);

} // namespace tern_bench
