// SPDX-License-Identifier: Apache-2.0
// Functions that the compiler may call; the firmware has no C library.
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    if ((((uintptr_t)to | (uintptr_t)from | bytes) & 3u) == 0) {
        uint32_t *restrict to_word = to;
        const uint32_t *restrict from_word = from;
        for (size_t i = 0; i < bytes / 4; i++) {
            to_word[i] = from_word[i];
        }
        return to;
    }
    uint8_t *restrict to_byte = to;
    const uint8_t *restrict from_byte = from;
    for (size_t i = 0; i < bytes; i++) {
        to_byte[i] = from_byte[i];
    }
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    uint8_t *byte = to;
    for (size_t i = 0; i < bytes; i++) {
        byte[i] = (uint8_t)value;
    }
    return to;
}
