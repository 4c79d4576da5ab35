// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/mapped_file.h"
#include "host_driver/text/tokenizer_internal.h"
#include "host_driver/unicode/utf8.h"

// Copies the file and adds a zero byte for cJSON.
static enum tern_status copy_text(const struct tern_mapped_file *file, const char *path, struct tern_error *error,
                                  char **text) {
    if (file->bytes > TERN_TOKENIZER_MAX_FILE_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: larger than %zu MiB, no tokenizer is", path,
                              TERN_TOKENIZER_MAX_FILE_BYTES >> 20);
    }
    *text = calloc(1, file->bytes + 1);
    if (!*text) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory to read the file", path);
    }
    if (file->bytes) {
        memcpy(*text, file->data, file->bytes);
    }
    return TERN_STATUS_OK;
}

// cJSON ends a string at \u0000, so that two different strings would be equal.
static size_t skip_string(const char *text, size_t len_bytes, size_t at, bool *has_zero) {
    while (at < len_bytes && text[at] != '"') {
        if (text[at] == '\\') {
            if (len_bytes - at >= 6 && memcmp(text + at, "\\u0000", 6) == 0) {
                *has_zero = true;
            }
            ++at;
        }
        ++at;
    }
    return at;
}

// Counts values in one pass outside strings: the first value of a list follows a bracket, every other a comma.
static enum tern_status check_size(const char *path, const char *text, size_t len_bytes, struct tern_error *error) {
    size_t values = 1;
    bool has_zero = false;
    for (size_t at = 0; at < len_bytes; at++) {
        switch (text[at]) {
        case '"': at = skip_string(text, len_bytes, at + 1, &has_zero); break;
        case ',':
        case '[':
        case '{': ++values; break;
        default: break;
        }
        if (has_zero) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: \\u0000 in a string before byte %zu", path, at);
        }
    }
    if (values > TERN_TOKENIZER_MAX_JSON_VALUES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: about %zu JSON values, no tokenizer has above %zu",
                              path, values, TERN_TOKENIZER_MAX_JSON_VALUES);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_text(const char *path, const char *text, size_t len_bytes, struct tern_error *error) {
    size_t bad = 0;
    if (len_bytes == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: the file is empty", path);
    }
    if (!tern_utf8_validate(text, len_bytes, &bad)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: not UTF-8 at byte %zu", path, bad);
    }
    const char *zero = memchr(text, '\0', len_bytes);
    if (zero) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a zero byte at byte %zu", path, (size_t)(zero - text));
    }
    return check_size(path, text, len_bytes, error);
}

enum tern_status tern_tokenizer_read_file(const char *path, struct tern_error *error, char **text, size_t *len_bytes) {
    struct tern_mapped_file file;
    TERN_TRY(tern_mapped_file_open(path, error, &file));
    *len_bytes = file.bytes;
    enum tern_status status = copy_text(&file, path, error, text);
    tern_mapped_file_close(&file);
    TERN_TRY(status);
    status = check_text(path, *text, *len_bytes, error);
    if (status != TERN_STATUS_OK) {
        free(*text);
    }
    return status;
}
