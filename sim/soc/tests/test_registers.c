// SPDX-License-Identifier: Apache-2.0
// The host's view of the map: identity, every register of spec/, holes, both memories, with the core held.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/soc/tests/soc_bench.h"

#define SEED 11
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)
#define DMA(name) (TERN_DMA_BASE + TERN_DMA_REG_##name)
#define MATMUL(name) (TERN_MATMUL_BASE + TERN_MATMUL_REG_##name)

static void expect(struct soc_bench *bench, uint32_t address, uint32_t expected) {
    uint32_t got = soc_read(bench, address);
    if (got != expected) {
        fail_msg("register 0x%08x is 0x%08x, expected 0x%08x", address, got, expected);
    }
}

static void test_identity(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, 1 << 16, SEED, 0);
    expect(&bench, SYSTEM(ID), TERN_SYSTEM_ID);
    expect(&bench, SYSTEM(INTERFACE), TERN_INTERFACE_VERSION);
    expect(&bench, SYSTEM(SPEC_HASH), TERN_SPEC_HASH);
    expect(&bench, SYSTEM(HARDWARE), 1 | TERN_MAX_DEPTH << 8 | 1 << 16);
    expect(&bench, SYSTEM(MAX_GROUPS), TERN_MAX_COLUMNS / TERN_GROUP_COLUMNS);
    expect(&bench, SYSTEM(CLOCK_HZ), 100000000);
    expect(&bench, SYSTEM(STATUS), 0);
    expect(&bench, MATMUL(ID), TERN_MATMUL_ID);
    uint32_t before = soc_read(&bench, SYSTEM(TIME_LO));
    uint32_t after = soc_read(&bench, SYSTEM(TIME_LO));
    assert_in_range(after - before, 2, 100);
    expect(&bench, SYSTEM(TIME_HI), 0);
    soc_close(&bench);
}

// Written all at once, then read: a register that answers at two offsets, or loses bits, shows.
static void test_writable(void **state) {
    (void)state;
    static const uint32_t writable[] = {SYSTEM(WINDOW_BASE_LO),
                                        SYSTEM(WINDOW_BASE_HI),
                                        SYSTEM(WINDOW_BYTES_LO),
                                        SYSTEM(WINDOW_BYTES_HI),
                                        SYSTEM(RING_BASE_LO),
                                        SYSTEM(RING_BASE_HI),
                                        SYSTEM(RING_ENTRIES),
                                        SYSTEM(DOORBELL),
                                        SYSTEM(COMPLETED),
                                        SYSTEM(WAIT_LIMIT),
                                        SYSTEM(FIRMWARE_VERSION),
                                        SYSTEM(FIRMWARE_STATE),
                                        DMA(ADDRESS_LO),
                                        DMA(ADDRESS_HI),
                                        DMA(LOCAL),
                                        DMA(LENGTH),
                                        MATMUL(WEIGHTS_LO),
                                        MATMUL(WEIGHTS_HI),
                                        MATMUL(CRC_LO),
                                        MATMUL(CRC_HI),
                                        MATMUL(ACTIVATION_LO),
                                        MATMUL(ACTIVATION_HI),
                                        MATMUL(OUTPUT_LO),
                                        MATMUL(OUTPUT_HI),
                                        MATMUL(EXPONENT_0)};
    static const uint32_t read_only[] = {SYSTEM(ID),       SYSTEM(INTERFACE),  SYSTEM(SPEC_HASH), SYSTEM(HARDWARE),
                                         SYSTEM(CLOCK_HZ), SYSTEM(MAX_GROUPS), SYSTEM(STATUS),    DMA(STATUS),
                                         DMA(BEATS_LO),    DMA(CYCLES_HI),     MATMUL(STATUS),    MATMUL(ERROR_STRIP),
                                         MATMUL(VECTORS)};
    enum { COUNT = sizeof writable / sizeof *writable, FIXED = sizeof read_only / sizeof *read_only };
    struct soc_bench bench;
    uint32_t values[COUNT], fixed[FIXED];
    soc_open(&bench, 1 << 16, SEED, 0);
    for (int i = 0; i < FIXED; i++) {
        fixed[i] = soc_read(&bench, read_only[i]);
    }
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < COUNT; i++) {
            values[i] = test_random_word(&bench.random);
            soc_write(&bench, writable[i], values[i]);
        }
        for (int i = 0; i < FIXED; i++) {
            soc_write(&bench, read_only[i], test_random_word(&bench.random));
        }
        for (int i = 0; i < COUNT; i++) {
            expect(&bench, writable[i], values[i]);
        }
        for (int i = 0; i < FIXED; i++) {
            expect(&bench, read_only[i], fixed[i]);
        }
    }
    soc_close(&bench);
}

// Nobody's addresses: an error for the host, and the next access works.
static void test_holes(void **state) {
    (void)state;
    static const uint32_t holes[] = {TERN_BOOT_BYTES,
                                     0x0fffffffu & ~3u,
                                     TERN_SCRATCH_BASE + TERN_SCRATCH_BYTES,
                                     TERN_SYSTEM_BASE + 0x1000,
                                     TERN_DMA_BASE - 4,
                                     TERN_DMA_BASE + 0x1000,
                                     TERN_MATMUL_BASE + 0x1000,
                                     0x40000000,
                                     0x80000000,
                                     0xfffffffc};
    struct soc_bench bench;
    soc_open(&bench, 1 << 16, SEED, 0);
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++) {
        struct tern_error error = {""};
        uint32_t value = 0;
        assert_int_equal(bench.backend.register_read(bench.backend.context, holes[i], &value, &error),
                         TERN_STATUS_BUS_ERROR);
        assert_int_equal(bench.backend.register_write(bench.backend.context, holes[i], 1, &error),
                         TERN_STATUS_BUS_ERROR);
        expect(&bench, SYSTEM(ID), TERN_SYSTEM_ID);
    }
    // Inside a block, what is not a register reads 0.
    expect(&bench, TERN_SYSTEM_BASE + 0x100, 0);
    expect(&bench, TERN_SYSTEM_BASE + 0x800 + TERN_SYSTEM_REG_ID, 0);
    expect(&bench, TERN_DMA_BASE + 0x100, 0);
    expect(&bench, TERN_MATMUL_BASE + 0xffc, 0);
    soc_close(&bench);
}

// First, last and random words of both memories, written before any is read.
static void test_memories(void **state) {
    (void)state;
    enum { WORDS = TERN_BOOT_BYTES / 4 };
    static uint32_t boot[WORDS], scratch[WORDS];
    struct soc_bench bench;
    soc_open(&bench, 1 << 16, SEED, 0);
    for (uint32_t i = 0; i < WORDS; i++) {
        boot[i] = test_random_word(&bench.random);
        scratch[i] = test_random_word(&bench.random);
        soc_write(&bench, TERN_BOOT_BASE + 4 * i, boot[i]);
        soc_write(&bench, TERN_SCRATCH_BASE + 4 * i, scratch[i]);
    }
    for (uint32_t i = 0; i < WORDS; i++) {
        expect(&bench, TERN_BOOT_BASE + 4 * i, boot[i]);
        expect(&bench, TERN_SCRATCH_BASE + 4 * i, scratch[i]);
    }
    soc_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_writable),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_memories),
    };
    return cmocka_run_group_tests_name("soc.registers", tests, NULL, NULL);
}
