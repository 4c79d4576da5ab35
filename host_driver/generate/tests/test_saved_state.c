// SPDX-License-Identifier: Apache-2.0
// A text that is saved after any step and goes on from the file is the text of one run. So it is with drafting, less
// memory, more positions and several devices. Files that are cut, damaged or of another model are refused.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmodel/matmul/crc32c.h"
#include "cmodel/tests/random.h"
#include "host_driver/generate/saved_state.h"
#include "host_driver/generate/tests/tiny.h"
#include "host_driver/runner/runner_state.h"

enum { NEW = CAPACITY + 1 - PROMPT, HEADER_BYTES = 104, VERSION_AT = 8, RUNNER_CRC_AT = 12, COUNT_AT = 44 };

static char path[] = "/tmp/tern_saved_state_XXXXXX";
static const struct tern_sampling sampling = {.temperature = 0.8, .top_p = 0.95, .repetition_penalty = 1.1, .seed = 6};
static uint32_t whole[CAPACITY + 1]; // the text of one run

struct text {
    struct tern_device *devices[2];
    struct tern_runner *runner;
    struct tern_generator *generator;
};

// is_other: less memory, two layers on a second device, more positions.
static struct text open_text(bool is_other, uint32_t draft_depth) {
    static const uint8_t placement[] = {0, 1, 0, 1};
    const struct tern_backend_config config = {.memory_bytes = is_other ? 200000 : 0};
    const uint32_t capacity = is_other ? CAPACITY + 20 : CAPACITY;
    struct text text = {.runner = NULL};
    struct tern_runner_options options = {.capacity = capacity};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tern_device_open("model", &config, NULL, &text.devices[i]), TERN_STATUS_OK);
    }
    if (is_other) {
        options.others = &text.devices[1];
        options.other_count = 1;
        options.placement = placement;
    }
    assert_int_equal(tern_runner_open(model, text.devices[0], &options, NULL, &text.runner), TERN_STATUS_OK);
    assert_int_equal(
        tern_generator_open(text.runner, tern_model_config(model), &sampling, capacity, NULL, &text.generator),
        TERN_STATUS_OK);
    if (draft_depth) {
        const struct tern_drafting drafting = {draft_depth, 3};
        assert_int_equal(tern_generator_draft(text.generator, &drafting, NULL), TERN_STATUS_OK);
    }
    return text;
}

static void close_text(struct text *text) {
    tern_generator_close(text->generator);
    tern_runner_close(text->runner);
    tern_device_close(text->devices[0]);
    tern_device_close(text->devices[1]);
}

// Generates until the text has `count` ids.
static void go_on(const struct text *text, size_t count) {
    uint32_t id;
    while (tern_generator_count(text->generator) < count) {
        assert_int_equal(tern_generator_step(text->generator, NULL, &id), TERN_STATUS_OK);
    }
}

static struct text begin(uint32_t draft_depth) {
    struct text text = open_text(false, draft_depth);
    assert_int_equal(tern_generator_append(text.generator, prompt, PROMPT, NULL), TERN_STATUS_OK);
    return text;
}

static void save(const struct text *text) {
    struct tern_saved_state state = {.prompt_count = PROMPT, .max_tokens = 7, .prompt = "hello", .prompt_bytes = 5};
    tern_generator_save(text->generator, &state);
    assert_int_equal(tern_saved_state_write(&state, model, text->runner, path, NULL), TERN_STATUS_OK);
}

static void load(const struct text *text) {
    struct tern_saved_state state;
    assert_int_equal(tern_saved_state_read(path, NULL, &state), TERN_STATUS_OK);
    assert_int_equal(tern_saved_state_check(&state, model, NULL), TERN_STATUS_OK);
    assert_true(state.prompt_count == PROMPT && state.max_tokens == 7 && state.depth == 3);
    assert_true(state.prompt_bytes == 5 && memcmp(state.prompt, "hello", 5) == 0);
    assert_memory_equal(&state.sampling, &sampling, sizeof sampling);
    assert_int_equal(tern_runner_load(text->runner, state.runner, state.runner_bytes, NULL), TERN_STATUS_OK);
    assert_int_equal(tern_generator_load(text->generator, &state, NULL), TERN_STATUS_OK);
    tern_saved_state_close(&state);
}

static int open_all(void **state) {
    const int file = mkstemp(path);
    if (file < 0 || close(file) != 0 || set_up(state) != 0) {
        return 1;
    }
    struct text text = begin(0);
    go_on(&text, CAPACITY + 1);
    memcpy(whole, tern_generator_ids(text.generator), sizeof whole);
    close_text(&text);
    return 0;
}

static int close_all(void **state) {
    remove(path);
    return tear_down(state);
}

static void test_every_step(void **state) {
    (void)state;
    for (uint32_t round = 0; round < 4 * NEW; round++) {
        const size_t count = PROMPT + round / 4;
        struct text first = begin(round % 4 == 2 ? 1 : 0);
        go_on(&first, count);
        save(&first);
        close_text(&first);
        struct text second = open_text(round % 2, round % 4 > 1 ? 2 : 0);
        load(&second);
        assert_int_equal(tern_generator_count(second.generator), count);
        go_on(&second, CAPACITY + 1);
        assert_memory_equal(tern_generator_ids(second.generator), whole, sizeof whole);
        close_text(&second);
    }
}

// A rewind over more tokens than the history holds needs the tokens and depths of the file.
static void test_rewind(void **state) {
    (void)state;
    float logits[2][512];
    assert_in_range(tern_model_config(model)->vocabulary_size, 1, 512);
    struct text first = begin(0), second = open_text(true, 0);
    go_on(&first, CAPACITY);
    save(&first);
    load(&second);
    const struct text *const both[] = {&first, &second};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tern_runner_rewind(both[i]->runner, 11, NULL), TERN_STATUS_OK);
        assert_int_equal(tern_runner_token(both[i]->runner, 77, logits[i], NULL), TERN_STATUS_OK);
    }
    assert_memory_equal(logits[0], logits[1], tern_model_config(model)->vocabulary_size * sizeof(float));
    close_text(&first);
    close_text(&second);
}

struct bytes {
    uint8_t data[1 << 18];
    size_t count;
};

static void read_file(struct bytes *bytes) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bytes->count = fread(bytes->data, 1, sizeof bytes->data, file);
    assert_in_range(bytes->count, HEADER_BYTES, sizeof bytes->data - 1);
    fclose(file);
}

static void write_file(const struct bytes *bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, bytes->count, file), bytes->count);
    fclose(file);
}

// The file must be refused with a sentence that begins with its name.
static void expect(const struct bytes *bytes, enum tern_status status, const char *says) {
    struct tern_saved_state state;
    struct tern_error error = {{0}};
    write_file(bytes);
    const enum tern_status got = tern_saved_state_read(path, &error, &state);
    if (got != status || !strstr(error.message, says) || strncmp(error.message, path, strlen(path)) != 0) {
        fail_msg("status %d, not %d: '%s' has no '%s'", got, status, error.message, says);
    }
    assert_null(state.file.data);
}

static struct bytes *saved(void) {
    struct text text = begin(0);
    struct bytes *bytes = calloc(1, sizeof *bytes);
    go_on(&text, 20);
    save(&text);
    close_text(&text);
    assert_non_null(bytes);
    read_file(bytes);
    return bytes;
}

static void test_cut(void **state) {
    (void)state;
    struct bytes *bytes = saved();
    const size_t whole_bytes = bytes->count;
    for (size_t count = 0; count < whole_bytes; count += count < 300 ? 1 : 997) {
        bytes->count = count;
        expect(bytes, TERN_STATUS_BAD_FILE, count < 8 ? "not a saved state" : count < HEADER_BYTES ? "cut" : "bytes");
    }
    bytes->count = whole_bytes + 1;
    expect(bytes, TERN_STATUS_BAD_FILE, "bytes, a saved state of");
    free(bytes);
}

// A flipped bit anywhere.
static void test_damaged(void **state) {
    (void)state;
    struct test_random random = test_random_seed(1);
    struct bytes *bytes = saved();
    for (size_t at = 0; at < bytes->count; at += at < 300 ? 1 : 1 + test_random_below(&random, 500)) {
        const uint8_t bit = (uint8_t)(1u << test_random_below(&random, 8));
        const bool is_length = at < 32 || (at >= COUNT_AT + 4 && at < COUNT_AT + 8) || (at >= 60 && at < 64);
        bytes->data[at] ^= bit;
        expect(bytes,
               is_length && (at < RUNNER_CRC_AT || at >= RUNNER_CRC_AT + 4) ? TERN_STATUS_BAD_FILE
                                                                            : TERN_STATUS_CHECKSUM,
               "");
        bytes->data[at] ^= bit;
    }
    free(bytes);
}

// Numbers that no run writes, under checksums that match.
static void test_impossible(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
        const char *says;
    } cases[] = {{VERSION_AT, 2, "version 2 of a saved state, this program reads 1"},
                 {COUNT_AT, 4000000000u, "ids of"},
                 {COUNT_AT + 8, 4000000000u, "fed"},
                 {COUNT_AT + 8, 18, "its caches are not those of 18 positions"},
                 {COUNT_AT + 12, 4000000000u, "of a prompt"},
                 {COUNT_AT + 20, 4294967295u, "4294967295 after the prompt"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes *bytes = saved();
        uint32_t known;
        memcpy(&known, bytes->data + COUNT_AT + 4, sizeof known);
        memcpy(bytes->data + cases[i].at, &cases[i].value, sizeof cases[i].value);
        const size_t checked = HEADER_BYTES + 4 * (size_t)known + 5;
        const uint32_t crc = tern_crc32c(bytes->data, checked);
        memcpy(bytes->data + checked, &crc, sizeof crc);
        expect(bytes, TERN_STATUS_BAD_FILE, cases[i].says);
        free(bytes);
    }
}

// The runner's part: a wrong length, more positions than the caches, tokens outside the vocabulary.
static void test_runner_refuses(void **state) {
    (void)state;
    struct text text = begin(0), fresh = open_text(false, 0);
    go_on(&text, 20);
    const uint64_t bytes = tern_runner_state_bytes(tern_model_config(model), 19);
    uint32_t *part = malloc(bytes);
    assert_non_null(part);
    assert_int_equal(tern_runner_save(text.runner, (uint8_t *)part, NULL), TERN_STATUS_OK);
    assert_int_equal(part[0], 19);
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, bytes - 1, NULL), TERN_STATUS_BAD_FILE);
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, 4, NULL), TERN_STATUS_BAD_FILE);
    part[1] = 20; // the history begins after the last position
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, bytes, NULL), TERN_STATUS_BAD_FILE);
    part[1] = 0;
    part[2 + 2 * 18] = 512;
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, bytes, NULL), TERN_STATUS_BAD_FILE);
    part[2 + 2 * 18] = UINT32_MAX; // not fed as a token; the history has its values
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, bytes, NULL), TERN_STATUS_OK);
    part[1] = 17; // it has them no longer
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, bytes, NULL), TERN_STATUS_BAD_ARGUMENT);
    part[1] = 0;
    part[2 + 2 * 18] = 1;
    part[3 + 2 * 18] = 4; // depth
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part, bytes, NULL), TERN_STATUS_BAD_FILE);
    part[0] = CAPACITY + 1;
    assert_int_equal(tern_runner_load(fresh.runner, (uint8_t *)part,
                                      tern_runner_state_bytes(tern_model_config(model), CAPACITY + 1), NULL),
                     TERN_STATUS_BAD_ARGUMENT);
    free(part);
    close_text(&text);
    close_text(&fresh);
}

static void test_foreign(void **state) {
    (void)state;
    struct tern_model *other;
    struct tern_saved_state foreign;
    struct tern_error error = {{0}};
    free(saved());
    assert_int_equal(tern_model_open(TERN_SOURCE_DIR "/testvectors/tiny", 2, NULL, &other), TERN_STATUS_OK);
    assert_int_equal(tern_saved_state_read(path, NULL, &foreign), TERN_STATUS_OK);
    const uint32_t outside[] = {1, 512, 2};
    const struct tern_saved_state impossible = {.ids = outside, .count = 3, .known = 3};
    struct text text = open_text(false, 0);
    assert_int_equal(tern_generator_load(text.generator, &impossible, NULL), TERN_STATUS_BAD_FILE);
    close_text(&text);
    assert_int_equal(tern_saved_state_check(&foreign, other, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "saved with another model"));
    tern_saved_state_close(&foreign);
    tern_model_close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step), cmocka_unit_test(test_rewind),     cmocka_unit_test(test_cut),
        cmocka_unit_test(test_damaged),    cmocka_unit_test(test_impossible), cmocka_unit_test(test_runner_refuses),
        cmocka_unit_test(test_foreign),
    };
    return cmocka_run_group_tests_name("driver.generate.saved_state", tests, open_all, close_all);
}
