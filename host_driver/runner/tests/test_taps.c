// SPDX-License-Identifier: Apache-2.0
// A device flips one bit of device memory after one command, for every stage of a token. The comparison must name the
// stage. A file of taps must read back as written, or be refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmodel/tests/random.h"
#include "host_driver/device/tests/pass_through.h"
#include "host_driver/runner/taps.h"

enum { SEED = 7, TOKEN = 280, MAX_STAGES = 256, STAGES = 4 * 29 + 1 };
#define COMPLETED (TERN_SYSTEM_BASE + TERN_SYSTEM_REG_COMPLETED)

// A back end that flips `mask` in the word at `address` once `after` commands have completed.
struct faulty {
    struct pass_through inner;
    uint32_t after, mask;
    uint64_t address;
    bool is_done;
};

static enum tern_status faulty_advance(void *context, uint64_t cycles, struct tern_error *error) {
    struct faulty *faulty = context;
    uint32_t completed = 0, word;
    enum tern_status status = pass_advance(faulty, cycles, error);
    assert_int_equal(pass_register_read(faulty, COMPLETED, &completed, error), TERN_STATUS_OK);
    if (faulty->after && !faulty->is_done && completed >= faulty->after) {
        assert_int_equal(pass_memory_read(faulty, faulty->address, &word, sizeof word, error), TERN_STATUS_OK);
        word ^= faulty->mask;
        assert_int_equal(pass_memory_write(faulty, faulty->address, &word, sizeof word, error), TERN_STATUS_OK);
        faulty->is_done = 1;
    }
    return status;
}

// From a clean run: address of each stage and the number of commands completed by then.
struct survey {
    struct tern_device *device;
    struct tern_taps taps;
    uint64_t address[MAX_STAGES];
    uint32_t completed[MAX_STAGES];
};

static enum tern_status survey_stage(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                     struct tern_error *error) {
    struct survey *survey = context;
    size_t i = survey->taps.count;
    assert_true(i < MAX_STAGES);
    survey->address[i] = stage->address;
    assert_int_equal(tern_device_register(survey->device, COMPLETED, error, &survey->completed[i]), TERN_STATUS_OK);
    return tern_taps_add(&survey->taps, stage, data, bytes, error);
}

// Runs one token of the tiny model on `faulty`; *device is set before the first tap.
static void run_token(const struct tern_model *model, struct faulty *faulty, tern_tap tap, void *context,
                      struct tern_device **device) {
    const struct tern_backend_config config = {.memory_bytes = 1 << 21};
    const struct tern_runner_options options = {.capacity = 1, .tap = tap, .tap_context = context};
    struct tern_error error = {""};
    struct tern_runner *runner;
    struct tern_backend backend;
    assert_int_equal(pass_through_open(&config, &faulty->inner, &backend, &error), TERN_STATUS_OK);
    backend.advance = faulty_advance;
    assert_int_equal(tern_device_attach(&backend, &error, device), TERN_STATUS_OK);
    assert_int_equal(tern_runner_open(model, *device, &options, &error, &runner), TERN_STATUS_OK);
    float *logits = calloc(tern_model_config(model)->vocabulary_size, sizeof *logits);
    assert_non_null(logits);
    if (tern_runner_token(runner, TOKEN, logits, &error) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    free(logits);
    tern_runner_close(runner);
    tern_device_close(*device);
}

static struct tern_model *open_tiny(void) {
    struct tern_error error = {""};
    struct tern_model *model = NULL;
    assert_int_equal(tern_model_open(TERN_SOURCE_DIR "/testvectors/tiny", 3, &error, &model), TERN_STATUS_OK);
    return model;
}

static void survey_tiny(const struct tern_model *model, struct survey *survey) {
    struct faulty clean = {.after = 0};
    memset(survey, 0, sizeof *survey);
    run_token(model, &clean, survey_stage, survey, &survey->device);
    assert_int_equal(survey->taps.count, STAGES);
}

static void test_clean(void **state) {
    (void)state;
    struct tern_model *model = open_tiny();
    struct survey survey;
    survey_tiny(model, &survey);
    struct faulty clean = {.after = 0};
    struct tern_device *device;
    struct tern_taps_comparison all = {.expected = &survey.taps};
    run_token(model, &clean, tern_taps_compare, &all, &device);
    assert_int_equal(all.at, STAGES);
    assert_int_equal(all.differ, 0);
    assert_true(all.values > 8000);
    tern_taps_free(&survey.taps);
    tern_model_close(model);
}

static void check_fault(const struct tern_model *model, const struct survey *survey, size_t stage,
                        struct test_random *random) {
    const struct tern_tap_record *record = &survey->taps.records[stage];
    uint32_t element = test_random_word(random) % (record->row_bytes / 4);
    // Flips low bits of float words, so that the numbers stay finite. In an image it flips low mantissas.
    const bool is_image = !record->is_f32 && !strstr(record->name, "_store");
    element = is_image ? TERN_ACTIVATION_HEADER_BYTES / 4 + element % 16 : element;
    struct faulty faulty = {.after = survey->completed[stage],
                            .mask = 1u << test_random_word(random) % 8,
                            .address = survey->address[stage] + 4 * element};
    struct tern_taps_comparison all = {.expected = &survey->taps};
    struct tern_device *device;
    run_token(model, &faulty, tern_taps_compare, &all, &device);
    assert_true(all.differ > 0);
    assert_string_equal(all.stage.name, record->name);
    assert_int_equal(all.stage.layer, record->layer);
    assert_int_not_equal(all.stage.opcode, TERN_OPCODE_NOP);
    assert_int_equal(all.stage.position, 0);
    assert_int_equal(all.element, element);
    assert_int_equal(all.wanted ^ all.got, faulty.mask);
}

static void test_every_stage(void **state) {
    (void)state;
    struct tern_model *model = open_tiny();
    struct test_random random = test_random_seed(SEED);
    struct survey survey;
    survey_tiny(model, &survey);
    for (size_t stage = 0; stage < STAGES; stage++) {
        check_fault(model, &survey, stage, &random);
    }
    tern_taps_free(&survey.taps);
    tern_model_close(model);
}

static void flip_last_byte(const char *path) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static void test_file(void **state) {
    (void)state;
    struct tern_model *model = open_tiny();
    struct survey survey;
    survey_tiny(model, &survey);
    struct tern_taps read;
    struct tern_taps_input input = {.tokens = "280", .depth = 3, .device = "model"}, read_input;
    struct tern_error error = {""};
    char path[] = "/tmp/tern_taps_XXXXXX";
    close(mkstemp(path));
    assert_int_equal(tern_taps_write(&survey.taps, &input, path, &error), TERN_STATUS_OK);
    assert_int_equal(tern_taps_read(path, &error, &read, &read_input), TERN_STATUS_OK);
    assert_string_equal(read_input.tokens, "280");
    assert_int_equal(read_input.depth, 3);
    assert_int_equal(read.count, STAGES);
    for (size_t i = 0; i < STAGES; i++) {
        const struct tern_tap_record *a = &survey.taps.records[i], *b = &read.records[i];
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->layer, b->layer);
        assert_int_equal(a->rows, b->rows);
        assert_int_equal(a->row_bytes, b->row_bytes);
        assert_memory_equal(a->data, b->data, (size_t)a->rows * a->row_bytes);
    }
    tern_taps_free(&read);
    free(read_input.tokens);
    flip_last_byte(path);
    assert_int_equal(tern_taps_read(path, &error, &read, &read_input), TERN_STATUS_CHECKSUM);
    assert_non_null(strstr(error.message, "token0.final_norm"));
    assert_int_equal(tern_taps_read(TERN_SOURCE_DIR "/testvectors/tiny/model.safetensors", &error, &read, &read_input),
                     TERN_STATUS_BAD_FILE);
    remove(path);
    tern_taps_free(&survey.taps);
    tern_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_every_stage),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests_name("driver.runner.taps", tests, NULL, NULL);
}
