// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "host_driver/model/config_parts.h"

static bool has_id(const struct tern_model_config *config, uint32_t id) {
    for (uint32_t i = 0; i < config->stop_id_count; i++) {
        if (config->stop_ids[i] == id) {
            return true;
        }
    }
    return false;
}

static enum tern_status add_id(const cJSON *item, const char *path, struct tern_error *error,
                               struct tern_model_config *config) {
    const uint32_t capacity = sizeof config->stop_ids / sizeof config->stop_ids[0];
    if (!cJSON_IsNumber(item) || item->valuedouble != floor(item->valuedouble)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: eos_token_id is neither a whole number nor a list",
                              path);
    }
    if (item->valuedouble < 0 || item->valuedouble >= config->vocabulary_size) {
        config->stray_stop_id = config->stray_stop_ids++ ? config->stray_stop_id : item->valuedouble;
        return TERN_STATUS_OK;
    }
    if (has_id(config, (uint32_t)item->valuedouble)) {
        return TERN_STATUS_OK;
    }
    if (config->stop_id_count == capacity) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: eos_token_id has more than %u tokens", path, capacity);
    }
    config->stop_ids[config->stop_id_count++] = (uint32_t)item->valuedouble;
    return TERN_STATUS_OK;
}

enum tern_status tern_config_read_stop_ids(const cJSON *root, const char *path, struct tern_error *error,
                                           struct tern_model_config *config) {
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(root, "eos_token_id"), *item;
    if (!ids || cJSON_IsNull(ids)) {
        return TERN_STATUS_OK;
    }
    if (!cJSON_IsArray(ids)) {
        return add_id(ids, path, error, config);
    }
    cJSON_ArrayForEach(item, ids) {
        TERN_TRY(add_id(item, path, error, config));
    }
    return TERN_STATUS_OK;
}
