// SPDX-License-Identifier: Apache-2.0
// Which tensors a configuration needs, and of which shape.
#include "host_driver/model/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    case EXTENT_HIDDEN: return config->hidden_size;
    case EXTENT_INTERMEDIATE: return config->intermediate_size;
    case EXTENT_QUERY: return (uint64_t)config->heads * config->head_size;
    case EXTENT_KEY_VALUE: return (uint64_t)config->kv_heads * config->head_size;
    case EXTENT_NONE: break;
    }
    return 0;
}

static int is_bias(const struct layer_tensor *tensor) {
    return strstr(tensor->name, ".bias") != NULL;
}

static uint64_t tensors_a_layer(const struct tern_model_config *config) {
    uint64_t count = 0;
    for (size_t i = 0; i < LAYER_TENSORS; i++) {
        count += config->has_qkv_bias || !is_bias(&layer_tensors[i]);
    }
    return count;
}

// Tensor `index` of a layer of this configuration.
static const struct layer_tensor *find_layer_tensor(const struct tern_model_config *config, uint64_t index) {
    const struct layer_tensor *tensor = layer_tensors;
    for (;; tensor++) {
        if (config->has_qkv_bias || !is_bias(tensor)) {
            if (index-- == 0) {
                return tensor;
            }
        }
    }
}

uint64_t tern_config_tensor_count(const struct tern_model_config *config) {
    return 1 + tensors_a_layer(config) * config->layers + 1 + !config->tied_embeddings;
}

void tern_config_tensor(const struct tern_model_config *config, uint64_t index, struct tern_needed_tensor *needed) {
    uint64_t a_layer = tensors_a_layer(config), in_layers = a_layer * config->layers;
    *needed = (struct tern_needed_tensor){.rows = config->vocabulary_size, .columns = config->hidden_size};
    if (index == 0) {
        snprintf(needed->name, sizeof needed->name, "model.embed_tokens.weight");
    } else if (index <= in_layers) {
        const struct layer_tensor *tensor = find_layer_tensor(config, (index - 1) % a_layer);
        snprintf(needed->name, sizeof needed->name, "model.layers.%u.%s", (unsigned)((index - 1) / a_layer),
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

int tern_config_is_foreign(const struct tern_model_config *config, const char *name) {
    static const char prefix[] = "model.layers.";
    if (strncmp(name, prefix, sizeof prefix - 1) != 0 || !(strstr(name, ".bias") || strstr(name, "norm.weight"))) {
        return 0;
    }
    const char *part = strchr(name + sizeof prefix - 1, '.');
    for (size_t i = 0; part && i < LAYER_TENSORS; i++) {
        if (strcmp(part + 1, layer_tensors[i].name) == 0) {
            return is_bias(&layer_tensors[i]) && !config->has_qkv_bias;
        }
    }
    return 1;
}
