// SPDX-License-Identifier: Apache-2.0
// A file mapped read-only: models of tens of gigabytes open at once and are paged in as they are used.
#ifndef TERN_HOST_DRIVER_SYSTEM_MAPPED_FILE_H
#define TERN_HOST_DRIVER_SYSTEM_MAPPED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

struct tern_mapped_file {
    const uint8_t *data; // NULL for an empty file
    size_t bytes;
};

// TERN_STATUS_IO when it cannot be opened, is no regular file or cannot be mapped.
enum tern_status tern_mapped_file_open(const char *path, struct tern_error *error, struct tern_mapped_file *file);
void tern_mapped_file_close(struct tern_mapped_file *file);
// The pages that lie wholly within data[bytes] of the mapping leave this process's memory; reading them again is
// allowed and brings them back. Nothing happens when data is not of this file.
void tern_mapped_file_release(const struct tern_mapped_file *file, const void *data, uint64_t bytes);

#endif
