// SPDX-License-Identifier: Apache-2.0
// Which sources a program was built from, and in what the tree differs from them now. tern_sources() of
// tools/cmake/TernSources.cmake links a struct tern_sources into a program.
#ifndef TERN_HOST_DRIVER_SYSTEM_SOURCES_SOURCES_H
#define TERN_HOST_DRIVER_SYSTEM_SOURCES_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TERN_EVERY_GROUP UINT32_MAX

struct tern_source_root {
    const char *path; // relative to the tree, or absolute
    uint32_t groups;  // a bit for each
};

struct tern_source_file {
    const char *path;
    uint64_t hash;
    uint32_t groups;
};

struct tern_sources {
    const char *tree, *build;  // folders, absolute
    const char *commit;        // "99a7c3f", "99a7c3f+changes"; "" where it is unknown or not of interest
    uint64_t hash;             // of the names and contents of all files
    const char *const *groups; // [group_count], the names
    const struct tern_source_root *roots;
    const struct tern_source_file *files; // [file_count], sorted by path
    size_t group_count, root_count, file_count;
};

// The sources of this program, in a program that has them.
extern const struct tern_sources tern_sources;

enum tern_source_change { TERN_SOURCE_DIFFERS, TERN_SOURCE_IS_MISSING, TERN_SOURCE_IS_NEW };

struct tern_source_changes {
    struct {
        char *path;
        enum tern_source_change change;
    } *list; // [count], sorted by path
    size_t count, room;
};

// The bit of a group, 0 when the program has no such group.
uint32_t tern_sources_group(const struct tern_sources *sources, const char *name);
// Where the tree is: the environment variable TERN_SOURCES, else where it was built from. NULL when there is no tree.
const char *tern_sources_tree(const struct tern_sources *sources);
// Whether this process runs a program from elsewhere than the build folder: an installed one.
bool tern_sources_is_installed(const struct tern_sources *sources);
// What differs in files of the groups between the tree and the program. Release *changes.
enum tern_status tern_sources_compare(const struct tern_sources *sources, const char *tree, uint32_t groups,
                                      struct tern_error *error, struct tern_source_changes *changes);
void tern_source_changes_free(struct tern_source_changes *changes);

// Prints "99a7c3f, 1a2b3c4d5e6f, /home/me/tern" into text: commit, hash, tree.
void tern_sources_describe(const struct tern_sources *sources, char *text, size_t bytes);
// Prints which file differs first, how many do and what to do.
void tern_sources_complain(const struct tern_sources *sources, const struct tern_source_changes *changes, char *text,
                           size_t bytes);
// The hash as people see it.
#define TERN_SOURCES_HASH_FORMAT "%012llx"
unsigned long long tern_sources_short_hash(const struct tern_sources *sources);

#ifdef __cplusplus
}
#endif
#endif
