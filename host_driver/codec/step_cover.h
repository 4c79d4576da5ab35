// SPDX-License-Identifier: Apache-2.0
// Chooses at most 27 steps for many groups. A step serves a group when it is in one of the group's intervals. The
// step that serves most groups is taken first. Then each step is moved to where it serves most of the groups that the
// others leave. The weight of a group rises with every round in which no step serves it.
#ifndef TERN_HOST_DRIVER_CODEC_STEP_COVER_H
#define TERN_HOST_DRIVER_CODEC_STEP_COVER_H

#include <stdbool.h>
#include <stddef.h>

#include "host_driver/codec/step_intervals.h"

struct tern_cover_interval {
    struct tern_step_interval steps;
    uint32_t group; // index into groups
};

struct tern_cover_group {
    uint64_t name;    // chosen by the caller
    uint32_t covered; // number of steps that serve it
    uint32_t weight;  // in the choice of steps
};

struct tern_step_cover {
    struct tern_cover_group *groups;
    struct tern_cover_interval *by_low, *by_high; // the same intervals, sorted by tern_step_cover_solve()
    size_t group_count, group_capacity, count, capacity;
    uint32_t steps[TERN_STEPS]; // bits of float32
    unsigned step_count;
};

// Adds a group of `count` >= 1 intervals. Returns false without memory.
bool tern_step_cover_add(struct tern_step_cover *cover, uint64_t name, const struct tern_step_interval *intervals,
                         unsigned count);
// Chooses at most 27 steps; among steps that serve equally, those with the most trailing zero bits. Returns the number
// of groups without a step, which have covered == 0. A single group near a step of many groups is left out before a
// single group far from all steps.
size_t tern_step_cover_solve(struct tern_step_cover *cover);
// Removes groups and steps and keeps the memory.
void tern_step_cover_clear(struct tern_step_cover *cover);
void tern_step_cover_free(struct tern_step_cover *cover);

#endif
