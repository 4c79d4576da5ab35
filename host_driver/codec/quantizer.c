// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/quantizer.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cmodel/matmul/levels.h"

#define GROUP TERN_GROUP_COLUMNS
#define LOWEST_SPAN 1.0
#define HIGHEST_SPAN 12.0
#define SPAN_STEP 0.5
// Adding 1.5 x 2^23 rounds |x| < 2^22 to the nearest even integer; quotients are at most 2^12 x 40.
#define ROUNDING_CONSTANT 12582912.0f

static void set_steps(struct tern_quantizer *quantizer, double top, double span) {
    for (int i = 0; i < TERN_STEPS; i++) {
        double step = top * exp2(-span * (TERN_STEPS - 1 - i) / (TERN_STEPS - 1));
        // A zero step would make NaN quotients. Only matrices of subnormal numbers need this.
        quantizer->steps[i] = step < FLT_TRUE_MIN ? FLT_TRUE_MIN : (float)step;
        quantizer->scaled[i] = quantizer->steps[i] * quantizer->scale;
    }
    for (int i = 0; i + 1 < TERN_STEPS; i++) {
        quantizer->between[i] = 0.5f * (quantizer->scaled[i] + quantizer->scaled[i + 1]);
    }
}

// The six largest magnitudes, largest first.
static void sort_largest(const float scaled[GROUP], float largest[6]) {
    memset(largest, 0, 6 * sizeof *largest);
    for (int i = 0; i < GROUP; i++) {
        float value = fabsf(scaled[i]);
        for (int j = 0; j < 6; j++) { // the smaller of each pair moves to the next place
            float held = largest[j];
            largest[j] = value > held ? value : held;
            value = held < value ? held : value;
        }
    }
}

static unsigned nearest_step(const struct tern_quantizer *quantizer, float magnitude) {
    float wanted = magnitude / quantizer->limit;
    unsigned code = 0;
    for (int i = 0; i + 1 < TERN_STEPS; i++) {
        code += wanted > quantizer->between[i];
    }
    return code;
}

// Computes the levels at one step and returns their squared error. The sum is a tree, so that vector and scalar code
// agree. The clamp is on integers, because the compiler may not turn comparisons of floats into vector masks.
static float try_step(const float scaled[GROUP], float step, int32_t limit, float levels[GROUP]) {
    const int32_t zero_bits = 0x4b400000; // of ROUNDING_CONSTANT; one more for every unit
    float error[GROUP];
    for (int i = 0; i < GROUP; i++) {
        float rounded = scaled[i] / step + ROUNDING_CONSTANT;
        int32_t level;
        memcpy(&level, &rounded, sizeof level);
        level -= zero_bits;
        level = level > limit ? limit : level;
        level = level < -limit ? -limit : level;
        levels[i] = (float)level;
        float difference = scaled[i] - levels[i] * step;
        error[i] = difference * difference;
    }
    for (int i = 0; i < 8; i++) {
        error[i] += error[i + 8];
    }
    for (int i = 0; i < 4; i++) {
        error[i] += error[i + 4];
    }
    return (error[0] + error[2]) + (error[1] + error[3]);
}

static float choose(const struct tern_quantizer *quantizer, const float scaled[GROUP], unsigned *code,
                    float levels[GROUP]) {
    static const int ranks[4] = {5, 3, 1, 0};
    float largest[6], trial[GROUP], best = INFINITY;
    unsigned last = TERN_STEPS;
    sort_largest(scaled, largest);
    for (int i = 0; i < 4; i++) {
        unsigned candidate = nearest_step(quantizer, largest[ranks[i]]);
        if (candidate == last) { // magnitudes rise, so equal codes are neighbours
            continue;
        }
        last = candidate;
        float error = try_step(scaled, quantizer->scaled[candidate], (int32_t)quantizer->limit, trial);
        if (error < best) {
            best = error;
            *code = candidate;
            memcpy(levels, trial, sizeof trial);
        }
    }
    return best;
}

static bool scale_group(const struct tern_quantizer *quantizer, const float weights[GROUP], float scaled[GROUP]) {
    float largest = 0;
    for (int i = 0; i < GROUP; i++) {
        scaled[i] = weights[i] * quantizer->scale;
        largest = fabsf(scaled[i]) > largest ? fabsf(scaled[i]) : largest;
    }
    return largest > 0;
}

static double sample_error(const struct tern_quantizer *quantizer, const float *sample, size_t groups) {
    double sum = 0;
    for (size_t i = 0; i < groups; i++) {
        float scaled[GROUP], levels[GROUP];
        unsigned code;
        if (scale_group(quantizer, sample + i * GROUP, scaled)) {
            sum += choose(quantizer, scaled, &code, levels);
        }
    }
    return sum;
}

// 2^-e for a largest magnitude in [2^e, 2^(e+1)), within float32's normal numbers and 2^-127.
static float scale_for(float largest) {
    int exponent = ilogbf(largest);
    return ldexpf(1.0f, exponent < -126 ? 126 : -exponent);
}

void tern_quantizer_make(unsigned depth, float largest, const float *sample, size_t groups,
                         struct tern_quantizer *quantizer) {
    memset(quantizer, 0, sizeof *quantizer);
    quantizer->limit = (float)tern_level_limit(depth);
    if (largest == 0) {
        return;
    }
    quantizer->scale = scale_for(largest);
    double top = (double)largest / quantizer->limit, best = INFINITY, best_span = LOWEST_SPAN;
    for (double span = LOWEST_SPAN; span <= HIGHEST_SPAN; span += SPAN_STEP) {
        set_steps(quantizer, top, span);
        double error = sample_error(quantizer, sample, groups);
        if (error < best) {
            best = error;
            best_span = span;
        }
    }
    set_steps(quantizer, top, best_span);
}

uint8_t tern_quantizer_group(const struct tern_quantizer *quantizer, const float weights[GROUP], int8_t levels[GROUP]) {
    float scaled[GROUP], chosen[GROUP];
    unsigned code = 0;
    memset(levels, 0, GROUP);
    if (!scale_group(quantizer, weights, scaled)) {
        return 0;
    }
    choose(quantizer, scaled, &code, chosen);
    for (int i = 0; i < GROUP; i++) {
        levels[i] = (int8_t)chosen[i];
    }
    return (uint8_t)code;
}
