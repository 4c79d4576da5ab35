// SPDX-License-Identifier: Apache-2.0
// Tests the model back end through the interface of backend.h: registers, memory, a command in the ring, RUN.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host_driver/device/backends.h"

#define RING_OFFSET 4096u
#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)

static struct tern_backend open_backend(uint64_t bytes) {
    struct tern_backend_config config = {.memory_bytes = bytes};
    struct tern_backend backend;
    struct tern_error error;
    assert_int_equal(tern_backend_open_model(&config, &backend, &error), TERN_STATUS_OK);
    return backend;
}

static void put(struct tern_backend *backend, uint32_t address, uint32_t value) {
    assert_int_equal(backend->register_write(backend->context, address, value, NULL), TERN_STATUS_OK);
}

static uint32_t get(struct tern_backend *backend, uint32_t address) {
    uint32_t value;
    assert_int_equal(backend->register_read(backend->context, address, &value, NULL), TERN_STATUS_OK);
    return value;
}

static void test_identity(void **state) {
    (void)state;
    struct tern_backend backend = open_backend(5000);
    assert_string_equal(backend.name, "model");
    assert_int_equal(backend.memory_bytes, 2 * TERN_DEVICE_MEMORY_PAGE);
    assert_int_equal(get(&backend, SYSTEM(ID)), TERN_SYSTEM_ID);
    assert_int_equal(get(&backend, SYSTEM(FIRMWARE_VERSION)), TERN_SPEC_HASH);
    assert_int_equal(get(&backend, SYSTEM(FIRMWARE_STATE)), TERN_SYSTEM_FIRMWARE_STATE_IDLE);
    backend.close(backend.context);
    // The default size, and one larger than any host's memory: the range is reserved, not allocated.
    backend = open_backend(0);
    assert_int_equal(backend.memory_bytes, TERN_DEVICE_MEMORY_BYTES);
    backend.close(backend.context);
    backend = open_backend((uint64_t)1 << 40);
    backend.close(backend.context);
}

static void test_size_beyond_address_space(void **state) {
    (void)state;
    struct tern_backend_config config = {.memory_bytes = UINT64_MAX};
    struct tern_backend backend = {.name = "untouched"};
    struct tern_error error;
    assert_int_not_equal(tern_backend_open_model(&config, &backend, &error), TERN_STATUS_OK);
    assert_string_equal(backend.name, "untouched");
    assert_string_equal(error.message,
                        "model: device memory of 18446744073709551615 bytes is more than the address space");
}

static void test_memory(void **state) {
    (void)state;
    struct tern_backend backend = open_backend(8192);
    struct tern_error error;
    uint8_t out[64], in[64];
    for (unsigned i = 0; i < sizeof out; i++) {
        out[i] = (uint8_t)(0x5c + i);
    }
    uint64_t end = backend.memory_base + backend.memory_bytes;
    assert_int_equal(backend.memory_write(backend.context, end - 64, out, 64, &error), TERN_STATUS_OK);
    assert_int_equal(backend.memory_read(backend.context, end - 64, in, 64, &error), TERN_STATUS_OK);
    assert_memory_equal(in, out, 64);
    assert_int_equal(backend.memory_write(backend.context, backend.memory_base, out + 1, 63, &error), TERN_STATUS_OK);
    assert_int_equal(backend.memory_read(backend.context, backend.memory_base, in, 63, &error), TERN_STATUS_OK);
    assert_memory_equal(in, out + 1, 63);
    backend.close(backend.context);
}

// Without RUN the core ignores the doorbell; with RUN it completes the command.
static void test_command(void **state) {
    (void)state;
    struct tern_backend backend = open_backend(1 << 16);
    uint64_t ring = backend.memory_base + RING_OFFSET;
    put(&backend, SYSTEM(WINDOW_BASE_LO), (uint32_t)backend.memory_base);
    put(&backend, SYSTEM(WINDOW_BASE_HI), (uint32_t)(backend.memory_base >> 32));
    put(&backend, SYSTEM(WINDOW_BYTES_LO), (uint32_t)backend.memory_bytes);
    put(&backend, SYSTEM(RING_BASE_LO), (uint32_t)ring);
    put(&backend, SYSTEM(RING_BASE_HI), (uint32_t)(ring >> 32));
    put(&backend, SYSTEM(RING_ENTRIES), 4);
    union tern_command command = {.header = {TERN_OPCODE_NOP, 77}};
    assert_int_equal(backend.memory_write(backend.context, ring, &command, sizeof command, NULL), TERN_STATUS_OK);
    put(&backend, SYSTEM(CONTROL), 0);
    put(&backend, SYSTEM(DOORBELL), 1);
    assert_int_equal(backend.advance(backend.context, 1000, NULL), TERN_STATUS_OK);
    assert_int_equal(get(&backend, SYSTEM(COMPLETED)), 0);
    put(&backend, SYSTEM(CONTROL), TERN_FIELD_PUT(SYSTEM_CONTROL_RUN, 1));
    assert_int_equal(backend.advance(backend.context, 1000, NULL), TERN_STATUS_OK);
    assert_int_equal(get(&backend, SYSTEM(COMPLETED)), 1);
    struct tern_completion completion;
    assert_int_equal(
        backend.memory_read(backend.context, ring + 4 * TERN_COMMAND_BYTES, &completion, sizeof completion, NULL),
        TERN_STATUS_OK);
    assert_int_equal(completion.sequence, 77);
    assert_int_equal(completion.status, TERN_STATUS_OK);
    backend.close(backend.context);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_size_beyond_address_space),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_command),
    };
    return cmocka_run_group_tests_name("driver.device.backend_model", tests, NULL, NULL);
}
