// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/profile.h"

#include "firmware/unit.h"

// The core reads the clock after it has started the unit, at most so many cycles later.
#define LATE_CYCLES 200u

static const struct {
    const char *name;
    uint32_t base;
} units[TERN_PROFILE_UNITS] = {[TERN_PROFILE_CORE] = {"core", 0},
                               [TERN_PROFILE_MATMUL] = {"matmul", TERN_MATMUL_BASE},
                               [TERN_PROFILE_VECTOR] = {"vector", TERN_VECTOR_BASE},
                               [TERN_PROFILE_ATTENTION] = {"attention", TERN_ATTENTION_BASE}};

const char *tern_profile_unit_name(enum tern_profile_unit unit) {
    return units[unit].name;
}

struct tern_profile_counts tern_profile_addresses(enum tern_profile_unit unit) {
    const uint32_t base = units[unit].base;
    return (struct tern_profile_counts){base + TERN_UNIT_REG_RUN, base + TERN_UNIT_REG_WORKED,
                                        base + TERN_UNIT_REG_STARVED, base + TERN_UNIT_REG_STALLED};
}

// TERN_PROFILE_UNITS for an address that no unit has.
static uint32_t unit_at(uint32_t base) {
    uint32_t unit = 0;
    while (unit < TERN_PROFILE_UNITS && units[unit].base != base) {
        unit++;
    }
    return unit;
}

// What the counters grew by. The core is busy from start to end.
static struct tern_profile_counts growth(const struct tern_profile *given, const struct tern_profile_counts *before) {
    const uint32_t cycles = given->ended - given->started;
    if (given->unit == 0) {
        return (struct tern_profile_counts){.run = cycles, .worked = cycles};
    }
    return (struct tern_profile_counts){given->run - before->run, given->worked - before->worked,
                                        given->starved - before->starved, given->stalled - before->stalled};
}

bool tern_profiler_decode(struct tern_profiler *profiler, const struct tern_profile *given,
                          struct tern_command_profile *profile) {
    const uint32_t unit = unit_at(given->unit);
    if (unit == TERN_PROFILE_UNITS) {
        return false;
    }
    const struct tern_profile_counts grown = growth(given, &profiler->counts[unit]);
    const uint64_t counted = (uint64_t)grown.worked + grown.starved + grown.stalled;
    const uint32_t cycles = given->ended - given->started;
    if (counted > grown.run || grown.run > (uint64_t)cycles + LATE_CYCLES) {
        return false;
    }
    const uint32_t started = grown.run > cycles ? given->ended - grown.run : given->started;
    const uint32_t start = profiler->has_end ? profiler->end : started;
    const uint32_t end = (int32_t)(given->ended - start) > 0 ? given->ended : start;
    const uint32_t early = (int32_t)(start - started) > 0 ? start - started : 0;
    const uint32_t beside = early < grown.run ? early : grown.run;
    *profile = (struct tern_command_profile){.sequence = given->sequence,
                                             .unit = (enum tern_profile_unit)unit,
                                             .busy = grown.worked,
                                             .starved = grown.starved,
                                             .blocked = grown.stalled,
                                             .other = grown.run - (uint32_t)counted,
                                             .core = end - start + beside - grown.run,
                                             .beside = beside,
                                             .start = start,
                                             .begun = started,
                                             .ended = given->ended};
    profiler->counts[unit] = (struct tern_profile_counts){given->run, given->worked, given->starved, given->stalled};
    profiler->has_end = true;
    profiler->end = end;
    return true;
}
