// SPDX-License-Identifier: Apache-2.0
#include "host_driver/formats/json.h"

#include <math.h>
#include <stdbool.h>

#include "host_driver/formats/json_strict.h"
#include "host_driver/system/mapped_file.h"
#include "host_driver/system/path.h"

#define JSON_FILE_LIMIT_BYTES ((size_t)64 << 20)

typedef enum tern_status json_parser(const char *text, size_t bytes, const char *path, struct tern_error *error,
                                     cJSON **object);

static bool is_blank(const char *text, const char *end) {
    for (; text < end; text++) {
        if (*text != ' ' && *text != '\n' && *text != '\r' && *text != '\t') {
            return false;
        }
    }
    return true;
}

enum tern_status tern_json_parse(const char *text, size_t bytes, const char *path, struct tern_error *error,
                                 cJSON **object) {
    *object = NULL;
    if (bytes == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: empty where JSON is expected", path);
    }
    TERN_TRY(tern_json_check_text(text, bytes, path, error));
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, bytes, &end, 0);
    if (!root) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: not valid JSON at byte %zu", path,
                              end ? (size_t)(end - text) : 0);
    }
    if (!is_blank(end, text + bytes) || !cJSON_IsObject(root)) {
        const char *what = cJSON_IsObject(root) ? "something follows the JSON object" : "the JSON is not an object";
        cJSON_Delete(root);
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s", path, what);
    }
    enum tern_status status = tern_json_check_keys(root, path, error);
    if (status != TERN_STATUS_OK) {
        cJSON_Delete(root);
        return status;
    }
    *object = root;
    return TERN_STATUS_OK;
}

static enum tern_status parse_as_written(const char *text, size_t bytes, const char *path, struct tern_error *error,
                                         cJSON **object) {
    TERN_TRY(tern_json_parse(text, bytes, path, error, object));
    if (tern_json_keep_numbers(text, bytes, *object)) {
        return TERN_STATUS_OK;
    }
    cJSON_Delete(*object);
    *object = NULL;
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for its numbers", path);
}

static enum tern_status load(const char *path, json_parser *parse, struct tern_error *error, cJSON **object) {
    struct tern_mapped_file file;
    *object = NULL;
    TERN_TRY(tern_mapped_file_open(path, error, &file));
    enum tern_status status = file.bytes > JSON_FILE_LIMIT_BYTES
                                  ? tern_error_set(error, TERN_STATUS_BAD_FILE,
                                                   "%s: %zu bytes are too many for a JSON file", path, file.bytes)
                                  : parse((const char *)file.data, file.bytes, path, error, object);
    tern_mapped_file_close(&file);
    return status;
}

enum tern_status tern_json_load(const char *path, struct tern_error *error, cJSON **object) {
    return load(path, tern_json_parse, error, object);
}

enum tern_status tern_json_load_optional(const char *path, struct tern_error *error, cJSON **object) {
    *object = NULL;
    return tern_path_exists(path) ? tern_json_load(path, error, object) : TERN_STATUS_OK;
}

enum tern_status tern_json_load_as_written(const char *path, struct tern_error *error, cJSON **object) {
    return load(path, parse_as_written, error, object);
}

enum tern_status tern_json_number(const cJSON *object, const char *key, uint32_t least, uint32_t most,
                                  const uint32_t *fallback, const char *path, struct tern_error *error,
                                  uint32_t *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (fallback && (!item || cJSON_IsNull(item))) {
        *value = *fallback;
        return TERN_STATUS_OK;
    }
    if (!item) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is missing", path, key);
    }
    if (!cJSON_IsNumber(item) || item->valuedouble != floor(item->valuedouble)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is not a whole number", path, key);
    }
    if (item->valuedouble < least || item->valuedouble > most) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is %.15g; it must be %u to %u", path, key,
                              item->valuedouble, least, most);
    }
    *value = (uint32_t)item->valuedouble;
    return TERN_STATUS_OK;
}

enum tern_status tern_json_real(const cJSON *object, const char *key, const double *fallback, const char *path,
                                struct tern_error *error, double *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (fallback && (!item || cJSON_IsNull(item))) {
        *value = *fallback;
        return TERN_STATUS_OK;
    }
    if (!item) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is missing", path, key);
    }
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble <= 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is not a positive number", path, key);
    }
    *value = item->valuedouble;
    return TERN_STATUS_OK;
}

enum tern_status tern_json_flag(const cJSON *object, const char *key, bool fallback, const char *path,
                                struct tern_error *error, bool *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item && !cJSON_IsNull(item) && !cJSON_IsBool(item)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is neither true nor false", path, key);
    }
    *value = item && cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
    return TERN_STATUS_OK;
}
