// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/sources/sources.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/path.h"
#include "host_driver/system/sources/source_list.h"

uint32_t tern_sources_group(const struct tern_sources *sources, const char *name) {
    for (size_t i = 0; i < sources->group_count; i++) {
        if (strcmp(sources->groups[i], name) == 0) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

const char *tern_sources_tree(const struct tern_sources *sources) {
    const char *other = getenv("TERN_SOURCES");
    if (other && *other) {
        return other;
    }
    char *top = tern_path_join(sources->tree, "CMakeLists.txt");
    const bool is_there = top && tern_path_exists(top);
    free(top);
    return is_there ? sources->tree : NULL;
}

bool tern_sources_is_installed(const struct tern_sources *sources) {
    char program[PATH_MAX], build[PATH_MAX];
    if (!tern_path_of_program(program, sizeof program)) {
        return false;
    }
    if (!realpath(sources->build, build)) {
        return true;
    }
    const size_t bytes = strlen(build);
    return strncmp(program, build, bytes) != 0 || program[bytes] != '/';
}

static enum tern_status add_change(struct tern_source_changes *changes, const char *path,
                                   enum tern_source_change change, struct tern_error *error) {
    if (changes->count == changes->room) {
        const size_t room = changes->room ? 2 * changes->room : 16;
        void *list = realloc(changes->list, room * sizeof *changes->list);
        if (!list) {
            return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the changed sources");
        }
        changes->list = list;
        changes->room = room;
    }
    changes->list[changes->count].path = strdup(path);
    changes->list[changes->count].change = change;
    return changes->list[changes->count++].path
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the changed sources");
}

// Walks the files of the program and those of the tree, both sorted.
static enum tern_status merge(const struct tern_sources *sources, const struct tern_source_list *list, uint32_t groups,
                              struct tern_source_changes *changes, struct tern_error *error) {
    size_t i = 0, j = 0;
    while (i < sources->file_count || j < list->count) {
        const struct tern_source_file *built = i < sources->file_count ? &sources->files[i] : NULL;
        const struct tern_source_entry *now = j < list->count ? &list->entries[j] : NULL;
        if ((built && !(built->groups & groups)) || (now && now->is_folder)) {
            i += built && !(built->groups & groups);
            j += now && now->is_folder;
            continue;
        }
        const int order = !built ? 1 : !now ? -1 : strcmp(built->path, now->path);
        if (order < 0) {
            TERN_TRY(add_change(changes, built->path, TERN_SOURCE_IS_MISSING, error));
        } else if (order > 0) {
            TERN_TRY(add_change(changes, now->path, TERN_SOURCE_IS_NEW, error));
        } else if (built->hash != now->hash) {
            TERN_TRY(add_change(changes, built->path, TERN_SOURCE_DIFFERS, error));
        }
        i += order <= 0;
        j += order >= 0;
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_sources_compare(const struct tern_sources *sources, const char *tree, uint32_t groups,
                                      struct tern_error *error, struct tern_source_changes *changes) {
    struct tern_source_list list = {0};
    enum tern_status status = TERN_STATUS_OK;
    *changes = (struct tern_source_changes){0};
    for (size_t i = 0; status == TERN_STATUS_OK && i < sources->root_count; i++) {
        const struct tern_source_root *root = &sources->roots[i];
        if (root->groups & groups) {
            status = tern_source_list_add(&list, tree, root->path, root->groups, error);
        }
    }
    if (status == TERN_STATUS_OK) {
        tern_source_list_sort(&list);
        tern_source_list_hash(&list, tree);
        status = merge(sources, &list, groups, changes, error);
    }
    tern_source_list_free(&list);
    if (status != TERN_STATUS_OK) {
        tern_source_changes_free(changes);
    }
    return status;
}

void tern_source_changes_free(struct tern_source_changes *changes) {
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->list[i].path);
    }
    free(changes->list);
    *changes = (struct tern_source_changes){0};
}

unsigned long long tern_sources_short_hash(const struct tern_sources *sources) {
    return sources->hash >> 16;
}

void tern_sources_describe(const struct tern_sources *sources, char *text, size_t bytes) {
    snprintf(text, bytes, "%s%s" TERN_SOURCES_HASH_FORMAT ", %s", sources->commit, *sources->commit ? ", " : "",
             tern_sources_short_hash(sources), sources->tree);
}

void tern_sources_complain(const struct tern_sources *sources, const struct tern_source_changes *changes, char *text,
                           size_t bytes) {
    static const char *const what[] = {"differs", "is missing", "is new"};
    char more[40] = "", remedy[PATH_MAX + 32] = "tools/build";
    const size_t tree = strlen(sources->tree);
    if (changes->count > 1) {
        snprintf(more, sizeof more, " (and %zu more)", changes->count - 1);
    }
    if (strncmp(sources->build, sources->tree, tree) != 0 || strcmp(sources->build + tree, "/build") != 0) {
        snprintf(remedy, sizeof remedy, "cmake --build %s", sources->build);
    }
    snprintf(text, bytes, "the sources have changed since this program was built: %s %s%s; build it again: %s",
             changes->list[0].path, what[changes->list[0].change], more, remedy);
}
