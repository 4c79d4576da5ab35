// SPDX-License-Identifier: Apache-2.0
#include "cmodel/error.h"

#include <stdarg.h>
#include <stdio.h>

enum tern_status tern_error_set(struct tern_error *error, enum tern_status status, const char *format, ...) {
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}

#define TEXT_CASE(name, doc, detail)                                                                                   \
    case TERN_STATUS_##name: return doc;

const char *tern_status_text(enum tern_status status) {
    switch (status) { TERN_STATUS_LIST(TEXT_CASE) }
    return "unknown status";
}
