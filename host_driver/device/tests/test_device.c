// SPDX-License-Identifier: Apache-2.0
// Tests the driver on a device with one fault at a time. Each fault must end within its limit, with a status and a
// sentence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_driver/device/device.h"
#include "host_driver/device/tests/pass_through.h"

#define SYSTEM(name) (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)
#define NOWHERE 0xffffffffu
#define MANY 1000u // commands: several laps of the ring

// The model back end, with one register that answers wrongly, completions that read as ones, or no time passing.
struct bad_device {
    struct pass_through model;
    uint32_t bad_register, bad_value;
    int loses_completions, stands_still, is_closed;
};

static enum tern_status register_read(void *context, uint32_t address, uint32_t *value, struct tern_error *error) {
    struct bad_device *bad = context;
    enum tern_status status = pass_register_read(bad, address, value, error);
    *value = address == bad->bad_register ? bad->bad_value : *value;
    return status;
}

static enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error) {
    struct bad_device *bad = context;
    enum tern_status status = pass_memory_read(bad, address, data, bytes, error);
    if (bad->loses_completions && bytes == TERN_COMPLETION_BYTES) {
        memset(data, 0xff, bytes);
    }
    return status;
}

static enum tern_status advance(void *context, uint64_t cycles, struct tern_error *error) {
    struct bad_device *bad = context;
    return bad->stands_still ? TERN_STATUS_OK : pass_advance(bad, cycles, error);
}

static void close_bad(void *context) {
    struct bad_device *bad = context;
    pass_close(bad);
    bad->is_closed = 1;
}

static void describe_trap(void *context, char *text, size_t bytes) {
    (void)context;
    snprintf(text, bytes, "at pc 0x00000104");
}

static enum tern_status attach(struct bad_device *bad, struct tern_error *error, struct tern_device **device) {
    const struct tern_backend_config config = {.memory_bytes = 1 << 16};
    struct tern_backend backend;
    assert_int_equal(pass_through_open(&config, &bad->model, &backend, error), TERN_STATUS_OK);
    backend.name = "bad";
    backend.register_read = register_read;
    backend.memory_read = memory_read;
    backend.advance = advance;
    backend.describe_trap = describe_trap;
    backend.close = close_bad;
    return tern_device_attach(&backend, error, device);
}

static struct tern_device *attach_good(struct bad_device *bad, struct tern_error *error) {
    struct tern_device *device = NULL;
    *bad = (struct bad_device){.bad_register = NOWHERE};
    assert_int_equal(attach(bad, error, &device), TERN_STATUS_OK);
    return device;
}

static void expect_sentence(const struct tern_error *error, const char *words) {
    if (!strstr(error->message, words)) {
        fail_msg("'%s' does not say '%s'", error->message, words);
    }
}

static void strangers_are_refused(void **state) {
    (void)state;
    const struct {
        uint32_t address;
        const char *words;
        enum tern_status status;
    } cases[] = {{SYSTEM(ID), "identity register is 0xdeadbeef", TERN_STATUS_BAD_DEVICE},
                 {SYSTEM(INTERFACE), "interface version", TERN_STATUS_BAD_DEVICE},
                 {SYSTEM(SPEC_HASH), "spec hash of the hardware", TERN_STATUS_BAD_DEVICE},
                 {SYSTEM(FIRMWARE_VERSION), "spec hash of the firmware", TERN_STATUS_BAD_DEVICE},
                 {SYSTEM(FIRMWARE_STATE), "firmware did not come up", TERN_STATUS_TIMEOUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bad_device bad = {.bad_register = cases[i].address, .bad_value = 0xdeadbeef};
        struct tern_device *device = NULL;
        struct tern_error error = {{0}};
        assert_int_equal(attach(&bad, &error, &device), cases[i].status);
        expect_sentence(&error, cases[i].words);
        assert_null(device);
        assert_true(bad.is_closed);
    }
}

static void waits_end(void **state) {
    (void)state;
    struct bad_device bad;
    struct tern_error error = {{0}};
    struct tern_device *device = attach_good(&bad, &error);
    const union tern_command nop = {.header = {TERN_OPCODE_NOP, 0}};
    bad.stands_still = 1;
    assert_int_equal(tern_device_run(device, &nop, &error, NULL), TERN_STATUS_TIMEOUT);
    expect_sentence(&error, "bad: command 0 did not complete");
    bad.bad_register = SYSTEM(STATUS);
    bad.bad_value = TERN_SYSTEM_STATUS_TRAPPED_MASK;
    assert_int_equal(tern_device_run(device, &nop, &error, NULL), TERN_STATUS_BAD_DEVICE);
    expect_sentence(&error, "the core trapped in command 0 at pc 0x00000104");
    tern_device_close(device);
}

static void lost_completion_is_noticed(void **state) {
    (void)state;
    struct bad_device bad;
    struct tern_error error = {{0}};
    struct tern_completion failed;
    struct tern_device *device = attach_good(&bad, &error);
    const union tern_command nop = {.header = {TERN_OPCODE_NOP, 0}};
    assert_int_equal(tern_device_run(device, &nop, &error, &failed), TERN_STATUS_OK);
    bad.loses_completions = 1;
    assert_int_equal(tern_device_run(device, &nop, &error, &failed), TERN_STATUS_BUS_ERROR);
    assert_int_equal(failed.sequence, 1);
    bad.loses_completions = 0;
    assert_int_equal(tern_device_run(device, &nop, &error, &failed), TERN_STATUS_OK);
    tern_device_close(device);
}

// Several laps of the ring with two bad commands: the first is reported once, and later commands are right.
static void first_failure_is_reported_once(void **state) {
    (void)state;
    struct bad_device bad;
    struct tern_error error = {{0}};
    struct tern_completion failed = {0};
    struct tern_device *device = attach_good(&bad, &error);
    const union tern_command nop = {.header = {TERN_OPCODE_NOP, 0}}, wrong = {.header = {77, 0}};
    uint32_t ticket = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(tern_device_submit(device, &nop, &error, &ticket), TERN_STATUS_OK);
        assert_int_equal(ticket, i);
    }
    assert_int_equal(tern_device_submit(device, &wrong, &error, &ticket), TERN_STATUS_OK);
    assert_int_equal(tern_device_submit(device, &wrong, &error, &ticket), TERN_STATUS_OK);
    assert_int_equal(tern_device_submit(device, &nop, &error, &ticket), TERN_STATUS_OK);
    assert_int_equal(tern_device_wait(device, ticket, &error, &failed), TERN_STATUS_BAD_OPCODE);
    assert_int_equal(failed.sequence, MANY);
    assert_int_equal(failed.detail, 77);
    expect_sentence(&error, "(unknown operation): no such operation, opcode 77");
    assert_int_equal(tern_device_wait(device, ticket, &error, NULL), TERN_STATUS_OK);
    assert_int_equal(tern_device_run(device, &nop, &error, NULL), TERN_STATUS_OK);
    tern_device_close(device);
}

// The noun for the detail of a completion comes from the status, or else from the operation.
static void details_have_names(void **state) {
    (void)state;
    struct bad_device bad;
    struct tern_error error = {{0}};
    struct tern_device *device = attach_good(&bad, &error);
    const struct {
        union tern_command command;
        const char *words;
    } cases[] = {
        {{.header = {77, 0}}, "(unknown operation): no such operation, opcode 77"},
        {{.add = {TERN_OPCODE_ADD, 0, .length = 0}}, "(ADD): a count is zero or over its limit, word 2"},
        {{.matmul = {TERN_OPCODE_MATMUL, 0, .rows = 1, .columns = 1, .depth_stored = 9, .depth_used = 1, .vectors = 1}},
         "(MATMUL): depth in use not 1..stored, or stored not 1..MAX_DEPTH, word 4"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_not_equal(tern_device_run(device, &cases[i].command, &error, NULL), TERN_STATUS_OK);
        expect_sentence(&error, cases[i].words);
    }
    tern_device_close(device);
}

static void memory_has_bounds(void **state) {
    (void)state;
    struct bad_device bad;
    struct tern_error error = {{0}};
    struct tern_device *device = attach_good(&bad, &error);
    uint64_t first = 0, second = 0, rest = 0;
    uint8_t bytes[128] = {0};
    assert_int_equal(tern_device_allocate(device, 1, &error, &first), TERN_STATUS_OK);
    assert_int_equal(tern_device_allocate(device, 65, &error, &second), TERN_STATUS_OK);
    assert_int_equal(second - first, TERN_SEGMENT_ALIGN);
    assert_int_equal(tern_device_allocate(device, UINT64_MAX, &error, &rest), TERN_STATUS_NO_DEVICE_MEMORY);
    assert_int_equal(tern_device_allocate(device, tern_device_free_bytes(device) + 1, &error, &rest),
                     TERN_STATUS_NO_DEVICE_MEMORY);
    expect_sentence(&error, "bad: device memory of 65536 bytes is too small, 1 more are needed");
    assert_int_equal(tern_device_allocate(device, tern_device_free_bytes(device), &error, &rest), TERN_STATUS_OK);
    assert_int_equal(tern_device_free_bytes(device), 0);
    uint64_t base = bad.model.inner.memory_base, end = base + bad.model.inner.memory_bytes;
    assert_int_equal(tern_device_write(device, end - sizeof bytes, bytes, sizeof bytes, &error), TERN_STATUS_OK);
    assert_int_equal(tern_device_read(device, end - sizeof bytes, bytes, sizeof bytes, &error), TERN_STATUS_OK);
    const struct {
        uint64_t address;
        size_t bytes;
    } outside[] = {{end - sizeof bytes + 1, sizeof bytes},
                   {base - 1, 1},
                   {base, end - base + 1},
                   {end, 1},
                   {UINT64_MAX, 2},
                   {0, 1},
                   {base, SIZE_MAX}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        char words[80];
        snprintf(words, sizeof words, "bad: %zu bytes at 0x%llx are not device memory", outside[i].bytes,
                 (unsigned long long)outside[i].address);
        assert_int_equal(tern_device_write(device, outside[i].address, bytes, outside[i].bytes, &error),
                         TERN_STATUS_BAD_ARGUMENT);
        expect_sentence(&error, words);
        assert_int_equal(tern_device_read(device, outside[i].address, bytes, outside[i].bytes, &error),
                         TERN_STATUS_BAD_ARGUMENT);
        expect_sentence(&error, words);
    }
    tern_device_close(device);
}

static void unknown_name_is_refused(void **state) {
    (void)state;
    struct tern_error error = {{0}};
    struct tern_device *device = NULL;
    const struct tern_backend_config config = {0};
    assert_int_equal(tern_device_open("abacus", &config, &error, &device), TERN_STATUS_BAD_ARGUMENT);
    expect_sentence(&error, "no device 'abacus' (there are model");
    for (size_t i = 0; tern_backend_row(i); i++) {
        expect_sentence(&error, tern_backend_row(i)->name);
    }
    assert_int_equal(tern_device_open("fpga", &config, &error, &device), TERN_STATUS_BAD_ARGUMENT);
    expect_sentence(&error, "device 'fpga': fpga has an address: a board at the end of a link: fpga:udp:HOST");
    assert_int_equal(tern_device_open("model:1", &config, &error, &device), TERN_STATUS_BAD_ARGUMENT);
    expect_sentence(&error, "device 'model:1': model has no address");
    assert_int_equal(tern_device_open("fpga:abacus", &config, &error, &device), TERN_STATUS_BAD_ARGUMENT);
    expect_sentence(&error, "fpga:abacus: a board is fpga:udp:HOST");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_refused),      cmocka_unit_test(waits_end),
        cmocka_unit_test(lost_completion_is_noticed), cmocka_unit_test(first_failure_is_reported_once),
        cmocka_unit_test(details_have_names),         cmocka_unit_test(memory_has_bounds),
        cmocka_unit_test(unknown_name_is_refused),
    };
    return cmocka_run_group_tests_name("driver.device.device", tests, NULL, NULL);
}
