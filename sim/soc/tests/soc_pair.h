// SPDX-License-Identifier: Apache-2.0
// Commands through ring and doorbell on two devices: the whole SoC with the RV32 firmware, and the model device with
// the native one.
#ifndef TERN_SIM_SOC_TESTS_SOC_PAIR_H
#define TERN_SIM_SOC_TESTS_SOC_PAIR_H

#include "firmware/tests/build.h"
#include "sim/soc/tests/soc_bench.h"

#define SOC_WAIT_LIMIT 20000u // cycles a wait of the firmware may last

struct soc_pair {
    struct bench model;
    struct soc_bench rtl;
    uint8_t *expected, *got;
    uint64_t cycles; // of the last command on rtl, doorbell to COMPLETED, in steps of polling
};

// `bytes` of window on both; seed and stalls as for soc_open.
void soc_pair_open(struct soc_pair *pair, uint64_t bytes, uint32_t seed, int stalls);
void soc_pair_close(struct soc_pair *pair);

// Takes a command of the model's bench, whose memory both devices get first. Afterwards every byte is equal, the ring
// and its completions too, or the test fails.
struct tern_completion soc_pair_run(struct soc_pair *pair, union tern_command command, const char *what);
// The same, failing the test unless the command ends in OK.
void soc_pair_run_ok(struct soc_pair *pair, union tern_command command, const char *what);
// On rtl alone, from equal memory; the model runs a NOP in its place, so that the rings stay in step. The completion is
// what rtl's memory holds; a completion that could not be written shows by its sequence.
struct tern_completion soc_pair_run_rtl(struct soc_pair *pair, union tern_command command, const char *what);
// On the model alone, which must end in OK; rtl runs a NOP in its place.
void soc_pair_run_model(struct soc_pair *pair, union tern_command command, const char *what);

#endif
