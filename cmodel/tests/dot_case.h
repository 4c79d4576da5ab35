// SPDX-License-Identifier: Apache-2.0
// Random heads of a key/value cache with images, for tests of DOT.
#ifndef TERN_CMODEL_TESTS_DOT_CASE_H
#define TERN_CMODEL_TESTS_DOT_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/attention/dot.h"
#include "cmodel/tests/random.h"

#ifdef __cplusplus
extern "C" {
#endif

// How operands are drawn.
enum dot_draw {
    DOT_ANY,     // any mantissas, shifts of a few neighbouring values
    DOT_EXTREME, // mantissas of +-32767, -32768 and 0, shifts at their ends
    DOT_TIES,    // few bits, so that sums often lie between two floats
    DOT_DRAWS,
};

// Fills an activation image of `length` elements. Padding is random where nothing may read it.
void dot_draw_image(struct test_random *random, enum dot_draw draw, size_t length, uint8_t *image);
// Fills the records of a head; also those parts that nothing may read.
void dot_draw_records(struct test_random *random, enum dot_draw draw, enum tern_cache_kind kind, uint32_t head_size,
                      uint32_t positions, uint8_t *records);

// Device addresses are those of the host. Accesses from dot_refused on are refused.
extern uint64_t dot_refused;
extern const struct tern_dot_memory dot_host_memory;

#ifdef __cplusplus
}
#endif
#endif
