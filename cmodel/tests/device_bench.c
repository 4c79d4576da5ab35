// SPDX-License-Identifier: Apache-2.0
#include "cmodel/tests/device_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmodel/tests/random.h"

void put(struct device *device, uint32_t address, uint32_t value) {
    tern_device_model_write(device->model, address, value);
}

uint32_t get(struct device *device, uint32_t address) {
    return tern_device_model_read(device->model, address);
}

void put_pair(struct device *device, uint32_t address, uint64_t value) {
    put(device, address, (uint32_t)value);
    put(device, address + 4, (uint32_t)(value >> 32));
}

struct device open_device(void) {
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

void close_device(struct device *device) {
    tern_device_model_destroy(device->model);
    free(device->memory);
}
