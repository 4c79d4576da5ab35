// SPDX-License-Identifier: Apache-2.0
// The names of a table's rows in a sentence.
#ifndef TERN_HOST_DRIVER_SYSTEM_NAME_LIST_H
#define TERN_HOST_DRIVER_SYSTEM_NAME_LIST_H

#include <stddef.h>

// Writes "a, b and c" from name(0), name(1), ... up to the first NULL; at most bytes - 1 characters.
void tern_name_list(const char *(*name)(size_t index), char *text, size_t bytes);

#endif
