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

// The smallest exponent at which the magnitude rounds to at most 32767; every float and every quotient by a power of
// two met here is exact in a double, so nearbyint() rounds the true value.
static int exponent_of(double magnitude) {
    int exponent = 128;
    while (nearbyint(ldexp(magnitude, -(exponent - 1))) <= 32767) {
        exponent--;
    }
    return exponent;
}

void tern_reference_bfp(const float *x, size_t columns, int32_t *base_exponent, int16_t *mantissas, uint8_t *shifts) {
    size_t blocks = (columns + 15) / 16;
    double largest = largest_magnitude(x, columns);
    *base_exponent = largest == 0 ? 0 : exponent_of(largest) - 15;
    for (size_t block = 0; block < blocks; block++) {
        size_t length = columns - 16 * block < 16 ? columns - 16 * block : 16;
        double block_largest = largest_magnitude(x + 16 * block, length);
        int shift = block_largest == 0 ? 0 : exponent_of(block_largest) - *base_exponent;
        shifts[block] = (uint8_t)(shift < 0 ? 0 : shift);
        for (size_t i = 0; i < 16; i++) {
            double value = i < length ? (double)x[16 * block + i] : 0;
            mantissas[16 * block + i] = (int16_t)nearbyint(ldexp(value, -(*base_exponent + shifts[block])));
        }
    }
}
