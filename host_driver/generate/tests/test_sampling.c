// SPDX-License-Identifier: Apache-2.0
// generation_config.json: values as in transformers, and files that are refused.
#include "host_driver/generate/sampler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/tern_sampling.XXXXXX", path[64];

static enum tern_status load(const char *json, struct tern_error *error, struct tern_sampling *sampling) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(json, file);
    fclose(file);
    enum tern_status status = tern_sampling_load(directory, error, sampling);
    remove(path);
    return status;
}

struct accepted {
    const char *json;
    double temperature, top_p, repetition_penalty;
    uint32_t top_k;
};

static void test_accepted(void **state) {
    (void)state;
    static const struct accepted cases[] = {
        // of Qwen2.5-Instruct
        {"{\"do_sample\": true, \"repetition_penalty\": 1.1, \"temperature\": 0.7, \"top_p\": 0.8, \"top_k\": 20, "
         "\"eos_token_id\": [1, 2]}",
         0.7, 0.8, 1.1, 20},
        {"{\"do_sample\": true}", 1, 1, 1, 50},
        {"{\"do_sample\": true, \"top_k\": null, \"temperature\": null, \"top_p\": null}", 1, 1, 1, 0},
        {"{\"do_sample\": true, \"top_k\": 0}", 1, 1, 1, 0},
        {"{\"do_sample\": false, \"temperature\": 0.7, \"top_p\": 0.8, \"top_k\": 20}", 0, 1, 1, 0},
        {"{\"do_sample\": false, \"temperature\": 0.0}", 0, 1, 1, 0},
        {"{\"repetition_penalty\": 1.05}", 0, 1, 1.05, 0},
        {"{\"TOP_K\": 7, \"do_sample\": true}", 1, 1, 1, 50},
        {"{\"min_p\": 0.1, \"typical_p\": 0.5}", 0, 1, 1, 0}, // of draws only
        {"{\"do_sample\": true, \"min_p\": 0.0, \"typical_p\": 1.0, \"num_beams\": 1, \"bad_words_ids\": null, "
         "\"suppress_tokens\": []}",
         1, 1, 1, 50},
        {"{}", 0, 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tern_sampling got;
        struct tern_error error = {""};
        if (load(cases[i].json, &error, &got) != TERN_STATUS_OK) {
            fail_msg("%s: %s", cases[i].json, error.message);
        }
        if (got.temperature != cases[i].temperature || got.top_p != cases[i].top_p || got.top_k != cases[i].top_k ||
            got.repetition_penalty != cases[i].repetition_penalty || got.seed != 0) {
            fail_msg("%s: temperature %g, top-p %g, penalty %g, top-k %u", cases[i].json, got.temperature, got.top_p,
                     got.repetition_penalty, got.top_k);
        }
    }
}

static void test_missing_file_is_greedy(void **state) {
    (void)state;
    struct tern_sampling got;
    assert_int_equal(tern_sampling_load(directory, NULL, &got), TERN_STATUS_OK);
    assert_true(got.temperature == 0 && got.repetition_penalty == 1);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{\"do_sample\": 1}", "do_sample"},
        {"{\"do_sample\": true, \"temperature\": -1}", "temperature"},
        {"{\"do_sample\": true, \"temperature\": \"hot\"}", "temperature"},
        {"{\"do_sample\": true, \"temperature\": 1e9}", "temperature"},
        {"{\"do_sample\": true, \"top_p\": 1.5}", "top_p"},
        {"{\"do_sample\": true, \"top_k\": -1}", "top_k"},
        {"{\"do_sample\": true, \"top_k\": 2.5}", "top_k"},
        {"{\"repetition_penalty\": 0}", "repetition_penalty"},
        {"[]", "generation_config.json"},
        {"{", "generation_config.json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tern_sampling got;
        struct tern_error error = {""};
        assert_int_equal(load(cases[i][0], &error, &got), TERN_STATUS_BAD_FILE);
        if (!strstr(error.message, cases[i][1]) || !strstr(error.message, path)) {
            fail_msg("%s: %s", cases[i][0], error.message);
        }
    }
}

static void test_other_ways(void **state) {
    (void)state;
    static const char *const keys[] = {"min_p", "typical_p", "num_beams", "no_repeat_ngram_size", "suppress_tokens"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct tern_sampling got;
        struct tern_error error = {""};
        char json[128];
        snprintf(json, sizeof json, "{\"do_sample\": true, \"%s\": %s}", keys[i], i == 4 ? "[3]" : "0.5");
        assert_int_equal(load(json, &error, &got), TERN_STATUS_UNSUPPORTED);
        if (!strstr(error.message, keys[i]) || !strstr(error.message, path)) {
            fail_msg("%s: %s", json, error.message);
        }
    }
}

int main(void) {
    if (!mkdtemp(directory)) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/generation_config.json", directory);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_missing_file_is_greedy),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_other_ways),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(directory);
    return failed;
}
