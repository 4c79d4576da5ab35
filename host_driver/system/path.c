// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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
