// SPDX-License-Identifier: Apache-2.0
#include "host_driver/codec/dequantize.h"

#include <stdbool.h>
#include <stdlib.h>

#include "cmodel/matmul/strip.h"

bool tern_strip_space_make(const struct tern_matrix *matrix, struct tern_strip_space *space) {
    space->levels = malloc((size_t)TERN_STRIP_ROWS * matrix->columns);
    space->codes = malloc(TERN_STRIP_ROWS * tern_groups(matrix->columns));
    if (space->levels && space->codes) {
        return true;
    }
    tern_strip_space_free(space);
    return false;
}

void tern_strip_space_free(struct tern_strip_space *space) {
    free(space->levels);
    free(space->codes);
    *space = (struct tern_strip_space){NULL, NULL};
}

// Removes the `planes` lowest trits. The result is the nearest multiple of 3^planes, because these trits sum to less
// than half of it.
static int cut_level(int level, unsigned planes) {
    const int unit = tern_power_of_three(planes), half = unit / 2;
    return (level < 0 ? level - half : level + half) / unit * unit;
}

enum tern_status tern_strip_dequantize(const struct tern_matrix *matrix, uint64_t strip, unsigned depth, bool check,
                                       const char *path, struct tern_strip_space *space, struct tern_error *error,
                                       float *weights, unsigned *rows) {
    uint64_t left = matrix->rows - strip * TERN_STRIP_ROWS, groups = tern_groups(matrix->columns);
    size_t bad_byte = 0;
    *rows = left < TERN_STRIP_ROWS ? (unsigned)left : TERN_STRIP_ROWS;
    enum tern_status status =
        tern_strip_unpack(matrix->trits + strip * tern_strip_bytes(matrix->columns, matrix->depth),
                          check ? matrix->crc + strip * (matrix->depth + 1) : NULL, *rows, matrix->columns,
                          matrix->depth, 0, space->levels, matrix->columns, space->codes, groups, &bad_byte);
    if (status != TERN_STATUS_OK) {
        return tern_error_set(error, status,
                              "%s: tensor '%.200s.trits', strip %llu, byte %zu: the segment does not match its CRC-32C",
                              path, matrix->name, (unsigned long long)strip, bad_byte);
    }
    for (unsigned row = 0; row < *rows; row++) {
        const int8_t *levels = space->levels + (size_t)row * matrix->columns;
        for (uint32_t column = 0; column < matrix->columns; column++) {
            float step = matrix->steps[space->codes[row * groups + column / TERN_GROUP_COLUMNS]];
            weights[(size_t)row * matrix->columns + column] =
                step * (float)cut_level(levels[column], matrix->depth - depth);
        }
    }
    return TERN_STATUS_OK;
}
