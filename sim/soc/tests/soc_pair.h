// SPDX-License-Identifier: Apache-2.0
// Two devices that run commands through ring and doorbell. One is the whole SoC with the RV32 firmware, the other the
// model device with the native firmware.
#ifndef TERN_SIM_SOC_TESTS_SOC_PAIR_H
#define TERN_SIM_SOC_TESTS_SOC_PAIR_H

#include "firmware/tests/build.h"
#include "sim/soc/tests/soc_bench.h"

#define SOC_WAIT_LIMIT 20000u // the most cycles that a wait of the firmware takes

struct soc_pair {
    struct bench model;
    struct soc_bench rtl;
    uint8_t *expected, *got;
    uint64_t cycles; // of the last command on rtl, from doorbell to COMPLETED, in steps of polling
};

// Opens both with a window of `bytes`. seed and stalls are those of soc_open().
void soc_pair_open(struct soc_pair *pair, uint64_t bytes, uint32_t seed, int stalls);
void soc_pair_close(struct soc_pair *pair);

// Runs commands of the model's bench, at most as many as the ring has entries. On rtl one doorbell is for all of them.
// Both devices get the bench's memory first. Afterwards every byte must be equal, ring and completions included.
void soc_pair_run_batch(struct soc_pair *pair, union tern_command *commands, uint32_t count,
                        struct tern_completion *completions, const char *what);
// Runs one command in this way.
struct tern_completion soc_pair_run(struct soc_pair *pair, union tern_command command, const char *what);
// Runs a command in the same way. It must end in OK.
void soc_pair_run_ok(struct soc_pair *pair, union tern_command command, const char *what);
// Runs a command on rtl alone, from equal memory. The model runs a NOP instead, so that the rings stay in step. Returns
// the completion in rtl's memory. If it was not written, its sequence is old.
struct tern_completion soc_pair_run_rtl(struct soc_pair *pair, union tern_command command, const char *what);
// Runs a command on the model alone. It must end in OK. rtl runs a NOP instead.
void soc_pair_run_model(struct soc_pair *pair, union tern_command command, const char *what);

#endif
