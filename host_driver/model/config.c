// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/config.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/model/config_parts.h"
#include "host_driver/model/layer_table.h"
#include "host_driver/system/path.h"

#define MAX_LAYERS 1024
#define MAX_DECLARED_POSITIONS (1u << 24)

static const char *text_of(const cJSON *item) {
    const char *text = cJSON_GetStringValue(item);
    return text ? text : "(none)";
}

// Without architectures model_type gives the family, as it always does for transformers. Several architectures must
// agree.
static enum tern_status read_family(const cJSON *root, const char *path, struct tern_error *error,
                                    const struct tern_family **family) {
    const char *type = text_of(cJSON_GetObjectItemCaseSensitive(root, "model_type"));
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "architectures"), *item;
    if (list && !cJSON_IsNull(list) && !cJSON_IsArray(list)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: architectures is not a list", path);
    }
    if (!list || !list->child) {
        return tern_family_of_type(type, path, error, family);
    }
    cJSON_ArrayForEach(item, list) {
        TERN_TRY(tern_family_find(text_of(item), path, error, family));
        if (strcmp(type, (*family)->model_type) != 0) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: model_type is '%.100s'; %s has '%s'", path, type,
                                  text_of(item), (*family)->model_type);
        }
    }
    return TERN_STATUS_OK;
}

// Features of these families that Tern does not compute. A key is refused unless it is absent or has one of two values.
static enum tern_status check_features(const cJSON *root, const char *path, struct tern_error *error) {
    static const struct {
        const char *key, *plain, *also; // JSON
    } features[] = {{"hidden_act", "\"silu\"", "\"silu\""},
                    {"mlp_bias", "false", "null"},
                    {"partial_rotary_factor", "1", "null"},
                    {"use_mrope", "false", "null"},
                    {"quantization_config", "null", "null"},
                    {"per_layer_config", "{}", "null"},
                    {"is_causal", "true", "true"}};
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, features[i].key);
        char *text = item ? cJSON_PrintUnformatted(item) : NULL;
        enum tern_status status = TERN_STATUS_OK;
        if (text && strcmp(text, features[i].plain) != 0 && strcmp(text, features[i].also) != 0) {
            status = tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: %s is %.100s, which is not supported", path,
                                    features[i].key, text);
        }
        cJSON_free(text);
        TERN_TRY(status);
    }
    return TERN_STATUS_OK;
}

// Biases that only "attention_bias": true adds. Qwen2 has its own with any value of the key.
static enum tern_status read_biases(const cJSON *root, const struct tern_family *family, const char *path,
                                    struct tern_error *error, struct tern_model_config *config) {
    bool has_biases;
    TERN_TRY(tern_json_flag(root, "attention_bias", false, path, error, &has_biases));
    if (has_biases && family->bias_features == 0) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: attention_bias is true, but %s has no biases", path,
                              family->architecture);
    }
    config->features = family->features | (has_biases ? family->bias_features : 0);
    return TERN_STATUS_OK;
}

struct size_field {
    const char *key;
    uint32_t most;
    size_t offset;
};

static enum tern_status read_sizes(const cJSON *root, const char *path, struct tern_error *error,
                                   struct tern_model_config *config) {
    static const struct size_field fields[] = {
        {"hidden_size", TERN_MAX_COLUMNS, offsetof(struct tern_model_config, hidden_size)},
        {"intermediate_size", TERN_MAX_COLUMNS, offsetof(struct tern_model_config, intermediate_size)},
        {"num_hidden_layers", MAX_LAYERS, offsetof(struct tern_model_config, layers)},
        {"num_attention_heads", TERN_MAX_HEADS, offsetof(struct tern_model_config, heads)},
        {"vocab_size", TERN_MAX_LENGTH, offsetof(struct tern_model_config, vocabulary_size)},
        {"max_position_embeddings", MAX_DECLARED_POSITIONS, offsetof(struct tern_model_config, max_positions)},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        uint32_t *value = (uint32_t *)((char *)config + fields[i].offset);
        TERN_TRY(tern_json_number(root, fields[i].key, 1, fields[i].most, NULL, path, error, value));
    }
    if (config->max_positions > TERN_MAX_POSITIONS) {
        config->max_positions = TERN_MAX_POSITIONS;
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_layer_types(const cJSON *types, const char *path, struct tern_error *error,
                                          const struct tern_model_config *config) {
    const cJSON *item;
    if (!cJSON_IsArray(types) || cJSON_GetArraySize(types) != (int)config->layers) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: layer_types is no list of %u, one for each hidden layer", path, config->layers);
    }
    cJSON_ArrayForEach(item, types) {
        if (strcmp(text_of(item), "full_attention") != 0) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                  "%s: layer_types has '%.100s'; only full_attention can be run", path, text_of(item));
        }
    }
    return TERN_STATUS_OK;
}

// layer_types tells which layers have a sliding window. Without it use_sliding_window gives one to the layers from
// max_window_layers on.
static enum tern_status check_layers(const cJSON *root, const char *path, struct tern_error *error,
                                     const struct tern_model_config *config) {
    const cJSON *types = cJSON_GetObjectItemCaseSensitive(root, "layer_types");
    const cJSON *window = cJSON_GetObjectItemCaseSensitive(root, "sliding_window");
    bool is_used;
    uint32_t first = 28; // of Qwen2 without the key
    TERN_TRY(tern_json_flag(root, "use_sliding_window", false, path, error, &is_used));
    if (types && !cJSON_IsNull(types)) {
        return check_layer_types(types, path, error, config);
    }
    if (!is_used || (window && cJSON_IsNull(window))) {
        return TERN_STATUS_OK;
    }
    if (cJSON_GetObjectItemCaseSensitive(root, "max_window_layers")) {
        TERN_TRY(tern_json_number(root, "max_window_layers", 0, INT32_MAX, NULL, path, error, &first));
    }
    if (first < config->layers) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: use_sliding_window gives layers %u to %u a window, which is not supported", path,
                              first, config->layers - 1);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_kv_heads(const cJSON *root, const struct tern_family *family, const char *path,
                                      struct tern_error *error, struct tern_model_config *config) {
    const bool is_stated = cJSON_GetObjectItemCaseSensitive(root, "num_key_value_heads") != NULL;
    const uint32_t *fallback = is_stated || family->kv_heads == 0 ? &config->heads : &family->kv_heads;
    TERN_TRY(
        tern_json_number(root, "num_key_value_heads", 1, TERN_MAX_HEADS, fallback, path, error, &config->kv_heads));
    if (config->heads % config->kv_heads != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: num_attention_heads %u is not a multiple of num_key_value_heads %u", path,
                              config->heads, config->kv_heads);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_head_size(const cJSON *root, uint32_t family_size, const char *path,
                                       struct tern_error *error, struct tern_model_config *config) {
    uint32_t default_size = family_size ? family_size : config->hidden_size / config->heads;
    const cJSON *explicit_size = cJSON_GetObjectItemCaseSensitive(root, "head_dim");
    const uint32_t *fallback = explicit_size && family_size ? NULL : &default_size; // null is no size there
    if ((!explicit_size || cJSON_IsNull(explicit_size)) && !family_size && config->hidden_size % config->heads != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: hidden_size %u is not a multiple of num_attention_heads %u", path,
                              config->hidden_size, config->heads);
    }
    TERN_TRY(tern_json_number(root, "head_dim", 1, TERN_MAX_HEAD_SIZE, fallback, path, error, &config->head_size));
    if (config->head_size > TERN_MAX_HEAD_SIZE || config->head_size % 2 != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a head of %u elements is not even or over %u", path,
                              config->head_size, TERN_MAX_HEAD_SIZE);
    }
    if (config->heads * config->head_size > TERN_MAX_COLUMNS) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %u heads of %u elements are over %u columns", path,
                              config->heads, config->head_size, TERN_MAX_COLUMNS);
    }
    return TERN_STATUS_OK;
}

// Limits max_positions to the window: up to there every token sees all others, as without a window. default_window: the
// value without the key.
static enum tern_status read_window(const cJSON *root, uint32_t default_window, const char *path,
                                    struct tern_error *error, struct tern_model_config *config) {
    const cJSON *window = cJSON_GetObjectItemCaseSensitive(root, "sliding_window");
    if (window && cJSON_IsNull(window)) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_json_number(root, "sliding_window", 1, MAX_DECLARED_POSITIONS, &default_window, path, error,
                              &config->sliding_window));
    if (config->sliding_window < config->max_positions) {
        config->max_positions = config->sliding_window;
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_rest(const cJSON *root, const char *path, struct tern_error *error,
                                  struct tern_model_config *config) {
    double epsilon = 1e-6; // of all families without the key
    TERN_TRY(tern_config_read_rotary(root, path, error, config));
    if (cJSON_GetObjectItemCaseSensitive(root, "rms_norm_eps")) {
        TERN_TRY(tern_json_real(root, "rms_norm_eps", NULL, path, error, &epsilon));
    }
    if (epsilon < (double)FLT_MIN || epsilon > (double)FLT_MAX) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: rms_norm_eps is %g, no normal float32", path, epsilon);
    }
    config->rms_epsilon = (float)epsilon;
    return tern_json_flag(root, "tie_word_embeddings", 0, path, error, &config->tied_embeddings);
}

static enum tern_status load_stop_ids(const char *path, struct tern_error *error, struct tern_model_config *config) {
    cJSON *root;
    TERN_TRY(tern_json_load_optional(path, error, &root));
    enum tern_status status = root ? tern_config_read_stop_ids(root, path, error, config) : TERN_STATUS_OK;
    cJSON_Delete(root);
    return status;
}

static enum tern_status no_memory(const char *directory, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", directory);
}

static enum tern_status read_generation(const char *directory, struct tern_error *error,
                                        struct tern_model_config *config) {
    char *path = tern_path_join(directory, "generation_config.json");
    enum tern_status status = path ? load_stop_ids(path, error, config) : no_memory(directory, error);
    free(path);
    return status;
}

static enum tern_status read_config(const cJSON *root, const struct tern_family *family, const char *path,
                                    struct tern_error *error, struct tern_model_config *config) {
    TERN_TRY(check_features(root, path, error));
    TERN_TRY(read_biases(root, family, path, error, config));
    TERN_TRY(read_sizes(root, path, error, config));
    TERN_TRY(check_layers(root, path, error, config));
    TERN_TRY(read_kv_heads(root, family, path, error, config));
    TERN_TRY(read_head_size(root, family->head_size, path, error, config));
    if (family->sliding_window > 0) {
        TERN_TRY(read_window(root, family->sliding_window, path, error, config));
    }
    return read_rest(root, path, error, config);
}

// The tokens that end a text are those of generation_config.json, else of config.json, else of the family.
static enum tern_status read_stops(const cJSON *root, const struct tern_family *family, const char *path,
                                   const char *directory, struct tern_error *error, struct tern_model_config *config) {
    TERN_TRY(read_generation(directory, error, config));
    if (config->stop_id_count == 0) {
        TERN_TRY(tern_config_read_stop_ids(root, path, error, config));
    }
    if (family->stop_id > 0 && family->stop_id < config->vocabulary_size && config->stop_id_count == 0 &&
        config->stray_stop_ids == 0 && !cJSON_GetObjectItemCaseSensitive(root, "eos_token_id")) {
        config->stop_ids[config->stop_id_count++] = family->stop_id;
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_all(const cJSON *root, const char *path, const char *directory, struct tern_error *error,
                                 struct tern_model_config *config) {
    const struct tern_family *family;
    TERN_TRY(read_family(root, path, error, &family));
    TERN_TRY(read_config(root, family, path, error, config));
    return read_stops(root, family, path, directory, error, config);
}

static enum tern_status load(const char *path, const char *directory, struct tern_error *error,
                             struct tern_model_config *config) {
    cJSON *root;
    TERN_TRY(tern_json_load(path, error, &root));
    enum tern_status status = read_all(root, path, directory, error, config);
    cJSON_Delete(root);
    return status;
}

enum tern_status tern_config_load(const char *directory, struct tern_error *error, struct tern_model_config *config) {
    memset(config, 0, sizeof *config);
    char *path = tern_path_join(directory, "config.json");
    enum tern_status status = path ? load(path, directory, error, config) : no_memory(directory, error);
    free(path);
    return status;
}

bool tern_config_set_dtype(cJSON *root, const char *torch_name) {
    static const char *const keys[] = {"torch_dtype", "dtype"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(root, keys[i]);
        if (!cJSON_AddStringToObject(root, keys[i], torch_name)) {
            return false;
        }
    }
    return true;
}
