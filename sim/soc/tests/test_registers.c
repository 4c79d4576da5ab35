// SPDX-License-Identifier: Apache-2.0
// Tests the address map from the host: identity, every register of spec/, holes, both memories. The core is held.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmodel/layout.h"
#include "cmodel/tests/register_walk.h"
#include "sim/soc/tests/soc_bench.h"

#define SEED 11
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)
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
    // soc_open() has looked at lanes and vectors.
    const uint32_t chosen = TERN_SYSTEM_HARDWARE_LANES_MASK | TERN_SYSTEM_HARDWARE_VECTORS_MASK;
    const uint32_t ways = bench.lanes == 4 ? 16 : 8;
    expect(&bench, SYSTEM(HARDWARE),
           (soc_read(&bench, SYSTEM(HARDWARE)) & chosen) | TERN_FIELD_PUT(SYSTEM_HARDWARE_DEPTH, TERN_MAX_DEPTH) |
               TERN_FIELD_PUT(SYSTEM_HARDWARE_WAYS, bench.lanes == TERN_LANES ? TERN_WAYS : ways) |
               TERN_FIELD_PUT(SYSTEM_HARDWARE_ATTENTION, 1));
    expect(&bench, SYSTEM(MAX_GROUPS), TERN_MAX_GROUPS);
    expect(&bench, SYSTEM(CLOCK_HZ), TERN_CLOCK_HZ);
    expect(&bench, SYSTEM(STATUS), 0);
    expect(&bench, MATMUL(ID), TERN_MATMUL_ID);
    uint32_t before = soc_read(&bench, SYSTEM(TIME_LO));
    uint32_t after = soc_read(&bench, SYSTEM(TIME_LO));
    assert_in_range(after - before, 2, 100);
    expect(&bench, SYSTEM(TIME_HI), 0);
    soc_close(&bench);
}

static uint32_t device_read(void *context, uint32_t address) {
    return soc_read(context, address);
}

static void device_write(void *context, uint32_t address, uint32_t value) {
    soc_write(context, address, value);
}

static void test_every_word(void **state) {
    (void)state;
    struct soc_bench bench;
    const struct register_device device = {&bench, device_read, device_write};
    soc_open(&bench, 1 << 16, SEED, 0);
    register_walk(&device, SEED);
    register_walk_controls(&device);
    register_walk(&device, SEED + 1);
    soc_close(&bench);
}

// At addresses of no unit the host gets an error. The next access must work.
static void test_holes(void **state) {
    (void)state;
    static const uint32_t holes[] = {TERN_BOOT_BYTES,
                                     TERN_BOOT_BYTES + 0x3ffc,
                                     0x0fffffffu & ~3u,
                                     TERN_SCRATCH_BASE + TERN_SCRATCH_BYTES,
                                     TERN_SYSTEM_BASE + REGISTER_WALK_BLOCK_BYTES,
                                     TERN_DMA_BASE - 4,
                                     TERN_DMA_BASE + REGISTER_WALK_BLOCK_BYTES,
                                     TERN_MATMUL_BASE + REGISTER_WALK_BLOCK_BYTES,
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
    soc_close(&bench);
}

// Tests first, last and random words of both memories. All are written before any is read.
static uint32_t refusal(struct soc_bench *bench, uint32_t vectors) {
    soc_write(bench, MATMUL(VECTORS), vectors);
    soc_write(bench, MATMUL(CONTROL), TERN_MATMUL_CONTROL_START_MASK);
    soc_advance(bench, 200);
    return TERN_FIELD_GET(MATMUL_STATUS_CODE, soc_read(bench, MATMUL(STATUS)));
}

// No run has more vectors than the hardware. A unit of one vector has no register for them.
static void test_most_vectors(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, 1 << 16, SEED, 0);
    const uint32_t most = TERN_FIELD_GET(SYSTEM_HARDWARE_VECTORS, soc_read(&bench, SYSTEM(HARDWARE)));
    soc_write(&bench, MATMUL(ROWS), TERN_STRIP_ROWS);
    soc_write(&bench, MATMUL(COLUMNS), TERN_GROUP_COLUMNS);
    soc_write(&bench, MATMUL(DEPTH), TERN_FIELD_PUT(MATMUL_DEPTH_STORED, 1) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, 1));
    assert_int_equal(refusal(&bench, most), TERN_STATUS_BAD_ADDRESS); // its buffers are nowhere
    assert_int_equal(refusal(&bench, most + 1), most == 1 ? TERN_STATUS_BAD_ADDRESS : TERN_STATUS_BAD_LENGTH);
    soc_close(&bench);
}

static void test_memories(void **state) {
    (void)state;
    enum { BOOT_WORDS = TERN_BOOT_BYTES / 4, SCRATCH_WORDS = TERN_SCRATCH_BYTES / 4 };
    static uint32_t words[BOOT_WORDS + SCRATCH_WORDS];
    struct soc_bench bench;
    soc_open(&bench, 1 << 16, SEED, 0);
    for (uint32_t i = 0; i < BOOT_WORDS + SCRATCH_WORDS; i++) {
        words[i] = test_random_word(&bench.random);
        soc_write(&bench, i < BOOT_WORDS ? TERN_BOOT_BASE + 4 * i : TERN_SCRATCH_BASE + 4 * (i - BOOT_WORDS), words[i]);
    }
    for (uint32_t i = 0; i < BOOT_WORDS + SCRATCH_WORDS; i++) {
        expect(&bench, i < BOOT_WORDS ? TERN_BOOT_BASE + 4 * i : TERN_SCRATCH_BASE + 4 * (i - BOOT_WORDS), words[i]);
    }
    soc_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),     cmocka_unit_test(test_every_word), cmocka_unit_test(test_holes),
        cmocka_unit_test(test_most_vectors), cmocka_unit_test(test_memories),
    };
    return cmocka_run_group_tests_name("soc.registers", tests, NULL, NULL);
}
