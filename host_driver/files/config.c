// SPDX-License-Identifier: Apache-2.0
#include "host_driver/files/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/files/json.h"
#include "host_driver/files/path.h"

#define MAX_LAYERS 1024
#define MAX_DECLARED_POSITIONS (1u << 24)

static enum tern_status check_architecture(const cJSON *root, const char *path, struct tern_error *error) {
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "model_type"));
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "architectures");
    const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(list, 0));
    if (!name || strcmp(name, "Qwen2ForCausalLM") != 0)
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: the architecture is '%.100s'; only Qwen2ForCausalLM can be run", path,
                              name ? name : "(none)");
    if (!type || strcmp(type, "qwen2") != 0)
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: model_type is '%.100s'; only qwen2 can be run", path,
                              type ? type : "(none)");
    const cJSON *activation = cJSON_GetObjectItemCaseSensitive(root, "hidden_act");
    if (activation && (!cJSON_IsString(activation) || strcmp(activation->valuestring, "silu") != 0))
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: hidden_act is not silu", path);
    return TERN_STATUS_OK;
}

static enum tern_status check_features(const cJSON *root, const char *path, struct tern_error *error) {
    const cJSON *scaling = cJSON_GetObjectItemCaseSensitive(root, "rope_scaling");
    if (scaling && !cJSON_IsNull(scaling))
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: rope_scaling is set, which is not supported", path);
    int sliding;
    enum tern_status status = tern_json_flag(root, "use_sliding_window", 0, path, error, &sliding);
    if (status == TERN_STATUS_OK && sliding)
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: use_sliding_window is true, which is not supported",
                              path);
    return status;
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
        enum tern_status status = tern_json_number(root, fields[i].key, 1, fields[i].most, NULL, path, error, value);
        if (status != TERN_STATUS_OK)
            return status;
    }
    if (config->max_positions > TERN_MAX_POSITIONS)
        config->max_positions = TERN_MAX_POSITIONS;
    return tern_json_number(root, "num_key_value_heads", 1, TERN_MAX_HEADS, &config->heads, path, error,
                            &config->kv_heads);
}

static enum tern_status read_heads(const cJSON *root, const char *path, struct tern_error *error,
                                   struct tern_model_config *config) {
    if (config->heads % config->kv_heads != 0)
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: num_attention_heads %u is not a multiple of num_key_value_heads %u", path,
                              config->heads, config->kv_heads);
    uint32_t quotient = config->hidden_size / config->heads;
    const cJSON *explicit_size = cJSON_GetObjectItemCaseSensitive(root, "head_dim");
    if ((!explicit_size || cJSON_IsNull(explicit_size)) && config->hidden_size % config->heads != 0)
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: hidden_size %u is not a multiple of num_attention_heads %u", path,
                              config->hidden_size, config->heads);
    enum tern_status status =
        tern_json_number(root, "head_dim", 1, TERN_MAX_HEAD_SIZE, &quotient, path, error, &config->head_size);
    if (status != TERN_STATUS_OK)
        return status;
    if (config->head_size > TERN_MAX_HEAD_SIZE || config->head_size % 2 != 0)
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a head of %u elements is not even or over %u", path,
                              config->head_size, TERN_MAX_HEAD_SIZE);
    if (config->heads * config->head_size > TERN_MAX_COLUMNS)
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %u heads of %u elements are over %u columns", path,
                              config->heads, config->head_size, TERN_MAX_COLUMNS);
    return TERN_STATUS_OK;
}

static enum tern_status read_rotary(const cJSON *root, const char *path, struct tern_error *error,
                                    struct tern_model_config *config) {
    // Newer files move rope_theta into rope_parameters.
    const cJSON *parameters = cJSON_GetObjectItemCaseSensitive(root, "rope_parameters");
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameters, "rope_type"));
    if (type && strcmp(type, "default") != 0)
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: rope_type is '%.100s', which is not supported", path,
                              type);
    const double default_theta = 10000.0;
    const cJSON *source = cJSON_GetObjectItemCaseSensitive(root, "rope_theta") || !parameters ? root : parameters;
    return tern_json_real(source, "rope_theta", &default_theta, path, error, &config->rope_theta);
}

static enum tern_status read_rest(const cJSON *root, const char *path, struct tern_error *error,
                                  struct tern_model_config *config) {
    const double default_epsilon = 1e-6;
    double epsilon;
    enum tern_status status = read_rotary(root, path, error, config);
    if (status == TERN_STATUS_OK)
        status = tern_json_real(root, "rms_norm_eps", &default_epsilon, path, error, &epsilon);
    if (status != TERN_STATUS_OK)
        return status;
    config->rms_epsilon = (float)epsilon;
    config->has_qkv_bias = 1;
    return tern_json_flag(root, "tie_word_embeddings", 0, path, error, &config->tied_embeddings);
}

static enum tern_status add_stop_id(const cJSON *item, const char *path, struct tern_error *error,
                                    struct tern_model_config *config) {
    const uint32_t capacity = sizeof config->stop_ids / sizeof config->stop_ids[0];
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < config->vocabulary_size) ||
        item->valuedouble != (uint32_t)item->valuedouble || config->stop_id_count == capacity)
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: eos_token_id must be at most %u tokens below vocab_size %u", path, capacity,
                              config->vocabulary_size);
    config->stop_ids[config->stop_id_count++] = (uint32_t)item->valuedouble;
    return TERN_STATUS_OK;
}

static enum tern_status read_stop_ids(const cJSON *root, const char *path, struct tern_error *error,
                                      struct tern_model_config *config) {
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(root, "eos_token_id"), *item;
    if (!ids || cJSON_IsNull(ids))
        return TERN_STATUS_OK;
    if (!cJSON_IsArray(ids))
        return add_stop_id(ids, path, error, config);
    cJSON_ArrayForEach(item, ids) {
        enum tern_status status = add_stop_id(item, path, error, config);
        if (status != TERN_STATUS_OK)
            return status;
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_generation(const char *directory, struct tern_error *error,
                                        struct tern_model_config *config) {
    char *path = tern_path_join(directory, "generation_config.json");
    cJSON *root;
    if (!path || access(path, F_OK) != 0) {
        free(path);
        return TERN_STATUS_OK;
    }
    enum tern_status status = tern_json_load(path, error, &root);
    if (status == TERN_STATUS_OK) {
        status = read_stop_ids(root, path, error, config);
        cJSON_Delete(root);
    }
    free(path);
    return status;
}

static enum tern_status read_config(const cJSON *root, const char *path, struct tern_error *error,
                                    struct tern_model_config *config) {
    enum tern_status status = check_architecture(root, path, error);
    if (status == TERN_STATUS_OK)
        status = check_features(root, path, error);
    if (status == TERN_STATUS_OK)
        status = read_sizes(root, path, error, config);
    if (status == TERN_STATUS_OK)
        status = read_heads(root, path, error, config);
    if (status == TERN_STATUS_OK)
        status = read_rest(root, path, error, config);
    return status;
}

enum tern_status tern_config_load(const char *directory, struct tern_error *error, struct tern_model_config *config) {
    cJSON *root;
    memset(config, 0, sizeof *config);
    char *path = tern_path_join(directory, "config.json");
    if (!path)
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", directory);
    enum tern_status status = tern_json_load(path, error, &root);
    if (status == TERN_STATUS_OK) {
        status = read_config(root, path, error, config);
        if (status == TERN_STATUS_OK)
            status = read_generation(directory, error, config);
        if (status == TERN_STATUS_OK && config->stop_id_count == 0)
            status = read_stop_ids(root, path, error, config);
        cJSON_Delete(root);
    }
    free(path);
    return status;
}

enum extent { EXTENT_NONE, EXTENT_HIDDEN, EXTENT_INTERMEDIATE, EXTENT_QUERY, EXTENT_KEY_VALUE };

struct layer_tensor {
    const char *name;
    enum extent rows, columns;
};

static const struct layer_tensor layer_tensors[] = {
    {"input_layernorm.weight", EXTENT_HIDDEN, EXTENT_NONE},
    {"self_attn.q_proj.weight", EXTENT_QUERY, EXTENT_HIDDEN},
    {"self_attn.q_proj.bias", EXTENT_QUERY, EXTENT_NONE},
    {"self_attn.k_proj.weight", EXTENT_KEY_VALUE, EXTENT_HIDDEN},
    {"self_attn.k_proj.bias", EXTENT_KEY_VALUE, EXTENT_NONE},
    {"self_attn.v_proj.weight", EXTENT_KEY_VALUE, EXTENT_HIDDEN},
    {"self_attn.v_proj.bias", EXTENT_KEY_VALUE, EXTENT_NONE},
    {"self_attn.o_proj.weight", EXTENT_HIDDEN, EXTENT_QUERY},
    {"post_attention_layernorm.weight", EXTENT_HIDDEN, EXTENT_NONE},
    {"mlp.gate_proj.weight", EXTENT_INTERMEDIATE, EXTENT_HIDDEN},
    {"mlp.up_proj.weight", EXTENT_INTERMEDIATE, EXTENT_HIDDEN},
    {"mlp.down_proj.weight", EXTENT_HIDDEN, EXTENT_INTERMEDIATE},
};
#define LAYER_TENSORS (sizeof layer_tensors / sizeof layer_tensors[0])

static uint64_t extent_of(const struct tern_model_config *config, enum extent extent) {
    switch (extent) {
    case EXTENT_HIDDEN:
        return config->hidden_size;
    case EXTENT_INTERMEDIATE:
        return config->intermediate_size;
    case EXTENT_QUERY:
        return (uint64_t)config->heads * config->head_size;
    case EXTENT_KEY_VALUE:
        return (uint64_t)config->kv_heads * config->head_size;
    case EXTENT_NONE:
        break;
    }
    return 0;
}

uint64_t tern_config_tensor_count(const struct tern_model_config *config) {
    return 1 + LAYER_TENSORS * config->layers + 1 + !config->tied_embeddings;
}

void tern_config_tensor(const struct tern_model_config *config, uint64_t index, struct tern_needed_tensor *needed) {
    uint64_t in_layers = LAYER_TENSORS * config->layers;
    *needed = (struct tern_needed_tensor){.rows = config->vocabulary_size, .columns = config->hidden_size};
    if (index == 0) {
        snprintf(needed->name, sizeof needed->name, "model.embed_tokens.weight");
    } else if (index <= in_layers) {
        const struct layer_tensor *tensor = &layer_tensors[(index - 1) % LAYER_TENSORS];
        snprintf(needed->name, sizeof needed->name, "model.layers.%u.%s", (unsigned)((index - 1) / LAYER_TENSORS),
                 tensor->name);
        needed->rows = extent_of(config, tensor->rows);
        needed->columns = extent_of(config, tensor->columns);
        needed->packed = tensor->columns != EXTENT_NONE;
    } else if (index == in_layers + 1) {
        snprintf(needed->name, sizeof needed->name, "model.norm.weight");
        needed->rows = config->hidden_size;
        needed->columns = 0;
    } else {
        snprintf(needed->name, sizeof needed->name, "lm_head.weight");
    }
}
