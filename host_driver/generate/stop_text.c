// SPDX-License-Identifier: Apache-2.0
#include "host_driver/generate/stop_text.h"

#include <stdlib.h>
#include <string.h>

void tern_stop_text_begin(struct tern_stop_text *stop, const char *const *strings, size_t count) {
    *stop = (struct tern_stop_text){.strings = strings, .count = count};
}

void tern_stop_text_end(struct tern_stop_text *stop) {
    free(stop->bytes);
    tern_stop_text_begin(stop, NULL, 0);
}

// Appends text to the bytes that wait, from which the given ones are removed.
static bool append(struct tern_stop_text *stop, const char *text, size_t len_bytes) {
    const size_t waiting = stop->used_bytes - stop->given_bytes, needed = waiting + len_bytes;
    if (waiting > 0) {
        memmove(stop->bytes, stop->bytes + stop->given_bytes, waiting);
    }
    if (needed > stop->capacity_bytes) {
        char *bytes = realloc(stop->bytes, 2 * needed);
        if (!bytes) {
            return false;
        }
        stop->bytes = bytes;
        stop->capacity_bytes = 2 * needed;
    }
    if (len_bytes > 0) {
        memcpy(stop->bytes + waiting, text, len_bytes);
    }
    stop->used_bytes = needed;
    stop->given_bytes = 0;
    return true;
}

// The length of the longest string that ends after `end` bytes, 0 without one.
static size_t string_before(const struct tern_stop_text *stop, size_t end) {
    size_t longest = 0;
    for (size_t i = 0; i < stop->count; i++) {
        const size_t length = strlen(stop->strings[i]);
        if (length > longest && length <= end && memcmp(stop->bytes + end - length, stop->strings[i], length) == 0) {
            longest = length;
        }
    }
    return longest;
}

// The number of bytes at the end that may begin a string.
static size_t start_at_end(const struct tern_stop_text *stop) {
    size_t longest = 0;
    for (size_t i = 0; i < stop->count; i++) {
        size_t length = strlen(stop->strings[i]) - 1;
        length = length < stop->used_bytes ? length : stop->used_bytes;
        while (length > longest && memcmp(stop->bytes + stop->used_bytes - length, stop->strings[i], length) != 0) {
            length--;
        }
        longest = length > longest ? length : longest;
    }
    return longest;
}

enum tern_status tern_stop_text_push(struct tern_stop_text *stop, const char *text, size_t len_bytes,
                                     struct tern_error *error, const char **ready, size_t *ready_bytes) {
    const size_t waiting = stop->used_bytes - stop->given_bytes;
    *ready = "";
    *ready_bytes = 0;
    if (stop->is_found || len_bytes == 0) {
        return TERN_STATUS_OK;
    }
    if (!append(stop, text, len_bytes)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for %zu bytes of text", len_bytes);
    }
    size_t length = 0;
    for (size_t end = waiting + 1; end <= stop->used_bytes && length == 0; end++) {
        length = string_before(stop, end);
        *ready_bytes = end - length;
    }
    stop->is_found = length > 0;
    if (!stop->is_found) {
        *ready_bytes = stop->used_bytes - start_at_end(stop);
    }
    *ready = stop->bytes;
    stop->given_bytes = stop->is_found ? stop->used_bytes : *ready_bytes;
    return TERN_STATUS_OK;
}

void tern_stop_text_flush(struct tern_stop_text *stop, const char **ready, size_t *ready_bytes) {
    *ready_bytes = stop->used_bytes - stop->given_bytes;
    *ready = *ready_bytes > 0 ? stop->bytes + stop->given_bytes : "";
    stop->given_bytes = stop->used_bytes;
}
