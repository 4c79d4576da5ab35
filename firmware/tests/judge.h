// SPDX-License-Identifier: Apache-2.0
// Compares results of commands with what they should be. Each fails the test at the first difference.
#ifndef TERN_FIRMWARE_TESTS_JUDGE_H
#define TERN_FIRMWARE_TESTS_JUDGE_H

#include <stddef.h>
#include <stdint.h>

// A copy in double precision; free().
double *judge_doubles(const float *x, size_t count);
// |got - expected| <= relative * |expected| + absolute.
void judge_close(const char *what, const float *got, const double *expected, size_t count, double relative,
                 double absolute);
// An image without mantissas and shifts; free().
uint8_t *judge_start_image(uint32_t length, int32_t base_exponent);
// length: for the message.
void judge_bytes(const char *what, uint32_t length, const uint8_t *got, const uint8_t *expected, size_t bytes);

#endif
