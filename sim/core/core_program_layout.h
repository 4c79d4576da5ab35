// SPDX-License-Identifier: Apache-2.0
// Memory that core_program.c on the core shares with core_bench.cpp. Addresses are byte addresses.
#pragma once

#define CORE_STACK_TOP 0x10000u
#define CORE_TIMING 0x10000u     // struct core_timing
#define CORE_STACK_SEEN 0x10ff8u // out: stack pointer at entry
#define CORE_PAIR_COUNT 0x10ffcu // in: number of operand pairs
#define CORE_PAIRS 0x11000u      // in: two words a pair
#define CORE_RESULTS 0x20000u    // out: CORE_RESULTS_PER_PAIR words a pair
#define CORE_MEMORY_BYTES 0x100000u
#define CORE_DONE 0x80000000u // writing the magic word ends the run
#define CORE_DONE_MAGIC 0x600d600du

// The float operations in the order of float_reference.hpp. Then mul, mulh, mulhsu, mulhu, div, divu, rem, remu. Then a
// chain of them without another instruction between.
#define CORE_FLOAT_OPERATIONS 30
#define CORE_INTEGER_OPERATIONS 8
#define CORE_RESULTS_PER_PAIR (CORE_FLOAT_OPERATIONS + CORE_INTEGER_OPERATIONS + 1)

#define CORE_TIMED_INSTRUCTIONS 64
#define CORE_TIMED_KINDS 10 // nothing, add, load, store, mul, mulhu, fadd.s, fmul.s, flt.s, fcvt.w.s
