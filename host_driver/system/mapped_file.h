// SPDX-License-Identifier: Apache-2.0
// A file mapped read-only. A model of tens of gigabytes opens at once; its pages are loaded when they are used.
#ifndef TERN_HOST_DRIVER_SYSTEM_MAPPED_FILE_H
#define TERN_HOST_DRIVER_SYSTEM_MAPPED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

struct tern_mapped_file {
    const uint8_t *data; // NULL for an empty file
    size_t bytes;
};

// IO when the file cannot be opened or mapped, or is not a regular file.
enum tern_status tern_mapped_file_open(const char *path, struct tern_error *error, struct tern_mapped_file *file);
void tern_mapped_file_close(struct tern_mapped_file *file);
// Removes the pages that lie wholly within data[bytes] from this process's memory. Reading them again loads them again.
// Does nothing when data is not in this mapping.
void tern_mapped_file_release(const struct tern_mapped_file *file, const void *data, uint64_t bytes);

#endif
