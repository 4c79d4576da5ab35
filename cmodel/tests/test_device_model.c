// SPDX-License-Identifier: Apache-2.0
// Tests registers, DMA engine and unit of the device model, without firmware.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/device/device_model.h"
#include "cmodel/device/memory.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/random.h"

#define BASE ((uint64_t)TERN_DEVICE_MEMORY_BASE)
#define BYTES 0x20000u
#define WINDOW 0x1000u // offset of the window from the start and the end of memory
#define SEED 20265

struct device {
    struct tern_device_model *model;
    uint8_t *memory;
};

static void put(struct device *device, uint32_t address, uint32_t value) {
    tern_device_model_write(device->model, address, value);
}

static uint32_t get(struct device *device, uint32_t address) {
    return tern_device_model_read(device->model, address);
}

static void put_pair(struct device *device, uint32_t address, uint64_t value) {
    put(device, address, (uint32_t)value);
    put(device, address + 4, (uint32_t)(value >> 32));
}

static struct device open_device(void) {
    struct device device;
    device.memory = aligned_alloc(64, BYTES);
    struct test_random random = test_random_seed(SEED);
    for (uint32_t i = 0; i < BYTES; i++) {
        device.memory[i] = (uint8_t)test_random_word(&random);
    }
    assert_int_equal(tern_device_model_create(BASE, BYTES, device.memory, &device.model), TERN_STATUS_OK);
    put_pair(&device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BASE_LO, BASE + WINDOW);
    put_pair(&device, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_WINDOW_BYTES_LO, BYTES - 2 * WINDOW);
    return device;
}

static void close_device(struct device *device) {
    tern_device_model_destroy(device->model);
    free(device->memory);
}

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
        {TERN_SYSTEM_BASE + TERN_SYSTEM_REG_HARDWARE, TERN_FIELD_PUT(SYSTEM_HARDWARE_LANES, TERN_LANES) |
                                                          TERN_FIELD_PUT(SYSTEM_HARDWARE_DEPTH, TERN_MAX_DEPTH) |
                                                          TERN_FIELD_PUT(SYSTEM_HARDWARE_VECTORS, TERN_MAX_VECTORS)},
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
        beats += (offset + bytes - 1) / TERN_BUS_BYTES - offset / TERN_BUS_BYTES + 1;
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
    const uint32_t beats = (12 + 24 + TERN_BUS_BYTES - 1) / TERN_BUS_BYTES;
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

#define ROWS 12u
#define GROUPS 4u
#define DEPTH 2u
#define DEPTHS(stored, used) (TERN_FIELD_PUT(MATMUL_DEPTH_STORED, stored) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, used))
#define STEP(mantissa, shift)                                                                                          \
    (TERN_FIELD_PUT(MATMUL_STEP_MANTISSA, mantissa) | TERN_FIELD_PUT(MATMUL_STEP_SHIFT, shift))

// A small run of the unit. All steps are integers: mantissa 1, shift c.
struct small_run {
    uint64_t weights, crc, activation, output;
    uint32_t expected[ROWS];
    int32_t levels[ROWS * TERN_GROUP_COLUMNS * GROUPS];
    uint8_t codes[ROWS * GROUPS];
    uint32_t steps[TERN_STEPS];
};

static void prepare(struct device *device, struct small_run *run) {
    struct test_random random = test_random_seed(SEED + 2);
    for (size_t i = 0; i < sizeof run->levels / sizeof run->levels[0]; i++) {
        run->levels[i] = test_random_between(&random, -4, 4);
    }
    for (size_t i = 0; i < sizeof run->codes; i++) {
        run->codes[i] = (uint8_t)test_random_below(&random, TERN_STEPS);
    }
    run->weights = BASE + WINDOW;
    run->crc = run->weights + 0x1000;
    run->activation = run->crc + 0x1000;
    run->output = run->activation + 0x1000;
    uint8_t *activation = device->memory + (run->activation - BASE);
    for (uint32_t i = 0; i < GROUPS; i++) {
        activation[2 * 16 * GROUPS + i] = (uint8_t)test_random_below(&random, 16);
    }
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        run->steps[i] = (127 + i) << 23;
        put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_STEP_0 + 4 * i, STEP(1, i));
    }
    tern_reference_pack(run->levels, run->codes, ROWS, GROUPS, DEPTH, device->memory + (run->weights - BASE),
                        (uint32_t *)(void *)(device->memory + (run->crc - BASE)));
    tern_reference_matmul(run->levels, run->codes, ROWS, GROUPS, run->steps, (const int16_t *)(const void *)activation,
                          activation + 2 * 16 * GROUPS, -3, run->expected);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_WEIGHTS_LO, run->weights);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_CRC_LO, run->crc);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ACTIVATION_LO, run->activation);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_OUTPUT_LO, run->output);
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ROWS, ROWS);
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_GROUPS, GROUPS);
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_DEPTH, DEPTHS(DEPTH, DEPTH));
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_EXPONENT_0, (uint32_t)-3);
}

static enum tern_status start(struct device *device) {
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_START_MASK);
    uint32_t status = get(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS);
    assert_int_equal(status & ~TERN_MATMUL_STATUS_CODE_MASK, 0);
    return (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, status);
}

static void test_unit(void **state) {
    (void)state;
    struct device device = open_device();
    struct small_run run;
    prepare(&device, &run);
    assert_int_equal(start(&device), TERN_STATUS_OK);
    assert_memory_equal(device.memory + (run.output - BASE), run.expected, sizeof run.expected);
    // The run reads 3 strips of 4 code beats and 2 planes of 4.
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO), 3 * (4 + 2 * 4) / TERN_LANES);
    // The unit has no upper bits of a shift.
    device.memory[run.activation - BASE + 2 * 16 * GROUPS] |= 0xf0;
    assert_int_equal(start(&device), TERN_STATUS_OK);
    assert_memory_equal(device.memory + (run.output - BASE), run.expected, sizeof run.expected);
    device.memory[run.weights - BASE + tern_strip_bytes(64, DEPTH) + 70] ^= 4;
    assert_int_equal(start(&device), TERN_STATUS_CHECKSUM);
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ERROR_STRIP), 1);
    close_device(&device);
}

static void test_unit_refuses(void **state) {
    (void)state;
    struct device device = open_device();
    struct small_run run;
    prepare(&device, &run);
    static const struct {
        uint32_t reg, value;
        enum tern_status status;
    } cases[] = {
        {TERN_MATMUL_REG_ROWS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_ROWS, TERN_MAX_ROWS + 1, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_ROWS, 100000, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_GROUPS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, 6, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, TERN_MAX_GROUPS + TERN_GROUP_MULTIPLE, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(1, 2), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(2, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(0, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(TERN_MAX_DEPTH + 1, TERN_MAX_DEPTH + 1), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_STEP_0 + 4 * 26, STEP(1, TERN_STEP_RATIO_LOG2 + 1), TERN_STATUS_BAD_STEPS},
        {TERN_MATMUL_REG_WEIGHTS_LO, 4, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_WEIGHTS_HI, 0, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_CRC_HI, 0xffffffff, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_ACTIVATION_LO, BYTES - WINDOW, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_OUTPUT_LO, 0, TERN_STATUS_BAD_ADDRESS},
    };
    uint8_t *before = malloc(BYTES);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t saved = get(&device, TERN_MATMUL_BASE + cases[i].reg);
        memcpy(before, device.memory, BYTES);
        put(&device, TERN_MATMUL_BASE + cases[i].reg, cases[i].value);
        enum tern_status status = start(&device);
        if (status != cases[i].status) {
            fail_msg("run %zu: got %u, expected %u", i, status, cases[i].status);
        }
        assert_memory_equal(device.memory, before, BYTES);
        put(&device, TERN_MATMUL_BASE + cases[i].reg, saved);
        assert_int_equal(start(&device), TERN_STATUS_OK);
    }
    free(before);
    close_device(&device);
}

#define VECTORS 3u
#define STRIDE 0x400u

// Adds two vectors behind the first. `expected` becomes [vector][row] of all.
static void prepare_vectors(struct device *device, const struct small_run *run, uint32_t expected[VECTORS][ROWS]) {
    struct test_random random = test_random_seed(SEED + 3);
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        uint8_t *activation = device->memory + (run->activation - BASE) + vector * STRIDE;
        int16_t *mantissas = (int16_t *)(void *)activation;
        for (uint32_t i = 0; i < 16 * GROUPS; i++) {
            mantissas[i] = (int16_t)test_random_word(&random);
        }
        for (uint32_t i = 0; i < GROUPS; i++) {
            activation[2 * 16 * GROUPS + i] = (uint8_t)test_random_below(&random, 16);
        }
        int32_t exponent = -3 * (int32_t)vector;
        put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_EXPONENT_0 + 4 * vector, (uint32_t)exponent);
        tern_reference_matmul(run->levels, run->codes, ROWS, GROUPS, run->steps, mantissas,
                              activation + 2 * 16 * GROUPS, exponent, expected[vector]);
    }
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_VECTORS, VECTORS);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, STRIDE);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_OUTPUT_STRIDE_LO, STRIDE);
}

static void test_unit_vectors(void **state) {
    (void)state;
    struct device device = open_device();
    struct small_run run;
    uint32_t expected[VECTORS][ROWS];
    prepare(&device, &run);
    prepare_vectors(&device, &run, expected);
    uint8_t *output = device.memory + (run.output - BASE);
    assert_int_equal(start(&device), TERN_STATUS_OK);
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        assert_memory_equal(output + vector * STRIDE, expected[vector], sizeof expected[vector]);
    }
    // One stream of weights serves all vectors.
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_TAKEN_LO), 3 * (4 + 2 * 4) / TERN_LANES);
    static const struct {
        uint32_t reg, value;
        enum tern_status status;
    } cases[] = {
        {TERN_MATMUL_REG_VECTORS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_VECTORS, TERN_MAX_VECTORS + 1, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, STRIDE + 4, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, BYTES, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_ACTIVATION_STRIDE_HI, 0x80000000, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_OUTPUT_STRIDE_LO, STRIDE + 32, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_OUTPUT_STRIDE_HI, 1, TERN_STATUS_BAD_ADDRESS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t saved = get(&device, TERN_MATMUL_BASE + cases[i].reg);
        put(&device, TERN_MATMUL_BASE + cases[i].reg, cases[i].value);
        assert_int_equal(start(&device), cases[i].status);
        put(&device, TERN_MATMUL_BASE + cases[i].reg, saved);
    }
    // A refused access of one vector leaves the others right, as on a unit of one vector.
    const struct tern_device_fault fault = {.bus_error_address = run.output + STRIDE + 20, .bus_error_bytes = 1};
    memset(output, 0x77, VECTORS * STRIDE);
    tern_device_model_set_fault(device.model, &fault);
    assert_int_equal(start(&device), TERN_STATUS_BUS_ERROR);
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ERROR_STRIP), 1);
    assert_memory_equal(output, expected[0], sizeof expected[0]);
    assert_memory_equal(output + STRIDE, expected[1], 20);
    assert_int_equal(output[STRIDE + 20], 0x77);
    assert_memory_equal(output + 2 * STRIDE, expected[2], sizeof expected[2]);
    close_device(&device);
}

static void test_unit_faults(void **state) {
    (void)state;
    struct device device = open_device();
    struct small_run run;
    prepare(&device, &run);
    struct tern_device_fault fault = {.bus_error_address = run.weights + 2 * tern_strip_bytes(64, DEPTH),
                                      .bus_error_bytes = 1};
    memset(device.memory + (run.output - BASE), 0x77, sizeof run.expected);
    tern_device_model_set_fault(device.model, &fault);
    assert_int_equal(start(&device), TERN_STATUS_BUS_ERROR);
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ERROR_STRIP), 2);
    assert_memory_equal(device.memory + (run.output - BASE), run.expected, 40);
    assert_int_equal(device.memory[run.output - BASE + 40], 0x77);
    fault = (struct tern_device_fault){.matmul_hangs = 1};
    tern_device_model_set_fault(device.model, &fault);
    put(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_START_MASK);
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS), TERN_MATMUL_STATUS_BUSY_MASK);
    put(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_CONTROL, TERN_MATMUL_CONTROL_ABORT_MASK);
    assert_int_equal(get(&device, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS),
                     TERN_FIELD_PUT(MATMUL_STATUS_CODE, TERN_STATUS_TIMEOUT));
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
        cmocka_unit_test(test_unit),
        cmocka_unit_test(test_unit_refuses),
        cmocka_unit_test(test_unit_faults),
        cmocka_unit_test(test_unit_vectors),
    };
    return cmocka_run_group_tests_name("cmodel.device_model", tests, NULL, NULL);
}
