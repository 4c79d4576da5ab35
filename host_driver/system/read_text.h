// SPDX-License-Identifier: Apache-2.0
#ifndef TERN_HOST_DRIVER_SYSTEM_READ_TEXT_H
#define TERN_HOST_DRIVER_SYSTEM_READ_TEXT_H

#include <stddef.h>

#include "cmodel/error.h"

// Reads a file, or standard input where `path` is "-", to its end, byte for byte; free() *text. Pipes are fine.
// BAD_ARGUMENT for more than `most_bytes` bytes, IO for what cannot be read.
enum tern_status tern_read_text(const char *path, size_t most_bytes, struct tern_error *error, char **text,
                                size_t *len_bytes);

#endif
