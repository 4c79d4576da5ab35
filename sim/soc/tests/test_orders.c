// SPDX-License-Identifier: Apache-2.0
// Tests the SoC with memories of every legal order of the AXI4 channels, a reset without memory, and the output `idle`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "sim/devices/rtl/rtl_control.h"
#include "sim/soc/tests/soc_pair.h"

#define SEED 4711
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)
#define MATMUL(name) (TERN_MATMUL_BASE + TERN_MATMUL_REG_##name)

// The DMA engine reads and writes for each command. For MATMUL the matmul unit does so too.
static void test_orders(void **state) {
    (void)state;
    struct soc_pair pair;
    struct build_matrix matrix;
    soc_pair_open(&pair, 1 << 18, SEED, 0);
    build_matrix(&pair.model, 38, 300, 3, 2, &matrix);
    union tern_command add = build_add(&pair.model, 1024);
    for (unsigned order = 0; order < TERN_RTL_WRITE_ORDERS; order++) {
        for (unsigned done = 0; done < TERN_RTL_DONE_TIMES; done++) {
            char what[64];
            tern_rtl_set_orders(&pair.rtl.backend, order, done);
            snprintf(what, sizeof what, "QUANTIZE, order %u, done %u", order, done);
            soc_pair_run_ok(&pair, matrix.quantize, what);
            snprintf(what, sizeof what, "MATMUL, order %u, done %u", order, done);
            soc_pair_run_ok(&pair, matrix.matmul, what);
            snprintf(what, sizeof what, "ADD, order %u, done %u", order, done);
            soc_pair_run_ok(&pair, add, what);
        }
    }
    build_matrix_free(&matrix);
    soc_pair_close(&pair);
}

static bool memory_waits(struct soc_bench *bench) {
    return soc_read(bench, SYSTEM(STATUS)) & TERN_SYSTEM_STATUS_MEMORY_WAITS_MASK;
}

// A copy is under way, memory stops answering, and the SoC is reset without it. STATUS must report waiting memory until
// it has answered. Then copies must be right, and no data of the old copy arrive.
static void test_reset_without_memory(void **state) {
    (void)state;
    enum { BYTES = 16384 };
    static uint8_t data[BYTES], quiet[BYTES];
    struct soc_bench bench;
    soc_open(&bench, 1 << 17, SEED, 0);
    const uint64_t base = bench.backend.memory_base, bytes = bench.backend.memory_bytes;
    for (int d = 0; d < 2; d++) {
        for (uint64_t beats = 0; beats < 200; beats += 37) {
            soc_random_memory(&bench, base, data, BYTES);
            soc_random_scratch(&bench, 0, quiet, BYTES);
            tern_rtl_set_faults(&bench.backend, &(struct tern_rtl_faults){0, 0, beats, beats});
            soc_dma_start(&bench, base + 65536, 16384, BYTES, soc_directions[d]);
            soc_advance(&bench, 400);
            tern_rtl_reset(&bench.backend);
            assert_true(memory_waits(&bench));
            assert_false(tern_rtl_is_idle(&bench.backend));
            soc_advance(&bench, 1000);
            assert_true(memory_waits(&bench));
            soc_set_window(&bench, base, bytes);
            tern_rtl_set_faults(&bench.backend, NULL);
            for (unsigned i = 0; memory_waits(&bench); i++) {
                assert_in_range(i, 0, 100);
                soc_advance(&bench, 100);
            }
            assert_true(tern_rtl_is_idle(&bench.backend));
            soc_expect_memory(&bench, base, data, BYTES, "memory after a reset");
            soc_expect_scratch(&bench, 0, quiet, BYTES, "scratch memory after a reset");
            assert_int_equal(soc_dma_copy(&bench, base, 0, BYTES, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_OK);
            soc_expect_scratch(&bench, 0, data, BYTES, "copy after a reset");
            assert_int_equal(soc_dma_copy(&bench, base + 65536, 0, BYTES, TERN_DMA_CONTROL_TO_DEVICE_MASK),
                             TERN_STATUS_OK);
            soc_expect_memory(&bench, base + 65536, data, BYTES, "copy back after a reset");
        }
    }
    soc_close(&bench);
}

enum { COPY_BYTES = 16384 };

// A copy, its end unseen, is followed by a reset without memory and by another copy. Memory has not answered yet.
static void copy_twice(struct soc_bench *bench, uint64_t beats, uint32_t first, uint32_t second) {
    const uint64_t base = bench->backend.memory_base;
    tern_rtl_set_faults(&bench->backend, &(struct tern_rtl_faults){0, 0, beats, beats});
    soc_dma_start(bench, base + 65536, 16384, COPY_BYTES, first);
    soc_advance(bench, 400);
    tern_rtl_reset(&bench->backend);
    soc_set_window(bench, base, bench->backend.memory_bytes);
    soc_dma_start(bench, base, 0, COPY_BYTES, second);
    soc_advance(bench, 100);
    assert_true(memory_waits(bench));
    tern_rtl_set_faults(&bench->backend, NULL);
    assert_int_equal(soc_dma_wait(bench, 100000), TERN_STATUS_OK);
}

// A copy that is started while memory still answers for the one before the reset waits, and is then right.
static void test_request_while_waiting(void **state) {
    (void)state;
    static uint8_t far[COPY_BYTES], near[COPY_BYTES];
    for (unsigned directions = 0; directions < 4; directions++) {
        const uint32_t first = soc_directions[directions / 2], second = soc_directions[directions % 2];
        for (uint64_t beats = 0; beats < 200; beats += 37) {
            struct soc_bench bench;
            soc_open(&bench, 1 << 17, SEED, 0);
            soc_random_memory(&bench, bench.backend.memory_base, far, COPY_BYTES);
            soc_random_scratch(&bench, 0, near, COPY_BYTES);
            copy_twice(&bench, beats, first, second);
            if (second == TERN_DMA_CONTROL_TO_SCRATCH_MASK) {
                soc_expect_scratch(&bench, 0, far, COPY_BYTES, "copy that waited");
            } else {
                soc_expect_memory(&bench, bench.backend.memory_base, near, COPY_BYTES, "copy that waited");
            }
            soc_close(&bench);
        }
    }
}

// Starts a run of one strip. Its reads hang when memory does.
static void start_matmul(struct soc_bench *bench) {
    const uint64_t base = bench->backend.memory_base;
    soc_write_pair(bench, MATMUL(WEIGHTS_LO), base);
    soc_write_pair(bench, MATMUL(CRC_LO), base + 4096);
    soc_write_pair(bench, MATMUL(STEPS_LO), base + 6144);
    soc_write_pair(bench, MATMUL(ACTIVATION_LO), base + 8192);
    soc_write_pair(bench, MATMUL(OUTPUT_LO), base + 12288);
    soc_write(bench, MATMUL(ROWS), 5);
    soc_write(bench, MATMUL(COLUMNS), 64);
    soc_write(bench, MATMUL(DEPTH), TERN_FIELD_PUT(MATMUL_DEPTH_STORED, 1) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, 1));
    soc_write(bench, MATMUL(CONTROL), TERN_MATMUL_CONTROL_START_MASK);
}

// A simulation may stop its clock while `idle` is up. It must be down while a unit works, though the core is held.
static void test_idle_of_units(void **state) {
    (void)state;
    struct soc_bench bench;
    soc_open(&bench, 1 << 17, SEED, 0);
    for (int matmul = 0; matmul < 2; matmul++) {
        soc_advance(&bench, 10);
        assert_true(tern_rtl_is_idle(&bench.backend));
        tern_rtl_set_faults(&bench.backend, &(struct tern_rtl_faults){0, 0, 3, 3});
        if (matmul) {
            start_matmul(&bench);
        } else {
            soc_dma_start(&bench, bench.backend.memory_base, 0, 1024, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
        }
        soc_advance(&bench, 1000);
        assert_false(tern_rtl_is_idle(&bench.backend));
        tern_rtl_set_faults(&bench.backend, NULL);
        soc_advance(&bench, 2000);
        assert_true(tern_rtl_is_idle(&bench.backend));
    }
    soc_close(&bench);
}

// `idle` is down from the doorbell to the completion, also while the firmware waits.
static void test_idle_of_commands(void **state) {
    (void)state;
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 18, SEED, 0);
    struct build_matrix matrix;
    build_matrix(&pair.model, 38, 300, 3, 2, &matrix);
    soc_pair_run_ok(&pair, matrix.quantize, "QUANTIZE");
    soc_pair_run_ok(&pair, matrix.matmul, "MATMUL");
    assert_true(tern_rtl_is_idle(&pair.rtl.backend));
    // The ring's next entry is empty. It is a command that is refused.
    const uint32_t number = soc_read(&pair.rtl, SYSTEM(DOORBELL)) + 1;
    soc_write(&pair.rtl, SYSTEM(DOORBELL), number);
    for (unsigned i = 0; !tern_rtl_is_idle(&pair.rtl.backend); i++) {
        assert_in_range(i, 0, 100000);
        soc_advance(&pair.rtl, 1);
    }
    assert_int_equal(soc_read(&pair.rtl, SYSTEM(COMPLETED)), number);
    assert_int_equal(soc_read(&pair.rtl, SYSTEM(FIRMWARE_STATE)), TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    build_matrix_free(&matrix);
    soc_pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_reset_without_memory),
        cmocka_unit_test(test_request_while_waiting),
        cmocka_unit_test(test_idle_of_units),
        cmocka_unit_test(test_idle_of_commands),
    };
    return cmocka_run_group_tests_name("soc.orders", tests, NULL, NULL);
}
