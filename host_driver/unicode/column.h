// SPDX-License-Identifier: Apache-2.0
// Where the cursor of a terminal stands after a text.
#ifndef TERN_HOST_DRIVER_UNICODE_COLUMN_H
#define TERN_HOST_DRIVER_UNICODE_COLUMN_H

#include <stddef.h>

// The column after `bytes` [count], written at `column` of a terminal of `width` columns, both 0..width. The result
// `width` means that the line is full: the next character begins a line. A byte that is no UTF-8 counts as a character.
unsigned tern_column_after(unsigned column, unsigned width, const char *bytes, size_t count);

#endif
