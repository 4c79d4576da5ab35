// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/read_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum tern_status read_stream(FILE *in, const char *name, size_t most_bytes, struct tern_error *error,
                                    char **text, size_t *len_bytes) {
    size_t room = 0;
    for (;;) {
        if (*len_bytes == room) {
            char *more = realloc(*text, room = room ? 2 * room : (size_t)1 << 16);
            if (!more) {
                return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory for its text", name);
            }
            *text = more;
        }
        const size_t taken = fread(*text + *len_bytes, 1, room - *len_bytes, in);
        *len_bytes += taken;
        if (*len_bytes > most_bytes) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%s: its text is longer than %zu bytes", name,
                                  most_bytes);
        }
        if (taken == 0) {
            return ferror(in) ? tern_error_set(error, TERN_STATUS_IO, "%s cannot be read: %s", name, strerror(errno))
                              : TERN_STATUS_OK;
        }
    }
}

enum tern_status tern_read_text(const char *path, size_t most_bytes, struct tern_error *error, char **text,
                                size_t *len_bytes) {
    const int is_standard = strcmp(path, "-") == 0;
    FILE *in = is_standard ? stdin : fopen(path, "rb");
    *text = NULL;
    *len_bytes = 0;
    if (!in) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    enum tern_status status =
        read_stream(in, is_standard ? "standard input" : path, most_bytes, error, text, len_bytes);
    if (!is_standard) {
        fclose(in);
    }
    if (status != TERN_STATUS_OK) {
        free(*text);
        *text = NULL;
    }
    return status;
}
