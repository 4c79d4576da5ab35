// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/step_cover.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 16     // of moving every step; each round must serve at least one more group
#define INSISTENCE 32 // rounds with rising weights for the groups that are left

static bool reserve(void **array, size_t wanted, size_t element_bytes) {
    void *larger = realloc(*array, wanted * element_bytes);
    *array = larger ? larger : *array;
    return larger != NULL;
}

bool tern_step_cover_add(struct tern_step_cover *cover, uint64_t name, const struct tern_step_interval *intervals,
                         unsigned count) {
    if (cover->group_count == cover->group_capacity) {
        cover->group_capacity = 2 * cover->group_capacity + 1024;
        if (!reserve((void **)&cover->groups, cover->group_capacity, sizeof *cover->groups)) {
            return false;
        }
    }
    if (cover->count + count > cover->capacity) {
        cover->capacity = 2 * (cover->capacity + count) + 1024;
        if (!reserve((void **)&cover->by_low, cover->capacity, sizeof *cover->by_low) ||
            !reserve((void **)&cover->by_high, cover->capacity, sizeof *cover->by_high)) {
            return false;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        cover->by_low[cover->count] = (struct tern_cover_interval){intervals[i], (uint32_t)cover->group_count};
        cover->by_high[cover->count] = cover->by_low[cover->count];
        cover->count++;
    }
    cover->groups[cover->group_count++] = (struct tern_cover_group){.name = name};
    return true;
}

static int rising(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

// The group decides the order of equal ends, which makes it unique.
static int by_low(const void *left, const void *right) {
    const struct tern_cover_interval *a = left, *b = right;
    int order = rising(a->steps.low, b->steps.low);
    return order ? order : rising(a->group, b->group);
}

static int by_high(const void *left, const void *right) {
    const struct tern_cover_interval *a = left, *b = right;
    int order = rising(a->steps.high, b->steps.high);
    return order ? order : rising(a->group, b->group);
}

// The bits of a float32 rise about with its logarithm, so this distance is a ratio.
static uint32_t distance_to_steps(const struct tern_step_cover *cover, uint32_t step) {
    uint32_t least = UINT32_MAX;
    for (unsigned i = 0; i < cover->step_count; i++) {
        uint32_t other = cover->steps[i], distance = step > other ? step - other : other - step;
        least = distance < least ? distance : least;
    }
    return least;
}

// The weight of a group without a step; 0 for other groups.
static size_t open_weight(const struct tern_step_cover *cover, const struct tern_cover_interval *interval) {
    const struct tern_cover_group *group = &cover->groups[interval->group];
    return group->covered == 0 ? group->weight : 0;
}

// Finds the place where intervals of the most groups without a step overlap; among equals the farthest from all steps.
// Returns the weight of these groups.
static size_t best_place(const struct tern_step_cover *cover, struct tern_step_interval *place) {
    size_t best = 0, active = 0, ended = 0;
    uint32_t best_distance = 0;
    for (size_t i = 0; i < cover->count; i++) {
        uint32_t low = cover->by_low[i].steps.low;
        size_t weight = open_weight(cover, &cover->by_low[i]);
        if (weight == 0) {
            continue;
        }
        for (; cover->by_high[ended].steps.high < low || !open_weight(cover, &cover->by_high[ended]); ended++) {
            active -= open_weight(cover, &cover->by_high[ended]);
        }
        active += weight;
        if (active < best) {
            continue;
        }
        uint32_t distance = distance_to_steps(cover, low);
        if (active > best || distance > best_distance) {
            best = active;
            best_distance = distance;
            *place = (struct tern_step_interval){low, cover->by_high[ended].steps.high};
        }
    }
    return best;
}

// The number with the most trailing zero bits. It reproduces a step that was a float16.
static uint32_t simplest(struct tern_step_interval place) {
    uint32_t step = place.high;
    for (unsigned zeros = 1; zeros < 32 && place.high >> zeros << zeros >= place.low; zeros++) {
        step = place.high >> zeros << zeros;
    }
    return step;
}

// Adds `change` to the count of every group that `step` serves. Returns the weight of groups that no other step serves.
static size_t serve(struct tern_step_cover *cover, uint32_t step, uint32_t change) {
    size_t alone = 0;
    for (size_t i = 0; i < cover->count && cover->by_low[i].steps.low <= step; i++) {
        if (cover->by_low[i].steps.high >= step) {
            struct tern_cover_group *group = &cover->groups[cover->by_low[i].group];
            alone += group->covered == (change == 1 ? 0 : 1) ? group->weight : 0;
            group->covered += change;
        }
    }
    return alone;
}

// Moves each step to where it serves most of the groups that the others leave. Returns the weight gained.
static size_t replace_steps(struct tern_step_cover *cover) {
    size_t gained = 0;
    for (unsigned i = 0; i < cover->step_count; i++) {
        uint32_t step = cover->steps[i];
        struct tern_step_interval place;
        size_t alone = serve(cover, step, UINT32_MAX); // minus 1
        cover->steps[i] = cover->steps[--cover->step_count];
        size_t found = best_place(cover, &place);
        cover->steps[cover->step_count++] = cover->steps[i];
        cover->steps[i] = found > alone ? simplest(place) : step;
        serve(cover, cover->steps[i], 1);
        gained += found > alone ? found - alone : 0;
    }
    return gained;
}

static size_t count_open(const struct tern_step_cover *cover) {
    size_t open = 0;
    for (size_t i = 0; i < cover->group_count; i++) {
        open += cover->groups[i].covered == 0;
    }
    return open;
}

// Takes the step that serves most groups, then the one that serves most of the rest, and so on. Then moves each step.
static size_t choose_by_agreement(struct tern_step_cover *cover) {
    size_t left = cover->group_count;
    struct tern_step_interval place = {0, 0};
    for (size_t i = 0; i < cover->group_count; i++) {
        cover->groups[i].covered = 0;
        cover->groups[i].weight = 1;
    }
    for (cover->step_count = 0; left > 0 && cover->step_count < TERN_STEPS;) {
        left -= best_place(cover, &place);
        cover->steps[cover->step_count] = simplest(place);
        serve(cover, cover->steps[cover->step_count++], 1);
    }
    size_t gained = 1;
    for (unsigned round = 0; round < ROUNDS && left > 0 && gained > 0; round++) {
        gained = replace_steps(cover);
        left -= gained;
    }
    return left;
}

// Raises the weight of groups without a step every round, until steps move to them and leave other groups to others.
static size_t insist(struct tern_step_cover *cover) {
    size_t left = count_open(cover);
    for (unsigned round = 0; round < INSISTENCE && left > 0; round++) {
        for (size_t i = 0; i < cover->group_count; i++) {
            cover->groups[i].weight += cover->groups[i].covered == 0;
        }
        replace_steps(cover);
        left = count_open(cover);
    }
    return left;
}

size_t tern_step_cover_solve(struct tern_step_cover *cover) {
    if (cover->count == 0) {
        return 0;
    }
    qsort(cover->by_low, cover->count, sizeof *cover->by_low, by_low);
    qsort(cover->by_high, cover->count, sizeof *cover->by_high, by_high);
    size_t left = choose_by_agreement(cover);
    if (left == 0 || insist(cover) == 0) {
        return 0;
    }
    return choose_by_agreement(cover);
}

void tern_step_cover_clear(struct tern_step_cover *cover) {
    cover->group_count = cover->count = 0;
    cover->step_count = 0;
}

void tern_step_cover_free(struct tern_step_cover *cover) {
    free(cover->groups);
    free(cover->by_low);
    free(cover->by_high);
    memset(cover, 0, sizeof *cover);
}
