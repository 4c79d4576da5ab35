// SPDX-License-Identifier: Apache-2.0
// Tests what the driver makes of the profiles that a device writes. The parts of a command add up, counters wrap,
// commands run beside each other, and profiles that are missing or impossible are refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host_driver/device/device.h"
#include "host_driver/device/tests/pass_through.h"

#define MANY 150u // commands: laps of the ring

// The model back end, which says that it has a clock. `given`: profiles in place of those in its memory, NULL for none.
struct clocked_device {
    struct pass_through model;
    const struct tern_profile *given;
};

static enum tern_status memory_read(void *context, uint64_t address, void *data, size_t bytes,
                                    struct tern_error *error) {
    struct clocked_device *clocked = context;
    enum tern_status status = pass_memory_read(clocked, address, data, bytes, error);
    if (clocked->given && bytes == sizeof *clocked->given) {
        memcpy(data, clocked->given++, bytes);
    }
    return status;
}

static struct tern_device *attach(struct clocked_device *clocked) {
    const struct tern_backend_config config = {.memory_bytes = 1 << 16};
    struct tern_device *device = NULL;
    struct tern_backend backend;
    *clocked = (struct clocked_device){0};
    assert_int_equal(pass_through_open(&config, &clocked->model, &backend, NULL), TERN_STATUS_OK);
    backend.name = "clocked";
    backend.has_clock = true;
    backend.memory_read = memory_read;
    assert_int_equal(tern_device_attach(&backend, NULL, &device), TERN_STATUS_OK);
    return device;
}

struct received {
    struct tern_command_profile profiles[MANY];
    uint32_t count;
};

static void receive(void *context, const struct tern_command_profile *profile) {
    struct received *received = context;
    assert_true(received->count < MANY);
    received->profiles[received->count++] = *profile;
}

static void expect_profile(const struct tern_command_profile *got, const struct tern_command_profile *wanted) {
    assert_int_equal(got->sequence, wanted->sequence);
    assert_int_equal(got->unit, wanted->unit);
    assert_int_equal(got->busy, wanted->busy);
    assert_int_equal(got->starved, wanted->starved);
    assert_int_equal(got->blocked, wanted->blocked);
    assert_int_equal(got->other, wanted->other);
    assert_int_equal(got->core, wanted->core);
    assert_int_equal(got->beside, wanted->beside);
    assert_int_equal(got->start, wanted->start);
    assert_int_equal(got->begun, wanted->begun);
    assert_int_equal(got->ended, wanted->ended);
}

// Clock and counters pass 2^32. The parts of all commands are the cycles from the first start to the last end.
static void parts_add_up(void **state) {
    (void)state;
    struct tern_profiler profiler = {.counts[TERN_PROFILE_MATMUL] = {0xffffff00u, 0xfffffff0u, 7, 0xffffffffu}};
    const struct tern_profile given[] = {
        // sequence, started, ended, unit, run, worked, starved, stalled
        {0, 0xffffff80u, 0x00000100u, TERN_MATMUL_BASE, 0x00000050u, 0x00000100u, 10, 1},
        {1, 0x00000120u, 0x00000220u, TERN_VECTOR_BASE, 0x000000e0u, 0x40, 0x20, 0x10},
        {2, 0x00000200u, 0x00000400u, TERN_MATMUL_BASE, 0x00000250u, 0x00000200u, 30, 1}, // beside the one before
        {3, 0x00000300u, 0x00000420u, TERN_VECTOR_BASE, 0x00000160u, 0x80, 0x20, 0x10},   // beside it as a whole
        {4, 0x00000430u, 0x00000530u, 0, 0, 0, 0, 0},
        {5, 0x00000640u, 0x00000740u, TERN_VECTOR_BASE, 0x00000270u, 0x80, 0x20, 0x10}}; // a late clock
    const struct tern_command_profile wanted[] = {
        {0, TERN_PROFILE_MATMUL, 0x110, 3, 2, 0x150 - 0x110 - 5, 0x180 - 0x150, 0, 0xffffff80u, 0xffffff80u, 0x100},
        {1, TERN_PROFILE_VECTOR, 0x40, 0x20, 0x10, 0x70, 0x40, 0, 0x100, 0x120, 0x220},
        {2, TERN_PROFILE_MATMUL, 0x100, 20, 0, 0x200 - 0x100 - 20, 0, 0x20, 0x220, 0x200, 0x400},
        {3, TERN_PROFILE_VECTOR, 0x40, 0, 0, 0x40, 0x20, 0x80, 0x400, 0x300, 0x420},
        {4, TERN_PROFILE_CORE, 0x100, 0, 0, 0, 0x10, 0, 0x420, 0x430, 0x530},
        {5, TERN_PROFILE_VECTOR, 0, 0, 0, 0x110, 0x100, 0, 0x530, 0x630, 0x740}};
    uint32_t cycles = 0;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct tern_command_profile got;
        assert_true(tern_profiler_decode(&profiler, &given[i], &got));
        expect_profile(&got, &wanted[i]);
        cycles += got.busy + got.starved + got.blocked + got.other + got.core - got.beside;
        assert_int_equal(cycles, given[i].ended - given[0].started);
    }
}

static void impossible_profiles_are_refused(void **state) {
    (void)state;
    const struct tern_profile impossible[] = {
        {0, 100, 200, TERN_DMA_BASE, 0, 0, 0, 0},        // no such unit
        {0, 100, 200, TERN_MATMUL_BASE, 301, 0, 0, 0},   // a run longer than the command
        {0, 100, 200, TERN_VECTOR_BASE, 90, 50, 40, 1}}; // more counted than the run
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        struct tern_profiler profiler = {0};
        struct tern_command_profile got;
        assert_false(tern_profiler_decode(&profiler, &impossible[i], &got));
        assert_false(profiler.has_end);
    }
}

// A profile for each command, in order, over laps of the ring; none before and after.
static void every_command_has_one(void **state) {
    (void)state;
    struct clocked_device clocked;
    struct received received = {.count = 0};
    struct tern_device *device = attach(&clocked);
    const union tern_command nop = {.header = {TERN_OPCODE_NOP, 0}}, wrong = {.header = {77, 0}};
    uint32_t ticket = 0;
    assert_int_equal(tern_device_run(device, &nop, NULL, NULL), TERN_STATUS_OK);
    assert_int_equal(tern_device_profile(device, receive, &received, NULL), TERN_STATUS_OK);
    for (uint32_t i = 0; i < MANY; i++) {
        // A full ring reports the failure first.
        while (tern_device_submit(device, i == 9 ? &wrong : &nop, NULL, &ticket) != TERN_STATUS_OK) {
        }
    }
    (void)tern_device_wait(device, ticket, NULL, NULL);
    assert_int_equal(received.count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(received.profiles[i].sequence, i + 1);
        assert_int_equal(received.profiles[i].unit, TERN_PROFILE_CORE);
    }
    assert_int_equal(tern_device_profile(device, NULL, NULL, NULL), TERN_STATUS_OK);
    assert_int_equal(tern_device_run(device, &nop, NULL, NULL), TERN_STATUS_OK);
    assert_int_equal(received.count, MANY);
    tern_device_close(device);
}

static void expect_failure(const struct tern_profile *given, const char *words) {
    struct clocked_device clocked;
    struct received received = {.count = 0};
    struct tern_error error = {{0}};
    struct tern_device *device = attach(&clocked);
    const union tern_command nop = {.header = {TERN_OPCODE_NOP, 0}};
    assert_int_equal(tern_device_profile(device, receive, &received, &error), TERN_STATUS_OK);
    clocked.given = given;
    assert_int_equal(tern_device_run(device, &nop, &error, NULL), TERN_STATUS_BAD_DEVICE);
    assert_string_equal(error.message, words);
    assert_int_equal(received.count, 0);
    clocked.given = NULL;
    assert_int_equal(tern_device_profile(device, receive, &received, &error), TERN_STATUS_OK);
    assert_int_equal(tern_device_run(device, &nop, &error, NULL), TERN_STATUS_OK);
    assert_int_equal(received.count, 1);
    tern_device_close(device);
}

static void lost_profiles_are_noticed(void **state) {
    (void)state;
    const struct tern_profile other = {.sequence = 5}, impossible = {.unit = 4};
    expect_failure(&other, "clocked: command 0 has no profile that adds up");
    expect_failure(&impossible, "clocked: command 0 has no profile that adds up");
}

static void refusals(void **state) {
    (void)state;
    const struct tern_backend_config config = {.memory_bytes = 1 << 16};
    const union tern_command nop = {.header = {TERN_OPCODE_NOP, 0}};
    struct clocked_device clocked;
    struct tern_error error = {{0}};
    struct tern_device *device = NULL;
    uint32_t ticket = 0;
    assert_int_equal(tern_device_open("model", &config, &error, &device), TERN_STATUS_OK);
    assert_false(tern_device_has_clock(device));
    assert_int_equal(tern_device_profile(device, receive, NULL, &error), TERN_STATUS_UNSUPPORTED);
    assert_string_equal(error.message, "model: counts no cycles, so there is no profile");
    tern_device_close(device);
    device = attach(&clocked);
    assert_int_equal(tern_device_submit(device, &nop, &error, &ticket), TERN_STATUS_OK);
    assert_int_equal(tern_device_profile(device, receive, NULL, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_string_equal(error.message, "clocked: commands are in flight");
    tern_device_close(device);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(impossible_profiles_are_refused),
        cmocka_unit_test(every_command_has_one),
        cmocka_unit_test(lost_profiles_are_noticed),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests_name("driver.device.profile", tests, NULL, NULL);
}
