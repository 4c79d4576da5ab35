// SPDX-License-Identifier: Apache-2.0
// Text on the heap.
#ifndef TERN_HOST_DRIVER_SYSTEM_PATH_H
#define TERN_HOST_DRIVER_SYSTEM_PATH_H

// "directory/name" and the text of a printf; free(). NULL without memory.
char *tern_path_join(const char *directory, const char *name);
char *tern_text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
