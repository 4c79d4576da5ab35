// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/tokenizer_internal.h"

#include <utf8proc.h>

// Below U+0300 nothing composes and nothing is reordered; in UTF-8 those are the lead bytes below 0xCC.
static bool is_plain(const char *text, size_t len_bytes) {
    for (size_t i = 0; i < len_bytes; ++i) {
        if ((unsigned char)text[i] >= 0xCC) return false;
    }
    return true;
}

enum tern_status tern_normalize_nfc(const char *text, size_t len_bytes, struct tern_error *error, char **normalized,
                                    size_t *normalized_bytes) {
    *normalized = NULL;
    *normalized_bytes = len_bytes;
    if (is_plain(text, len_bytes)) return TERN_STATUS_OK;
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t length = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len_bytes, &composed,
                                           UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (length == UTF8PROC_ERROR_NOMEM) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory to normalise %zu bytes of text", len_bytes);
    }
    if (length < 0) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "text does not normalise: %s", utf8proc_errmsg(length));
    }
    *normalized = (char *)composed;
    *normalized_bytes = (size_t)length;
    return TERN_STATUS_OK;
}
