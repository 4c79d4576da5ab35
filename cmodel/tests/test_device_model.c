// SPDX-License-Identifier: Apache-2.0
// Tests registers and DMA engine of the device model, without firmware.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/device/memory.h"
#include "cmodel/layout.h"
#include "cmodel/tests/device_bench.h"
#include "cmodel/tests/random.h"

#define BUS_BYTES (TERN_LANES * TERN_BEAT_BYTES)

static void test_create(void **state) {
    (void)state;
    uint8_t *memory = aligned_alloc(64, 4096);
    struct tern_device_model *model = NULL;
    assert_int_equal(tern_device_model_create(BASE, 0, memory, &model), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_device_model_create(BASE + 4, 4096, memory, &model), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_device_model_create(BASE, 4032, memory + 4, &model), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_device_model_create(UINT64_MAX - 63, 4096, memory, &model), TERN_STATUS_BAD_ARGUMENT);
    assert_null(model);
    tern_device_model_destroy(NULL);
    free(memory);
}

static void test_registers(void **state) {
    (void)state;
    struct device device = open_device();
    static const struct {
        uint32_t address, value;
    } constants[] = {
        {TERN_SYSTEM_BASE + TERN_SYSTEM_REG_ID, TERN_SYSTEM_ID},
        {TERN_SYSTEM_BASE + TERN_SYSTEM_REG_INTERFACE, TERN_INTERFACE_VERSION},
        {TERN_SYSTEM_BASE + TERN_SYSTEM_REG_SPEC_HASH, TERN_SPEC_HASH},
        {TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE,
         TERN_FIELD_PUT(SYSTEM_HARDWARE_LANES, TERN_LANES) | TERN_FIELD_PUT(SYSTEM_HARDWARE_DEPTH, TERN_MAX_DEPTH) |
             TERN_FIELD_PUT(SYSTEM_HARDWARE_VECTORS, TERN_MAX_VECTORS) |
             TERN_FIELD_PUT(SYSTEM_HARDWARE_WAYS, TERN_WAYS) | TERN_FIELD_PUT(SYSTEM_HARDWARE_ATTENTION, 1)},
        {TERN_SYSTEM_BASE + TERN_SYSTEM_REG_MAX_GROUPS, TERN_MAX_GROUPS},
        {TERN_MATMUL_BASE + TERN_MATMUL_REG_ID, TERN_MATMUL_ID},
        {TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO, 0},
        {TERN_DMA_BASE + TERN_DMA_REG_STATUS, 0},
        {0x40000000, 0},
        {TERN_SYSTEM_BASE + 2, 0},
    };
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        put(&device, constants[i].address, 0x5a5a5a5a);
        assert_int_equal(get(&device, constants[i].address), constants[i].value);
    }
    put(&device, TERN_SCRATCH_BASE + 8, 0x11223344);
    assert_int_equal(get(&device, TERN_SCRATCH_BASE + 8), 0x11223344);
    assert_int_equal(tern_device_model_scratch(device.model)[8], 0x44);
    uint32_t time = get(&device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO);
    assert_true(get(&device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_TIME_LO) > time);
    close_device(&device);
}

static enum tern_status copy(struct device *device, uint64_t address, uint32_t local, uint32_t bytes,
                             uint32_t direction) {
    put_pair(device, TERN_DMA_BASE + TERN_DMA_REG_ADDRESS_LO, address);
    put(device, TERN_DMA_BASE + TERN_DMA_REG_LOCAL, local);
    put(device, TERN_DMA_BASE + TERN_DMA_REG_LENGTH, bytes);
    put(device, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, direction);
    uint32_t status = get(device, TERN_DMA_BASE + TERN_DMA_REG_STATUS);
    assert_int_equal(status & ~TERN_DMA_STATUS_CODE_MASK, 0);
    return (enum tern_status)TERN_FIELD_GET(DMA_STATUS_CODE, status);
}

static void test_dma_copies(void **state) {
    (void)state;
    struct device device = open_device();
    struct test_random random = test_random_seed(SEED + 1);
    uint8_t *scratch = tern_device_model_scratch(device.model);
    uint8_t *before = malloc(BYTES), *scratch_before = malloc(TERN_SCRATCH_BYTES);
    uint64_t beats = 0;
    for (int trial = 0; trial < 400; trial++) {
        uint32_t bytes = 4 * (1 + test_random_below(&random, trial % 2 ? 20 : 8000));
        uint32_t offset = WINDOW + 4 * test_random_below(&random, (BYTES - 2 * WINDOW - bytes) / 4 + 1);
        uint32_t local = (offset & 15) + 16 * test_random_below(&random, (TERN_SCRATCH_BYTES - bytes - 12) / 16);
        int to_device = test_random_below(&random, 2) == 1;
        for (uint32_t i = 0; i < bytes; i++) {
            scratch[local + i] = (uint8_t)test_random_word(&random);
        }
        memcpy(before, device.memory, BYTES);
        memcpy(scratch_before, scratch, TERN_SCRATCH_BYTES);
        assert_int_equal(copy(&device, BASE + offset, local, bytes,
                              to_device ? TERN_DMA_CONTROL_TO_DEVICE_MASK : TERN_DMA_CONTROL_TO_SCRATCH_MASK),
                         TERN_STATUS_OK);
        if (to_device) {
            memcpy(before + offset, scratch_before + local, bytes);
        } else {
            memcpy(scratch_before + local, before + offset, bytes);
        }
        assert_memory_equal(device.memory, before, BYTES);
        assert_memory_equal(scratch, scratch_before, TERN_SCRATCH_BYTES);
        beats += (offset + bytes - 1) / BUS_BYTES - offset / BUS_BYTES + 1;
        assert_int_equal(get(&device, TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO), beats);
    }
    free(before);
    free(scratch_before);
    close_device(&device);
}

static void test_dma_refuses(void **state) {
    (void)state;
    struct device device = open_device();
    const uint64_t start = BASE + WINDOW, end = BASE + BYTES - WINDOW;
    const struct {
        uint64_t address;
        uint32_t local, bytes;
        enum tern_status status;
    } cases[] = {
        {start, 0, 0, TERN_STATUS_BAD_LENGTH},
        {start, 0, 6, TERN_STATUS_BAD_LENGTH},
        {start, 0, TERN_SCRATCH_BYTES + 4, TERN_STATUS_BAD_LENGTH},
        {start, TERN_SCRATCH_BYTES - 16, 20, TERN_STATUS_BAD_LENGTH},
        {start, 0xfffffff0, 32, TERN_STATUS_BAD_LENGTH},
        {start, 0, 0xfffffffc, TERN_STATUS_BAD_LENGTH},
        {start, 4, 16, TERN_STATUS_BAD_ADDRESS},
        {start + 8, 0, 16, TERN_STATUS_BAD_ADDRESS},
        {start + 2, 2, 16, TERN_STATUS_BAD_ADDRESS},
        {start - 16, 0, 16, TERN_STATUS_BAD_ADDRESS},
        {start - 16, 0, 32, TERN_STATUS_BAD_ADDRESS},
        {end, 0, 16, TERN_STATUS_BAD_ADDRESS},
        {end - 16, 0, 20, TERN_STATUS_BAD_ADDRESS},
        {UINT64_MAX - 15, 0, 16, TERN_STATUS_BAD_ADDRESS},
        {UINT64_MAX - 15, 0, 32, TERN_STATUS_BAD_ADDRESS},
        {start + ((uint64_t)1 << 32), 0, 16, TERN_STATUS_BAD_ADDRESS},
        {end - 16, 0, 16, TERN_STATUS_OK},
        {start, TERN_SCRATCH_BYTES - 16, 16, TERN_STATUS_OK},
    };
    uint8_t *before = malloc(BYTES), *scratch_before = malloc(TERN_SCRATCH_BYTES);
    memset(tern_device_model_scratch(device.model), 0xee, TERN_SCRATCH_BYTES);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(before, device.memory, BYTES);
        memcpy(scratch_before, tern_device_model_scratch(device.model), TERN_SCRATCH_BYTES);
        enum tern_status status = copy(&device, cases[i].address, cases[i].local, cases[i].bytes,
                                       i % 2 ? TERN_DMA_CONTROL_TO_DEVICE_MASK : TERN_DMA_CONTROL_TO_SCRATCH_MASK);
        if (status != cases[i].status) {
            fail_msg("copy %zu: got %u, expected %u", i, status, cases[i].status);
        }
        if (status != TERN_STATUS_OK) {
            assert_memory_equal(device.memory, before, BYTES);
            assert_memory_equal(tern_device_model_scratch(device.model), scratch_before, TERN_SCRATCH_BYTES);
        }
    }
    free(before);
    free(scratch_before);
    close_device(&device);
}

static void test_dma_faults(void **state) {
    (void)state;
    struct device device = open_device();
    struct tern_device_fault fault = {.bus_error_address = BASE + WINDOW + 64, .bus_error_bytes = 4};
    tern_device_model_set_fault(device.model, &fault);
    assert_int_equal(copy(&device, BASE + WINDOW, 0, 64, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_OK);
    assert_int_equal(copy(&device, BASE + WINDOW, 0, 68, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_BUS_ERROR);
    assert_int_equal(copy(&device, BASE + WINDOW + 68, 4, 68, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_OK);
    fault = (struct tern_device_fault){.dma_hangs = 1};
    tern_device_model_set_fault(device.model, &fault);
    put(&device, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    assert_int_equal(get(&device, TERN_DMA_BASE + TERN_DMA_REG_STATUS), TERN_DMA_STATUS_BUSY_MASK);
    put(&device, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, TERN_DMA_CONTROL_ABORT_MASK);
    assert_int_equal(get(&device, TERN_DMA_BASE + TERN_DMA_REG_STATUS),
                     TERN_FIELD_PUT(DMA_STATUS_CODE, TERN_STATUS_TIMEOUT));
    close_device(&device);
}

// A view holds the bytes of the copy and counts its beats. There is no view of a copy that is refused or does not end.
static void test_view(void **state) {
    (void)state;
    struct device device = open_device();
    const uint64_t start = BASE + WINDOW, end = BASE + BYTES - WINDOW;
    struct tern_device_fault fault = {.bus_error_address = start + 64, .bus_error_bytes = 4};
    assert_ptr_equal(tern_device_model_view(device.model, start + 12, 24), device.memory + WINDOW + 12);
    const uint32_t beats = (12 + 24 + BUS_BYTES - 1) / BUS_BYTES;
    assert_int_equal(get(&device, TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO), beats);
    assert_non_null(tern_device_model_view(device.model, end - 16, 16));
    assert_null(tern_device_model_view(device.model, start, 0));
    assert_null(tern_device_model_view(device.model, start + 2, 16));
    assert_null(tern_device_model_view(device.model, start - 4, 16));
    assert_null(tern_device_model_view(device.model, end - 16, 20));
    assert_null(tern_device_model_view(device.model, start, TERN_SCRATCH_BYTES + 4));
    tern_device_model_set_fault(device.model, &fault);
    assert_null(tern_device_model_view(device.model, start, 68));
    fault = (struct tern_device_fault){.dma_hangs = 1};
    tern_device_model_set_fault(device.model, &fault);
    assert_null(tern_device_model_view(device.model, start, 16));
    put(&device, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, TERN_DMA_CONTROL_TO_SCRATCH_MASK);
    fault = (struct tern_device_fault){.dma_hangs = 0};
    tern_device_model_set_fault(device.model, &fault);
    assert_null(tern_device_model_view(device.model, start, 16));
    assert_int_equal(get(&device, TERN_DMA_BASE + TERN_DMA_REG_BEATS_LO), beats + 1);
    close_device(&device);
}

// The window is wider than memory. The bus answers with an error and the model stays within its memory.
static void test_no_memory_behind_window(void **state) {
    (void)state;
    struct device device = open_device();
    put_pair(&device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BASE_LO, 0);
    put_pair(&device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BYTES_LO, UINT64_MAX);
    assert_int_equal(copy(&device, BASE + BYTES - 16, 0, 32, TERN_DMA_CONTROL_TO_DEVICE_MASK), TERN_STATUS_BUS_ERROR);
    assert_int_equal(copy(&device, BASE - 16, 0, 32, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_BUS_ERROR);
    assert_int_equal(copy(&device, 0, 0, 32, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_BUS_ERROR);
    assert_int_equal(copy(&device, UINT64_MAX - 31, 0, 16, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_BUS_ERROR);
    close_device(&device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_dma_copies),
        cmocka_unit_test(test_dma_refuses),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_dma_faults),
        cmocka_unit_test(test_no_memory_behind_window),
    };
    return cmocka_run_group_tests_name("cmodel.device_model", tests, NULL, NULL);
}
