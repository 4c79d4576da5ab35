// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/model/side_files.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host_driver/system/path.h"
#include "host_driver/system/write_file.h"

static const char *const names[] = {
    "config.json", "generation_config.json", "tokenizer.json",          "tokenizer_config.json", "vocab.json",
    "merges.txt",  "added_tokens.json",      "special_tokens_map.json", "chat_template.jinja",   "chat_template.json",
    "tekken.json",
};

// Of the model's directory: "tokenizer.model.v3", "LICENSE.txt", "NOTICE" and the like, in any case.
static const char *const patterns[] = {"tokenizer.model*", "licen[sc]e*", "notice*", "use_policy*", NULL};

#define TEMPLATES "additional_chat_templates"
static const char *const template_patterns[] = {"*.jinja", NULL};

static enum tern_status no_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory");
}

static bool is_directory(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static bool is_directory_in(const char *directory, const char *name) {
    char *path = tern_path_join(directory, name);
    const bool is_there = path && is_directory(path);
    free(path);
    return is_there;
}

static bool fits(const char *name, const char *const *list) {
    for (; *list; list++) {
        if (fnmatch(*list, name, FNM_CASEFOLD) == 0) {
            return true;
        }
    }
    return false;
}

// OK without the directory.
static enum tern_status copy_fitting(const char *from, const char *to, const char *const *list,
                                     struct tern_error *error) {
    enum tern_status status = TERN_STATUS_OK;
    DIR *directory = opendir(from);
    struct dirent *entry;
    while (directory && status == TERN_STATUS_OK && (entry = readdir(directory))) {
        if (fits(entry->d_name, list) && !is_directory_in(from, entry->d_name)) {
            status = tern_copy_file(from, to, entry->d_name, error);
        }
    }
    if (directory) {
        closedir(directory);
    }
    return status;
}

static enum tern_status copy_templates(const char *from, const char *to, struct tern_error *error) {
    if (!is_directory(from)) {
        return TERN_STATUS_OK;
    }
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: %s", to, strerror(errno));
    }
    return copy_fitting(from, to, template_patterns, error);
}

enum tern_status tern_side_files_copy(const char *from_directory, const char *to_directory, struct tern_error *error) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        TERN_TRY(tern_copy_file(from_directory, to_directory, names[i], error));
    }
    TERN_TRY(copy_fitting(from_directory, to_directory, patterns, error));
    char *from = tern_path_join(from_directory, TEMPLATES), *to = tern_path_join(to_directory, TEMPLATES);
    enum tern_status status = from && to ? copy_templates(from, to, error) : no_memory(error);
    free(from);
    free(to);
    return status;
}

static bool contains(const char *directory, const char *pattern) {
    const char *const list[] = {pattern, NULL};
    DIR *files = opendir(directory);
    bool is_found = false;
    for (const struct dirent *entry; files && !is_found && (entry = readdir(files));) {
        is_found = fits(entry->d_name, list);
    }
    if (files) {
        closedir(files);
    }
    return is_found;
}

enum tern_status tern_model_directory_check(const char *path, struct tern_error *error) {
    struct stat found;
    if (stat(path, &found) != 0) {
        return tern_error_set(error, TERN_STATUS_IO,
                              "%s: %s; a model is a local directory with config.json and *.safetensors", path,
                              strerror(errno));
    }
    if (!S_ISDIR(found.st_mode)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%s is no directory; a model is one with config.json and *.safetensors", path);
    }
    if (contains(path, "*.gguf") && !contains(path, "*.safetensors")) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s has GGUF files, which tern does not read; take the model's *.safetensors", path);
    }
    return TERN_STATUS_OK;
}
