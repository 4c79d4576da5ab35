// SPDX-License-Identifier: Apache-2.0
// Compares the sampler with a slow second implementation, which sorts whole rows in double and uses the C library's
// exp.
#include "host_driver/generate/sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VOCABULARY = 50, DRAWS = 3000 };

static uint64_t state = 1;

static double random_unit(void) { // xorshift64*
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (double)((state * 0x2545f4914f6cdd1du) >> 11) / 9007199254740992.0;
}

static void random_logits(float *logits) {
    for (int id = 0; id < VOCABULARY; id++) {
        logits[id] = (float)(floor(random_unit() * 24 - 12) / 2); // coarse, so that many are equal
    }
}

// Shares after each step, in the order of sampler.h; equal logits rank by id.
static void reference(const struct tern_sampling *sampling, const float *logits, const uint32_t *ids, size_t count,
                      double *share) {
    double score[VOCABULARY], mass = 0, before = 0;
    uint32_t order[VOCABULARY], kept = VOCABULARY;
    for (uint32_t id = 0; id < VOCABULARY; id++) {
        bool is_seen = false;
        for (size_t i = 0; i < count; i++) {
            is_seen |= ids[i] == id;
        }
        double penalty = is_seen ? sampling->repetition_penalty : 1;
        score[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
        order[id] = id;
        share[id] = 0;
    }
    for (int i = 0; i < VOCABULARY; i++) {
        for (int j = i; j > 0 && (float)score[order[j]] > (float)score[order[j - 1]]; j--) {
            uint32_t swapped = order[j];
            order[j] = order[j - 1];
            order[j - 1] = swapped;
        }
    }
    if (sampling->top_k > 0 && sampling->top_k < kept) {
        for (kept = sampling->top_k; kept < VOCABULARY && (float)score[order[kept]] == (float)score[order[kept - 1]];) {
            kept++;
        }
    }
    for (uint32_t i = 0; i < kept; i++) {
        mass += exp((score[order[i]] - score[order[0]]) / sampling->temperature);
    }
    for (uint32_t i = 0; i < kept && (i == 0 || before < sampling->top_p); i++) {
        share[order[i]] = exp((score[order[i]] - score[order[0]]) / sampling->temperature) / mass;
        before += share[order[i]];
    }
    for (uint32_t id = 0; id < VOCABULARY; id++) {
        share[id] /= before;
    }
}

static uint32_t draw(struct tern_sampler *sampler, const float *logits, const uint32_t *ids, size_t count) {
    uint32_t id;
    struct tern_error error = {""};
    assert_int_equal(tern_sampler_draw(sampler, logits, ids, count, &error, &id), TERN_STATUS_OK);
    return id;
}

static struct tern_sampler *open_sampler(const struct tern_sampling *sampling) {
    struct tern_sampler *sampler = NULL;
    struct tern_error error = {""};
    assert_int_equal(tern_sampler_open(sampling, VOCABULARY, &error, &sampler), TERN_STATUS_OK);
    return sampler;
}

// Compares the frequency of each id over positions with its share: within 5 standard deviations, and 0 for share 0.
static void check_shares(const struct tern_sampling *sampling) {
    static uint32_t text[DRAWS + 8];
    float logits[VOCABULARY];
    double share[VOCABULARY];
    int seen[VOCABULARY] = {0};
    random_logits(logits);
    for (int i = 0; i < DRAWS + 8; i++) {
        text[i] = (uint32_t)(i * 7 % 20);
    }
    reference(sampling, logits, text, 20, share);
    struct tern_sampler *sampler = open_sampler(sampling);
    for (size_t position = 8; position < DRAWS + 8; position++) {
        seen[draw(sampler, logits, text, position < 20 ? 20 : position)]++;
    }
    tern_sampler_close(sampler);
    for (int id = 0; id < VOCABULARY; id++) {
        double expected = share[id] * DRAWS, deviation = sqrt(expected * (1 - share[id]));
        // The first 12 draws repeat one position.
        if (fabs(seen[id] - expected) > 5 * deviation + 13 * (expected > 0)) {
            fail_msg("T %g top-k %u top-p %g penalty %g: id %d came %d times, expected %.1f", sampling->temperature,
                     sampling->top_k, sampling->top_p, sampling->repetition_penalty, id, seen[id], expected);
        }
    }
}

static void test_shares(void **unused) {
    (void)unused;
    static const uint32_t top_k[] = {0, 1, 5, 20, 49, 50, 1000};
    static const double top_p[] = {1, 0.9, 0.5, 0.05, 0}, temperature[] = {0.3, 1, 3}, penalty[] = {1, 1.3, 0.7};
    for (int i = 0; i < 105; i++) {
        struct tern_sampling sampling = {temperature[i % 3], top_p[i % 5], penalty[i / 5 % 3], top_k[i % 7],
                                         (uint64_t)i};
        check_shares(&sampling);
    }
}

static void test_greedy_takes_the_lowest_of_equals(void **unused) {
    (void)unused;
    struct tern_sampling sampling = tern_sampling_greedy();
    struct tern_sampler *sampler = open_sampler(&sampling);
    float logits[VOCABULARY] = {[7] = 2, [9] = 3, [30] = 3};
    uint32_t seen[] = {9, 9, 9};
    assert_int_equal(draw(sampler, logits, NULL, 0), 9);
    assert_int_equal(draw(sampler, logits, seen, 3), 9);
    tern_sampler_close(sampler);
    // An id that occurs three times is penalized once: 3 / 1.2 > 2 > 3 / 1.2^3. Negative logits are multiplied.
    sampling.repetition_penalty = 1.2;
    sampler = open_sampler(&sampling);
    logits[30] = 0;
    assert_int_equal(draw(sampler, logits, seen, 3), 9);
    for (int id = 0; id < VOCABULARY; id++) {
        logits[id] = id == 9 ? -1.0f : -1.1f;
    }
    assert_int_equal(draw(sampler, logits, seen, 3), 0);
    tern_sampler_close(sampler);
}

static void test_draw_depends_on_seed_and_position_alone(void **unused) {
    (void)unused;
    enum { LENGTH = 200 };
    struct tern_sampling sampling = tern_sampling_greedy();
    sampling.temperature = 1;
    static float logits[LENGTH][VOCABULARY];
    uint32_t text[LENGTH] = {0}, ids[LENGTH];
    struct tern_sampler *sampler = open_sampler(&sampling);
    for (int i = 0; i < LENGTH; i++) {
        random_logits(logits[i]);
        ids[i] = draw(sampler, logits[i], text, (size_t)i);
    }
    int differ = 0;
    for (int i = LENGTH; i-- > 0;) { // backwards, and twice
        assert_int_equal(draw(sampler, logits[i], text, (size_t)i), ids[i]);
        assert_int_equal(draw(sampler, logits[i], text, (size_t)i), ids[i]);
        differ += draw(sampler, logits[0], text, (size_t)i) != ids[0];
    }
    assert_true(differ > LENGTH / 2); // positions differ
    tern_sampler_close(sampler);
    sampling.seed = 1;
    sampler = open_sampler(&sampling);
    differ = 0;
    for (int i = 0; i < LENGTH; i++) {
        differ += draw(sampler, logits[i], text, (size_t)i) != ids[i];
    }
    assert_true(differ > LENGTH / 4); // seeds differ
    tern_sampler_close(sampler);
}

static int is_greater(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

// Any numbers below the best-th largest logit, from their own value up, must give the same draw.
static void check_best(const struct tern_sampling *sampling, const uint32_t *ids, size_t count) {
    float logits[VOCABULARY], sorted[VOCABULARY], lifted[VOCABULARY];
    struct tern_sampler *sampler = open_sampler(sampling);
    uint32_t best = tern_sampler_best(sampler, ids, count);
    random_logits(logits);
    memcpy(sorted, logits, sizeof logits);
    qsort(sorted, VOCABULARY, sizeof *sorted, is_greater);
    float least = best && best < VOCABULARY ? sorted[best - 1] : -INFINITY;
    for (int id = 0; id < VOCABULARY; id++) {
        double part = random_unit() < 0.3 ? 0 : 1 - 1e-6 * (random_unit() < 0.5);
        lifted[id] = logits[id] < least ? (float)(logits[id] + part * ((double)least - 1e-5 - logits[id])) : logits[id];
    }
    assert_int_equal(draw(sampler, lifted, ids, count), draw(sampler, logits, ids, count));
    tern_sampler_close(sampler);
}

static void test_best_decide(void **unused) {
    (void)unused;
    static const uint32_t top_k[] = {0, 1, 5, 20, 49, 50, 1000};
    static const double temperature[] = {0, 1, 100}, penalty[] = {1, 1.3, 0.7, 10};
    uint32_t ids[24];
    for (int round = 0; round < 20000; round++) {
        struct tern_sampling sampling = {temperature[round % 3], round % 5 ? 1 : 0.9, penalty[round / 3 % 4],
                                         top_k[round % 7], (uint64_t)round};
        size_t count = (size_t)round % 25;
        for (size_t i = 0; i < count; i++) {
            ids[i] = (uint32_t)(random_unit() * (round % 2 ? VOCABULARY : 8));
        }
        check_best(&sampling, ids, count);
    }
    struct tern_sampling penalized = {0, 1, 1.5, 0, 0};
    struct tern_sampler *sampler = open_sampler(&penalized);
    const uint32_t seen[] = {3, 4, 3, 4, 4, UINT32_MAX};
    assert_int_equal(tern_sampler_best(sampler, seen, 6), 3);
    assert_int_equal(tern_sampler_best(sampler, seen, 1), 2);
    tern_sampler_close(sampler);
}

static void test_refuses(void **unused) {
    (void)unused;
    struct tern_sampling bad[] = {{-1, 1, 1, 0, 0}, {1e-9, 1, 1, 0, 0}, {1, 1.5, 1, 0, 0},
                                  {1, -1, 1, 0, 0}, {1, 1, 0, 0, 0},    {1, NAN, 1, 0, 0}};
    struct tern_error error;
    struct tern_sampler *sampler = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(tern_sampler_open(&bad[i], VOCABULARY, &error, &sampler), TERN_STATUS_BAD_ARGUMENT);
    }
    struct tern_sampling greedy = tern_sampling_greedy();
    sampler = open_sampler(&greedy);
    float logits[VOCABULARY] = {[11] = NAN};
    uint32_t id;
    assert_int_equal(tern_sampler_draw(sampler, logits, NULL, 0, &error, &id), TERN_STATUS_NON_FINITE);
    assert_non_null(strstr(error.message, "token 11"));
    tern_sampler_close(sampler);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_greedy_takes_the_lowest_of_equals),
        cmocka_unit_test(test_draw_depends_on_seed_and_position_alone),
        cmocka_unit_test(test_best_decide),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
