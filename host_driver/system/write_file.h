// SPDX-License-Identifier: Apache-2.0
// Writing with every failure said: the file, and what the operating system gave as its reason.
#ifndef TERN_HOST_DRIVER_SYSTEM_WRITE_FILE_H
#define TERN_HOST_DRIVER_SYSTEM_WRITE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

// `bytes` bytes at `offset` of an open file; `path` only names it.
enum tern_status tern_write_at(int descriptor, const char *path, uint64_t offset, const void *data, uint64_t bytes,
                               struct tern_error *error);
// A whole file, on disk when this returns.
enum tern_status tern_write_file(const char *path, const void *data, uint64_t bytes, struct tern_error *error);
// `head` (may be NULL) and `data` become the file `path` when both are on disk; else it stays as it was. What is no
// regular file, a pipe or a device, is written to as it is.
enum tern_status tern_replace_file(const char *path, const void *head, size_t head_bytes, const void *data,
                                   size_t bytes, struct tern_error *error);
// Whether tern_replace_file() could begin: asked before long work.
enum tern_status tern_replace_file_check(const char *path, struct tern_error *error);
// from_directory/name to to_directory/name; a missing source is no error.
enum tern_status tern_copy_file(const char *from_directory, const char *to_directory, const char *name,
                                struct tern_error *error);

#endif
