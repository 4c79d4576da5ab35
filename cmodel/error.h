// SPDX-License-Identifier: Apache-2.0
// Errors have a status code for programs and a sentence for people.
#ifndef TERN_CMODEL_ERROR_H
#define TERN_CMODEL_ERROR_H

#include "spec/generated/tern_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_error {
    char message[512]; // UTF-8, no newline, never a partial character of ASCII input
};

// Fills `error` (may be NULL) and returns `status`, so that a guard is one line:
//     return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: header of %zu bytes", path, bytes);
enum tern_status tern_error_set(struct tern_error *error, enum tern_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The meaning of a status code as a short phrase; "unknown status" for any other number.
const char *tern_status_text(enum tern_status status);

// Returns from the function with the status of a step that failed.
#define TERN_TRY(expression)                                                                                           \
    do {                                                                                                               \
        enum tern_status try_status = (expression);                                                                    \
        if (try_status != TERN_STATUS_OK) {                                                                            \
            return try_status;                                                                                         \
        }                                                                                                              \
    } while (0)

#ifdef __cplusplus
}
#endif
#endif
