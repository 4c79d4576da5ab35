// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/sources/source_list.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host_driver/system/hash.h"
#include "host_driver/system/path.h"

static const char *const suffixes[] = {".c", ".h",  ".cpp", ".hpp", ".S",   ".ld",    ".in",  ".py",
                                       ".v", ".vh", ".sv",  ".svh", ".vlt", ".cmake", ".txt", ".toml"};

static bool is_source(const char *name) {
    const char *suffix = strrchr(name, '.');
    for (size_t i = 0; suffix && i < sizeof suffixes / sizeof *suffixes; i++) {
        if (strcmp(suffix, suffixes[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum tern_status out_of_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the list of sources");
}

// Takes over `path`.
static enum tern_status append(struct tern_source_list *list, char *path, uint32_t groups, bool is_folder,
                               struct tern_error *error) {
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 256;
        struct tern_source_entry *entries = realloc(list->entries, room * sizeof *entries);
        if (!entries) {
            free(path);
            return out_of_memory(error);
        }
        list->entries = entries;
        list->room = room;
    }
    list->entries[list->count++] = (struct tern_source_entry){path, 0, groups, is_folder};
    return TERN_STATUS_OK;
}

static char *place_of(const char *tree, const char *path) {
    return *path == '/' ? strdup(path) : tern_path_join(tree, path);
}

// Adds what counts below an open folder.
static enum tern_status add_children(struct tern_source_list *list, const char *tree, const char *folder, DIR *open,
                                     uint32_t groups, struct tern_error *error) {
    enum tern_status status = TERN_STATUS_OK;
    for (struct dirent *child; status == TERN_STATUS_OK && (child = readdir(open));) {
        const bool is_file = is_source(child->d_name);
        if (*child->d_name == '.' || strcmp(child->d_name, "tests") == 0 || (!is_file && strchr(child->d_name, '.'))) {
            continue;
        }
        char *path = tern_path_join(folder, child->d_name);
        char *place = path ? place_of(tree, path) : NULL;
        struct stat found;
        if (!place) {
            status = out_of_memory(error);
        } else if (stat(place, &found) == 0 && S_ISDIR(found.st_mode) != is_file) {
            status = tern_source_list_add(list, tree, path, groups, error);
        }
        free(place);
        free(path);
    }
    return status;
}

enum tern_status tern_source_list_add(struct tern_source_list *list, const char *tree, const char *root,
                                      uint32_t groups, struct tern_error *error) {
    char *place = place_of(tree, root), *path = strdup(root);
    struct stat found;
    if (!place || !path) {
        free(place);
        free(path);
        return out_of_memory(error);
    }
    if (stat(place, &found)) {
        free(place);
        free(path);
        return TERN_STATUS_OK;
    }
    DIR *open = opendir(place);
    free(place);
    enum tern_status status = append(list, path, groups, open != NULL, error);
    if (open && status == TERN_STATUS_OK) {
        status = add_children(list, tree, root, open, groups, error);
    }
    if (open) {
        closedir(open);
    }
    return status;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct tern_source_entry *)a)->path, ((const struct tern_source_entry *)b)->path);
}

void tern_source_list_sort(struct tern_source_list *list) {
    size_t kept = 0;
    if (list->count) {
        qsort(list->entries, list->count, sizeof *list->entries, by_path);
    }
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(list->entries[kept].path, list->entries[i].path) == 0) {
            list->entries[kept].groups |= list->entries[i].groups;
            free(list->entries[i].path);
        } else {
            list->entries[++kept] = list->entries[i];
        }
    }
    list->count = list->count ? kept + 1 : 0;
}

static uint64_t hash_file(const char *place) {
    uint8_t piece[65536];
    uint64_t hash = TERN_HASH_START;
    FILE *file = fopen(place, "rb");
    if (!file) {
        return 0;
    }
    for (size_t bytes; (bytes = fread(piece, 1, sizeof piece, file)) > 0;) {
        hash = tern_hash_bytes(hash, piece, bytes);
    }
    const bool is_whole = !ferror(file);
    fclose(file);
    return is_whole ? hash : 0;
}

void tern_source_list_hash(struct tern_source_list *list, const char *tree) {
    for (size_t i = 0; i < list->count; i++) {
        char *place = list->entries[i].is_folder ? NULL : place_of(tree, list->entries[i].path);
        list->entries[i].hash = place ? hash_file(place) : 0;
        free(place);
    }
}

void tern_source_list_free(struct tern_source_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->entries[i].path);
    }
    free(list->entries);
    *list = (struct tern_source_list){0};
}
