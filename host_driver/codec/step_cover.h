// SPDX-License-Identifier: Apache-2.0
// Few steps for many groups: each group is content with any step in one of its intervals, and a matrix has 27 steps.
// The step most groups agree on is taken first; then each is put anew where it serves most given the others, groups
// left without a step counting the more the longer they are.
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
    uint64_t name;    // the caller's
    uint32_t covered; // by how many of the steps
    uint32_t weight;  // how much it counts in the choice of steps
};

struct tern_step_cover {
    struct tern_cover_group *groups;
    struct tern_cover_interval *by_low, *by_high; // the same intervals, sorted by tern_step_cover_solve()
    size_t group_count, group_capacity, count, capacity;
    uint32_t steps[TERN_STEPS]; // bits
    unsigned step_count;
};

// Adds a group of `count` >= 1 intervals. Returns 0 without memory.
bool tern_step_cover_add(struct tern_step_cover *cover, uint64_t name, const struct tern_step_interval *intervals,
                         unsigned count);
// Chooses at most 27 steps, of those that serve equally the ones with the fewest bits. Returns the number of groups
// left without; those have covered == 0. Leaving out goes by agreement: a group alone beside a step of many is left
// before a group alone far from all.
size_t tern_step_cover_solve(struct tern_step_cover *cover);
// Forgets groups and steps, keeps the memory.
void tern_step_cover_clear(struct tern_step_cover *cover);
void tern_step_cover_free(struct tern_step_cover *cover);

#endif
