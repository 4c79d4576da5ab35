// SPDX-License-Identifier: Apache-2.0
// Paths, and text on the heap.
#ifndef TERN_HOST_DRIVER_SYSTEM_PATH_H
#define TERN_HOST_DRIVER_SYSTEM_PATH_H

#include <stdbool.h>
#include <stddef.h>

// "directory/name" and the text of a printf; free(). NULL without memory.
char *tern_path_join(const char *directory, const char *name);
char *tern_text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Whether a file is there. A symbolic link to nothing is: a model with such a file is not one without it.
bool tern_path_exists(const char *path);

// Where this program is, in path[room]; also when a build has replaced it meanwhile. False where that is not known.
bool tern_path_of_program(char *path, size_t room);

#endif
