// SPDX-License-Identifier: Apache-2.0
#include "host_driver/generate/sampler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cmodel/float/f32_math.h"
#include "cmodel/fast/head/largest.h"

struct candidate {
    float score; // the logit after the penalty
    uint32_t id;
};

struct tern_sampler {
    struct tern_sampling sampling;
    uint32_t count;               // size of the vocabulary
    float *scores;                // [count]
    uint8_t *is_seen;             // [count], zero between calls
    float *largest;               // [top_k]
    struct candidate *candidates; // [count], the first `kept` after top-k
    uint32_t kept;
    uint32_t ranked; // this many best candidates are sorted at the end of the array, best last; the rest is a heap
    float best;      // score of the likeliest
};

struct tern_sampling tern_sampling_greedy(void) {
    return (struct tern_sampling){.top_p = 1, .repetition_penalty = 1};
}

static bool keeps_all(const struct tern_sampler *sampler) {
    return sampler->sampling.top_k == 0 || sampler->sampling.top_k >= sampler->count;
}

static bool allocate(struct tern_sampler *sampler, const struct tern_sampling *sampling, uint32_t vocabulary_size) {
    const size_t count = (size_t)vocabulary_size + 1;
    sampler->sampling = *sampling;
    sampler->count = vocabulary_size;
    sampler->scores = malloc(count * sizeof *sampler->scores);
    sampler->is_seen = calloc(count, 1);
    sampler->largest = malloc((keeps_all(sampler) ? 1 : sampling->top_k) * sizeof *sampler->largest);
    sampler->candidates = malloc(count * sizeof *sampler->candidates);
    return sampler->scores && sampler->is_seen && sampler->largest && sampler->candidates;
}

enum tern_status tern_sampler_open(const struct tern_sampling *sampling, uint32_t vocabulary_size,
                                   struct tern_error *error, struct tern_sampler **sampler) {
    double temperature = sampling->temperature, penalty = sampling->repetition_penalty;
    if (!(temperature == 0 || (temperature >= 0.001 && temperature <= 100))) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "temperature %g is neither 0 nor 0.001 to 100",
                              temperature);
    }
    if (!(sampling->top_p >= 0 && sampling->top_p <= 1)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "top-p %g is not from 0 to 1", sampling->top_p);
    }
    if (!(penalty >= 0.01 && penalty <= 100)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "repetition penalty %g is not from 0.01 to 100",
                              penalty);
    }
    struct tern_sampler *opened = calloc(1, sizeof *opened);
    if (!opened || !allocate(opened, sampling, vocabulary_size)) {
        tern_sampler_close(opened);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory to sample %u tokens", vocabulary_size);
    }
    *sampler = opened;
    return TERN_STATUS_OK;
}

void tern_sampler_close(struct tern_sampler *sampler) {
    if (sampler) {
        free(sampler->scores);
        free(sampler->is_seen);
        free(sampler->largest);
        free(sampler->candidates);
        free(sampler);
    }
}

// Penalizes an id once, also when the text has it several times.
static enum tern_status score(struct tern_sampler *sampler, const float *logits, const uint32_t *ids, size_t count,
                              struct tern_error *error) {
    uint32_t bad = 0;
    for (uint32_t id = 0; id < sampler->count; id++) {
        sampler->scores[id] = logits[id];
        bad += !isfinite(logits[id]);
    }
    for (uint32_t id = 0; bad && id < sampler->count; id++) {
        if (!isfinite(logits[id])) {
            return tern_error_set(error, TERN_STATUS_NON_FINITE, "the logit of token %u is %g", id, (double)logits[id]);
        }
    }
    float penalty = (float)sampler->sampling.repetition_penalty;
    for (size_t i = 0; penalty != 1 && i < count; i++) {
        if (ids[i] < sampler->count) {
            float logit = logits[ids[i]];
            sampler->scores[ids[i]] = logit < 0 ? logit * penalty : logit / penalty;
        }
    }
    return TERN_STATUS_OK;
}

// The lowest id among equals. Several maxima at once, so that a comparison need not wait for the one before.
static uint32_t likeliest(const struct tern_sampler *sampler) {
    enum { AT_ONCE = 16 };
    const float *scores = sampler->scores;
    const uint32_t whole = sampler->count - sampler->count % AT_ONCE;
    float largest[AT_ONCE], best = scores[0];
    tern_largest_start(largest, AT_ONCE);
    for (uint32_t at = 0; at < whole; at += AT_ONCE) {
        for (uint32_t i = 0; i < AT_ONCE; i++) {
            largest[i] = scores[at + i] > largest[i] ? scores[at + i] : largest[i];
        }
    }
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        best = largest[i] > best ? largest[i] : best;
    }
    for (uint32_t id = whole; id < sampler->count; id++) {
        best = scores[id] > best ? scores[id] : best;
    }
    uint32_t id = 0;
    while (scores[id] != best) {
        id++;
    }
    return id;
}

static bool is_better(struct candidate a, struct candidate b) {
    return a.score > b.score || (a.score == b.score && a.id < b.id);
}

// The share of a candidate, not normalized: 1 for the best.
static double weight(const struct tern_sampler *sampler, uint32_t index) {
    float below = sampler->candidates[index].score - sampler->best;
    return (double)tern_f32_exp(below / (float)sampler->sampling.temperature);
}

static void sift(struct candidate *heap, uint32_t count, uint32_t at) {
    struct candidate sinking = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && is_better(heap[child + 1], heap[child]);
        if (!is_better(heap[child], sinking)) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = sinking;
}

// The index of the candidate with this rank, 0 the best. Sorts only as many candidates as it must.
static uint32_t index_of_rank(struct tern_sampler *sampler, uint32_t rank) {
    struct candidate *heap = sampler->candidates;
    if (sampler->ranked == 0) {
        for (uint32_t at = sampler->kept / 2; at-- > 0;) {
            sift(heap, sampler->kept, at);
        }
    }
    for (; sampler->ranked <= rank; sampler->ranked++) {
        uint32_t last = sampler->kept - sampler->ranked - 1;
        struct candidate best = heap[0];
        heap[0] = heap[last];
        sift(heap, last, 0);
        heap[last] = best;
    }
    return sampler->kept - 1 - rank;
}

// Fills `candidates`, by id when all are kept, else by rank.
static void keep_top_k(struct tern_sampler *sampler) {
    const uint32_t top_k = sampler->sampling.top_k;
    tern_largest_start(sampler->largest, keeps_all(sampler) ? 1 : top_k);
    for (uint32_t id = 0; !keeps_all(sampler) && id < sampler->count; id++) {
        tern_largest_push(sampler->largest, top_k, sampler->scores[id]);
    }
    const float least = sampler->largest[0];
    sampler->kept = sampler->ranked = 0;
    for (uint32_t id = 0; id < sampler->count; id++) {
        if (sampler->scores[id] >= least) {
            sampler->candidates[sampler->kept++] = (struct candidate){sampler->scores[id], id};
        }
    }
    if (!keeps_all(sampler)) {
        index_of_rank(sampler, sampler->kept - 1);
    }
}

// Of the last `taken` candidates in the array.
static double total_weight(const struct tern_sampler *sampler, uint32_t taken) {
    double total = 0;
    for (uint32_t i = sampler->kept; i-- > sampler->kept - taken;) {
        total += weight(sampler, i);
    }
    return total;
}

static uint32_t take_top_p(struct tern_sampler *sampler) {
    if (sampler->sampling.top_p == 1) {
        return sampler->kept;
    }
    double enough = sampler->sampling.top_p * total_weight(sampler, sampler->kept), before = 0;
    uint32_t rank = 0;
    do {
        before += weight(sampler, index_of_rank(sampler, rank++));
    } while (rank < sampler->kept && before < enough);
    return rank;
}

static uint64_t mix(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

// 53 bits in [0, 1) from seed and position: the step of SplitMix64, with a state made from the seed.
static double uniform(uint64_t seed, uint64_t position) {
    const uint64_t golden = 0x9e3779b97f4a7c15u;
    return (double)(mix(mix(seed + golden) + golden * (position + 1)) >> 11) / 9007199254740992.0;
}

static uint32_t draw(const struct tern_sampler *sampler, uint32_t taken, uint64_t position) {
    double left = uniform(sampler->sampling.seed, position) * total_weight(sampler, taken);
    uint32_t id = sampler->candidates[sampler->kept - 1].id;
    for (uint32_t i = sampler->kept; i-- > sampler->kept - taken && left >= 0;) {
        double share = weight(sampler, i);
        left -= share;
        id = share > 0 ? sampler->candidates[i].id : id;
    }
    return id;
}

enum tern_status tern_sampler_draw(struct tern_sampler *sampler, const float *logits, const uint32_t *ids, size_t count,
                                   struct tern_error *error, uint32_t *id) {
    TERN_TRY(score(sampler, logits, ids, count, error));
    *id = likeliest(sampler);
    if (sampler->sampling.temperature > 0) {
        sampler->best = sampler->scores[*id];
        keep_top_k(sampler);
        *id = draw(sampler, take_top_p(sampler), count);
    }
    return TERN_STATUS_OK;
}

static uint32_t count_distinct(struct tern_sampler *sampler, const uint32_t *ids, size_t count) {
    uint32_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        if (ids[i] < sampler->count) {
            distinct += !sampler->is_seen[ids[i]];
            sampler->is_seen[ids[i]] = 1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (ids[i] < sampler->count) {
            sampler->is_seen[ids[i]] = 0;
        }
    }
    return distinct;
}

// Without a penalty the K best and their equals decide, K = 1 at temperature 0. A penalty of 1 or more raises no score.
// With S distinct ids in the text, at least K of the K + S largest logits are of other ids and keep their score. All
// logits below the K + S largest stay below those K. A penalty below 1 may raise any id in the text.
uint32_t tern_sampler_best(struct tern_sampler *sampler, const uint32_t *ids, size_t count) {
    const uint32_t kept = sampler->sampling.temperature == 0 ? 1 : sampler->sampling.top_k;
    const float penalty = (float)sampler->sampling.repetition_penalty;
    if (kept == 0 || kept >= sampler->count || penalty < 1) {
        return 0;
    }
    return penalty == 1 ? kept : kept + count_distinct(sampler, ids, count);
}
