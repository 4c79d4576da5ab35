// SPDX-License-Identifier: Apache-2.0
// The source files under some folders of a tree, with a hash of the contents of each. The same rule chooses them when a
// program is built and when it compares itself with the tree.
#ifndef TERN_HOST_DRIVER_SYSTEM_SOURCES_SOURCE_LIST_H
#define TERN_HOST_DRIVER_SYSTEM_SOURCES_SOURCE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"

struct tern_source_entry {
    char *path;      // relative to the tree, or absolute
    uint64_t hash;   // of the contents; 0 before tern_source_list_hash and for what cannot be read
    uint32_t groups; // a bit for each group that has the file
    bool is_folder;  // that was searched
};

struct tern_source_list {
    struct tern_source_entry *entries; // [count]
    size_t count, room;
};

// Adds `root`, a file or a folder with all below it, to the groups. Below a folder only names with the suffix of a
// source count; folders called tests and hidden names do not. A root that is not there adds nothing.
enum tern_status tern_source_list_add(struct tern_source_list *list, const char *tree, const char *root,
                                      uint32_t groups, struct tern_error *error);
// Sorts by path. A file that was added twice becomes one entry.
void tern_source_list_sort(struct tern_source_list *list);
void tern_source_list_hash(struct tern_source_list *list, const char *tree);
void tern_source_list_free(struct tern_source_list *list);

#endif
