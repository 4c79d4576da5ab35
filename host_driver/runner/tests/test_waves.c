// SPDX-License-Identifier: Apache-2.0
// A waveform must begin before the command that the options name, when all commands before it have ended. Tests
// numbers and names of stages, on a device without a clock that is asked for a waveform.
#include <stdio.h>
#include <string.h>

#include "host_driver/device/tests/pass_through.h"
#include "host_driver/runner/tests/bench.h"

// What the device saw when the waveform began.
struct waved_device {
    struct pass_through model;
    uint64_t cycles;          // of the waveform
    uint32_t begun;           // waveforms
    uint32_t rung, completed; // then
};

static uint32_t system_word(struct waved_device *waved, uint32_t offset) {
    uint32_t word = 0;
    assert_int_equal(pass_register_read(waved, TERN_SYSTEM_BASE + offset, &word, NULL), TERN_STATUS_OK);
    return word;
}

static void waves(void *context, uint64_t cycles) {
    struct waved_device *waved = context;
    waved->begun++;
    waved->cycles = cycles;
    waved->rung = system_word(waved, TERN_SYSTEM_REG_DOORBELL);
    waved->completed = system_word(waved, TERN_SYSTEM_REG_COMPLETED);
}

// Feeds a token to the tiny model. Returns what tern_runner_check_waves() says then.
static enum tern_status feed(const char *from, uint64_t cycles, struct waved_device *waved, struct tern_error *error) {
    const struct tern_backend_config config = {.memory_bytes = 0};
    const struct tern_runner_options options = {.capacity = 4, .waves_from = from, .waves_cycles = cycles};
    struct tern_backend backend;
    struct tern_device *device;
    struct tern_runner *runner;
    *waved = (struct waved_device){.begun = 0};
    assert_int_equal(pass_through_open(&config, &waved->model, &backend, NULL), TERN_STATUS_OK);
    backend.waves = waves;
    assert_int_equal(tern_device_attach(&backend, NULL, &device), TERN_STATUS_OK);
    assert_int_equal(tern_runner_open(bench_model(), device, &options, NULL, &runner), TERN_STATUS_OK);
    assert_int_equal(tern_runner_token(runner, 7, NULL, NULL), TERN_STATUS_OK);
    const enum tern_status status = tern_runner_check_waves(runner, error);
    tern_runner_close(runner);
    tern_device_close(device);
    return status;
}

static void begins_at_the_command(void **state) {
    (void)state;
    struct waved_device first, again;
    // The first command is the norm of layer 0.
    static const char *const first_names[] = {"0", "0.input_norm", "input_norm"};
    for (size_t i = 0; i < sizeof first_names / sizeof *first_names; i++) {
        assert_int_equal(feed(first_names[i], 0, &first, NULL), TERN_STATUS_OK);
        assert_true(first.begun == 1 && first.cycles == UINT64_MAX && first.rung == 0 && first.completed == 0);
    }
    uint32_t before = 0;
    for (char layer = '0'; layer < '4'; layer++) {
        const char from[] = {layer, '.', 'd', 'o', 'w', 'n', '_', 'p', 'r', 'o', 'j', 0};
        assert_int_equal(feed(from, 500, &first, NULL), TERN_STATUS_OK);
        assert_true(first.begun == 1 && first.cycles == 500 && first.rung == first.completed && first.rung > before);
        before = first.rung;
        char number[16];
        snprintf(number, sizeof number, "%u", before);
        assert_int_equal(feed(number, 500, &again, NULL), TERN_STATUS_OK);
        assert_true(again.rung == before && again.completed == before);
    }
}

static void says_when_it_never_came(void **state) {
    (void)state;
    static const char *const never[] = {"4.down_proj", "down", "99999", "", "0.", "1.down_proj "};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        struct waved_device waved;
        struct tern_error error = {{0}};
        assert_int_equal(feed(never[i], 0, &waved, &error), TERN_STATUS_BAD_ARGUMENT);
        assert_int_equal(waved.begun, 0);
        assert_non_null(strstr(error.message, "no such command ran"));
    }
}

static int tear_down(void **state) {
    (void)state;
    bench_model_close();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(begins_at_the_command),
                                       cmocka_unit_test(says_when_it_never_came)};
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
