// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/name_list.h"

#include <stdio.h>

void tern_name_list(const char *(*name)(size_t index), char *text, size_t bytes) {
    size_t length = 0;
    *text = 0;
    for (size_t i = 0; name(i) && length < bytes; i++) {
        const char *before = i == 0 ? "" : name(i + 1) ? ", " : " and ";
        length += (size_t)snprintf(text + length, bytes - length, "%s%s", before, name(i));
    }
}
