// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/mapped_file.h"
#include "host_driver/text/tokenizer_internal.h"
#include "host_driver/unicode/utf8.h"

#include <stdlib.h>
#include <string.h>

// A copy that ends in a zero byte, as cJSON wants it.
static enum tern_status read_all(const char *path, struct tern_error *error, char **text, size_t *len_bytes) {
    struct tern_mapped_file file;
    enum tern_status status = tern_mapped_file_open(path, error, &file);
    if (status != TERN_STATUS_OK) {
        return status;
    }
    if (file.bytes > TERN_TOKENIZER_MAX_FILE_BYTES) {
        status = tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: larger than %zu MiB, no tokenizer is", path,
                                TERN_TOKENIZER_MAX_FILE_BYTES >> 20);
    } else if (!(*text = calloc(1, file.bytes + 1))) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory to read the file", path);
    } else {
        if (file.bytes) {
            memcpy(*text, file.data, file.bytes);
        }
        *len_bytes = file.bytes;
    }
    tern_mapped_file_close(&file);
    return status;
}

// cJSON ends strings at \u0000, so one that holds it would read as another.
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

// One pass outside the strings: every value but the first of its list follows a comma, the first a bracket.
static enum tern_status check_size(const char *path, const char *text, size_t len_bytes, struct tern_error *error) {
    size_t values = 1;
    bool has_zero = false;
    for (size_t at = 0; at < len_bytes; ++at) {
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
    char *bytes = NULL;
    enum tern_status status = read_all(path, error, &bytes, len_bytes);
    if (status == TERN_STATUS_OK) {
        status = check_text(path, bytes, *len_bytes, error);
    }
    if (status != TERN_STATUS_OK) {
        free(bytes);
        return status;
    }
    *text = bytes;
    return TERN_STATUS_OK;
}
