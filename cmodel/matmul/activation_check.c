// SPDX-License-Identifier: Apache-2.0
#include "cmodel/matmul/activation_check.h"

#include "cmodel/layout.h"

static enum tern_status refuse(enum tern_activation_word word, uint32_t *bad_word) {
    *bad_word = word;
    return TERN_STATUS_BAD_ACTIVATION;
}

enum tern_status tern_activation_check_header(const uint32_t header[4], uint32_t columns, uint32_t *bad_word) {
    const int32_t base_exponent = (int32_t)header[TERN_ACTIVATION_EXPONENT];
    if (header[TERN_ACTIVATION_WORD_MAGIC] != TERN_ACTIVATION_MAGIC) {
        return refuse(TERN_ACTIVATION_WORD_MAGIC, bad_word);
    }
    if (header[TERN_ACTIVATION_GROUPS] != tern_groups(columns)) {
        return refuse(TERN_ACTIVATION_GROUPS, bad_word);
    }
    if (header[TERN_ACTIVATION_COLUMNS] != columns) {
        return refuse(TERN_ACTIVATION_COLUMNS, bad_word);
    }
    if (base_exponent < TERN_LEAST_BASE_EXPONENT || base_exponent > TERN_LARGEST_BASE_EXPONENT) {
        return refuse(TERN_ACTIVATION_EXPONENT, bad_word);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_activation_check_shifts(const uint8_t *shifts, size_t count, uint32_t *bad_word) {
    for (size_t i = 0; i < count; i++) {
        if (shifts[i] > TERN_MAX_SHIFT) {
            return refuse(TERN_ACTIVATION_SHIFT, bad_word);
        }
    }
    return TERN_STATUS_OK;
}
