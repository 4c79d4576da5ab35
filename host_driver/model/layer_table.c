// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/layer_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/name_list.h"

#define CAUSAL_LM "ForCausalLM" // the end of every architecture

static const struct tern_family families[] = {
    {.architecture = "Qwen2ForCausalLM",
     .model_type = "qwen2",
     .features = TERN_FEATURE_QKV_BIAS,
     .bias_features = TERN_FEATURE_QKV_BIAS,
     .kv_heads = 32},
    {.architecture = "Qwen3ForCausalLM",
     .model_type = "qwen3",
     .features = TERN_FEATURE_HEAD_NORM,
     .bias_features = TERN_FEATURE_QKV_BIAS | TERN_FEATURE_O_BIAS,
     .head_size = 128,
     .kv_heads = 32},
    {.architecture = "LlamaForCausalLM",
     .model_type = "llama",
     .bias_features = TERN_FEATURE_QKV_BIAS | TERN_FEATURE_O_BIAS,
     .stop_id = 2},
    {.architecture = "MistralForCausalLM",
     .model_type = "mistral",
     .sliding_window = 4096,
     .kv_heads = 8,
     .stop_id = 2},
};
enum { FAMILIES = sizeof families / sizeof *families };

#define LAYER_PREFIX "model.layers."

#define ROW(name, operation, extent, from, to, ...)                                                                    \
    {                                                                                                                  \
        .stage = name, .opcode = TERN_OPCODE_##operation, .length = TERN_EXTENT_##extent, .reads = from,               \
        .writes = TERN_BUFFER_##to, __VA_ARGS__                                                                        \
    }
#define FROM(a)                                                                                                        \
    { TERN_BUFFER_##a }
#define FROM_2(a, b)                                                                                                   \
    { TERN_BUFFER_##a, TERN_BUFFER_##b }
#define ALSO(a) .also_writes = TERN_BUFFER_##a
#define VECTOR(name) .tensor = name
#define EACH(extent) .part = TERN_EXTENT_##extent
#define MATRIX(name, extent) .tensor = name, .columns = TERN_EXTENT_##extent
#define IF(name) .feature = TERN_FEATURE_##name
#define TURN(number) .turn = number
#define BESIDE TURN(TERN_TURN_BESIDE)

static const struct tern_layer_row layer_rows[] = {
    ROW("input_norm", RMSNORM, HIDDEN, FROM(HIDDEN), NORMED, VECTOR("input_layernorm.weight")),
    ROW("input_quantize", QUANTIZE, HIDDEN, FROM(NORMED), ACTIVATION),
    ROW("q_proj", MATMUL, QUERY, FROM(ACTIVATION), QUERY, MATRIX("self_attn.q_proj.weight", HIDDEN), TURN(2)),
    ROW("q_bias", ADD, QUERY, FROM(QUERY), QUERY, VECTOR("self_attn.q_proj.bias"), IF(QKV_BIAS), TURN(4)),
    ROW("k_proj", MATMUL, KEY_VALUE, FROM(ACTIVATION), KEY, MATRIX("self_attn.k_proj.weight", HIDDEN), TURN(1)),
    ROW("k_bias", ADD, KEY_VALUE, FROM(KEY), KEY, VECTOR("self_attn.k_proj.bias"), IF(QKV_BIAS), BESIDE),
    ROW("v_proj", MATMUL, KEY_VALUE, FROM(ACTIVATION), VALUE, MATRIX("self_attn.v_proj.weight", HIDDEN), TURN(1)),
    ROW("v_bias", ADD, KEY_VALUE, FROM(VALUE), VALUE, VECTOR("self_attn.v_proj.bias"), IF(QKV_BIAS), BESIDE),
    ROW("q_norm", RMSNORM, QUERY, FROM(QUERY), QUERY, EACH(HEAD), VECTOR("self_attn.q_norm.weight"), IF(HEAD_NORM),
        TURN(4)),
    ROW("k_norm", RMSNORM, KEY_VALUE, FROM(KEY), KEY, EACH(HEAD), VECTOR("self_attn.k_norm.weight"), IF(HEAD_NORM),
        BESIDE),
    ROW("q_rope", ROPE, QUERY, FROM(QUERY), ROTATED_QUERY, TURN(4)),
    ROW("k_rope", ROPE, KEY_VALUE, FROM(KEY), ROTATED_KEY, BESIDE),
    ROW("k_store", STORE, KEY_VALUE, FROM(ROTATED_KEY), KEYS, BESIDE),
    ROW("v_collect", COPY, KEY_VALUE, FROM(VALUE), HISTORY, BESIDE),
    ROW("v_store", STORE, KEY_VALUE, FROM(HISTORY), VALUES, BESIDE),
    ROW("q_quantize", QUANTIZE, QUERY, FROM(ROTATED_QUERY), QUERIES, TURN(4)),
    ROW("scores", DOT, POSITION, FROM_2(QUERIES, KEYS), SCORES),
    ROW("softmax", SOFTMAX, POSITION, FROM(SCORES), WEIGHTS, ALSO(TOTALS)),
    ROW("values", DOT, QUERY, FROM_2(WEIGHTS, VALUES), MIXED),
    ROW("attention", SCALE, QUERY, FROM_2(MIXED, TOTALS), ATTENTION),
    ROW("attention_quantize", QUANTIZE, QUERY, FROM(ATTENTION), ACTIVATION),
    ROW("o_proj", MATMUL, HIDDEN, FROM(ACTIVATION), PROJECTED, MATRIX("self_attn.o_proj.weight", QUERY)),
    ROW("o_bias", ADD, HIDDEN, FROM(PROJECTED), PROJECTED, VECTOR("self_attn.o_proj.bias"), IF(O_BIAS)),
    ROW("attention_residual", ADD, HIDDEN, FROM_2(HIDDEN, PROJECTED), HIDDEN),
    ROW("post_norm", RMSNORM, HIDDEN, FROM(HIDDEN), NORMED, VECTOR("post_attention_layernorm.weight")),
    ROW("post_quantize", QUANTIZE, HIDDEN, FROM(NORMED), ACTIVATION),
    ROW("gate_proj", MATMUL, INTERMEDIATE, FROM(ACTIVATION), GATE, MATRIX("mlp.gate_proj.weight", HIDDEN)),
    ROW("up_proj", MATMUL, INTERMEDIATE, FROM(ACTIVATION), UP, MATRIX("mlp.up_proj.weight", HIDDEN)),
    ROW("swiglu", SWIGLU, INTERMEDIATE, FROM_2(GATE, UP), GATE),
    ROW("swiglu_quantize", QUANTIZE, INTERMEDIATE, FROM(GATE), ACTIVATION),
    ROW("down_proj", MATMUL, HIDDEN, FROM(ACTIVATION), PROJECTED, MATRIX("mlp.down_proj.weight", INTERMEDIATE)),
    ROW("mlp_residual", ADD, HIDDEN, FROM_2(HIDDEN, PROJECTED), HIDDEN),
};
enum { ROWS = sizeof layer_rows / sizeof *layer_rows };

const struct tern_layer_row tern_final_norm_row =
    ROW("final_norm", RMSNORM, HIDDEN, FROM(HIDDEN), NORMED, VECTOR("model.norm.weight"));

static const char *architecture_of(size_t index) {
    return index < FAMILIES ? families[index].architecture : NULL;
}

static const char *type_of(size_t index) {
    return index < FAMILIES ? families[index].model_type : NULL;
}

// "Qwen2ForCausalLM", or "Qwen2Model" for the layers without the head.
static bool is_name_of(const struct tern_family *family, const char *architecture) {
    const size_t stem = strlen(family->architecture) - strlen(CAUSAL_LM);
    return strcmp(architecture, family->architecture) == 0 ||
           (strncmp(architecture, family->architecture, stem) == 0 && strcmp(architecture + stem, "Model") == 0);
}

enum tern_status tern_family_find(const char *architecture, const char *path, struct tern_error *error,
                                  const struct tern_family **family) {
    char names[256];
    for (size_t i = 0; i < FAMILIES; i++) {
        if (is_name_of(&families[i], architecture)) {
            *family = &families[i];
            return TERN_STATUS_OK;
        }
    }
    tern_name_list(architecture_of, names, sizeof names);
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: the architecture is '%.100s'; %s can be run", path,
                          architecture, names);
}

enum tern_status tern_family_of_type(const char *model_type, const char *path, struct tern_error *error,
                                     const struct tern_family **family) {
    char names[256];
    for (size_t i = 0; i < FAMILIES; i++) {
        if (strcmp(model_type, families[i].model_type) == 0) {
            *family = &families[i];
            return TERN_STATUS_OK;
        }
    }
    tern_name_list(type_of, names, sizeof names);
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "%s: no architectures, and model_type is '%.100s'; %s can be run", path, model_type, names);
}

static bool has_row(const struct tern_model_config *config, const struct tern_layer_row *row) {
    return (row->feature & ~config->features) == 0;
}

const struct tern_layer_row *tern_layer_row(const struct tern_model_config *config, uint32_t index) {
    for (const struct tern_layer_row *row = layer_rows; row < layer_rows + ROWS; row++) {
        if (has_row(config, row) && index-- == 0) {
            return row;
        }
    }
    return NULL;
}

uint32_t tern_layer_rows(const struct tern_model_config *config) {
    uint32_t count = 0;
    while (tern_layer_row(config, count)) {
        count++;
    }
    return count;
}

bool tern_layer_row_is_shared(const struct tern_layer_row *row) {
    bool is_shared = tern_is_shared(row->writes);
    for (size_t i = 0; i < TERN_LAYER_READS; i++) {
        is_shared |= tern_is_shared(row->reads[i]);
    }
    return is_shared;
}

uint32_t tern_extent_length(const struct tern_model_config *config, enum tern_extent extent) {
    switch (extent) {
    case TERN_EXTENT_HIDDEN: return config->hidden_size;
    case TERN_EXTENT_INTERMEDIATE: return config->intermediate_size;
    case TERN_EXTENT_QUERY: return config->heads * config->head_size;
    case TERN_EXTENT_KEY_VALUE: return config->kv_heads * config->head_size;
    case TERN_EXTENT_HEAD: return config->head_size;
    case TERN_EXTENT_POSITION:
    case TERN_EXTENT_NONE: break;
    }
    return 0;
}

uint32_t tern_layer_part_length(const struct tern_model_config *config, const struct tern_layer_row *row) {
    return tern_extent_length(config, row->part == TERN_EXTENT_NONE ? row->length : row->part);
}

void tern_layer_tensor_name(const struct tern_layer_row *row, uint32_t layer, char name[TERN_TENSOR_NAME_BYTES]) {
    snprintf(name, TERN_TENSOR_NAME_BYTES, LAYER_PREFIX "%u.%s", layer, row->tensor);
}

// The row of tensor `index` of a layer; NULL after the last.
static const struct tern_layer_row *tensor_row(const struct tern_model_config *config, uint64_t index) {
    for (const struct tern_layer_row *row = layer_rows; row < layer_rows + ROWS; row++) {
        if (row->tensor && has_row(config, row) && index-- == 0) {
            return row;
        }
    }
    return NULL;
}

static uint64_t tensors_a_layer(const struct tern_model_config *config) {
    uint64_t count = 0;
    while (tensor_row(config, count)) {
        count++;
    }
    return count;
}

uint64_t tern_config_tensor_count(const struct tern_model_config *config) {
    return 1 + tensors_a_layer(config) * config->layers + 1 + !config->tied_embeddings;
}

void tern_config_tensor(const struct tern_model_config *config, uint64_t index, struct tern_needed_tensor *needed) {
    uint64_t a_layer = tensors_a_layer(config), in_layers = a_layer * config->layers;
    *needed = (struct tern_needed_tensor){.rows = config->vocabulary_size, .columns = config->hidden_size};
    if (index == 0) {
        snprintf(needed->name, sizeof needed->name, TERN_EMBEDDING_TENSOR);
    } else if (index <= in_layers) {
        const struct tern_layer_row *row = tensor_row(config, (index - 1) % a_layer);
        tern_layer_tensor_name(row, (uint32_t)((index - 1) / a_layer), needed->name);
        needed->rows = tern_layer_part_length(config, row);
        needed->columns = tern_extent_length(config, row->columns);
        needed->packed = needed->columns > 0;
    } else if (index == in_layers + 1) {
        snprintf(needed->name, sizeof needed->name, "%s", tern_final_norm_row.tensor);
        needed->rows = tern_extent_length(config, tern_final_norm_row.length);
        needed->columns = 0;
    } else {
        snprintf(needed->name, sizeof needed->name, TERN_HEAD_TENSOR);
    }
}

// Splits "model.layers.<layer>.<part>"; NULL for other names. A number that is written otherwise gives UINT32_MAX.
static const char *split_name(const char *name, uint32_t *layer) {
    char again[16];
    if (strncmp(name, LAYER_PREFIX, sizeof LAYER_PREFIX - 1) != 0) {
        return NULL;
    }
    const char *number = name + sizeof LAYER_PREFIX - 1, *point = strchr(number, '.');
    if (!point) {
        return NULL;
    }
    *layer = (uint32_t)strtoul(number, NULL, 10);
    snprintf(again, sizeof again, "%u.", *layer);
    *layer = strncmp(number, again, (size_t)(point + 1 - number)) == 0 ? *layer : UINT32_MAX;
    return point + 1;
}

// The row that reads the tensor, in any layer and family; NULL without one.
static const struct tern_layer_row *find_row(const char *name, uint32_t *layer) {
    const char *part = split_name(name, layer);
    for (const struct tern_layer_row *row = layer_rows; part && row < layer_rows + ROWS; row++) {
        if (row->tensor && strcmp(part, row->tensor) == 0) {
            return row;
        }
    }
    return NULL;
}

bool tern_config_has_tensor(const struct tern_model_config *config, const char *name) {
    uint32_t layer;
    const struct tern_layer_row *row = find_row(name, &layer);
    return row ? has_row(config, row) && layer < config->layers
               : strcmp(name, TERN_EMBEDDING_TENSOR) == 0 || strcmp(name, tern_final_norm_row.tensor) == 0 ||
                     strcmp(name, TERN_HEAD_TENSOR) == 0;
}

bool tern_is_layer_matrix(const char *name) {
    uint32_t layer;
    const struct tern_layer_row *row = find_row(name, &layer);
    return row && row->columns != TERN_EXTENT_NONE;
}
