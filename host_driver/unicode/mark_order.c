// SPDX-License-Identifier: Apache-2.0
#include "host_driver/unicode/mark_order.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "host_driver/unicode/utf8.h"

#define LONG_RUN_BYTES 128
#define CLASSES 256

static unsigned combining_class(const char *text, size_t *len_bytes) {
    uint32_t code_point = tern_utf8_decode(text, len_bytes);
    if (code_point < 0x300) {
        return 0;
    }
    return (unsigned)utf8proc_get_property((utf8proc_int32_t)code_point)->combining_class % CLASSES;
}

// Bytes of the run of marks at the start of the text.
static size_t run_bytes(const char *text, size_t len_bytes) {
    size_t at = 0, length;
    while (at < len_bytes && combining_class(text + at, &length) > 0) {
        at += length;
    }
    return at;
}

// Counting sort: finds the start of each class, then moves every mark to the next free place of its class.
static void sort_run(const char *run, size_t len_bytes, char *out) {
    size_t places[CLASSES + 1] = {0}, length;
    for (size_t at = 0; at < len_bytes; at += length) {
        unsigned class = combining_class(run + at, &length);
        places[class + 1] += length;
    }
    for (size_t class = 1; class <= CLASSES; class ++) {
        places[class] += places[class - 1];
    }
    for (size_t at = 0; at < len_bytes; at += length) {
        unsigned class = combining_class(run + at, &length);
        memcpy(out + places[class], run + at, length);
        places[class] += length;
    }
}

bool tern_order_long_mark_runs(const char *text, size_t len_bytes, char **ordered) {
    *ordered = NULL;
    for (size_t at = 0, length; at < len_bytes; at += length) {
        if (combining_class(text + at, &length) == 0) {
            continue;
        }
        length = run_bytes(text + at, len_bytes - at);
        if (length < LONG_RUN_BYTES) {
            continue;
        }
        if (!*ordered) {
            *ordered = malloc(len_bytes);
            if (!*ordered) {
                return false;
            }
            memcpy(*ordered, text, len_bytes);
        }
        sort_run(text + at, length, *ordered + at);
    }
    return true;
}
