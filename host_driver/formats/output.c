// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/formats/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmodel/layout.h"
#include "host_driver/system/path.h"
#include "host_driver/system/write_file.h"

struct tern_output_shard {
    char *path;   // a plain name; with the directory from tern_output_create() on
    char *header; // length word and JSON, padded to a multiple of 64
    uint64_t header_bytes, data_bytes;
    int descriptor;
};

static enum tern_status out_of_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no memory for the list of output tensors");
}

static bool grow(void **array, size_t count, size_t *capacity, size_t element_bytes) {
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity ? 2 * *capacity : 64;
    void *larger = realloc(*array, wanted * element_bytes);
    if (!larger) {
        return false;
    }
    *array = larger;
    *capacity = wanted;
    return true;
}

enum tern_status tern_output_add(struct tern_output *output, const struct tern_output_tensor *tensor,
                                 struct tern_error *error, size_t *index) {
    char *name = strdup(tensor->name);
    if (!name || !grow((void **)&output->tensors, output->count, &output->capacity, sizeof *output->tensors)) {
        free(name);
        return out_of_memory(error);
    }
    *index = output->count++;
    output->tensors[*index] = *tensor;
    output->tensors[*index].name = name;
    return TERN_STATUS_OK;
}

enum tern_status tern_output_note(struct tern_output *output, size_t bundle, const char *key, const char *value,
                                  struct tern_error *error) {
    struct tern_output_note note = {bundle, strdup(key), strdup(value)};
    if (!note.key || !note.value ||
        !grow((void **)&output->notes, output->note_count, &output->note_capacity, sizeof note)) {
        free(note.key);
        free(note.value);
        return out_of_memory(error);
    }
    output->notes[output->note_count++] = note;
    return TERN_STATUS_OK;
}

// Gives every tensor its shard; returns the number of shards.
static size_t fill_shards(struct tern_output *output, uint64_t shard_bytes) {
    size_t shard = 0;
    uint64_t used = 0;
    for (size_t i = 0; i < output->count;) {
        size_t end = i;
        uint64_t bytes = 0;
        for (; end < output->count && output->tensors[end].bundle == output->tensors[i].bundle; end++) {
            bytes += output->tensors[end].bytes;
        }
        if (used > 0 && used + bytes > shard_bytes) {
            shard++;
            used = 0;
        }
        for (used += bytes; i < end; i++) {
            output->tensors[i].shard = shard;
        }
    }
    return output->count ? shard + 1 : 0;
}

// Sets offsets within the data, by rank and then by order of adding.
static void place_tensors(struct tern_output *output, size_t shard) {
    uint64_t offset = 0;
    unsigned highest = 0;
    for (size_t i = 0; i < output->count; i++) {
        if (output->tensors[i].shard == shard && output->tensors[i].rank > highest) {
            highest = output->tensors[i].rank;
        }
    }
    for (unsigned rank = 0; rank <= highest; rank++) {
        for (size_t i = 0; i < output->count; i++) {
            struct tern_output_tensor *tensor = &output->tensors[i];
            if (tensor->shard == shard && tensor->rank == rank) {
                tensor->offset = offset;
                offset += tensor->bytes;
            }
        }
    }
    output->shards[shard].data_bytes = offset;
}

static bool describe_tensor(cJSON *root, const struct tern_output_tensor *tensor) {
    cJSON *entry = cJSON_AddObjectToObject(root, tensor->name);
    bool good = cJSON_AddStringToObject(entry, "dtype", tensor->dtype_name) != NULL;
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape"), *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    for (uint32_t i = 0; i < tensor->dimensions; i++) {
        good &= cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)tensor->shape[i]));
    }
    good &= cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)tensor->offset));
    good &= cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(tensor->offset + tensor->bytes)));
    return good;
}

static size_t bundle_shard(const struct tern_output *output, size_t bundle) {
    for (size_t i = 0; i < output->count; i++) {
        if (output->tensors[i].bundle == bundle) {
            return output->tensors[i].shard;
        }
    }
    return SIZE_MAX;
}

static char *describe_shard(const struct tern_output *output, size_t shard) {
    cJSON *root = cJSON_CreateObject(), *metadata = cJSON_AddObjectToObject(root, "__metadata__");
    bool good = metadata != NULL;
    for (size_t i = 0; i < output->note_count && good; i++) {
        const struct tern_output_note *note = &output->notes[i];
        if (note->bundle == TERN_OUTPUT_EVERY_SHARD || bundle_shard(output, note->bundle) == shard) {
            good = cJSON_AddStringToObject(metadata, note->key, note->value) != NULL;
        }
    }
    for (size_t i = 0; i < output->count && good; i++) {
        if (output->tensors[i].shard == shard) {
            good = describe_tensor(root, &output->tensors[i]);
        }
    }
    char *text = good ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    return text;
}

static enum tern_status make_header(struct tern_output *output, size_t number, struct tern_error *error) {
    struct tern_output_shard *shard = &output->shards[number];
    char *text = describe_shard(output, number);
    size_t length = text ? strlen(text) : 0;
    shard->header_bytes = tern_align_up(8 + length, TERN_SEGMENT_ALIGN);
    shard->header = text ? malloc(shard->header_bytes) : NULL;
    if (shard->header) {
        uint64_t json_bytes = shard->header_bytes - 8;
        memset(shard->header, ' ', shard->header_bytes);
        for (int i = 0; i < 8; i++) {
            shard->header[i] = (char)(json_bytes >> 8 * i);
        }
        memcpy(shard->header + 8, text, length);
    }
    free(text);
    return shard->header ? TERN_STATUS_OK : out_of_memory(error);
}

enum tern_status tern_output_layout(struct tern_output *output, uint64_t shard_bytes, struct tern_error *error) {
    size_t count = fill_shards(output, shard_bytes);
    output->shards = calloc(count + 1, sizeof *output->shards);
    if (!output->shards) {
        return out_of_memory(error);
    }
    output->shard_count = count;
    for (size_t i = 0; i < count; i++) {
        output->shards[i].descriptor = -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct tern_output_shard *shard = &output->shards[i];
        shard->path = count == 1 ? strdup("model.safetensors")
                                 : tern_text_format("model-%05zu-of-%05zu.safetensors", i + 1, count);
        place_tensors(output, i);
        TERN_TRY(shard->path ? make_header(output, i, error) : out_of_memory(error));
    }
    for (size_t i = 0; i < output->count; i++) {
        output->tensors[i].offset += output->shards[output->tensors[i].shard].header_bytes;
    }
    return TERN_STATUS_OK;
}

// Finds a full disk before the work. A file system that cannot reserve gets a sparse file.
static enum tern_status reserve(const struct tern_output_shard *shard, struct tern_error *error) {
    off_t bytes = (off_t)(shard->header_bytes + shard->data_bytes);
    if (fallocate(shard->descriptor, 0, 0, bytes) == 0) {
        return TERN_STATUS_OK;
    }
    if ((errno == EOPNOTSUPP || errno == ENOSYS) && ftruncate(shard->descriptor, bytes) == 0) {
        return TERN_STATUS_OK;
    }
    return tern_error_set(error, TERN_STATUS_IO, "%s: %lld bytes cannot be reserved: %s", shard->path, (long long)bytes,
                          strerror(errno));
}

enum tern_status tern_output_create(struct tern_output *output, const char *directory, struct tern_error *error) {
    output->directory = strdup(directory);
    if (!output->directory) {
        return out_of_memory(error);
    }
    for (size_t i = 0; i < output->shard_count; i++) {
        struct tern_output_shard *shard = &output->shards[i];
        char *path = tern_path_join(directory, shard->path);
        if (!path) {
            return out_of_memory(error);
        }
        free(shard->path);
        shard->path = path;
        shard->descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (shard->descriptor < 0) {
            return tern_error_set(error, TERN_STATUS_IO, "%s: %s", path, strerror(errno));
        }
        TERN_TRY(reserve(shard, error));
        TERN_TRY(tern_write_at(shard->descriptor, path, 0, shard->header, shard->header_bytes, error));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_output_write(const struct tern_output *output, size_t index, uint64_t offset, const void *data,
                                   uint64_t bytes, struct tern_error *error) {
    const struct tern_output_tensor *tensor = &output->tensors[index];
    const struct tern_output_shard *shard = &output->shards[tensor->shard];
    return tern_write_at(shard->descriptor, shard->path, tensor->offset + offset, data, bytes, error);
}

enum tern_status tern_output_sync(const struct tern_output *output, size_t index, struct tern_error *error) {
    const struct tern_output_shard *shard = &output->shards[output->tensors[index].shard];
    if (fdatasync(shard->descriptor) != 0) {
        return tern_error_set(error, TERN_STATUS_IO, "%s: %s", shard->path, strerror(errno));
    }
    return TERN_STATUS_OK;
}

static enum tern_status write_index(const struct tern_output *output, struct tern_error *error) {
    cJSON *root = cJSON_CreateObject(), *metadata = cJSON_AddObjectToObject(root, "metadata");
    cJSON *map = cJSON_AddObjectToObject(root, "weight_map");
    double total = 0;
    bool good = metadata && map;
    for (size_t i = 0; i < output->count && good; i++) {
        const struct tern_output_tensor *tensor = &output->tensors[i];
        const char *base = strrchr(output->shards[tensor->shard].path, '/') + 1;
        total += (double)tensor->bytes;
        good = cJSON_AddStringToObject(map, tensor->name, base) != NULL;
    }
    good = good && cJSON_AddNumberToObject(metadata, "total_size", total);
    char *text = good ? cJSON_Print(root) : NULL;
    char *path = tern_path_join(output->directory, "model.safetensors.index.json");
    cJSON_Delete(root);
    enum tern_status status = text && path ? tern_write_file(path, text, strlen(text), error) : out_of_memory(error);
    free(text);
    free(path);
    return status;
}

enum tern_status tern_output_finish(struct tern_output *output, struct tern_error *error) {
    for (size_t i = 0; i < output->shard_count; i++) {
        struct tern_output_shard *shard = &output->shards[i];
        bool has_failed = fsync(shard->descriptor) != 0;
        has_failed |= close(shard->descriptor) != 0;
        shard->descriptor = -1;
        if (has_failed) {
            return tern_error_set(error, TERN_STATUS_IO, "%s: %s", shard->path, strerror(errno));
        }
    }
    return output->shard_count > 1 ? write_index(output, error) : TERN_STATUS_OK;
}

void tern_output_free(struct tern_output *output) {
    for (size_t i = 0; i < output->count; i++) {
        free(output->tensors[i].name);
    }
    for (size_t i = 0; i < output->note_count; i++) {
        free(output->notes[i].key);
        free(output->notes[i].value);
    }
    for (size_t i = 0; i < output->shard_count; i++) {
        if (output->shards[i].descriptor >= 0) {
            close(output->shards[i].descriptor);
        }
        free(output->shards[i].path);
        free(output->shards[i].header);
    }
    free(output->tensors);
    free(output->notes);
    free(output->shards);
    free(output->directory);
    memset(output, 0, sizeof *output);
}
