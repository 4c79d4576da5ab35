// SPDX-License-Identifier: Apache-2.0
// Inside tern_matmul_run: the exact path, strip by strip.
#ifndef TERN_CMODEL_MATMUL_EXACT_H
#define TERN_CMODEL_MATMUL_EXACT_H

#include "cmodel/matmul/matmul.h"

// What a byte's five digits become, one a byte lane: trits plus one (0..2), and raw digits (0..2).
struct tern_exact_tables {
    uint64_t biased_trits[256];
    uint64_t digits[256];
};

void tern_exact_tables_make(struct tern_exact_tables *tables);

// values[i][row] of vector first + i, for `count` of them. Checksums are the caller's.
void tern_exact_strip(const struct tern_matmul_job *job, const struct tern_exact_tables *tables, const uint8_t *strip,
                      uint32_t first, uint32_t count, float values[][TERN_STRIP_ROWS]);

#endif
