// SPDX-License-Identifier: Apache-2.0
// The clock of an idle unit stands still (rtl/soc/tern_clock_gate.v). Runs every command with these clocks and with
// clocks that never stop. Results, times and the counters of all units must be equal.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/tests/operands.h"
#include "sim/devices/rtl/rtl_control.h"
#include "sim/soc/tests/soc_pair.h"

#define SEED 733

enum { COUNTERS = 16, COMMANDS = 2 * TERN_OPCODE_COUNT, ABORTS = 4 };

static const uint32_t counters[COUNTERS] = {
    TERN_DMA_BASE + TERN_DMA_REG_CYCLES_LO,
    TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO,
    TERN_MATMUL_BASE + TERN_MATMUL_REG_CYCLES_LO,
    TERN_MATMUL_BASE + TERN_MATMUL_REG_OFFERED_LO,
    TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO,
    TERN_MATMUL_BASE + TERN_MATMUL_REG_STARVED_LO,
    TERN_MATMUL_BASE + TERN_MATMUL_REG_STALLED_LO,
    TERN_VECTOR_BASE + TERN_VECTOR_REG_CYCLES_LO,
    TERN_VECTOR_BASE + TERN_VECTOR_REG_ISSUED_LO,
    TERN_VECTOR_BASE + TERN_VECTOR_REG_STARVED_LO,
    TERN_VECTOR_BASE + TERN_VECTOR_REG_STALLED_LO,
    TERN_ATTENTION_BASE + TERN_ATTENTION_REG_CYCLES_LO,
    TERN_ATTENTION_BASE + TERN_ATTENTION_REG_OFFERED_LO,
    TERN_ATTENTION_BASE + TERN_ATTENTION_REG_TAKEN_LO,
    TERN_ATTENTION_BASE + TERN_ATTENTION_REG_STARVED_LO,
    TERN_ATTENTION_BASE + TERN_ATTENTION_REG_STALLED_LO,
};

struct record {
    uint64_t cycles[COMMANDS];
    uint32_t counts[COMMANDS][COUNTERS];
};

// soc_pair compares the results with the model.
static void run_commands(bool clocks_on, int stalls, struct record *record) {
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 19, SEED, stalls);
    tern_rtl_set_clocks_on(&pair.rtl.backend, clocks_on);
    for (uint32_t i = 0; i < COMMANDS; i++) {
        const struct operands_row *row = &operands_rows[i / 2];
        struct operands operands;
        row->make(&pair.model, i % 2 ? 300 : 33, &operands);
        soc_pair_run_ok(&pair, operands.first, "first");
        soc_pair_run_ok(&pair, operands.command, row->name);
        record->cycles[i] = pair.cycles;
        for (int j = 0; j < COUNTERS; j++) {
            record->counts[i][j] = soc_read(&pair.rtl, counters[j]);
        }
    }
    soc_pair_close(&pair);
}

static void compare_commands(int stalls) {
    static struct record standing, on;
    run_commands(false, stalls, &standing);
    run_commands(true, stalls, &on);
    for (int i = 0; i < COMMANDS; i++) {
        const char *name = operands_rows[i / 2].name;
        if (standing.cycles[i] != on.cycles[i]) {
            fail_msg("%s: %llu cycles, %llu without gates, seed %d", name, (unsigned long long)standing.cycles[i],
                     (unsigned long long)on.cycles[i], SEED);
        }
        for (int j = 0; j < COUNTERS; j++) {
            if (standing.counts[i][j] != on.counts[i][j]) {
                fail_msg("%s: counter 0x%x is %u, %u without gates, seed %d", name, counters[j], standing.counts[i][j],
                         on.counts[i][j], SEED);
            }
        }
    }
}

static void test_commands(void **state) {
    (void)state;
    compare_commands(0);
}

static void test_commands_under_stalls(void **state) {
    (void)state;
    compare_commands(1);
}

// Copies with the core held: aborted after some cycles, then whole. Memory answers after the abort.
static void run_copies(bool clocks_on, uint32_t results[ABORTS][3]) {
    struct soc_bench bench;
    uint8_t data[1024];
    soc_open(&bench, 1 << 17, SEED, 0);
    tern_rtl_set_clocks_on(&bench.backend, clocks_on);
    const uint64_t base = bench.backend.memory_base;
    for (uint32_t i = 0; i < ABORTS; i++) {
        soc_random_memory(&bench, base, data, sizeof data);
        soc_dma_start(&bench, base, 0, sizeof data, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
        soc_advance(&bench, 1 + 31 * i);
        soc_write(&bench, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, TERN_DMA_CONTROL_ABORT_MASK);
        results[i][0] = soc_dma_wait(&bench, 10000);
        results[i][1] = soc_dma_copy(&bench, base, 0, sizeof data, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
        results[i][2] = soc_read(&bench, TERN_DMA_BASE + TERN_DMA_REG_CYCLES_LO);
        soc_expect_scratch(&bench, 0, data, sizeof data, "copy after an abort");
        tern_rtl_reset(&bench.backend);
        soc_advance(&bench, 100);
        soc_set_window(&bench, base, bench.backend.memory_bytes);
    }
    soc_close(&bench);
}

static void test_aborts_and_resets(void **state) {
    (void)state;
    uint32_t standing[ABORTS][3], on[ABORTS][3];
    run_copies(false, standing);
    run_copies(true, on);
    assert_memory_equal(standing, on, sizeof on);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_commands_under_stalls),
        cmocka_unit_test(test_aborts_and_resets),
    };
    return cmocka_run_group_tests_name("soc.clocks", tests, NULL, NULL);
}
