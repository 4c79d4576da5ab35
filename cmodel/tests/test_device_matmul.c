// SPDX-License-Identifier: Apache-2.0
// Tests the matmul unit of the device model, without firmware.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/layout.h"
#include "cmodel/device/memory.h"
#include "cmodel/reference/reference.h"
#include "cmodel/tests/device_bench.h"
#include "cmodel/tests/random.h"

#define ROWS 12u
#define GROUPS 4u
#define DEPTH 2u
#define DEPTHS(stored, used) (TERN_FIELD_PUT(MATMUL_DEPTH_STORED, stored) | TERN_FIELD_PUT(MATMUL_DEPTH_USED, used))
#define COLUMNS (TERN_GROUP_COLUMNS * GROUPS)
#define SHIFTS_OFFSET (TERN_ACTIVATION_HEADER_BYTES + 2 * COLUMNS)

// A small run of the unit. Step c is 2^c.
struct small_run {
    uint64_t weights, crc, steps_at, activation, output;
    uint32_t expected[ROWS];
    int32_t levels[ROWS * TERN_GROUP_COLUMNS * GROUPS];
    uint8_t codes[ROWS * GROUPS];
    uint32_t steps[TERN_STEPS];
};

// Random mantissas and shifts.
static void make_image(uint8_t *image, int32_t exponent, struct test_random *random) {
    const uint32_t header[4] = {(uint32_t)exponent, GROUPS, COLUMNS, TERN_ACTIVATION_MAGIC};
    memcpy(image, header, sizeof header);
    for (uint32_t i = TERN_ACTIVATION_HEADER_BYTES; i < SHIFTS_OFFSET; i++) {
        image[i] = (uint8_t)test_random_word(random);
    }
    for (uint32_t i = 0; i < GROUPS; i++) {
        image[SHIFTS_OFFSET + i] = (uint8_t)test_random_below(random, 16);
    }
}

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
    run->steps_at = run->crc + 0x800;
    run->activation = run->crc + 0x1000;
    run->output = run->activation + 0x1000;
    uint8_t *activation = device->memory + (run->activation - BASE);
    make_image(activation, -3, &random);
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        run->steps[i] = (127 + i) << 23;
    }
    memcpy(device->memory + (run->steps_at - BASE), run->steps, sizeof run->steps);
    tern_reference_pack(run->levels, run->codes, ROWS, GROUPS, DEPTH, device->memory + (run->weights - BASE),
                        (uint32_t *)(void *)(device->memory + (run->crc - BASE)));
    tern_reference_matmul(run->levels, run->codes, ROWS, GROUPS, run->steps,
                          (const int16_t *)(const void *)(activation + TERN_ACTIVATION_HEADER_BYTES),
                          activation + SHIFTS_OFFSET, -3, run->expected);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_WEIGHTS_LO, run->weights);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_CRC_LO, run->crc);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_STEPS_LO, run->steps_at);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ACTIVATION_LO, run->activation);
    put_pair(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_OUTPUT_LO, run->output);
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ROWS, ROWS);
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_COLUMNS, COLUMNS);
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_DEPTH, DEPTHS(DEPTH, DEPTH));
}

static enum tern_status run_unit(struct device *device, uint32_t control) {
    put(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_CONTROL, control);
    uint32_t status = get(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_STATUS);
    assert_int_equal(status & ~TERN_MATMUL_STATUS_CODE_MASK, 0);
    return (enum tern_status)TERN_FIELD_GET(MATMUL_STATUS_CODE, status);
}

static enum tern_status start(struct device *device) {
    return run_unit(device, TERN_MATMUL_CONTROL_START_MASK);
}

static uint32_t detail(struct device *device) {
    return get(device, TERN_MATMUL_BASE + TERN_MATMUL_REG_ERROR_DETAIL);
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
    device.memory[run.weights - BASE + tern_strip_bytes(64, DEPTH) + 70] ^= 4;
    assert_int_equal(start(&device), TERN_STATUS_CHECKSUM);
    assert_int_equal(detail(&device), 1);
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
        {TERN_MATMUL_REG_COLUMNS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_COLUMNS, TERN_MAX_COLUMNS + 1, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_COLUMNS, COLUMNS - 1, TERN_STATUS_BAD_ACTIVATION},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(1, 2), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(2, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(0, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, DEPTHS(TERN_MAX_DEPTH + 1, TERN_MAX_DEPTH + 1), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_STEPS_HI, 0, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_STEPS_LO, 32, TERN_STATUS_BAD_ADDRESS},
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

// One word of memory that a run reads, and what the run then says.
struct bad_word {
    uint64_t address;
    uint32_t value;
    enum tern_status status, checked; // of a run, and of one that only checks
    uint32_t detail;
};

static void expect_bad_word(struct device *device, const struct bad_word *bad) {
    static uint8_t before[BYTES];
    uint8_t *word = device->memory + (bad->address - BASE);
    uint32_t saved;
    memcpy(&saved, word, sizeof saved);
    memcpy(word, &bad->value, sizeof bad->value);
    memcpy(before, device->memory, BYTES);
    assert_int_equal(run_unit(device, TERN_MATMUL_CONTROL_CHECK_MASK), bad->checked);
    assert_int_equal(detail(device), bad->checked == TERN_STATUS_OK ? 0 : bad->detail);
    assert_int_equal(start(device), bad->status);
    assert_int_equal(detail(device), bad->detail);
    assert_memory_equal(device->memory, before, BYTES);
    memcpy(word, &saved, sizeof saved);
}

// Adds two vectors behind the first. `expected` becomes [vector][row] of all.
static void prepare_vectors(struct device *device, const struct small_run *run, uint32_t expected[VECTORS][ROWS]) {
    struct test_random random = test_random_seed(SEED + 3);
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        uint8_t *activation = device->memory + (run->activation - BASE) + vector * STRIDE;
        const int32_t exponent = -3 * (int32_t)vector;
        make_image(activation, exponent, &random);
        tern_reference_matmul(run->levels, run->codes, ROWS, GROUPS, run->steps,
                              (const int16_t *)(const void *)(activation + TERN_ACTIVATION_HEADER_BYTES),
                              activation + SHIFTS_OFFSET, exponent, expected[vector]);
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
    assert_int_equal(detail(&device), 1);
    assert_memory_equal(output, expected[0], sizeof expected[0]);
    assert_memory_equal(output + STRIDE, expected[1], 20);
    assert_int_equal(output[STRIDE + 20], 0x77);
    assert_memory_equal(output + 2 * STRIDE, expected[2], sizeof expected[2]);
    close_device(&device);
}

// A bad image of any vector, or bad steps, refuse the run of all vectors. Images count before steps.
static void test_unit_contents(void **state) {
    (void)state;
    struct device device = open_device();
    struct small_run run;
    uint32_t expected[VECTORS][ROWS];
    prepare(&device, &run);
    prepare_vectors(&device, &run, expected);
    const uint64_t last = run.activation + 2 * STRIDE;
    const struct bad_word cases[] = {
        {run.activation + 12, 0, TERN_STATUS_BAD_ACTIVATION, TERN_STATUS_BAD_ACTIVATION, 0x003},
        {last, (uint32_t)TERN_LEAST_BASE_EXPONENT - 1, TERN_STATUS_BAD_ACTIVATION, TERN_STATUS_BAD_ACTIVATION, 0x200},
        {last, TERN_LARGEST_BASE_EXPONENT + 1, TERN_STATUS_BAD_ACTIVATION, TERN_STATUS_BAD_ACTIVATION, 0x200},
        {last + 4, 8, TERN_STATUS_BAD_ACTIVATION, TERN_STATUS_BAD_ACTIVATION, 0x201},
        {last + 8, COLUMNS + 1, TERN_STATUS_BAD_ACTIVATION, TERN_STATUS_BAD_ACTIVATION, 0x202},
        {last + SHIFTS_OFFSET, 0x10000000, TERN_STATUS_BAD_ACTIVATION, TERN_STATUS_BAD_ACTIVATION, 0x204},
        {run.steps_at + 4 * 26, 0x80000000, TERN_STATUS_BAD_STEPS, TERN_STATUS_OK, 26},
        {run.steps_at, 0x7f800000, TERN_STATUS_BAD_STEPS, TERN_STATUS_OK, 0},
        {run.steps_at + 4 * 5, (127 + 33) << 23, TERN_STATUS_BAD_STEPS, TERN_STATUS_OK, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_bad_word(&device, &cases[i]);
    }
    device.memory[run.steps_at - BASE + 3] = 0x80;
    expect_bad_word(&device, &cases[1]);
    device.memory[run.steps_at - BASE + 3] = 0x3f;
    assert_int_equal(start(&device), TERN_STATUS_OK);
    // An image that memory refuses is one pass's failure, unless its header came before and is bad.
    struct tern_device_fault fault = {.bus_error_address = run.activation + STRIDE + SHIFTS_OFFSET,
                                      .bus_error_bytes = 1};
    tern_device_model_set_fault(device.model, &fault);
    uint8_t *output = device.memory + (run.output - BASE);
    memset(output, 0x77, VECTORS * STRIDE);
    assert_int_equal(start(&device), TERN_STATUS_BUS_ERROR);
    assert_int_equal(detail(&device), 0);
    assert_memory_equal(output, expected[0], sizeof expected[0]);
    assert_int_equal(output[STRIDE], 0x77);
    assert_memory_equal(output + 2 * STRIDE, expected[2], sizeof expected[2]);
    device.memory[run.activation - BASE + STRIDE + 12] ^= 1;
    assert_int_equal(start(&device), TERN_STATUS_BAD_ACTIVATION);
    assert_int_equal(detail(&device), 0x103);
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
    assert_int_equal(detail(&device), 2);
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
        cmocka_unit_test(test_unit),         cmocka_unit_test(test_unit_refuses),  cmocka_unit_test(test_unit_faults),
        cmocka_unit_test(test_unit_vectors), cmocka_unit_test(test_unit_contents),
    };
    return cmocka_run_group_tests_name("cmodel.device_matmul", tests, NULL, NULL);
}
