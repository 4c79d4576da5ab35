// SPDX-License-Identifier: Apache-2.0
#include "host_driver/formats/safetensors.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"

#define HEADER_LIMIT_BYTES 100000000u
#define LARGEST_EXACT_DOUBLE 9007199254740992.0

struct dtype_entry {
    const char *name;
    uint32_t bytes;
    enum tern_dtype dtype;
};

static const struct dtype_entry dtype_entries[] = {
    {"F32", 4, TERN_DTYPE_F32},       {"F16", 2, TERN_DTYPE_F16},       {"BF16", 2, TERN_DTYPE_BF16},
    {"U8", 1, TERN_DTYPE_U8},         {"U32", 4, TERN_DTYPE_U32},       {"F64", 8, TERN_DTYPE_OTHER},
    {"I64", 8, TERN_DTYPE_OTHER},     {"U64", 8, TERN_DTYPE_OTHER},     {"I32", 4, TERN_DTYPE_OTHER},
    {"I16", 2, TERN_DTYPE_OTHER},     {"U16", 2, TERN_DTYPE_OTHER},     {"I8", 1, TERN_DTYPE_OTHER},
    {"F8_E4M3", 1, TERN_DTYPE_OTHER}, {"F8_E5M2", 1, TERN_DTYPE_OTHER}, {"BOOL", 1, TERN_DTYPE_OTHER},
};

static const struct dtype_entry *dtype_find(const char *name) {
    for (size_t i = 0; i < sizeof dtype_entries / sizeof dtype_entries[0]; i++) {
        if (strcmp(dtype_entries[i].name, name) == 0) {
            return &dtype_entries[i];
        }
    }
    return NULL;
}

// A count or offset: a whole number that a double holds exactly.
static bool read_count(const cJSON *item, uint64_t *value) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > LARGEST_EXACT_DOUBLE ||
        item->valuedouble != floor(item->valuedouble)) {
        return false;
    }
    *value = (uint64_t)item->valuedouble;
    return true;
}

static enum tern_status header_length(const struct tern_safetensors *file, struct tern_error *error, uint64_t *length) {
    if (file->file.bytes < 8) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %zu bytes are too few for a safetensors file",
                              file->path, file->file.bytes);
    }
    *length = 0;
    for (int i = 7; i >= 0; i--) {
        *length = *length << 8 | file->file.data[i];
    }
    if (*length > HEADER_LIMIT_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a header of %llu bytes is over the limit of %u",
                              file->path, (unsigned long long)*length, HEADER_LIMIT_BYTES);
    }
    if (*length > file->file.bytes - 8) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a header of %llu bytes does not fit a file of %zu",
                              file->path, (unsigned long long)*length, file->file.bytes);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_metadata(const cJSON *metadata, const char *path, struct tern_error *error) {
    if (!cJSON_IsObject(metadata)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: __metadata__ is not an object", path);
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, metadata) {
        if (!cJSON_IsString(item)) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: __metadata__ entry '%.100s' is not a string", path,
                                  item->string);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_shape(const cJSON *shape, const char *path, const char *name, struct tern_error *error,
                                   struct tern_safetensors_tensor *out) {
    uint64_t elements = 1;
    if (!cJSON_IsArray(shape)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has no shape", path, name);
    }
    out->tensor.dimensions = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape) {
        uint64_t extent;
        if (out->tensor.dimensions == 4) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: tensor '%.200s' has more than 4 dimensions",
                                  path, name);
        }
        if (!read_count(item, &extent) || __builtin_mul_overflow(elements, extent, &elements)) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has an impossible shape", path,
                                  name);
        }
        out->tensor.shape[out->tensor.dimensions++] = extent;
    }
    if (__builtin_mul_overflow(elements, out->element_bytes, &out->tensor.bytes)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has an impossible shape", path, name);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_offsets(const struct tern_safetensors *file, const cJSON *offsets, uint64_t data_start,
                                     struct tern_error *error, struct tern_safetensors_tensor *out) {
    uint64_t begin, end, data_bytes = file->file.bytes - data_start;
    const char *name = out->tensor.name;
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !read_count(cJSON_GetArrayItem(offsets, 0), &begin) || !read_count(cJSON_GetArrayItem(offsets, 1), &end) ||
        begin > end) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has impossible data_offsets",
                              file->path, name);
    }
    if (end > data_bytes) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: tensor '%.200s' ends at byte %llu of the data, but there are only %llu (truncated?)",
                              file->path, name, (unsigned long long)end, (unsigned long long)data_bytes);
    }
    if (end - begin != out->tensor.bytes) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: tensor '%.200s' takes %llu bytes, but its shape and dtype need %llu", file->path,
                              name, (unsigned long long)(end - begin), (unsigned long long)out->tensor.bytes);
    }
    out->tensor.data = file->file.data + data_start + begin;
    return TERN_STATUS_OK;
}

static enum tern_status read_entry(const struct tern_safetensors *file, const cJSON *entry, uint64_t data_start,
                                   struct tern_error *error, struct tern_safetensors_tensor *out) {
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    if (!cJSON_IsObject(entry) || !cJSON_IsString(dtype)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has no dtype", file->path,
                              entry->string);
    }
    // The three keys are looked up below, so that three entries are these three.
    if (cJSON_GetArraySize(entry) != 3) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: tensor '%.200s' has more or less than a dtype, a shape and data_offsets", file->path,
                              entry->string);
    }
    const struct dtype_entry *found = dtype_find(dtype->valuestring);
    if (!found) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has the unknown dtype '%.40s'",
                              file->path, entry->string, dtype->valuestring);
    }
    out->dtype_name = found->name;
    out->element_bytes = found->bytes;
    out->path = file->path;
    out->tensor.name = entry->string;
    out->tensor.dtype = found->dtype;
    TERN_TRY(read_shape(cJSON_GetObjectItemCaseSensitive(entry, "shape"), file->path, entry->string, error, out));
    return read_offsets(file, cJSON_GetObjectItemCaseSensitive(entry, "data_offsets"), data_start, error, out);
}

static int by_place(const void *left, const void *right) {
    const struct tern_tensor *a = &((const struct tern_safetensors_tensor *)left)->tensor;
    const struct tern_tensor *b = &((const struct tern_safetensors_tensor *)right)->tensor;
    if (a->data != b->data) {
        return (const uint8_t *)a->data < (const uint8_t *)b->data ? -1 : 1;
    }
    return (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static int by_name(const void *left, const void *right) {
    return strcmp(((const struct tern_safetensors_tensor *)left)->tensor.name,
                  ((const struct tern_safetensors_tensor *)right)->tensor.name);
}

// Sorted by offset, the tensors must fill the data without gaps.
static enum tern_status check_cover(struct tern_safetensors *file, uint64_t data_start, struct tern_error *error) {
    qsort(file->tensors, file->count, sizeof *file->tensors, by_place);
    const uint8_t *expected = file->file.data + data_start;
    for (size_t i = 0; i < file->count; i++) {
        const struct tern_tensor *tensor = &file->tensors[i].tensor;
        const uint8_t *data = tensor->data;
        if (data != expected) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' %s", file->path, tensor->name,
                                  data < expected ? "overlaps the one before it" : "leaves a hole before it");
        }
        expected = data + tensor->bytes;
    }
    const uint8_t *end = file->file.data + file->file.bytes;
    if (expected != end) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %llu bytes follow the last tensor", file->path,
                              (unsigned long long)(end - expected));
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_entries(struct tern_safetensors *file, uint64_t data_start, struct tern_error *error) {
    file->tensors = calloc((size_t)cJSON_GetArraySize(file->header) + 1, sizeof *file->tensors);
    if (!file->tensors) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for its table of tensors", file->path);
    }
    const cJSON *entry;
    cJSON_ArrayForEach(entry, file->header) {
        if (strcmp(entry->string, "__metadata__") == 0) {
            TERN_TRY(check_metadata(entry, file->path, error));
        } else {
            TERN_TRY(read_entry(file, entry, data_start, error, &file->tensors[file->count++]));
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_file(struct tern_safetensors *file, struct tern_error *error) {
    uint64_t length = 0;
    TERN_TRY(tern_mapped_file_open(file->path, error, &file->file));
    TERN_TRY(header_length(file, error, &length));
    TERN_TRY(tern_json_parse((const char *)file->file.data + 8, length, file->path, error, &file->header));
    TERN_TRY(read_entries(file, 8 + length, error));
    TERN_TRY(check_cover(file, 8 + length, error));
    qsort(file->tensors, file->count, sizeof *file->tensors, by_name);
    return TERN_STATUS_OK;
}

enum tern_status tern_safetensors_open(const char *path, struct tern_error *error, struct tern_safetensors *file) {
    memset(file, 0, sizeof *file);
    file->path = strdup(path);
    if (!file->path) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", path);
    }
    enum tern_status status = read_file(file, error);
    if (status != TERN_STATUS_OK) {
        tern_safetensors_close(file);
    }
    return status;
}

void tern_safetensors_close(struct tern_safetensors *file) {
    tern_mapped_file_close(&file->file);
    cJSON_Delete(file->header);
    free(file->tensors);
    free(file->path);
    memset(file, 0, sizeof *file);
}

const struct tern_safetensors_tensor *tern_safetensors_find(const struct tern_safetensors *file, const char *name) {
    struct tern_safetensors_tensor key = {.tensor = {.name = name}};
    return file->count ? bsearch(&key, file->tensors, file->count, sizeof key, by_name) : NULL;
}

const char *tern_safetensors_metadata(const struct tern_safetensors *file, const char *key) {
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(file->header, "__metadata__");
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, key));
}
