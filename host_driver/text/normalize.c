// SPDX-License-Identifier: Apache-2.0
// NFC as in Hugging Face `tokenizers`, which uses the tables of Unicode 9. It neither reorders nor joins marks of later
// versions. Models are trained on such text, so the text is split at these marks before utf8proc normalizes it.
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "host_driver/unicode/mark_order.h"
#include "host_driver/text/tokenizer_internal.h"
#include "host_driver/unicode/utf8.h"

struct code_point_range {
    uint32_t first;
    uint32_t last;
};

// Sorted: code points of combining class above 0 from Unicode 10 to 15, and U+11930, which joins U+11935 since Unicode
// 13.
static const struct code_point_range later_marks[] = {
    {0x07FD, 0x07FD},   {0x0898, 0x089F},   {0x08CA, 0x08D3},   {0x09FE, 0x09FE},   {0x0C3C, 0x0C3C},
    {0x0D3B, 0x0D3C},   {0x0EBA, 0x0EBA},   {0x0ECE, 0x0ECE},   {0x1715, 0x1715},   {0x1ABF, 0x1ACE},
    {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27}, {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF},
    {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E},
    {0x11839, 0x1183A}, {0x11930, 0x11930}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
    {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45},
    {0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE},
    {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF},
};

static bool is_later_mark(uint32_t code_point) {
    size_t low = 0, high = sizeof later_marks / sizeof later_marks[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code_point > later_marks[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sizeof later_marks / sizeof later_marks[0] && code_point >= later_marks[low].first;
}

// Code points below U+0300, with UTF-8 lead bytes below 0xCC, are neither composed nor reordered.
static bool is_plain(const char *text, size_t len_bytes) {
    for (size_t i = 0; i < len_bytes; i++) {
        if ((unsigned char)text[i] >= 0xCC) {
            return false;
        }
    }
    return true;
}

struct growing_text {
    char *bytes;
    size_t len_bytes;
    size_t capacity_bytes;
};

static bool append(struct growing_text *text, const char *bytes, size_t len_bytes) {
    if (text->capacity_bytes - text->len_bytes < len_bytes) {
        size_t capacity = 2 * text->capacity_bytes + len_bytes;
        char *larger = realloc(text->bytes, capacity);
        if (!larger) {
            return false;
        }
        text->bytes = larger;
        text->capacity_bytes = capacity;
    }
    if (len_bytes > 0) {
        memcpy(text->bytes + text->len_bytes, bytes, len_bytes);
    }
    text->len_bytes += len_bytes;
    return true;
}

static enum tern_status append_composed(struct growing_text *out, const char *text, size_t len_bytes,
                                        struct tern_error *error) {
    if (len_bytes == 0) {
        return TERN_STATUS_OK;
    }
    char *ordered;
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t length = UTF8PROC_ERROR_NOMEM;
    if (tern_order_long_mark_runs(text, len_bytes, &ordered)) {
        length = utf8proc_map((const utf8proc_uint8_t *)(ordered ? ordered : text), (utf8proc_ssize_t)len_bytes,
                              &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    }
    free(ordered);
    if (length < 0 && length != UTF8PROC_ERROR_NOMEM) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "text does not normalize: %s", utf8proc_errmsg(length));
    }
    bool kept = length >= 0 && append(out, (const char *)composed, (size_t)length);
    free(composed);
    if (kept) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to normalize %zu bytes of text", len_bytes);
}

static enum tern_status compose_between_later_marks(struct growing_text *out, const char *text, size_t len_bytes,
                                                    struct tern_error *error) {
    size_t start = 0;
    for (size_t at = 0, length; at < len_bytes; at += length) {
        if (!is_later_mark(tern_utf8_decode(text + at, &length))) {
            continue;
        }
        TERN_TRY(append_composed(out, text + start, at - start, error));
        if (!append(out, text + at, length)) {
            return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to normalize %zu bytes of text",
                                  len_bytes);
        }
        start = at + length;
    }
    return append_composed(out, text + start, len_bytes - start, error);
}

enum tern_status tern_normalize_nfc(const char *text, size_t len_bytes, struct tern_error *error, char **normalized,
                                    size_t *normalized_bytes) {
    *normalized = NULL;
    *normalized_bytes = len_bytes;
    if (is_plain(text, len_bytes)) {
        return TERN_STATUS_OK;
    }
    struct growing_text out = {0};
    enum tern_status status = compose_between_later_marks(&out, text, len_bytes, error);
    if (status != TERN_STATUS_OK) {
        free(out.bytes);
        return status;
    }
    *normalized = out.bytes;
    *normalized_bytes = out.len_bytes;
    return TERN_STATUS_OK;
}
