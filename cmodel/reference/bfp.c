// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "cmodel/reference/reference.h"

static double largest_magnitude(const float *x, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs((double)x[i]));
    }
    return largest;
}

// The smallest exponent at which the magnitude rounds to at most 32767. Floats and their quotients by these powers of
// two are exact in a double. So nearbyint() rounds the true value.
static int exponent_of(double magnitude) {
    int exponent = 128;
    while (nearbyint(ldexp(magnitude, -(exponent - 1))) <= 32767) {
        exponent--;
    }
    return exponent;
}

void tern_reference_bfp(const float *x, size_t columns, int32_t *base_exponent, int16_t *mantissas, uint8_t *shifts) {
    size_t groups = (columns + 15) / 16;
    double largest = largest_magnitude(x, columns);
    *base_exponent = largest == 0 ? 0 : exponent_of(largest) - 15;
    for (size_t group = 0; group < groups; group++) {
        size_t length = columns - 16 * group < 16 ? columns - 16 * group : 16;
        double group_largest = largest_magnitude(x + 16 * group, length);
        int shift = group_largest == 0 ? 0 : exponent_of(group_largest) - *base_exponent;
        shifts[group] = (uint8_t)(shift < 0 ? 0 : shift);
        for (size_t i = 0; i < 16; i++) {
            double value = i < length ? (double)x[16 * group + i] : 0;
            mantissas[16 * group + i] = (int16_t)nearbyint(ldexp(value, -(*base_exponent + shifts[group])));
        }
    }
}

void tern_reference_cache_group(const float *x, size_t count, int16_t *mantissas, uint8_t *exponent) {
    double largest = largest_magnitude(x, count);
    int shift = largest == 0 ? 0 : exponent_of(largest) + 30;
    *exponent = (uint8_t)(shift < 0 ? 0 : shift);
    for (size_t i = 0; i < 16; i++) {
        double value = i < count ? (double)x[i] : 0;
        mantissas[i] = (int16_t)nearbyint(ldexp(value, 30 - *exponent));
    }
}
