// SPDX-License-Identifier: Apache-2.0
// What the unit checks of an activation image before it uses it.
#ifndef TERN_CMODEL_MATMUL_ACTIVATION_CHECK_H
#define TERN_CMODEL_MATMUL_ACTIVATION_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

// The places of BAD_ACTIVATION: a word of the header, or a shift.
enum tern_activation_word {
    TERN_ACTIVATION_EXPONENT,
    TERN_ACTIVATION_GROUPS,
    TERN_ACTIVATION_COLUMNS,
    TERN_ACTIVATION_WORD_MAGIC,
    TERN_ACTIVATION_SHIFT
};

// TERN_STATUS_BAD_ACTIVATION and *bad_word: the header does not fit a matrix of `columns` columns. Of several bad words
// it names the magic before groups, columns and exponent.
enum tern_status tern_activation_check_header(const uint32_t header[4], uint32_t columns, uint32_t *bad_word);
// The same for a shift above TERN_MAX_SHIFT.
enum tern_status tern_activation_check_shifts(const uint8_t *shifts, size_t count, uint32_t *bad_word);

#ifdef __cplusplus
}
#endif
#endif
