// SPDX-License-Identifier: Apache-2.0
// The interface of soc_program.c and its tests. A job is in the last bytes of boot memory. DOORBELL starts it. It is
// done when COMPLETED equals DOORBELL.
#ifndef TERN_SIM_SOC_TESTS_PROGRAMS_SOC_PROGRAM_H
#define TERN_SIM_SOC_TESTS_PROGRAMS_SOC_PROGRAM_H

#include <stdint.h>

#include "spec/generated/tern_spec.h"

#define SOC_JOB_ADDRESS (TERN_BOOT_BASE + TERN_BOOT_BYTES - 0x100u) // above text, data and stack

enum soc_job_kind {
    // arguments: address low, high, local, bytes, direction, SLEEP; result 0: status of the DMA engine, 1: it was busy
    // after the sleep. SLEEP 0: waits without
    SOC_JOB_COPY,
    SOC_JOB_SUM,          // arguments: scratch offset, words; result 0: their sum
    SOC_JOB_NARROW,       // argument: scratch offset; bytes and halves stored and loaded; result 0..3
    SOC_JOB_READ,         // argument: any address; result 0: the word there
    SOC_JOB_WRITE,        // arguments: address, word
    SOC_JOB_NARROW_WRITE, // argument: address of a register; stores a byte and a half
    SOC_JOB_FLOAT,        // arguments: two float32; results: sum, product, both by coprocessor instructions
    SOC_JOB_SLEEP,        // arguments: two words for SLEEP; result 0, 1: cycles that passed in each
    SOC_JOB_COUNTERS,     // result 0, 1: cycles (rdcycle, TIME_LO) of a loop of 1000 turns
    SOC_JOB_ILLEGAL,      // executes an illegal instruction
    SOC_JOB_MISALIGNED,   // a load of a word at an odd address
    SOC_JOB_EBREAK,
    SOC_JOB_JUMP, // argument: address to jump to
};

struct soc_job {
    uint32_t kind;
    uint32_t arguments[6];
    uint32_t results[4];
};

#endif
