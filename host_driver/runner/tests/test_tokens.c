// SPDX-License-Identifier: Apache-2.0
// Many tokens in a pass must give the results of one token a pass, at every stage. Tests all counts, random splits,
// rewinds, other depths in between, and weights resident and streamed.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/tests/random.h"
#include "host_driver/runner/plan.h"
#include "host_driver/runner/tests/bench.h"

enum { IDS = 40 };
static const uint32_t ids[IDS] = {280, 299, 269, 352, 343, 412, 11,  413, 240, 263, 322, 146, 501, 27,
                                  142, 196, 292, 209, 67,  23,  0,   24,  76,  511, 166, 486, 78,  203,
                                  334, 25,  38,  421, 275, 49,  188, 299, 30,  466, 260, 110};
// All weights resident; a ring and several tokens a pass; a ring and the smallest number of tokens.
static const uint64_t memories[] = {0, 280000, 155648};

static struct bench_trace *one_by_one;

static int set_up(void **state) {
    (void)state;
    struct bench *bench = bench_open(0, 0);
    for (uint32_t i = 0; i < IDS; i++) {
        bench_feed(bench, &ids[i], 1);
    }
    one_by_one = malloc(sizeof *one_by_one);
    *one_by_one = bench->trace;
    bench_close(bench);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(one_by_one);
    bench_model_close();
    return 0;
}

static void test_widths(void **state) {
    (void)state;
    const uint32_t widths[] = {TERN_MAX_VECTORS, 6, 1};
    for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
        struct bench *bench = bench_open(memories[m], 0);
        assert_int_equal(tern_runner_is_resident(bench->runner), m == 0);
        assert_int_equal(bench->runner->vectors, widths[m]);
        bench_close(bench);
    }
}

static void test_counts(void **state) {
    (void)state;
    for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
        struct bench *bench = bench_open(memories[m], 0);
        for (uint32_t count = 1; count <= TERN_MAX_VECTORS + 1; count++) {
            uint32_t before = count % 7;
            assert_int_equal(tern_runner_rewind(bench->runner, 0, NULL), TERN_STATUS_OK);
            memset(&bench->trace, 0, sizeof bench->trace);
            if (before) {
                bench_feed(bench, ids, before);
            }
            bench_feed(bench, ids + before, count);
            bench_expect_same(one_by_one, &bench->trace, before + count);
        }
        bench_close(bench);
    }
}

// Tokens that are removed, at another depth or the same, must not change later results. So many are fed that the
// history often loses the values of the newest record.
static void feed_and_take_back(struct bench *bench, struct test_random *random) {
    uint32_t position = tern_runner_positions(bench->runner), noise[BENCH_POSITIONS - IDS];
    uint32_t count = 1 + test_random_below(random, test_random_below(random, 2) ? 8 : BENCH_POSITIONS - IDS);
    for (uint32_t i = 0; i < count; i++) {
        noise[i] = test_random_below(random, BENCH_VOCABULARY);
    }
    assert_int_equal(tern_runner_set_depth(bench->runner, test_random_below(random, 4), NULL), TERN_STATUS_OK);
    bench_feed(bench, noise, count);
    uint32_t back = test_random_below(random, position + 1);
    assert_int_equal(tern_runner_rewind(bench->runner, back, NULL), TERN_STATUS_OK);
    assert_int_equal(tern_runner_set_depth(bench->runner, 0, NULL), TERN_STATUS_OK);
}

// Every other round has no taps, which wait after each stage, so that the device is still busy at the next stage.
static void test_splits(void **state) {
    (void)state;
    struct test_random random = test_random_seed(4);
    for (int round = 0; round < 12; round++) {
        bool is_slow = round % 2;
        uint64_t memory = memories[round / 2 % 3];
        struct bench *bench = is_slow ? bench_open_slow(memory, 0) : bench_open(memory, 0);
        bench->runner->options.tap = is_slow ? NULL : bench->runner->options.tap;
        for (uint32_t fed; (fed = tern_runner_positions(bench->runner)) < IDS;) {
            bench_feed(bench, ids + fed, 1 + test_random_below(&random, IDS - fed));
            if (test_random_below(&random, 3) == 0) {
                feed_and_take_back(bench, &random);
            }
        }
        if (is_slow) {
            assert_memory_equal(bench->trace.logits, one_by_one->logits, IDS * sizeof *one_by_one->logits);
        } else {
            bench_expect_same(one_by_one, &bench->trace, IDS);
        }
        bench_close(bench);
    }
}

static void test_depth(void **state) {
    (void)state;
    struct bench *cut = bench_open(0, 2), *set = bench_open(280000, 0);
    assert_int_equal(tern_runner_depth(cut->runner), 2);
    assert_int_equal(tern_runner_depth(set->runner), 3);
    assert_int_equal(tern_runner_set_depth(set->runner, 2, NULL), TERN_STATUS_OK);
    for (uint32_t i = 0; i < IDS; i++) {
        bench_feed(cut, &ids[i], 1);
    }
    bench_feed(set, ids, IDS);
    bench_expect_same(&cut->trace, &set->trace, IDS);
    assert_memory_not_equal(cut->trace.logits, one_by_one->logits, sizeof cut->trace.logits);
    bench_close(cut);
    bench_close(set);
}

enum { CACHE_LAYER = 1, CACHE_POSITIONS = 53, CACHE_ROW_MAX = 256 };

// The keys and values of a layer: f32 [kv_heads * head_size] of each position.
struct kept_cache {
    uint32_t heads, head_size, drawn_heads;
    float rows[2][CACHE_POSITIONS + 1][CACHE_ROW_MAX];
};

static enum tern_status keep_cache(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                   struct tern_error *error) {
    struct kept_cache *kept = context;
    (void)error;
    const bool is_key = strcmp(stage->name, "k_rope") == 0;
    if (is_key || strcmp(stage->name, "v_collect") == 0) {
        assert_in_range(bytes, 1, sizeof kept->rows[0][0]);
        memcpy(kept->rows[!is_key][stage->position], data, bytes);
    }
    return TERN_STATUS_OK;
}

static void give_cache(void *context, float *values, size_t count) {
    struct kept_cache *kept = context;
    const uint32_t which = kept->drawn_heads / kept->heads, head = kept->drawn_heads % kept->heads;
    kept->drawn_heads++;
    assert_int_equal(count, CACHE_POSITIONS * kept->head_size);
    for (uint32_t position = 0; position < CACHE_POSITIONS; position++) {
        memcpy(values + position * kept->head_size, kept->rows[which][position] + head * kept->head_size,
               kept->head_size * sizeof *values);
    }
}

static void run_layer(struct bench *bench, uint32_t position, float *hidden) {
    const uint32_t columns = tern_model_config(bench_model())->hidden_size;
    for (uint32_t i = 0; i < columns; i++) {
        hidden[i] = (float)((int)(i * 37 + position * 11) % 64 - 32) / 16;
    }
    assert_int_equal(tern_runner_layer(bench->runner, CACHE_LAYER, hidden, NULL), TERN_STATUS_OK);
}

// A layer gives the same result after positions that were fed and after their keys and values were put into its cache.
static void test_cache(void **state) {
    (void)state;
    const struct tern_model_config *config = tern_model_config(bench_model());
    struct kept_cache kept = {.heads = config->kv_heads, .head_size = config->head_size};
    float *fed = calloc(config->hidden_size, sizeof *fed), *put = calloc(config->hidden_size, sizeof *put);
    struct bench *bench = bench_open(0, 0);
    bench->runner->options.tap = keep_cache;
    bench->runner->options.tap_context = &kept;
    for (uint32_t position = 0; position <= CACHE_POSITIONS; position++) {
        run_layer(bench, position, fed);
    }
    bench_close(bench);
    bench = bench_open(0, 0);
    assert_int_equal(tern_runner_set_cache(bench->runner, CACHE_LAYER, CACHE_POSITIONS, give_cache, &kept, NULL),
                     TERN_STATUS_OK);
    assert_int_equal(tern_runner_positions(bench->runner), CACHE_POSITIONS);
    run_layer(bench, CACHE_POSITIONS, put);
    assert_memory_equal(fed, put, config->hidden_size * sizeof *fed);
    // The values of the newest record: held after a few positions, lost after many, and their tokens are not known.
    struct tern_error error;
    assert_int_equal(tern_runner_rewind(bench->runner, CACHE_POSITIONS - 2, &error), TERN_STATUS_OK);
    assert_int_equal(tern_runner_rewind(bench->runner, 3, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "position 0 is not known"));
    assert_int_equal(tern_runner_rewind(bench->runner, 16, &error), TERN_STATUS_OK);
    assert_int_equal(tern_runner_set_cache(bench->runner, config->layers, 1, give_cache, &kept, &error),
                     TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_runner_set_cache(bench->runner, 0, BENCH_POSITIONS + 1, give_cache, &kept, &error),
                     TERN_STATUS_BAD_ARGUMENT);
    bench_close(bench);
    free(fed);
    free(put);
}

static uint64_t uploaded(struct bench *bench, uint32_t count) {
    uint64_t before = tern_runner_uploaded_bytes(bench->runner);
    bench_feed(bench, ids, count);
    assert_int_equal(tern_runner_rewind(bench->runner, 0, NULL), TERN_STATUS_OK);
    return tern_runner_uploaded_bytes(bench->runner) - before;
}

// A ring uploads each matrix once a pass, and only the planes in use. The unit streams the bytes that are counted.
static void test_bytes(void **state) {
    (void)state;
    struct bench *bench = bench_open(280000, 0);
    uint64_t one = uploaded(bench, 1), six = uploaded(bench, 6), seven = uploaded(bench, 7);
    assert_true(six < one + one / 10);
    assert_true(seven > six + one / 10 * 9);
    assert_int_equal(tern_runner_set_depth(bench->runner, 1, NULL), TERN_STATUS_OK);
    assert_true(uploaded(bench, 1) < one / 2);
    struct tern_counters counters;
    assert_int_equal(tern_device_counters(bench->device, NULL, &counters), TERN_STATUS_OK);
    assert_int_equal(tern_runner_weight_bytes(bench->runner),
                     tern_device_beat_bytes(bench->device) * counters.beats_taken);
    assert_int_equal(tern_runner_weight_bytes(bench->runner),
                     4 * tern_runner_token_bytes(bench->runner, 3) + tern_runner_token_bytes(bench->runner, 1));
    bench_close(bench);
}

static void test_logits_wanted(void **state) {
    (void)state;
    struct bench *bench = bench_open(0, 0);
    float last[BENCH_VOCABULARY];
    float *logits[IDS] = {[IDS - 1] = last};
    assert_int_equal(tern_runner_tokens(bench->runner, ids, 5, NULL, NULL), TERN_STATUS_OK);
    assert_int_equal(tern_runner_tokens(bench->runner, ids + 5, IDS - 5, logits + 5, NULL), TERN_STATUS_OK);
    assert_memory_equal(last, one_by_one->logits[IDS - 1], sizeof last);
    bench_close(bench);
}

static void test_refused(void **state) {
    (void)state;
    struct tern_error error;
    struct bench *bench = bench_open(0, 0);
    uint32_t bad[3] = {ids[5], BENCH_VOCABULARY, 0}, many[BENCH_POSITIONS] = {0};
    bench_feed(bench, ids, 5);
    assert_int_equal(tern_runner_tokens(bench->runner, bad, 3, NULL, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "token 512"));
    assert_int_equal(tern_runner_tokens(bench->runner, many, 0, NULL, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_runner_tokens(bench->runner, many, BENCH_POSITIONS - 4, NULL, &error),
                     TERN_STATUS_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "5 of its 96 positions"));
    assert_int_equal(tern_runner_tokens(bench->runner, many, UINT32_MAX, NULL, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_runner_rewind(bench->runner, 6, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_int_equal(tern_runner_set_depth(bench->runner, 4, &error), TERN_STATUS_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "depth 3, depth 4"));
    bench_feed(bench, ids + 5, IDS - 5);
    bench_expect_same(one_by_one, &bench->trace, IDS);
    bench_close(bench);
}

static uint64_t address_of(const struct tern_stream *stream, const void *data) {
    for (size_t i = 0; i < stream->count; i++) {
        if (stream->pieces[i].data == data) {
            return stream->pieces[i].address;
        }
    }
    fail_msg("not uploaded");
    return 0;
}

static void flip_bit(struct bench *bench, const struct tern_matrix *matrix, uint32_t strip) {
    uint64_t address = address_of(&bench->runner->site->stream, matrix->trits) +
                       strip * tern_strip_bytes(matrix->columns, matrix->depth);
    uint8_t byte;
    assert_int_equal(tern_device_read(bench->device, address, &byte, 1, NULL), TERN_STATUS_OK);
    byte ^= 4;
    assert_int_equal(tern_device_write(bench->device, address, &byte, 1, NULL), TERN_STATUS_OK);
}

// Of layer 0.
static const struct tern_matrix *matrix_of(const struct tern_runner *runner, const char *stage) {
    const struct tern_layer_row *row;
    for (uint32_t i = 0; (row = tern_layer_row(&runner->config, i)); i++) {
        if (strcmp(row->stage, stage) == 0) {
            return &runner->operands[i].matrix;
        }
    }
    fail_msg("no stage %s", stage);
    return NULL;
}

// Flipped bits in two matrices of one layer: the first is named and no token is fed. With the bits restored all results
// are right.
static void test_failure(void **state) {
    (void)state;
    struct tern_error error;
    struct bench *bench = bench_open_slow(0, 0);
    bench_feed(bench, ids, 3);
    bench->runner->options.tap = NULL; // a tap waits after each stage, so that no command follows the failed one
    const struct tern_matrix *q = matrix_of(bench->runner, "q_proj"), *o = matrix_of(bench->runner, "o_proj");
    flip_bit(bench, q, 2);
    flip_bit(bench, o, 1);
    assert_int_equal(tern_runner_tokens(bench->runner, ids + 3, 5, NULL, &error), TERN_STATUS_CHECKSUM);
    assert_non_null(strstr(error.message, "layer 0, q_proj, position 3 to 7")); // not the last stage sent
    assert_non_null(strstr(error.message, "strip 2"));
    assert_int_equal(tern_runner_positions(bench->runner), 3);
    flip_bit(bench, q, 2);
    flip_bit(bench, o, 1);
    bench_feed(bench, ids + 3, IDS - 3);
    assert_memory_equal(bench->trace.logits, one_by_one->logits, IDS * sizeof *one_by_one->logits);
    bench_close(bench);
}

struct watched {
    double tokens, stop_at;
    uint32_t calls;
};

static enum tern_status on_stage(void *context, double tokens, struct tern_error *error) {
    struct watched *watched = context;
    assert_true(tokens > watched->tokens);
    watched->tokens = tokens;
    watched->calls++;
    return tokens >= watched->stop_at ? tern_error_set(error, TERN_STATUS_INTERRUPTED, "enough") : TERN_STATUS_OK;
}

// The watch counts tokens up to the last. A stopped call keeps the old position, and the next call is right.
static void test_watch(void **state) {
    (void)state;
    for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
        struct bench *bench = bench_open_slow(memories[m], 0);
        struct watched watched = {.stop_at = IDS - 3.5};
        bench_feed(bench, ids, 3);
        tern_runner_watch(bench->runner, on_stage, &watched);
        assert_int_equal(tern_runner_tokens(bench->runner, ids + 3, IDS - 3, NULL, NULL), TERN_STATUS_INTERRUPTED);
        assert_int_equal(tern_runner_positions(bench->runner), 3);
        watched = (struct watched){.stop_at = IDS};
        bench_feed(bench, ids + 3, IDS - 3);
        assert_true(watched.tokens == IDS - 3);
        uint32_t passes = (IDS - 3 + bench->runner->vectors - 1) / bench->runner->vectors;
        assert_int_equal(watched.calls, (passes * 21 + (IDS - 3) * 8) * bench->runner->config.layers);
        bench_expect_same(one_by_one, &bench->trace, IDS);
        bench_close(bench);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths),        cmocka_unit_test(test_counts),  cmocka_unit_test(test_splits),
        cmocka_unit_test(test_depth),         cmocka_unit_test(test_refused), cmocka_unit_test(test_failure),
        cmocka_unit_test(test_logits_wanted), cmocka_unit_test(test_bytes),   cmocka_unit_test(test_watch),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
