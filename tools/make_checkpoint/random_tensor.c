// SPDX-License-Identifier: Apache-2.0
#include "tools/make_checkpoint/random_tensor.h"

#include <math.h>
#include <string.h>

#include "cmodel/matmul/levels.h"
#include "cmodel/float/half.h"
#include "host_driver/system/hash.h"

#define STEP_RATIO 0x1.ae89f995ad3adp-1 // 2^(-1/4)

// The finalizer of splitmix64: a bijection whose outputs for neighbouring inputs look independent.
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint64_t draw(uint64_t key, uint64_t index) {
    return mix(key + index * 0x9e3779b97f4a7c15u);
}

struct random_tensor random_tensor_of(const struct tern_needed_tensor *needed, uint64_t seed) {
    const uint64_t key = mix(tern_hash_text(TERN_HASH_START, needed->name) + mix(seed));
    if (needed->columns) {
        return (struct random_tensor){key, 0.0f, 1.0f / sqrtf((float)needed->columns)};
    }
    return (struct random_tensor){key, strstr(needed->name, "norm") ? 1.0f : 0.0f, 0.1f};
}

static float bell(uint64_t bits) {
    uint32_t sum = (uint32_t)(bits & 0xffff) + (uint32_t)(bits >> 16 & 0xffff) + (uint32_t)(bits >> 32 & 0xffff) +
                   (uint32_t)(bits >> 48);
    return (float)((int32_t)sum - 131070) * (1.0f / 37837.2f); // mean and deviation of the sum
}

void random_tensor_halves(const struct random_tensor *tensor, uint64_t first, uint64_t count, enum tern_dtype dtype,
                          uint16_t *out) {
    for (uint64_t i = 0; i < count; i++) {
        float value = tensor->mean + tensor->deviation * bell(draw(tensor->key, first + i));
        out[i] = dtype == TERN_DTYPE_F16 ? tern_f16_from_float(value) : tern_bf16_from_float(value);
    }
}

void random_tensor_steps(const struct random_tensor *tensor, unsigned depth, float steps[TERN_STEPS]) {
    double relative[TERN_STEPS], limit = tern_level_limit(depth), square = 0;
    for (int i = TERN_STEPS - 1; i >= 0; i--) {
        relative[i] = i == TERN_STEPS - 1 ? 1.0 : relative[i + 1] * STEP_RATIO;
        square += relative[i] * relative[i] / TERN_STEPS;
    }
    // Levels -limit..limit, equally likely, have a mean square of limit (limit + 1) / 3.
    double top = tensor->deviation / sqrt(square * limit * (limit + 1) / 3);
    for (int i = 0; i < TERN_STEPS; i++) {
        steps[i] = (float)(top * relative[i]);
    }
}

// Writes `count` numbers 0..limit-1, eight from a draw; limit <= 256.
static void small_numbers(uint64_t key, uint64_t count, unsigned limit, uint8_t *out) {
    for (uint64_t i = 0; i < count; i += 8) {
        uint64_t bits = draw(key, i);
        for (uint64_t j = i; j < i + 8 && j < count; j++, bits >>= 8) {
            out[j] = (uint8_t)((bits & 0xff) * limit >> 8);
        }
    }
}

void random_tensor_strip(const struct random_tensor *tensor, uint64_t strip, unsigned rows, uint64_t columns,
                         unsigned depth, int8_t *levels, uint8_t *codes) {
    uint64_t key = draw(tensor->key, strip), count = rows * columns;
    int limit = tern_level_limit(depth);
    small_numbers(key, count, 2 * (unsigned)limit + 1, (uint8_t *)levels);
    for (uint64_t i = 0; i < count; i++) {
        levels[i] = (int8_t)(levels[i] - limit);
    }
    small_numbers(~key, rows * tern_groups(columns), TERN_STEPS, codes);
}
