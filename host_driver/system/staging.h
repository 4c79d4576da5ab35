// SPDX-License-Identifier: Apache-2.0
// An output directory that appears complete or not at all. The work is done in OUT.partial beside it. A journal lists
// the finished parts, so that the next run with the same fingerprint resumes a killed one.
#ifndef TERN_HOST_DRIVER_SYSTEM_STAGING_H
#define TERN_HOST_DRIVER_SYSTEM_STAGING_H

#include <stdbool.h>
#include <stddef.h>

#include "cmodel/error.h"

struct tern_staging {
    char *final_path, *path; // OUT and OUT.partial
    char *journal;           // text of the journal: the fingerprint, then a line for each finished name
    int descriptor;          // of the journal, locked
};

// fingerprint: one line that identifies the input and the options. BAD_ARGUMENT when OUT exists and is not an empty
// directory, or when OUT.partial is not an unfinished run with this fingerprint. IO when another process works in
// OUT.partial or it cannot be made.
enum tern_status tern_staging_open(const char *final_path, const char *fingerprint, struct tern_error *error,
                                   struct tern_staging *staging);
// Whether tern_staging_open can make its directories, for callers with long work before it.
enum tern_status tern_staging_check(const char *final_path, struct tern_error *error);
// Whether an earlier call or run has marked `name`.
bool tern_staging_is_done(const struct tern_staging *staging, const char *name);
// Records that `name` is finished. Its data must be on disk.
enum tern_status tern_staging_mark(struct tern_staging *staging, const char *name, struct tern_error *error);
// Removes the files of an earlier run, for work that does not resume.
enum tern_status tern_staging_clear(struct tern_staging *staging, struct tern_error *error);
// Ends the work with its status and frees *staging. OUT.partial becomes OUT when `work` is OK, else it is removed.
// Returns the first error.
enum tern_status tern_staging_finish(struct tern_staging *staging, enum tern_status work, struct tern_error *error);

#endif
