// SPDX-License-Identifier: Apache-2.0
// Writes files. IO names the file and the reason that the operating system gives.
#ifndef TERN_HOST_DRIVER_SYSTEM_WRITE_FILE_H
#define TERN_HOST_DRIVER_SYSTEM_WRITE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cmodel/error.h"

// Writes data[bytes] at `offset` of an open file. path: the name for the error sentence.
enum tern_status tern_write_at(int descriptor, const char *path, uint64_t offset, const void *data, uint64_t bytes,
                               struct tern_error *error);
// Writes a whole file and flushes it to disk.
enum tern_status tern_write_file(const char *path, const void *data, uint64_t bytes, struct tern_error *error);
// Replaces the file `path` by `head` (may be NULL) and `data` once both are on disk. On an error the old file stays. A
// pipe, a device or a symbolic link is written directly.
enum tern_status tern_replace_file(const char *path, const void *head, size_t head_bytes, const void *data,
                                   size_t bytes, struct tern_error *error);
// The same piece by piece: the caller writes to `file` between open and close.
struct tern_replacement {
    FILE *file; // NULL: closed
    const char *path;
    char *place; // that is written: PATH.partial, or PATH itself
    bool is_direct;
};
// `path` must outlive the replacement.
enum tern_status tern_replacement_open(const char *path, struct tern_error *error,
                                       struct tern_replacement *replacement);
// Gives the file its name, or removes it unless it is to be kept. IO when a write failed, also an earlier one. A closed
// one stays closed.
enum tern_status tern_replacement_close(struct tern_replacement *replacement, bool is_kept, struct tern_error *error);
// Whether tern_replace_file() can begin, for callers with long work before it.
enum tern_status tern_replace_file_check(const char *path, struct tern_error *error);
// Copies from_directory/name to to_directory/name; OK without a source.
enum tern_status tern_copy_file(const char *from_directory, const char *to_directory, const char *name,
                                struct tern_error *error);

#endif
