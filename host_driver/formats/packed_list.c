// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/float_type.h"
#include "host_driver/formats/packed_matrix.h"
#include "host_driver/system/path.h"

// The name without `suffix`, free(); NULL when it does not end with it.
static char *strip_suffix(const char *name, const char *suffix) {
    size_t length = strlen(name), suffix_length = strlen(suffix);
    if (length <= suffix_length || strcmp(name + length - suffix_length, suffix) != 0) {
        return NULL;
    }
    return tern_text_format("%.*s", (int)(length - suffix_length), name);
}

static bool has_trits(const struct tern_checkpoint *checkpoint, const char *name) {
    char *trits = tern_text_format("%s.trits", name);
    bool found = trits && tern_checkpoint_find(checkpoint, trits);
    free(trits);
    return found;
}

// Whether a tensor is the steps or checksums of a matrix.
static bool is_part(const char *name) {
    char *base = strip_suffix(name, "_proj.weight.steps");
    if (!base) {
        base = strip_suffix(name, "_proj.weight.crc");
    }
    free(base);
    return base != NULL;
}

static enum tern_status check_part(const struct tern_checkpoint *checkpoint,
                                   const struct tern_safetensors_tensor *tensor, struct tern_error *error) {
    char *base = strip_suffix(tensor->tensor.name, ".steps");
    if (!base) {
        base = strip_suffix(tensor->tensor.name, ".crc");
    }
    bool found = base && has_trits(checkpoint, base);
    free(base);
    if (!found) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' has no .trits beside it", tensor->path,
                              tensor->tensor.name);
    }
    return TERN_STATUS_OK;
}

// Reads tern.dtype.<name>, the type of the matrix before `tern import`; F16 when it is missing.
static enum tern_status read_dtype(const struct tern_checkpoint *checkpoint, const char *path, const char *name,
                                   struct tern_error *error, enum tern_dtype *dtype) {
    char *key = tern_text_format(TERN_DTYPE_KEY "%s", name);
    if (!key) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", path);
    }
    const char *text = tern_checkpoint_metadata(checkpoint, path, key);
    free(key);
    *dtype = TERN_DTYPE_F16;
    for (enum tern_dtype known = TERN_DTYPE_F32; text && known <= TERN_DTYPE_BF16; known++) {
        if (strcmp(text, tern_dtype_name(known)) == 0) {
            *dtype = known;
            return TERN_STATUS_OK;
        }
    }
    return text ? tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: metadata %s%.150s is '%.20s', not F32, F16 or BF16",
                                 path, TERN_DTYPE_KEY, name, text)
                : TERN_STATUS_OK;
}

static enum tern_status add_tensor(const struct tern_checkpoint *checkpoint,
                                   const struct tern_safetensors_tensor *tensor, struct tern_error *error,
                                   struct tern_packed_list *list) {
    if (is_part(tensor->tensor.name)) {
        return check_part(checkpoint, tensor, error);
    }
    struct tern_packed_entry *entry = &list->entries[list->count++];
    *entry = (struct tern_packed_entry){.path = tensor->path};
    char *name = strip_suffix(tensor->tensor.name, ".trits");
    if (!name) {
        entry->rest = tensor;
        return TERN_STATUS_OK;
    }
    entry->matrix.name = name; // owned by the list, also when reading fails
    TERN_TRY(tern_packed_matrix_read(checkpoint, name, error, &entry->matrix));
    return read_dtype(checkpoint, tensor->path, name, error, &entry->dtype);
}

static enum tern_status add_all(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                struct tern_packed_list *list) {
    if (!list->entries) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", checkpoint->directory);
    }
    for (size_t i = 0; i < checkpoint->count; i++) {
        TERN_TRY(add_tensor(checkpoint, checkpoint->tensors[i], error, list));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_packed_list_make(const struct tern_checkpoint *checkpoint, struct tern_error *error,
                                       struct tern_packed_list *list) {
    *list = (struct tern_packed_list){0, calloc(checkpoint->count + 1, sizeof *list->entries)};
    enum tern_status status = add_all(checkpoint, error, list);
    if (status != TERN_STATUS_OK) {
        tern_packed_list_free(list);
    }
    return status;
}

void tern_packed_list_free(struct tern_packed_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        if (!list->entries[i].rest) {
            free((char *)list->entries[i].matrix.name);
        }
    }
    free(list->entries);
    *list = (struct tern_packed_list){0, NULL};
}
