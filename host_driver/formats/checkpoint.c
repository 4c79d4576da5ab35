// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/formats/checkpoint.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/path.h"

static int by_name(const void *left, const void *right) {
    return strcmp((*(const struct tern_safetensors_tensor *const *)left)->tensor.name,
                  (*(const struct tern_safetensors_tensor *const *)right)->tensor.name);
}

static enum tern_status out_of_memory(const struct tern_checkpoint *checkpoint, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for its table of tensors",
                          checkpoint->directory);
}

static bool is_plain_name(const char *name) {
    return name[0] != '\0' && name[0] != '.' && !strchr(name, '/') && !strchr(name, '\\');
}

static struct tern_safetensors *find_file(struct tern_checkpoint *checkpoint, const char *name) {
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        const char *base = strrchr(checkpoint->files[i].path, '/');
        if (strcmp(base ? base + 1 : checkpoint->files[i].path, name) == 0) {
            return &checkpoint->files[i];
        }
    }
    return NULL;
}

static enum tern_status open_file(struct tern_checkpoint *checkpoint, const char *name, struct tern_error *error) {
    struct tern_safetensors *files =
        realloc(checkpoint->files, (checkpoint->file_count + 1) * sizeof *checkpoint->files);
    if (!files) {
        return out_of_memory(checkpoint, error);
    }
    checkpoint->files = files;
    char *path = tern_path_join(checkpoint->directory, name);
    if (!path) {
        return out_of_memory(checkpoint, error);
    }
    enum tern_status status = tern_safetensors_open(path, error, &files[checkpoint->file_count]);
    checkpoint->file_count += status == TERN_STATUS_OK;
    free(path);
    return status;
}

static enum tern_status open_shard(struct tern_checkpoint *checkpoint, const cJSON *entry, const char *index_path,
                                   struct tern_error *error) {
    const char *shard = cJSON_GetStringValue(entry);
    if (!shard || !is_plain_name(shard)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' does not lie in a plain file name",
                              index_path, entry->string);
    }
    if (!find_file(checkpoint, shard)) {
        TERN_TRY(open_file(checkpoint, shard, error));
    }
    const struct tern_safetensors *file = find_file(checkpoint, shard);
    if (!tern_safetensors_find(file, entry->string)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is missing, though %s places it there",
                              file->path, entry->string, index_path);
    }
    return TERN_STATUS_OK;
}

static enum tern_status open_mapped(struct tern_checkpoint *checkpoint, const cJSON *map, const char *index_path,
                                    struct tern_error *error) {
    const cJSON *entry;
    if (!cJSON_IsObject(map) || !map->child) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: weight_map is missing or empty", index_path);
    }
    cJSON_ArrayForEach(entry, map) {
        TERN_TRY(open_shard(checkpoint, entry, index_path, error));
    }
    return TERN_STATUS_OK;
}

static enum tern_status open_shards(struct tern_checkpoint *checkpoint, const char *index_path,
                                    struct tern_error *error) {
    cJSON *index;
    TERN_TRY(tern_json_load(index_path, error, &index));
    const cJSON *map = cJSON_GetObjectItemCaseSensitive(index, "weight_map");
    enum tern_status status = open_mapped(checkpoint, map, index_path, error);
    cJSON_Delete(index);
    return status;
}

static enum tern_status open_files(struct tern_checkpoint *checkpoint, struct tern_error *error) {
    char *single = tern_path_join(checkpoint->directory, "model.safetensors");
    char *index = tern_path_join(checkpoint->directory, "model.safetensors.index.json");
    enum tern_status status;
    if (!single || !index) {
        status = out_of_memory(checkpoint, error);
    } else if (tern_path_exists(single)) {
        status = open_file(checkpoint, "model.safetensors", error);
    } else if (tern_path_exists(index)) {
        status = open_shards(checkpoint, index, error);
    } else {
        status = tern_error_set(error, TERN_STATUS_IO,
                                "%s: neither model.safetensors nor model.safetensors.index.json can be found there",
                                checkpoint->directory);
    }
    free(single);
    free(index);
    return status;
}

#define PREFIX "model."

// Names of the base model of "XForCausalLM", by their beginnings.
static bool is_of_base(const char *name) {
    static const char *const beginnings[] = {"embed_tokens.", "layers.", "norm."};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0) {
            return true;
        }
    }
    return false;
}

// Bytes of all names with the prefix, or 0 when there are none or another name has it already.
static size_t base_name_bytes(const struct tern_checkpoint *checkpoint) {
    size_t bytes = 0;
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        for (size_t j = 0; j < checkpoint->files[i].count; j++) {
            const char *name = checkpoint->files[i].tensors[j].tensor.name;
            if (strncmp(name, PREFIX, strlen(PREFIX)) == 0) {
                return 0;
            }
            bytes += is_of_base(name) ? strlen(PREFIX) + strlen(name) + 1 : 0;
        }
    }
    return bytes;
}

static enum tern_status add_prefix(struct tern_checkpoint *checkpoint, struct tern_error *error) {
    const size_t bytes = base_name_bytes(checkpoint);
    if (bytes == 0) {
        return TERN_STATUS_OK;
    }
    char *at = checkpoint->names = malloc(bytes);
    if (!at) {
        return out_of_memory(checkpoint, error);
    }
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        for (size_t j = 0; j < checkpoint->files[i].count; j++) {
            struct tern_tensor *tensor = &checkpoint->files[i].tensors[j].tensor;
            if (is_of_base(tensor->name)) {
                char *name = at;
                at = stpcpy(stpcpy(at, PREFIX), tensor->name) + 1;
                tensor->name = name;
            }
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status merge_tables(struct tern_checkpoint *checkpoint, struct tern_error *error) {
    size_t total = 0;
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        total += checkpoint->files[i].count;
    }
    checkpoint->tensors = malloc((total + 1) * sizeof *checkpoint->tensors);
    if (!checkpoint->tensors) {
        return out_of_memory(checkpoint, error);
    }
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        for (size_t j = 0; j < checkpoint->files[i].count; j++) {
            checkpoint->tensors[checkpoint->count++] = &checkpoint->files[i].tensors[j];
        }
    }
    qsort(checkpoint->tensors, total, sizeof *checkpoint->tensors, by_name);
    for (size_t i = 1; i < total; i++) {
        if (by_name(&checkpoint->tensors[i - 1], &checkpoint->tensors[i]) == 0) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is also in %s",
                                  checkpoint->tensors[i]->path, checkpoint->tensors[i]->tensor.name,
                                  checkpoint->tensors[i - 1]->path);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status load(struct tern_checkpoint *checkpoint, struct tern_error *error) {
    TERN_TRY(open_files(checkpoint, error));
    TERN_TRY(add_prefix(checkpoint, error));
    return merge_tables(checkpoint, error);
}

enum tern_status tern_checkpoint_open(const char *directory, struct tern_error *error,
                                      struct tern_checkpoint *checkpoint) {
    memset(checkpoint, 0, sizeof *checkpoint);
    checkpoint->directory = strdup(directory);
    if (!checkpoint->directory) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", directory);
    }
    enum tern_status status = load(checkpoint, error);
    if (status != TERN_STATUS_OK) {
        tern_checkpoint_close(checkpoint);
    }
    return status;
}

void tern_checkpoint_close(struct tern_checkpoint *checkpoint) {
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        tern_safetensors_close(&checkpoint->files[i]);
    }
    free(checkpoint->files);
    free(checkpoint->tensors);
    free(checkpoint->names);
    free(checkpoint->directory);
    memset(checkpoint, 0, sizeof *checkpoint);
}

const struct tern_safetensors_tensor *tern_checkpoint_find(const struct tern_checkpoint *checkpoint, const char *name) {
    struct tern_safetensors_tensor key = {.tensor = {.name = name}}, *pointer = &key;
    const struct tern_safetensors_tensor **found =
        checkpoint->count
            ? bsearch(&pointer, checkpoint->tensors, checkpoint->count, sizeof *checkpoint->tensors, by_name)
            : NULL;
    return found ? *found : NULL;
}

const char *tern_checkpoint_metadata(const struct tern_checkpoint *checkpoint, const char *path, const char *key) {
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        if (strcmp(checkpoint->files[i].path, path) == 0) {
            return tern_safetensors_metadata(&checkpoint->files[i], key);
        }
    }
    return NULL;
}

void tern_checkpoint_release(const struct tern_checkpoint *checkpoint, const void *data, uint64_t bytes) {
    for (size_t i = 0; i < checkpoint->file_count; i++) {
        tern_mapped_file_release(&checkpoint->files[i].file, data, bytes);
    }
}

bool tern_checkpoint_is_packed(const struct tern_checkpoint *checkpoint) {
    return tern_safetensors_metadata(&checkpoint->files[0], "tern.format") != NULL;
}
