// SPDX-License-Identifier: Apache-2.0
#include "cmodel/vector/rotary.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0 && DBL_MANT_DIG == 53, "double operations round to binary64");

// ln 2 in two parts. The upper part has 33 bits, so a small integer times it is exact.
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
// pi/2 in two such parts. n times the lower part is rounded at 2^-72.
#define HALF_PI_HIGH 0x1.921fb544p+0
#define HALF_PI_LOW 0x1.0b4611a626331p-34
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define ONE_OVER_TWO_PI 0x1.45f306dc9c883p-3
#define LOG2_E 0x1.71547652b82fep+0
#define SQRT2 0x1.6a09e667f3bcdp+0

static double power_of_two(int exponent) {
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// ln x for finite x >= 1: x = 2^n m with m in sqrt(1/2)..sqrt(2), ln m = 2 atanh((m-1)/(m+1)).
static double natural_logarithm(double x) {
    int n = 0;
    while (x > SQRT2) {
        x = x * 0.5;
        n++;
    }
    double s = (x - 1.0) / (x + 1.0);
    double square = s * s;
    double series = 0.0;
    for (int k = 23; k >= 3; k -= 2) {
        series = (series + 1.0 / k) * square;
    }
    double logarithm = 2.0 * (s + s * series);
    return (double)n * LN2_HIGH + ((double)n * LN2_LOW + logarithm);
}

// e^-y for y in 0..700.
static double exponential_of_minus(double y) {
    int n = (int)(y * LOG2_E + 0.5);
    double r = ((double)n * LN2_HIGH - y) + (double)n * LN2_LOW;
    double series = 1.0;
    for (int k = 15; k >= 1; k--) {
        series = 1.0 + series * r / k;
    }
    return series * power_of_two(-n);
}

// sin r and cos r for |r| <= pi/4 by their Taylor series. The smallest terms come first.
static void sine_cosine_reduced(double r, double *sine, double *cosine) {
    double square = r * r;
    double sine_series = 1.0;
    double cosine_series = 1.0;
    for (int k = 16; k >= 2; k -= 2) {
        sine_series = 1.0 - sine_series * square / (double)(k * (k + 1));
        cosine_series = 1.0 - cosine_series * square / (double)(k * (k - 1));
    }
    *sine = r * sine_series;
    *cosine = cosine_series;
}

// angle is in 0..32768 radians.
static void sine_cosine(double angle, double *sine, double *cosine) {
    int n = (int)(angle * TWO_OVER_PI + 0.5);
    double r = (angle - (double)n * HALF_PI_HIGH) - (double)n * HALF_PI_LOW;
    double s, c;
    sine_cosine_reduced(r, &s, &c);
    switch (n & 3) {
    case 0: *sine = s, *cosine = c; break;
    case 1: *sine = c, *cosine = -s; break;
    case 2: *sine = -s, *cosine = -c; break;
    default: *sine = -c, *cosine = s; break;
    }
}

enum tern_status tern_rotary_frequencies(double theta, uint32_t head_size, double *frequencies) {
    if (!(theta >= 1.0 && theta <= 1e12) || head_size == 0 || head_size % 2 != 0 || head_size > TERN_MAX_HEAD_SIZE) {
        return TERN_STATUS_BAD_ARGUMENT;
    }
    double logarithm = natural_logarithm(theta);
    for (uint32_t i = 0; i < head_size / 2; i++) {
        frequencies[i] = exponential_of_minus((double)(2 * i) / (double)head_size * logarithm);
    }
    return TERN_STATUS_OK;
}

static bool is_scaling(const struct tern_rotary_scaling *scaling) {
    return scaling->factor >= 1.0 && scaling->factor <= 1e6 && scaling->low_turns > 0.0 &&
           scaling->high_turns > scaling->low_turns && scaling->high_turns <= 1e6 &&
           scaling->original_positions >= 1.0 && scaling->original_positions <= 16777216.0;
}

enum tern_status tern_rotary_scale(const struct tern_rotary_scaling *scaling, uint32_t half, double *frequencies) {
    if (!is_scaling(scaling)) {
        return TERN_STATUS_BAD_ARGUMENT;
    }
    double width = scaling->high_turns - scaling->low_turns;
    for (uint32_t i = 0; i < half; i++) {
        double turns = frequencies[i] * scaling->original_positions * ONE_OVER_TWO_PI;
        double slow = frequencies[i] / scaling->factor;
        double blend = (turns - scaling->low_turns) / width;
        if (blend <= 0.0) {
            frequencies[i] = slow;
        } else if (blend < 1.0) {
            frequencies[i] = (1.0 - blend) * slow + blend * frequencies[i];
        }
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_rotary_angles(const double *frequencies, uint32_t half, uint32_t position, float *cosine,
                                    float *sine) {
    if (position >= TERN_MAX_POSITIONS || half > TERN_MAX_HEAD_SIZE / 2) {
        return TERN_STATUS_BAD_ARGUMENT;
    }
    for (uint32_t i = 0; i < half; i++) {
        if (!(frequencies[i] >= 0.0 && frequencies[i] <= 1.0)) {
            return TERN_STATUS_BAD_ARGUMENT;
        }
        double s, c;
        sine_cosine((double)position * frequencies[i], &s, &c);
        cosine[i] = (float)c;
        sine[i] = (float)s;
    }
    return TERN_STATUS_OK;
}
