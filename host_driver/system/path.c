// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *tern_text_format(const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text) {
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
    va_end(arguments);
    return text;
}

char *tern_path_join(const char *directory, const char *name) {
    return tern_text_format("%s/%s", directory, name);
}

bool tern_path_exists(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0;
}

bool tern_path_of_program(char *path, size_t room) {
    static const char deleted[] = " (deleted)"; // Linux says so of a file that was replaced
    const ssize_t bytes = readlink("/proc/self/exe", path, room - 1);
    const size_t length = bytes > 0 ? (size_t)bytes : 0, end = strlen(deleted);
    path[length] = 0;
    if (length > end && strcmp(path + length - end, deleted) == 0) {
        path[length - end] = 0;
    }
    return length > 0;
}
