// SPDX-License-Identifier: Apache-2.0
// For tests of the generator: the tiny model, a prompt, a runner on the model device.
#ifndef TERN_HOST_DRIVER_GENERATE_TESTS_TINY_H
#define TERN_HOST_DRIVER_GENERATE_TESTS_TINY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_driver/generate/generator.h"

enum { CAPACITY = 40, PROMPT = 4 };
static const uint32_t prompt[PROMPT] = {280, 299, 269, 352};

static struct tern_model *model;

static int set_up(void **state) {
    (void)state;
    return tern_model_open(TERN_SOURCE_DIR "/testvectors/tiny", 3, NULL, &model) != TERN_STATUS_OK;
}

static int tear_down(void **state) {
    (void)state;
    tern_model_close(model);
    return 0;
}

// memory_bytes: of the device, 0 for the default; depth: 0 for all planes.
static inline struct tern_runner *open_runner(uint64_t memory_bytes, uint32_t depth, struct tern_device **device) {
    const struct tern_backend_config config = {.memory_bytes = memory_bytes};
    const struct tern_runner_options options = {.capacity = CAPACITY, .depth = depth};
    struct tern_runner *runner = NULL;
    assert_int_equal(tern_device_open("model", &config, NULL, device), TERN_STATUS_OK);
    assert_int_equal(tern_runner_open(model, *device, &options, NULL, &runner), TERN_STATUS_OK);
    return runner;
}

#endif
