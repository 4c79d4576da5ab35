// SPDX-License-Identifier: Apache-2.0
// Compares the generator, which computes only the best logits exactly, with a sampler that gets all logits exactly: the
// ids must be equal.
#include <stdbool.h>
#include <string.h>

#include "host_driver/generate/tests/tiny.h"

enum { VOCABULARY = 512 };

static void expect_ids(const struct tern_sampling *sampling, uint32_t ids[CAPACITY + 1]) {
    float logits[VOCABULARY], *wanted[PROMPT] = {[PROMPT - 1] = logits};
    struct tern_device *device;
    struct tern_runner *runner = open_runner(0, 0, &device);
    struct tern_sampler *sampler = NULL;
    assert_int_equal(tern_sampler_open(sampling, VOCABULARY, NULL, &sampler), TERN_STATUS_OK);
    memcpy(ids, prompt, sizeof prompt);
    assert_int_equal(tern_runner_tokens(runner, prompt, PROMPT, wanted, NULL), TERN_STATUS_OK);
    for (size_t count = PROMPT; count <= CAPACITY; count++) {
        assert_int_equal(tern_sampler_draw(sampler, logits, ids, count, NULL, &ids[count]), TERN_STATUS_OK);
        if (count < CAPACITY) {
            assert_int_equal(tern_runner_token(runner, ids[count], logits, NULL), TERN_STATUS_OK);
        }
    }
    assert_int_equal(tern_runner_exact_rows(runner), (CAPACITY - PROMPT + 1) * VOCABULARY);
    tern_sampler_close(sampler);
    tern_runner_close(runner);
    tern_device_close(device);
}

// The number of exact logits.
static uint64_t generate(const struct tern_sampling *sampling, uint32_t drafted, uint64_t memory_bytes,
                         uint32_t ids[CAPACITY + 1]) {
    const struct tern_drafting drafting = {2, drafted};
    struct tern_device *device;
    struct tern_runner *runner = open_runner(memory_bytes, 0, &device);
    struct tern_generator *generator = NULL;
    assert_int_equal(tern_generator_open(runner, tern_model_config(model), sampling, CAPACITY, NULL, &generator),
                     TERN_STATUS_OK);
    assert_int_equal(tern_generator_append(generator, prompt, PROMPT, NULL), TERN_STATUS_OK);
    if (drafted) {
        assert_int_equal(tern_generator_draft(generator, &drafting, NULL), TERN_STATUS_OK);
    }
    while (tern_generator_room(generator)) {
        uint32_t id;
        assert_int_equal(tern_generator_step(generator, NULL, &id), TERN_STATUS_OK);
    }
    memcpy(ids, tern_generator_ids(generator), (CAPACITY + 1) * sizeof *ids);
    const uint64_t exact_rows = tern_runner_exact_rows(runner);
    tern_generator_close(generator);
    tern_runner_close(runner);
    tern_device_close(device);
    return exact_rows;
}

static void test_same_ids(void **state) {
    (void)state;
    static const uint32_t top_k[] = {1, 5, 20, 0, 2};
    static const double penalty[] = {1, 1.1, 2, 0.9}, temperature[] = {0, 0.8, 3};
    const uint64_t all = (CAPACITY - PROMPT + 1) * VOCABULARY;
    for (uint32_t i = 0; i < 60; i++) {
        const struct tern_sampling sampling = {temperature[i % 3], i % 7 ? 1 : 0.9, penalty[i / 3 % 4], top_k[i % 5],
                                               i};
        uint32_t expected[CAPACITY + 1], got[CAPACITY + 1];
        expect_ids(&sampling, expected);
        const uint64_t exact_rows = generate(&sampling, 0, i % 10 == 3 ? 131072 : 0, got);
        assert_memory_equal(got, expected, sizeof got);
        // All logits are exact in the first run, when all of them decide, or when weights stream.
        const bool is_screened = i % 10 != 3 && penalty[i / 3 % 4] >= 1 && (i % 3 == 0 || top_k[i % 5]);
        assert_true(is_screened ? exact_rows > VOCABULARY && exact_rows < all : exact_rows == all);
        generate(&sampling, 1 + i % 5, 0, got);
        assert_memory_equal(got, expected, sizeof got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_ids)};
    return cmocka_run_group_tests_name("driver.generate.best", tests, set_up, tear_down);
}
