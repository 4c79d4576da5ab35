// SPDX-License-Identifier: Apache-2.0
// A directory that appears complete or not at all. Work goes on in OUT.partial beside it; its journal lists what is
// finished, so that a run that was killed is resumed by the next one with the same fingerprint.
#ifndef TERN_HOST_DRIVER_SYSTEM_STAGING_H
#define TERN_HOST_DRIVER_SYSTEM_STAGING_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

struct tern_staging {
    char *final_path, *path; // OUT and OUT.partial
    char *journal;           // its text; lines of finished names follow the fingerprint
    int descriptor;          // of the journal, locked
};

// fingerprint: one line that says what is made from what. Refused: OUT exists and is not an empty directory,
// OUT.partial is no unfinished run, has another fingerprint, or another process works in it.
enum tern_status tern_staging_open(const char *final_path, const char *fingerprint, struct tern_error *error,
                                   struct tern_staging *staging);
// Whether tern_staging_open could make its directories: for callers with long work before it.
enum tern_status tern_staging_check(const char *final_path, struct tern_error *error);
bool tern_staging_is_done(const struct tern_staging *staging, const char *name);
// Records `name`, whose data must be on disk already.
enum tern_status tern_staging_mark(struct tern_staging *staging, const char *name, struct tern_error *error);
// Removes what an earlier run left, for work that starts anew each time.
enum tern_status tern_staging_clear(struct tern_staging *staging, struct tern_error *error);
// OUT.partial becomes OUT.
enum tern_status tern_staging_publish(struct tern_staging *staging, struct tern_error *error);
// Removes OUT.partial and what is in it.
void tern_staging_discard(struct tern_staging *staging);
// Frees the structure; files stay as they are.
void tern_staging_close(struct tern_staging *staging);

#endif
