// SPDX-License-Identifier: Apache-2.0
// The largest `count` of many numbers, in a heap. Its first element is the least of them.
#ifndef TERN_CMODEL_FAST_HEAD_LARGEST_H
#define TERN_CMODEL_FAST_HEAD_LARGEST_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

// heap: [count]; its elements start as -infinity.
static inline void tern_largest_start(float *heap, size_t count) {
    for (size_t i = 0; i < count; i++) {
        heap[i] = -INFINITY;
    }
}

static inline void tern_largest_push(float *heap, uint32_t count, float value) {
    uint32_t at = 0;
    if (!(value > heap[0])) {
        return;
    }
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && heap[child + 1] < heap[child];
        if (!(heap[child] < value)) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = value;
}

#endif
