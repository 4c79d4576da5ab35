// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/formats/json.h"
#include "host_driver/model/layer_table.h"
#include "host_driver/system/path.h"

#define MAX_LAYERS 1024
#define MAX_DECLARED_POSITIONS (1u << 24)

static const char *text_of(const cJSON *item) {
    const char *text = cJSON_GetStringValue(item);
    return text ? text : "(none)";
}

static enum tern_status read_family(const cJSON *root, const char *path, struct tern_error *error,
                                    const struct tern_family **family) {
    const char *type = text_of(cJSON_GetObjectItemCaseSensitive(root, "model_type"));
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "architectures");
    TERN_TRY(tern_family_find(text_of(cJSON_GetArrayItem(list, 0)), path, error, family));
    if (strcmp(type, (*family)->model_type) != 0) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: model_type is '%.100s'; %s has '%s'", path, type,
                              (*family)->architecture, (*family)->model_type);
    }
    return TERN_STATUS_OK;
}

// Features of these families that Tern does not compute. A key is refused unless it is absent, null or `plain`.
static enum tern_status check_features(const cJSON *root, const char *path, struct tern_error *error) {
    static const struct {
        const char *key, *plain; // plain: JSON
    } features[] = {{"hidden_act", "\"silu\""},     {"use_sliding_window", "false"}, {"mlp_bias", "false"},
                    {"partial_rotary_factor", "1"}, {"use_mrope", "false"},          {"quantization_config", "null"}};
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, features[i].key);
        char *text = !item || cJSON_IsNull(item) ? NULL : cJSON_PrintUnformatted(item);
        enum tern_status status = TERN_STATUS_OK;
        if (text && strcmp(text, features[i].plain) != 0) {
            status = tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: %s is %.100s, which is not supported", path,
                                    features[i].key, text);
        }
        cJSON_free(text);
        TERN_TRY(status);
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "layer_types")) {
        if (strcmp(text_of(item), "full_attention") != 0) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                  "%s: layer_types has '%.100s'; only full_attention can be run", path, text_of(item));
        }
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
    return tern_json_number(root, "num_key_value_heads", 1, TERN_MAX_HEADS, &config->heads, path, error,
                            &config->kv_heads);
}

// family_size: elements of a head without the key; 0: hidden size / heads.
static enum tern_status read_heads(const cJSON *root, uint32_t family_size, const char *path, struct tern_error *error,
                                   struct tern_model_config *config) {
    if (config->heads % config->kv_heads != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: num_attention_heads %u is not a multiple of num_key_value_heads %u", path,
                              config->heads, config->kv_heads);
    }
    uint32_t default_size = family_size ? family_size : config->hidden_size / config->heads;
    const cJSON *explicit_size = cJSON_GetObjectItemCaseSensitive(root, "head_dim");
    if ((!explicit_size || cJSON_IsNull(explicit_size)) && !family_size && config->hidden_size % config->heads != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: hidden_size %u is not a multiple of num_attention_heads %u", path,
                              config->hidden_size, config->heads);
    }
    TERN_TRY(tern_json_number(root, "head_dim", 1, TERN_MAX_HEAD_SIZE, &default_size, path, error, &config->head_size));
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

static enum tern_status read_scaling(const cJSON *scaling, const char *path, struct tern_error *error,
                                     struct tern_model_config *config) {
    struct tern_rotary_scaling *out = &config->rope_scaling;
    const cJSON *type_item = cJSON_GetObjectItemCaseSensitive(scaling, "rope_type");
    const char *type = text_of(type_item ? type_item : cJSON_GetObjectItemCaseSensitive(scaling, "type"));
    if (strcmp(type, "default") == 0) {
        return TERN_STATUS_OK;
    }
    if (strcmp(type, "llama3") != 0) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: rope_scaling is of type '%.100s'; only default and llama3 are supported", path,
                              type);
    }
    TERN_TRY(tern_json_real(scaling, "factor", NULL, path, error, &out->factor));
    TERN_TRY(tern_json_real(scaling, "low_freq_factor", NULL, path, error, &out->low_turns));
    TERN_TRY(tern_json_real(scaling, "high_freq_factor", NULL, path, error, &out->high_turns));
    TERN_TRY(tern_json_real(scaling, "original_max_position_embeddings", NULL, path, error, &out->original_positions));
    double no_frequencies[1];
    if (tern_rotary_scale(out, 0, no_frequencies) != TERN_STATUS_OK) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: rope_scaling: factor %g, low_freq_factor %g, high_freq_factor %g, "
                              "original_max_position_embeddings %g are out of range",
                              path, out->factor, out->low_turns, out->high_turns, out->original_positions);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_rotary(const cJSON *root, const char *path, struct tern_error *error,
                                    struct tern_model_config *config) {
    // Newer files have rope_theta and the scaling together in rope_parameters.
    const cJSON *parameters = cJSON_GetObjectItemCaseSensitive(root, "rope_parameters");
    const cJSON *scaling = cJSON_GetObjectItemCaseSensitive(root, "rope_scaling");
    scaling = scaling && !cJSON_IsNull(scaling) ? scaling : parameters;
    if (scaling && !cJSON_IsNull(scaling)) {
        TERN_TRY(read_scaling(scaling, path, error, config));
    }
    const double default_theta = 10000.0;
    const cJSON *source = cJSON_GetObjectItemCaseSensitive(root, "rope_theta") || !parameters ? root : parameters;
    return tern_json_real(source, "rope_theta", &default_theta, path, error, &config->rope_theta);
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
    const double default_epsilon = 1e-6;
    double epsilon;
    TERN_TRY(read_rotary(root, path, error, config));
    TERN_TRY(tern_json_real(root, "rms_norm_eps", &default_epsilon, path, error, &epsilon));
    config->rms_epsilon = (float)epsilon;
    return tern_json_flag(root, "tie_word_embeddings", 0, path, error, &config->tied_embeddings);
}

static enum tern_status add_stop_id(const cJSON *item, const char *path, struct tern_error *error,
                                    struct tern_model_config *config) {
    const uint32_t capacity = sizeof config->stop_ids / sizeof config->stop_ids[0];
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < config->vocabulary_size) ||
        item->valuedouble != (uint32_t)item->valuedouble || config->stop_id_count == capacity) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: eos_token_id must be at most %u tokens below vocab_size %u", path, capacity,
                              config->vocabulary_size);
    }
    config->stop_ids[config->stop_id_count++] = (uint32_t)item->valuedouble;
    return TERN_STATUS_OK;
}

static enum tern_status read_stop_ids(const cJSON *root, const char *path, struct tern_error *error,
                                      struct tern_model_config *config) {
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(root, "eos_token_id"), *item;
    if (!ids || cJSON_IsNull(ids)) {
        return TERN_STATUS_OK;
    }
    if (!cJSON_IsArray(ids)) {
        return add_stop_id(ids, path, error, config);
    }
    cJSON_ArrayForEach(item, ids) {
        TERN_TRY(add_stop_id(item, path, error, config));
    }
    return TERN_STATUS_OK;
}

static enum tern_status load_stop_ids(const char *path, struct tern_error *error, struct tern_model_config *config) {
    cJSON *root;
    if (access(path, F_OK) != 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_json_load(path, error, &root));
    enum tern_status status = read_stop_ids(root, path, error, config);
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

static enum tern_status read_config(const cJSON *root, const char *path, struct tern_error *error,
                                    struct tern_model_config *config) {
    const struct tern_family *family;
    TERN_TRY(read_family(root, path, error, &family));
    TERN_TRY(check_features(root, path, error));
    TERN_TRY(read_biases(root, family, path, error, config));
    TERN_TRY(read_sizes(root, path, error, config));
    TERN_TRY(read_heads(root, family->head_size, path, error, config));
    if (family->sliding_window > 0) {
        TERN_TRY(read_window(root, family->sliding_window, path, error, config));
    }
    return read_rest(root, path, error, config);
}

// The tokens that end a text are those of generation_config.json, else of config.json.
static enum tern_status read_all(const cJSON *root, const char *path, const char *directory, struct tern_error *error,
                                 struct tern_model_config *config) {
    TERN_TRY(read_config(root, path, error, config));
    TERN_TRY(read_generation(directory, error, config));
    return config->stop_id_count == 0 ? read_stop_ids(root, path, error, config) : TERN_STATUS_OK;
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
