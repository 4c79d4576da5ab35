// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers for tests (xorshift64*), the same on every machine.
#ifndef TERN_CMODEL_TESTS_RANDOM_H
#define TERN_CMODEL_TESTS_RANDOM_H

#include <stdint.h>

struct test_random {
    uint64_t state;
};

static inline struct test_random test_random_seed(uint64_t seed) {
    struct test_random random = {seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    return random;
}

static inline uint32_t test_random_word(struct test_random *random) {
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return (uint32_t)((random->state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

// A number of 0..count-1. The remainder's bias is too small for any test.
static inline uint32_t test_random_below(struct test_random *random, uint32_t count) {
    return test_random_word(random) % count;
}

// A number of low..high, both included.
static inline int32_t test_random_between(struct test_random *random, int32_t low, int32_t high) {
    return low + (int32_t)test_random_below(random, (uint32_t)(high - low) + 1);
}

#endif
