// SPDX-License-Identifier: Apache-2.0
// Drafting must not change the ids, the key/value cache or the text after an interruption.
#include <stdbool.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "host_driver/generate/tests/tiny.h"
#include "host_driver/runner/plan.h"

struct bench {
    struct tern_device *device;
    struct tern_runner *runner;
    struct tern_generator *generator;
};

static struct tern_sampling sampling_of(double temperature, double penalty, uint64_t seed) {
    struct tern_sampling sampling = tern_sampling_greedy();
    sampling.temperature = temperature;
    sampling.repetition_penalty = penalty;
    sampling.seed = seed;
    return sampling;
}

// drafting: depth 0 for none.
static struct bench open_bench(uint64_t memory_bytes, uint32_t depth, struct tern_sampling sampling,
                               struct tern_drafting drafting) {
    struct bench bench;
    bench.runner = open_runner(memory_bytes, depth, &bench.device);
    assert_int_equal(
        tern_generator_open(bench.runner, tern_model_config(model), &sampling, CAPACITY, NULL, &bench.generator),
        TERN_STATUS_OK);
    assert_int_equal(tern_generator_append(bench.generator, prompt, PROMPT, NULL), TERN_STATUS_OK);
    if (drafting.depth) {
        assert_int_equal(tern_generator_draft(bench.generator, &drafting, NULL), TERN_STATUS_OK);
    }
    return bench;
}

static void close_bench(struct bench *bench) {
    tern_generator_close(bench->generator);
    tern_runner_close(bench->runner);
    tern_device_close(bench->device);
}

static void generate(struct bench *bench, size_t count) {
    for (size_t done = 0; done < count;) {
        uint32_t id;
        assert_int_equal(tern_generator_step(bench->generator, NULL, &id), TERN_STATUS_OK);
        done += id != TERN_NO_ID;
        assert_true(tern_generator_fed(bench->generator) <= tern_generator_count(bench->generator));
    }
}

static void expect_same_ids(const struct bench *expected, const struct bench *got) {
    size_t count = tern_generator_count(expected->generator);
    assert_int_equal(tern_generator_count(got->generator), count);
    assert_memory_equal(tern_generator_ids(got->generator), tern_generator_ids(expected->generator),
                        count * sizeof(uint32_t));
}

// Bytes of a head's part of the cache that no later token changes.
struct kept {
    uint8_t *bytes;
    size_t count;
};

static void keep(const struct bench *bench, struct kept *kept, uint64_t address, size_t count) {
    assert_int_equal(tern_device_read(bench->device, address, kept->bytes + kept->count, count, NULL), TERN_STATUS_OK);
    kept->count += count;
}

// Of `positions` positions: all keys, the full records of values, and the history of the newest record.
static void keep_head(const struct bench *bench, struct kept *kept, uint64_t line, uint32_t positions) {
    const struct tern_rows *at = bench->runner->site->at;
    const uint32_t size = tern_model_config(model)->head_size, groups = tern_cache_head_groups(size);
    const uint64_t keys = at[TERN_BUFFER_KEYS].address + line * at[TERN_BUFFER_KEYS].stride;
    const uint64_t values = at[TERN_BUFFER_VALUES].address + line * at[TERN_BUFFER_VALUES].stride;
    for (uint32_t p = 0; p < positions; p++) {
        uint64_t record = keys + p / 16 * tern_cache_record_bytes(TERN_CACHE_KEYS, size);
        keep(bench, kept, record + p % 16 * groups, groups);
        keep(bench, kept, record + tern_cache_mantissas_offset(TERN_CACHE_KEYS, size) + p % 16 * groups * 32,
             groups * 32);
    }
    for (uint32_t record = 0; record < positions / 16; record++) {
        uint64_t address = values + record * tern_cache_record_bytes(TERN_CACHE_VALUES, size);
        keep(bench, kept, address, size);
        keep(bench, kept, address + tern_cache_mantissas_offset(TERN_CACHE_VALUES, size), size * 32);
    }
    for (uint32_t e = 0; e < size; e++) {
        uint64_t row = at[TERN_BUFFER_HISTORY].address + line * at[TERN_BUFFER_HISTORY].stride + e * 128;
        keep(bench, kept, row + positions / 16 % 2 * 64, positions % 16 * 4);
    }
}

static struct kept read_cache(const struct bench *bench, uint32_t positions) {
    const struct tern_model_config *config = tern_model_config(model);
    struct kept kept = {calloc(2 * config->layers * config->kv_heads * positions, 34 * config->head_size), 0};
    for (uint64_t line = 0; line < (uint64_t)config->layers * config->kv_heads; line++) {
        keep_head(bench, &kept, line, positions);
    }
    return kept;
}

static void expect_same_cache(const struct bench *expected, const struct bench *got, uint32_t positions) {
    struct kept a = read_cache(expected, positions), b = read_cache(got, positions);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.bytes, b.bytes, a.count);
    free(a.bytes);
    free(b.bytes);
}

static void expect_figures(const struct bench *bench, struct tern_drafting drafting) {
    struct tern_draft_figures figures = tern_generator_draft_figures(bench->generator);
    assert_true(figures.rounds > 0 && figures.drafted <= figures.rounds * drafting.tokens);
    assert_true(figures.accepted <= figures.drafted);
    assert_int_equal(figures.tokens, figures.accepted + figures.rounds);
    assert_int_equal(figures.plain_bytes, figures.tokens * tern_runner_token_bytes(bench->runner, 0));
    struct tern_counters counters;
    assert_int_equal(tern_device_counters(bench->device, NULL, &counters), TERN_STATUS_OK);
    assert_int_equal(tern_runner_weight_bytes(bench->runner),
                     tern_device_beat_bytes(bench->device) * counters.beats_taken);
    if (drafting.depth == tern_runner_depth(bench->runner)) {
        assert_int_equal(figures.accepted, figures.drafted);
    }
}

static void check_drafting(struct bench *plain, uint64_t memory_bytes, struct tern_sampling sampling) {
    static const uint32_t lengths[] = {1, 2, 4, 7, 15};
    for (uint32_t depth = 1; depth <= 3; depth++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            const struct tern_drafting drafting = {depth, lengths[i]};
            struct bench drafted = open_bench(memory_bytes, 0, sampling, drafting);
            // All ids that fit; the last needs no position.
            generate(&drafted, CAPACITY + 1 - PROMPT);
            assert_int_equal(tern_generator_room(drafted.generator), 0);
            expect_same_ids(plain, &drafted);
            expect_same_cache(plain, &drafted, CAPACITY - 1);
            expect_figures(&drafted, drafting);
            uint32_t id;
            assert_int_not_equal(tern_generator_step(drafted.generator, NULL, &id), TERN_STATUS_OK);
            close_bench(&drafted);
        }
    }
}

static void test_same_text(void **state) {
    (void)state;
    const struct tern_sampling samplings[] = {sampling_of(0, 1, 0), sampling_of(0.8, 1, 1), sampling_of(1.5, 1, 2),
                                              sampling_of(0.9, 1.3, 3)};
    for (size_t i = 0; i < sizeof samplings / sizeof *samplings; i++) {
        struct bench plain = open_bench(0, 0, samplings[i], (struct tern_drafting){0, 0});
        generate(&plain, CAPACITY + 1 - PROMPT);
        check_drafting(&plain, 0, samplings[i]);
        if (i < 2) {
            check_drafting(&plain, 131072, samplings[i]);
        }
        close_bench(&plain);
    }
}

// At a high temperature most drafts are rejected; at a low one drafting saves bytes.
static void test_acceptance(void **state) {
    (void)state;
    struct bench greedy = open_bench(0, 0, sampling_of(0, 1, 0), (struct tern_drafting){1, 4});
    struct bench hot = open_bench(0, 0, sampling_of(100, 1, 5), (struct tern_drafting){1, 4});
    generate(&greedy, CAPACITY + 1 - PROMPT);
    generate(&hot, CAPACITY + 1 - PROMPT);
    struct tern_draft_figures low = tern_generator_draft_figures(greedy.generator);
    struct tern_draft_figures high = tern_generator_draft_figures(hot.generator);
    assert_true(low.accepted > high.accepted && high.accepted < high.drafted);
    assert_true(low.weight_bytes < low.plain_bytes);
    close_bench(&greedy);
    close_bench(&hot);
}

// A turn appended while drafted tokens wait removes them.
static void test_append(void **state) {
    (void)state;
    static const uint32_t turn[3] = {13, 509, 280};
    for (uint32_t taken = 1; taken < 8; taken++) {
        struct bench plain = open_bench(0, 0, sampling_of(0.7, 1, 9), (struct tern_drafting){0, 0});
        struct bench drafted = open_bench(0, 0, sampling_of(0.7, 1, 9), (struct tern_drafting){2, 5});
        struct bench *both[2] = {&plain, &drafted};
        for (int i = 0; i < 2; i++) {
            generate(both[i], taken);
            assert_int_equal(tern_generator_append(both[i]->generator, turn, 0, NULL), TERN_STATUS_OK);
            assert_int_equal(tern_generator_append(both[i]->generator, turn, 3, NULL), TERN_STATUS_OK);
            generate(both[i], 12);
        }
        expect_same_ids(&plain, &drafted);
        close_bench(&plain);
        close_bench(&drafted);
    }
}

// A rewind removes tokens that were verified ahead; the same ids give the same text again.
static void test_rewind(void **state) {
    (void)state;
    struct bench bench = open_bench(0, 0, sampling_of(0, 1, 0), (struct tern_drafting){2, 5});
    struct bench plain = open_bench(0, 0, sampling_of(0, 1, 0), (struct tern_drafting){0, 0});
    generate(&plain, 16);
    for (uint32_t taken = 2; taken < 8; taken++) {
        uint32_t id;
        generate(&bench, taken);
        const uint32_t *ids = tern_generator_ids(bench.generator);
        const uint32_t last = ids[PROMPT - 1];
        assert_int_equal(tern_generator_rewind(bench.generator, PROMPT - 1, NULL), TERN_STATUS_OK);
        assert_int_equal(tern_generator_step(bench.generator, NULL, &id), TERN_STATUS_BAD_ARGUMENT);
        assert_int_equal(tern_generator_append(bench.generator, &last, 1, NULL), TERN_STATUS_OK);
    }
    generate(&bench, 16);
    expect_same_ids(&plain, &bench);
    assert_int_equal(tern_generator_rewind(bench.generator, PROMPT + 17, NULL), TERN_STATUS_BAD_ARGUMENT);
    close_bench(&bench);
    close_bench(&plain);
}

// The depth in use verifies and is restored after every step.
static void test_depth_in_use(void **state) {
    (void)state;
    struct bench plain = open_bench(0, 2, sampling_of(0, 1, 0), (struct tern_drafting){0, 0});
    struct bench drafted = open_bench(0, 2, sampling_of(0, 1, 0), (struct tern_drafting){1, 3});
    generate(&plain, 20);
    generate(&drafted, 20);
    expect_same_ids(&plain, &drafted);
    assert_int_equal(tern_runner_depth(drafted.runner), 2);
    close_bench(&plain);
    close_bench(&drafted);
}

// A tap that makes stages of drafts and verifications fail, as a device would.
struct trouble {
    struct tern_runner *runner;
    enum tern_status status;
    uint32_t stages, period; // one of `period` stages fails
};

static enum tern_status fail_now_and_then(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                          struct tern_error *error) {
    struct trouble *trouble = context;
    (void)data;
    (void)bytes;
    bool is_drafting = trouble->runner->depth == 1 || trouble->runner->tokens > 1;
    if (stage->position >= PROMPT && is_drafting && ++trouble->stages % trouble->period == 0) {
        return tern_error_set(error, trouble->status, "planted");
    }
    return TERN_STATUS_OK;
}

static struct bench open_troubled(struct trouble *trouble) {
    struct bench bench = open_bench(0, 0, sampling_of(0.8, 1, 1), (struct tern_drafting){1, 4});
    trouble->runner = bench.runner;
    bench.runner->options.tap = fail_now_and_then;
    bench.runner->options.tap_context = trouble;
    return bench;
}

// Logits that are not finite after a rejected token must not fail the text.
static void test_overflow(void **state) {
    (void)state;
    struct bench plain = open_bench(0, 0, sampling_of(0.8, 1, 1), (struct tern_drafting){0, 0});
    generate(&plain, 30);
    for (uint32_t period = 40; period < 1000; period += 97) {
        struct trouble trouble = {.status = TERN_STATUS_NON_FINITE, .period = period};
        struct bench bench = open_troubled(&trouble);
        generate(&bench, 30);
        expect_same_ids(&plain, &bench);
        close_bench(&bench);
    }
    close_bench(&plain);
}

// Any other failure is reported; the next step continues the same text.
static void test_failure(void **state) {
    (void)state;
    struct bench plain = open_bench(0, 0, sampling_of(0.8, 1, 1), (struct tern_drafting){0, 0});
    generate(&plain, 30);
    // More than the stages of one round, so that some rounds succeed.
    for (uint32_t period = 1400; period < 1900; period += 97) {
        struct trouble trouble = {.status = TERN_STATUS_CHECKSUM, .period = period};
        struct bench bench = open_troubled(&trouble);
        uint32_t failures = 0;
        for (uint32_t steps = 0; tern_generator_count(bench.generator) < PROMPT + 30; steps++) {
            uint32_t id;
            struct tern_error error = {{0}};
            assert_in_range(steps, 0, 1000);
            if (tern_generator_step(bench.generator, &error, &id) != TERN_STATUS_OK) {
                failures++;
                assert_non_null(strstr(error.message, "planted"));
                assert_int_equal(tern_runner_depth(bench.runner), 3);
            }
        }
        assert_true(failures > 0);
        expect_same_ids(&plain, &bench);
        struct tern_draft_figures figures = tern_generator_draft_figures(bench.generator);
        assert_int_equal(figures.tokens, figures.accepted + figures.rounds);
        close_bench(&bench);
    }
    close_bench(&plain);
}

static void test_refused(void **state) {
    (void)state;
    static const struct tern_drafting bad[] = {{0, 4}, {3, 4}, {4, 4}, {1, 0}, {1, TERN_MAX_VECTORS}};
    struct bench bench = open_bench(0, 2, sampling_of(0, 1, 0), (struct tern_drafting){0, 0});
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct tern_error error = {{0}};
        assert_int_equal(tern_generator_draft(bench.generator, &bad[i], &error), TERN_STATUS_BAD_ARGUMENT);
        assert_non_null(strstr(error.message, "draft"));
    }
    close_bench(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_text),    cmocka_unit_test(test_acceptance), cmocka_unit_test(test_append),
        cmocka_unit_test(test_depth_in_use), cmocka_unit_test(test_rewind),     cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_failure),      cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
