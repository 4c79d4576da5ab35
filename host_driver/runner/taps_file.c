// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "cmodel/matmul/crc32c.h"
#include "host_driver/system/path.h"
#include "host_driver/formats/safetensors.h"
#include "host_driver/system/write_file.h"
#include "host_driver/runner/taps.h"

#define VERSION "1"
#define KEY_BYTES 96

// "token0.layer2.q_proj", "token0.final_norm"
static void make_key(const struct tern_tap_record *record, char key[KEY_BYTES]) {
    if (record->layer < 0) {
        snprintf(key, KEY_BYTES, "token%u.%s", record->position, record->name);
    } else {
        snprintf(key, KEY_BYTES, "token%u.layer%d.%s", record->position, record->layer, record->name);
    }
}

static bool parse_key(const char *key, struct tern_tap_record *record) {
    int used = 0;
    record->layer = -1;
    if (sscanf(key, "token%" SCNu32 ".layer%" SCNd32 ".%n", &record->position, &record->layer, &used) == 2 && used) {
        key += used;
    } else if (sscanf(key, "token%" SCNu32 ".%n", &record->position, &used) == 1 && used) {
        key += used;
    } else {
        return false;
    }
    int length = snprintf(record->name, sizeof record->name, "%s", key);
    return length > 0 && length < (int)sizeof record->name;
}

static uint64_t record_bytes(const struct tern_tap_record *record) {
    return (uint64_t)record->rows * record->row_bytes;
}

static void add_tensor(cJSON *root, cJSON *notes, const struct tern_tap_record *record, uint64_t offset) {
    char key[KEY_BYTES], note[KEY_BYTES + 16], crc[16];
    make_key(record, key);
    cJSON *entry = cJSON_AddObjectToObject(root, key);
    cJSON_AddStringToObject(entry, "dtype", record->is_f32 ? "F32" : "U8");
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(record->rows));
    cJSON_AddItemToArray(shape, cJSON_CreateNumber(record->is_f32 ? record->row_bytes / 4 : record->row_bytes));
    cJSON *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)offset));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(offset + record_bytes(record))));
    snprintf(note, sizeof note, "crc32c.%s", key);
    snprintf(crc, sizeof crc, "%08x", tern_crc32c(record->data, record_bytes(record)));
    cJSON_AddStringToObject(notes, note, crc);
}

// The names of all stages in their order, one space between; free(). NULL without memory.
static char *make_order(const struct tern_taps *taps) {
    char *order = calloc(taps->count + 1, KEY_BYTES), *to = order;
    for (size_t i = 0; order && i < taps->count; i++) {
        if (i > 0) {
            *to++ = ' ';
        }
        make_key(&taps->records[i], to);
        to += strlen(to);
    }
    return order;
}

// The JSON header, free(); NULL without memory.
static char *make_header(const struct tern_taps *taps, const struct tern_taps_input *input) {
    char depth[16], *order = make_order(taps);
    uint64_t offset = 0;
    if (!order) {
        return NULL;
    }
    cJSON *root = cJSON_CreateObject(), *notes = cJSON_AddObjectToObject(root, "__metadata__");
    snprintf(depth, sizeof depth, "%u", input->depth);
    cJSON_AddStringToObject(notes, "tern.taps", VERSION);
    cJSON_AddStringToObject(notes, "tokens", input->tokens);
    cJSON_AddStringToObject(notes, "depth", depth);
    cJSON_AddStringToObject(notes, "device", input->device);
    cJSON_AddStringToObject(notes, "order", order);
    free(order);
    for (size_t i = 0; i < taps->count; i++) {
        add_tensor(root, notes, &taps->records[i], offset);
        offset += record_bytes(&taps->records[i]);
    }
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

enum tern_status tern_taps_write(const struct tern_taps *taps, const struct tern_taps_input *input, const char *path,
                                 struct tern_error *error) {
    char *header = make_header(taps, input);
    uint64_t text = header ? strlen(header) : 0, padded = tern_align_up(8 + text, 64), bytes = padded;
    for (size_t i = 0; i < taps->count; i++) {
        bytes += record_bytes(&taps->records[i]);
    }
    uint8_t *all = header ? malloc(bytes) : NULL;
    if (!all) {
        free(header);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", path);
    }
    for (int i = 0; i < 8; i++) {
        all[i] = (uint8_t)((padded - 8) >> 8 * i);
    }
    memset(all + 8, ' ', padded - 8);
    memcpy(all + 8, header, text);
    uint8_t *to = all + padded;
    for (size_t i = 0; i < taps->count; i++) {
        memcpy(to, taps->records[i].data, record_bytes(&taps->records[i]));
        to += record_bytes(&taps->records[i]);
    }
    enum tern_status status = tern_replace_file(path, NULL, 0, all, bytes, error);
    free(all);
    free(header);
    return status;
}

static int by_place(const void *left, const void *right) {
    const struct tern_safetensors_tensor *const *a = left, *const *b = right;
    return ((*a)->tensor.data > (*b)->tensor.data) - ((*a)->tensor.data < (*b)->tensor.data);
}

static enum tern_status check_sum(const struct tern_safetensors *file, const struct tern_tensor *tensor,
                                  struct tern_error *error) {
    char *key = tern_text_format("crc32c.%s", tensor->name), crc[16];
    const char *wanted = key ? tern_safetensors_metadata(file, key) : NULL;
    snprintf(crc, sizeof crc, "%08x", tern_crc32c(tensor->data, tensor->bytes));
    free(key);
    if (!wanted || strcmp(wanted, crc) != 0) {
        return tern_error_set(error, TERN_STATUS_CHECKSUM, "%s: '%.100s': CRC-32C is %s, %.20s is written down",
                              file->path, tensor->name, crc, wanted ? wanted : "nothing");
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_record(const struct tern_safetensors *file, const struct tern_tensor *tensor,
                                    struct tern_error *error, struct tern_taps *taps) {
    struct tern_tap_record record;
    bool is_f32 = tensor->dtype == TERN_DTYPE_F32;
    if (!parse_key(tensor->name, &record) || tensor->dimensions != 2 || (!is_f32 && tensor->dtype != TERN_DTYPE_U8) ||
        tensor->shape[0] > UINT32_MAX || tensor->shape[1] > UINT32_MAX / 4) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: '%.100s' is no result of a stage", file->path,
                              tensor->name);
    }
    TERN_TRY(check_sum(file, tensor, error));
    const struct tern_stage stage = {.position = record.position,
                                     .layer = record.layer,
                                     .name = record.name,
                                     .rows = (uint32_t)tensor->shape[0],
                                     .row_bytes = (uint32_t)tensor->shape[1] * (is_f32 ? 4 : 1),
                                     .is_f32 = is_f32};
    return tern_taps_add(taps, &stage, tensor->data, tensor->bytes, error);
}

static enum tern_status read_input(const struct tern_safetensors *file, struct tern_error *error,
                                   struct tern_taps_input *input) {
    const char *version = tern_safetensors_metadata(file, "tern.taps");
    const char *tokens = tern_safetensors_metadata(file, "tokens"), *depth = tern_safetensors_metadata(file, "depth");
    if (!version || strcmp(version, VERSION) != 0 || !tokens || !depth || strlen(depth) != 1 || *depth < '0' ||
        *depth > '0' + TERN_MAX_DEPTH) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: no file of taps of version " VERSION, file->path);
    }
    input->depth = (uint32_t)(*depth - '0');
    input->tokens = tern_text_format("%s", tokens);
    return input->tokens ? TERN_STATUS_OK
                         : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", file->path);
}

// Tensor number `at` of the order, whose name begins at `name`. Returns the end of the name; NULL if the order is
// wrong.
static const char *find_place(const struct tern_safetensors *file, const char *name, size_t at,
                              const struct tern_safetensors_tensor **places) {
    char key[KEY_BYTES];
    const size_t length = strcspn(name, " ");
    snprintf(key, sizeof key, "%.*s", (int)(length < KEY_BYTES ? length : 0), name);
    places[at] = tern_safetensors_find(file, key);
    for (size_t i = 0; places[at] && i < at; i++) {
        if (places[i] == places[at]) {
            return NULL;
        }
    }
    return places[at] ? name + length : NULL;
}

// The order of the stages is that of "order", or in older files that of the data; the reader sorts tensors by name.
static enum tern_status find_places(const struct tern_safetensors *file, struct tern_error *error,
                                    const struct tern_safetensors_tensor **places) {
    const char *order = tern_safetensors_metadata(file, "order");
    if (!order) {
        for (size_t i = 0; i < file->count; i++) {
            places[i] = &file->tensors[i];
        }
        qsort(places, file->count, sizeof(*places), by_place);
        return TERN_STATUS_OK;
    }
    for (size_t i = 0; i < file->count && order; i++) {
        order = find_place(file, order + (*order == ' '), i, places);
    }
    return order && *order == '\0'
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: 'order' does not name each stage of the file once",
                                file->path);
}

// places: [count], working space.
static enum tern_status read_sorted(const struct tern_safetensors *file, const struct tern_safetensors_tensor **places,
                                    struct tern_error *error, struct tern_taps *taps) {
    TERN_TRY(find_places(file, error, places));
    for (size_t i = 0; i < file->count; i++) {
        TERN_TRY(read_record(file, &places[i]->tensor, error, taps));
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_records(const struct tern_safetensors *file, struct tern_error *error,
                                     struct tern_taps *taps) {
    const struct tern_safetensors_tensor **places = malloc((file->count + 1) * sizeof(*places));
    if (!places) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", file->path);
    }
    enum tern_status status = read_sorted(file, places, error, taps);
    free(places);
    return status;
}

static enum tern_status read_file(const char *path, struct tern_error *error, struct tern_safetensors *file,
                                  struct tern_taps *taps, struct tern_taps_input *input) {
    TERN_TRY(tern_safetensors_open(path, error, file));
    TERN_TRY(read_input(file, error, input));
    return read_records(file, error, taps);
}

enum tern_status tern_taps_read(const char *path, struct tern_error *error, struct tern_taps *taps,
                                struct tern_taps_input *input) {
    struct tern_safetensors file;
    memset(taps, 0, sizeof *taps);
    memset(input, 0, sizeof *input);
    enum tern_status status = read_file(path, error, &file, taps, input);
    tern_safetensors_close(&file);
    if (status != TERN_STATUS_OK) {
        tern_taps_free(taps);
        free(input->tokens);
        input->tokens = NULL;
    }
    return status;
}
