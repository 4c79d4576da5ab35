// SPDX-License-Identifier: Apache-2.0
// Tests the DMA engine through the whole SoC, driven by the host. Copies have every alignment, lengths up to all of
// scratch memory and both directions. Memory is with and without stalls. The engine must refuse lengths, addresses and
// windows that cmodel/device/dma.c refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/device/memory.h"
#include "sim/soc/tests/soc_bench.h"

#define SEED 20261
#define MEMORY_BYTES (UINT64_C(1) << 18)
#define GUARD 64u // bytes around a copy that must not change

static uint64_t counter(struct soc_bench *bench, uint32_t offset) {
    return (uint64_t)soc_read(bench, TERN_DMA_BASE + offset + 4) << 32 | soc_read(bench, TERN_DMA_BASE + offset);
}

// Copies `bytes` between places that are equal modulo 16. All bytes around must stay the same.
static void copy_and_check(struct soc_bench *bench, uint32_t offset, uint32_t local, uint32_t bytes,
                           uint32_t direction) {
    static uint8_t remote[TERN_SCRATCH_BYTES + 2 * GUARD], near[TERN_SCRATCH_BYTES];
    uint64_t address = bench->backend.memory_base + offset;
    uint32_t first = local > GUARD ? (local & ~3u) - GUARD : 0;
    uint32_t end = local + bytes + GUARD < TERN_SCRATCH_BYTES ? local + bytes + GUARD : TERN_SCRATCH_BYTES;
    char what[128];
    snprintf(what, sizeof what, "copy of %u bytes, address 0x%llx, local 0x%x, direction %u", bytes,
             (unsigned long long)address, local, direction);
    soc_random_memory(bench, address - GUARD, remote, bytes + 2 * GUARD);
    soc_random_scratch(bench, first, near + first, end - first);
    uint64_t beats_before = counter(bench, TERN_DMA_REG_BEATS_LO);
    uint32_t status = soc_dma_copy(bench, address, local, bytes, direction);
    if (status != TERN_STATUS_OK) {
        fail_msg("%s: status %u, seed %u", what, status, bench->seed);
    }
    if (direction == TERN_DMA_CONTROL_TO_SCRATCH_MASK) {
        memcpy(near + local, remote + GUARD, bytes);
    } else {
        memcpy(remote + GUARD, near + local, bytes);
    }
    soc_expect_memory(bench, address - GUARD, remote, bytes + 2 * GUARD, what);
    soc_expect_scratch(bench, first, near + first, end - first, what);
    const uint64_t beats = (address % bench->bus_bytes + bytes + bench->bus_bytes - 1) / bench->bus_bytes;
    if (counter(bench, TERN_DMA_REG_BEATS_LO) - beats_before != beats) {
        fail_msg("%s: beats counted %llu, expected %llu", what,
                 (unsigned long long)(counter(bench, TERN_DMA_REG_BEATS_LO) - beats_before), (unsigned long long)beats);
    }
}

static void copies(int stalls) {
    static const uint32_t lengths[] = {4, 8, 12, 16, 20, 28, 32, 60, 64, 128, 1008, 1024, 1040, 4084, 4096, 4112};
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED + (uint32_t)stalls, stalls);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (uint32_t skew = 0; skew < 16; skew += 4) {
            for (int d = 0; d < 2; d++) {
                uint32_t offset = 4096 + 16 * test_random_below(&bench.random, 512) + skew;
                uint32_t room = (TERN_SCRATCH_BYTES - lengths[i] - 16) / 16;
                copy_and_check(&bench, offset, 16 * test_random_below(&bench.random, room) + skew, lengths[i],
                               soc_directions[d]);
            }
        }
    }
    soc_close(&bench);
}

static void test_copies(void **state) {
    (void)state;
    copies(0);
}

static void test_copies_under_stalls(void **state) {
    (void)state;
    copies(1);
}

static void test_whole_scratch(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED + 2, 1);
    copy_and_check(&bench, 4096 - 48, 0, TERN_SCRATCH_BYTES, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    copy_and_check(&bench, 8192 + 1008, 0, TERN_SCRATCH_BYTES, TERN_DMA_CONTROL_TO_DEVICE_MASK);
    // The copy has the last word and the last bytes of a beat.
    copy_and_check(&bench, 4096 + 12, TERN_SCRATCH_BYTES - 4, 4, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    copy_and_check(&bench, 4096 + 12, TERN_SCRATCH_BYTES - 4, 4, TERN_DMA_CONTROL_TO_DEVICE_MASK);
    copy_and_check(&bench, 8192 - 4, 12, TERN_SCRATCH_BYTES - 12, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    soc_close(&bench);
}

struct refusal {
    const char *what;
    uint64_t address;
    uint32_t local, bytes;
    enum tern_status status;
};

#define BASE ((uint64_t)TERN_DEVICE_MEMORY_BASE)
#define WINDOW_BASE (BASE + 0x4000)
#define WINDOW_BYTES UINT64_C(0x8000)
#define WINDOW_END (WINDOW_BASE + WINDOW_BYTES)

static const struct refusal refusals[] = {
    {"no bytes", WINDOW_BASE, 0, 0, TERN_STATUS_BAD_LENGTH},
    {"half a word", WINDOW_BASE, 0, 6, TERN_STATUS_BAD_LENGTH},
    {"past scratch memory", WINDOW_BASE, TERN_SCRATCH_BYTES - 16, 32, TERN_STATUS_BAD_LENGTH},
    {"beyond scratch memory", WINDOW_BASE, TERN_SCRATCH_BYTES, 16, TERN_STATUS_BAD_LENGTH},
    {"length that wraps", WINDOW_BASE, 16, 0xfffffff0u, TERN_STATUS_BAD_LENGTH},
    {"local that wraps", WINDOW_BASE, 0xfffffff0u, 32, TERN_STATUS_BAD_LENGTH},
    {"half a word's address", WINDOW_BASE + 2, 2, 16, TERN_STATUS_BAD_ADDRESS},
    {"sides disagree", WINDOW_BASE + 4, 8, 16, TERN_STATUS_BAD_ADDRESS},
    {"below the window", WINDOW_BASE - 16, 0, 16, TERN_STATUS_BAD_ADDRESS},
    {"into the window", WINDOW_BASE - 16, 0, 32, TERN_STATUS_BAD_ADDRESS},
    {"out of the window", WINDOW_END - 16, 0, 32, TERN_STATUS_BAD_ADDRESS},
    {"a word out of the window", WINDOW_END - 12, 4, 16, TERN_STATUS_BAD_ADDRESS},
    {"behind the window", WINDOW_END, 0, 16, TERN_STATUS_BAD_ADDRESS},
    {"low half inside", WINDOW_BASE - BASE, 0, 16, TERN_STATUS_BAD_ADDRESS},
    {"high half one off", WINDOW_BASE + BASE, 0, 16, TERN_STATUS_BAD_ADDRESS},
    {"address that wraps", UINT64_C(0xfffffffffffffff0), 0, 32, TERN_STATUS_BAD_ADDRESS},
    {"length before address", WINDOW_BASE - 16, 0, 0, TERN_STATUS_BAD_LENGTH},
};

// A refused copy moves no byte. The next copy, of the whole window, must be right.
static void test_refusals(void **state) {
    (void)state;
    static uint8_t memory[MEMORY_BYTES], scratch[256];
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED + 3, 1);
    assert_int_equal(bench.backend.memory_base, BASE);
    soc_random_memory(&bench, BASE, memory, sizeof memory);
    soc_random_scratch(&bench, 0, scratch, sizeof scratch);
    soc_set_window(&bench, WINDOW_BASE, WINDOW_BYTES);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *refusal = &refusals[i];
        for (int d = 0; d < 2; d++) {
            uint32_t direction = soc_directions[d];
            uint32_t status = soc_dma_copy(&bench, refusal->address, refusal->local, refusal->bytes, direction);
            if (status != (uint32_t)refusal->status) {
                fail_msg("%s, direction %u: status %u, expected %u", refusal->what, direction, status,
                         (unsigned)refusal->status);
            }
        }
    }
    assert_int_equal(counter(&bench, TERN_DMA_REG_BEATS_LO), 0);
    soc_expect_memory(&bench, BASE, memory, sizeof memory, "refused copies");
    soc_expect_scratch(&bench, 0, scratch, sizeof scratch, "refused copies");
    assert_int_equal(soc_dma_copy(&bench, WINDOW_BASE, 0, WINDOW_BYTES, TERN_DMA_CONTROL_TO_SCRATCH_MASK),
                     TERN_STATUS_OK);
    soc_expect_scratch(&bench, 0, memory + 0x4000, 0x8000, "copy of the window");
    soc_close(&bench);
}

// Checks rate and counters with memory of constant latency: a beat a clock, plus the latency.
static void test_rate(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, MEMORY_BYTES, SEED + 4, 0);
    for (int d = 0; d < 2; d++) {
        uint64_t beats = TERN_SCRATCH_BYTES / bench.bus_bytes;
        uint64_t cycles = counter(&bench, TERN_DMA_REG_CYCLES_LO);
        assert_int_equal(soc_dma_copy(&bench, BASE, 0, TERN_SCRATCH_BYTES, soc_directions[d]), TERN_STATUS_OK);
        cycles = counter(&bench, TERN_DMA_REG_CYCLES_LO) - cycles;
        printf("soc.dma: %llu beats, direction %u: %llu cycles\n", (unsigned long long)beats, soc_directions[d],
               (unsigned long long)cycles);
        assert_in_range(cycles, beats, beats * 5 / 4);
    }
    soc_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),        cmocka_unit_test(test_copies_under_stalls),
        cmocka_unit_test(test_whole_scratch), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_rate),
    };
    return cmocka_run_group_tests_name("soc.dma", tests, NULL, NULL);
}
