// SPDX-License-Identifier: Apache-2.0
// Tests the ring, and that the next command is right after each kind of failure.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/layout.h"
#include "firmware/tests/build.h"

#define SEED 20262
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

static void test_wraps_around(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 16, SEED);
    bench_set_register(&bench, SYSTEM(DOORBELL), 0xfffffff5u);
    bench_set_register(&bench, SYSTEM(COMPLETED), 0xfffffff5u);
    for (int i = 0; i < 40; i++) {
        union tern_command command = build_nop();
        bench_run_ok(&bench, &command);
    }
    assert_int_equal(bench_register(&bench, SYSTEM(COMPLETED)), 0xfffffff5u + 40);
    bench_close(&bench);
}

// One poll runs a full ring in order.
static void test_batch(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 16, SEED);
    for (uint32_t i = 0; i < bench.entries; i++) {
        union tern_command command = build_nop();
        command.header.opcode = i == 3 ? 99 : TERN_OPCODE_NOP;
        command.header.sequence = 1000 + i;
        memcpy(bench_at(&bench, bench.ring + i * TERN_COMMAND_BYTES), &command, sizeof command);
    }
    bench_set_register(&bench, SYSTEM(DOORBELL), bench.entries);
    assert_int_equal(tern_firmware_poll(tern_port_of(bench.model)), bench.entries);
    assert_int_equal(tern_firmware_poll(tern_port_of(bench.model)), 0);
    const struct tern_completion *completions = bench_at(&bench, bench.ring + bench.entries * TERN_COMMAND_BYTES);
    for (uint32_t i = 0; i < bench.entries; i++) {
        assert_int_equal(completions[i].sequence, 1000 + i);
        assert_int_equal(completions[i].status, i == 3 ? TERN_STATUS_BAD_OPCODE : TERN_STATUS_OK);
        assert_int_equal(completions[i].detail, i == 3 ? 99 : 0);
    }
    bench_close(&bench);
}

// Runs a full ring of NOP with a bus error at an address. Command `lost` has no completion of its own; status: of it.
static void run_with_bus_error(struct bench *bench, uint64_t address, uint32_t lost, uint32_t status) {
    const struct tern_device_fault fault = {.bus_error_address = address, .bus_error_bytes = 4}, healthy = {0};
    const uint32_t number = bench_register(bench, SYSTEM(DOORBELL));
    struct tern_completion *completions = bench_at(bench, bench->ring + bench->entries * TERN_COMMAND_BYTES);
    for (uint32_t i = 0; i < bench->entries; i++) {
        union tern_command command = build_nop();
        command.header.sequence = 1000 + i;
        memcpy(bench_at(bench, bench->ring + i * TERN_COMMAND_BYTES), &command, sizeof command);
        completions[i] = (struct tern_completion){77, 77, 77, 77};
    }
    tern_device_model_set_fault(bench->model, &fault);
    bench_set_register(bench, SYSTEM(DOORBELL), number + bench->entries);
    assert_int_equal(tern_firmware_poll(tern_port_of(bench->model)), bench->entries);
    tern_device_model_set_fault(bench->model, &healthy);
    for (uint32_t i = 0; i < bench->entries; i++) {
        assert_int_equal(completions[i].status, i == lost ? status : TERN_STATUS_OK);
        assert_true(completions[i].sequence == 1000 + i || i == lost);
    }
}

// Commands and completions are copied in batches. A bus error at one of them is not one of the others.
static void test_batch_with_bus_error(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 16, SEED);
    for (uint32_t i = 0; i < bench.entries; i++) {
        const uint64_t completions = bench.ring + bench.entries * TERN_COMMAND_BYTES;
        run_with_bus_error(&bench, bench.ring + i * TERN_COMMAND_BYTES, i, TERN_STATUS_BUS_ERROR);
        run_with_bus_error(&bench, completions + i * TERN_COMPLETION_BYTES, i, 77);
    }
    bench.entries = 2; // less than a batch
    bench_set_register(&bench, SYSTEM(RING_ENTRIES), bench.entries);
    run_with_bus_error(&bench, bench.ring + TERN_COMMAND_BYTES, 1, TERN_STATUS_BUS_ERROR);
    run_with_bus_error(&bench, 0, bench.entries, 0);
    bench_close(&bench);
}

static void set_ring(struct bench *bench, uint64_t address) {
    bench_set_register(bench, SYSTEM(RING_BASE_LO), (uint32_t)address);
    bench_set_register(bench, SYSTEM(RING_BASE_HI), (uint32_t)(address >> 32));
}

// With an invalid ring COMPLETED steps and memory does not change. A valid ring works afterwards.
static void test_bad_ring(void **state) {
    (void)state;
    static const uint32_t entries[] = {0, 3, 2048, 0xffffffffu};
    struct bench bench;
    bench_open(&bench, 1 << 20, SEED); // room for a ring that is too long
    const uint64_t rings[] = {0, bench.window_base - 64, bench.window_base + bench.window_bytes - 64, UINT64_MAX - 63};
    for (size_t i = 0; i < 8; i++) {
        bench_remember(&bench);
        if (i < 4) {
            bench_set_register(&bench, SYSTEM(RING_ENTRIES), entries[i]);
        } else {
            set_ring(&bench, rings[i - 4]);
        }
        uint32_t number = bench_register(&bench, SYSTEM(DOORBELL));
        bench_set_register(&bench, SYSTEM(DOORBELL), number + 1);
        assert_int_equal(tern_firmware_poll(tern_port_of(bench.model)), 1);
        assert_int_equal(bench_register(&bench, SYSTEM(COMPLETED)), number + 1);
        bench_check_unchanged(&bench, 0, 0, "bad ring");
        bench_set_register(&bench, SYSTEM(RING_ENTRIES), bench.entries);
        set_ring(&bench, bench.ring);
        union tern_command command = build_nop();
        bench_run_ok(&bench, &command);
    }
    bench_close(&bench);
}

static void run_matrix(struct bench *bench, struct build_matrix *matrix) {
    bench_run_ok(bench, &matrix->matmul);
    build_matrix_check(bench, matrix, matrix->rows);
}

// One flipped bit in any segment of any strip gives CHECKSUM and the number of the strip. Earlier rows are written,
// later ones are unchanged.
static void test_checksum(void **state) {
    (void)state;
    struct bench bench;
    struct build_matrix matrix;
    bench_open(&bench, 1 << 19, SEED);
    build_matrix(&bench, 33, 288, 3, 2, &matrix);
    bench_run_ok(&bench, &matrix.quantize);
    uint64_t strip_bytes = tern_strip_bytes(288, 3);
    uint64_t used_bytes = tern_strip_bytes(288, 2);
    for (int trial = 0; trial < 60; trial++) {
        uint32_t strip = test_random_below(&bench.random, 7);
        uint64_t offset = test_random_below(&bench.random, (uint32_t)used_bytes);
        uint8_t *byte = bench_at(&bench, matrix.matmul.matmul.weights + strip * strip_bytes + offset);
        uint8_t bit = (uint8_t)(1u << test_random_below(&bench.random, 8));
        uint32_t *out = bench_at(&bench, matrix.matmul.matmul.output);
        memset(out, 0xa5, 4 * 33);
        *byte ^= bit;
        struct tern_completion completion = bench_run(&bench, &matrix.matmul);
        assert_int_equal(completion.status, TERN_STATUS_CHECKSUM);
        assert_int_equal(completion.detail, strip);
        build_matrix_check(&bench, &matrix, 5 * strip);
        for (uint32_t row = 5 * strip; row < 33; row++) {
            assert_int_equal(out[row], 0xa5a5a5a5u);
        }
        *byte ^= bit;
        run_matrix(&bench, &matrix);
    }
    // The plane not in use is not read.
    uint8_t *unused = bench_at(&bench, matrix.matmul.matmul.weights + used_bytes);
    *unused ^= 1;
    run_matrix(&bench, &matrix);
    build_matrix_free(&matrix);
    bench_close(&bench);
}

static void test_bus_error(void **state) {
    (void)state;
    struct bench bench;
    struct build_matrix matrix;
    bench_open(&bench, 1 << 19, SEED);
    build_matrix(&bench, 33, 288, 3, 3, &matrix);
    bench_run_ok(&bench, &matrix.quantize);
    const struct {
        uint64_t address;
        uint32_t detail;
    } cases[] = {
        {matrix.matmul.matmul.weights, 0},      {matrix.matmul.matmul.weights + 4 * tern_strip_bytes(288, 3) + 100, 4},
        {matrix.matmul.matmul.crc + 16 * 2, 2}, {matrix.matmul.matmul.output + 4 * 30, 6},
        {matrix.matmul.matmul.activation, 0},   {matrix.matmul.matmul.activation + 64, 0},
        {matrix.matmul.matmul.steps, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tern_device_fault fault = {.bus_error_address = cases[i].address, .bus_error_bytes = 1};
        const struct tern_device_fault healthy = {0};
        tern_device_model_set_fault(bench.model, &fault);
        struct tern_completion completion = bench_run(&bench, &matrix.matmul);
        assert_int_equal(completion.status, TERN_STATUS_BUS_ERROR);
        assert_int_equal(completion.detail, cases[i].detail);
        tern_device_model_set_fault(bench.model, &healthy);
        run_matrix(&bench, &matrix);
    }
    build_matrix_free(&matrix);
    bench_close(&bench);
}

static void test_timeouts(void **state) {
    (void)state;
    struct bench bench;
    struct build_matrix matrix;
    const struct tern_device_fault healthy = {0};
    const struct tern_device_fault hangs = {.matmul_hangs = 1};
    const struct tern_device_fault hangs_for_good = {.matmul_hangs = 1, .abort_fails = 1};
    bench_open(&bench, 1 << 19, SEED);
    build_matrix(&bench, 33, 288, 3, 3, &matrix);
    bench_run_ok(&bench, &matrix.quantize);
    tern_device_model_set_fault(bench.model, &hangs);
    assert_int_equal(bench_run(&bench, &matrix.matmul).status, TERN_STATUS_TIMEOUT);
    tern_device_model_set_fault(bench.model, &healthy);
    run_matrix(&bench, &matrix);
    tern_device_model_set_fault(bench.model, &hangs_for_good);
    assert_int_equal(bench_run(&bench, &matrix.matmul).status, TERN_STATUS_TIMEOUT);
    assert_int_equal(bench_run(&bench, &matrix.matmul).status, TERN_STATUS_UNIT_BUSY);
    // Commands without the unit still run, and so does the unit when it no longer hangs.
    bench_run_ok(&bench, &matrix.quantize);
    tern_device_model_set_fault(bench.model, &healthy);
    run_matrix(&bench, &matrix);
    build_matrix_free(&matrix);
    bench_close(&bench);
}

// With a DMA engine that hangs no completion is written. COMPLETED steps anyway and the device recovers.
static void test_dma_hangs(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, 1 << 16, SEED);
    for (int abort_fails = 0; abort_fails < 2; abort_fails++) {
        const struct tern_device_fault hangs = {.dma_hangs = 1, .abort_fails = abort_fails};
        const struct tern_device_fault healthy = {0};
        tern_device_model_set_fault(bench.model, &hangs);
        uint32_t number = bench_register(&bench, SYSTEM(DOORBELL));
        bench_set_register(&bench, SYSTEM(DOORBELL), number + 1);
        bench_remember(&bench);
        assert_int_equal(tern_firmware_poll(tern_port_of(bench.model)), 1);
        assert_int_equal(bench_register(&bench, SYSTEM(COMPLETED)), number + 1);
        bench_check_unchanged(&bench, 0, 0, "hung copy");
        tern_device_model_set_fault(bench.model, &healthy);
        union tern_command command = build_add(&bench, 100);
        bench_run_ok(&bench, &command);
    }
    bench_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wraps_around), cmocka_unit_test(test_batch),
        cmocka_unit_test(test_bad_ring),     cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_bus_error),    cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_dma_hangs),    cmocka_unit_test(test_batch_with_bus_error),
    };
    return cmocka_run_group_tests_name("fw.ring", tests, NULL, NULL);
}
