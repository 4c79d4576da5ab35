// SPDX-License-Identifier: Apache-2.0
#include "firmware/tests/judge.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/layout.h"

double *judge_doubles(const float *x, size_t count) {
    double *copy = malloc(count * sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = x[i];
    }
    return copy;
}

void judge_close(const char *what, const float *got, const double *expected, size_t count, double relative,
                 double absolute) {
    for (size_t i = 0; i < count; i++) {
        if (!(fabs(got[i] - expected[i]) <= relative * fabs(expected[i]) + absolute)) {
            fail_msg("%s of %zu, element %zu: got %.9g, expected %.9g", what, count, i, (double)got[i], expected[i]);
        }
    }
}

uint8_t *judge_start_image(uint32_t length, int32_t base_exponent) {
    uint8_t *image = calloc(1, tern_activation_bytes(length));
    const uint32_t header[] = {(uint32_t)base_exponent, (uint32_t)tern_groups(length), length, TERN_ACTIVATION_MAGIC};
    memcpy(image, header, sizeof header);
    return image;
}

void judge_bytes(const char *what, uint32_t length, const uint8_t *got, const uint8_t *expected, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (got[i] != expected[i]) {
            fail_msg("%s of %u, byte %zu: got %02x, expected %02x", what, length, i, got[i], expected[i]);
        }
    }
}
