// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmodel/layout.h"
#include "cmodel/vector/rotary.h"

static const char *const projection_names[TERN_PROJECTIONS] = {
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj"};

// A 1-D tensor of `length` elements as f32, exactly widened.
static enum tern_status load_vector(const struct tern_runner *runner, const char *name, uint32_t length,
                                    struct tern_error *error, float **out) {
    struct tern_tensor tensor;
    enum tern_status status = tern_model_tensor(runner->model, name, error, &tensor);
    if (status != TERN_STATUS_OK) {
        return status;
    }
    if (tensor.dimensions != 1 || tensor.shape[0] != length) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s: the config asks for %u elements",
                              tern_model_directory(runner->model), name, length);
    }
    *out = malloc(length * sizeof **out);
    if (!*out) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %s", name);
    }
    tern_tensor_read_f32(&tensor, 0, length, *out);
    return TERN_STATUS_OK;
}

static void projection_shape(const struct tern_model_config *config, int projection, uint32_t *rows,
                             uint32_t *columns) {
    uint32_t heads = config->heads * config->head_size, kv = config->kv_heads * config->head_size;
    const uint32_t shapes[TERN_PROJECTIONS][2] = {{heads, config->hidden_size},
                                                  {kv, config->hidden_size},
                                                  {kv, config->hidden_size},
                                                  {config->hidden_size, heads},
                                                  {config->intermediate_size, config->hidden_size},
                                                  {config->intermediate_size, config->hidden_size},
                                                  {config->hidden_size, config->intermediate_size}};
    *rows = shapes[projection][0];
    *columns = shapes[projection][1];
}

static enum tern_status load_matrix(struct tern_runner *runner, uint32_t layer, int projection,
                                    struct tern_error *error) {
    struct tern_matrix *matrix = &runner->layers[layer].matrix[projection];
    char name[128];
    uint32_t rows, columns;
    projection_shape(&runner->config, projection, &rows, &columns);
    snprintf(name, sizeof name, "model.layers.%u.%s.weight", layer, projection_names[projection]);
    enum tern_status status = tern_model_matrix(runner->model, name, error, matrix);
    if (status == TERN_STATUS_OK && (matrix->rows != rows || matrix->columns != columns)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is %u x %u, the config asks for %u x %u",
                              tern_model_directory(runner->model), name, matrix->rows, matrix->columns, rows, columns);
    }
    if (status == TERN_STATUS_OK && matrix->depth < runner->depth_stored) {
        runner->depth_stored = matrix->depth;
    }
    return status;
}

static enum tern_status load_layer(struct tern_runner *runner, uint32_t layer, struct tern_error *error) {
    struct tern_layer_tensors *tensors = &runner->layers[layer];
    const struct tern_model_config *config = &runner->config;
    char name[128];
    enum tern_status status = TERN_STATUS_OK;
    for (int projection = 0; projection < TERN_PROJECTIONS && status == TERN_STATUS_OK; projection++) {
        status = load_matrix(runner, layer, projection, error);
        if (status == TERN_STATUS_OK && projection <= TERN_V && config->has_qkv_bias) {
            snprintf(name, sizeof name, "model.layers.%u.%s.bias", layer, projection_names[projection]);
            status = load_vector(runner, name, tensors->matrix[projection].rows, error, &tensors->bias[projection]);
        }
    }
    if (status == TERN_STATUS_OK) {
        snprintf(name, sizeof name, "model.layers.%u.input_layernorm.weight", layer);
        status = load_vector(runner, name, config->hidden_size, error, &tensors->input_norm);
    }
    if (status == TERN_STATUS_OK) {
        snprintf(name, sizeof name, "model.layers.%u.post_attention_layernorm.weight", layer);
        status = load_vector(runner, name, config->hidden_size, error, &tensors->post_norm);
    }
    return status;
}

static enum tern_status load_table(struct tern_runner *runner, const char *name, struct tern_error *error,
                                   struct tern_tensor *tensor) {
    enum tern_status status = tern_model_tensor(runner->model, name, error, tensor);
    if (status == TERN_STATUS_OK && (tensor->dimensions != 2 || tensor->shape[0] != runner->config.vocabulary_size ||
                                     tensor->shape[1] != runner->config.hidden_size)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s: the config asks for %u x %u",
                              tern_model_directory(runner->model), name, runner->config.vocabulary_size,
                              runner->config.hidden_size);
    }
    return status;
}

static enum tern_status make_rotary(struct tern_runner *runner, struct tern_error *error) {
    uint32_t head_size = runner->config.head_size;
    double frequencies[TERN_MAX_HEAD_SIZE / 2];
    runner->rotary = malloc((size_t)runner->options.capacity * head_size * sizeof(float));
    if (!runner->rotary) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for rotary tables");
    }
    enum tern_status status = tern_rotary_frequencies(runner->config.rope_theta, head_size, frequencies);
    if (status == TERN_STATUS_OK && runner->config.rope_scaling.factor != 0) {
        status = tern_rotary_scale(&runner->config.rope_scaling, head_size / 2, frequencies);
    }
    for (uint32_t i = 0; i < runner->options.capacity && status == TERN_STATUS_OK; i++) {
        float *table = runner->rotary + (size_t)i * head_size;
        status = tern_rotary_angles(frequencies, head_size / 2, i, table, table + head_size / 2);
    }
    return status == TERN_STATUS_OK
               ? status
               : tern_error_set(error, status, "rope_theta %g or its scaling is out of range for heads of %u elements",
                                runner->config.rope_theta, head_size);
}

enum tern_status tern_plan_tensors(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    runner->depth_stored = TERN_MAX_DEPTH;
    runner->layers = calloc(config->layers, sizeof *runner->layers);
    runner->row = malloc(config->hidden_size * sizeof *runner->row);
    if (!runner->layers || !runner->row) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %u layers", config->layers);
    }
    enum tern_status status = load_table(runner, "model.embed_tokens.weight", error, &runner->embedding);
    if (status == TERN_STATUS_OK) {
        status = load_table(runner, config->tied_embeddings ? "model.embed_tokens.weight" : "lm_head.weight", error,
                            &runner->head);
    }
    if (status == TERN_STATUS_OK) {
        status = load_vector(runner, "model.norm.weight", config->hidden_size, error, &runner->final_norm);
    }
    for (uint32_t layer = 0; layer < config->layers && status == TERN_STATUS_OK; layer++) {
        status = load_layer(runner, layer, error);
    }
    return status == TERN_STATUS_OK ? make_rotary(runner, error) : status;
}

// What the stream holds for a command on `strips` of a matrix: these, their checksums, steps.
static uint64_t upload_bytes(const struct tern_matrix *matrix, uint64_t strips) {
    const uint64_t align = TERN_SEGMENT_ALIGN;
    return strips * tern_strip_bytes(matrix->columns, matrix->depth) +
           tern_align_up(tern_crc_bytes(strips * TERN_STRIP_ROWS, matrix->depth), align) +
           tern_align_up(TERN_STEPS * sizeof(float), align);
}

// Everything the stream will be asked for, were it all to stay.
static uint64_t resident_bytes(const struct tern_runner *runner) {
    const struct tern_model_config *config = &runner->config;
    const uint64_t align = TERN_SEGMENT_ALIGN;
    uint64_t bytes = tern_align_up(config->hidden_size * sizeof(float), align) +
                     runner->options.capacity * tern_align_up(config->head_size * sizeof(float), align);
    for (uint32_t layer = 0; layer < config->layers; layer++) {
        for (int i = 0; i < TERN_PROJECTIONS; i++) {
            const struct tern_matrix *matrix = &runner->layers[layer].matrix[i];
            bytes += upload_bytes(matrix, tern_strips(matrix->rows));
            bytes += i <= TERN_V ? tern_align_up(matrix->rows * sizeof(float), align) : 0;
        }
        bytes += 2 * tern_align_up(config->hidden_size * sizeof(float), align);
    }
    return bytes;
}

// The most one command asks for when it takes as little as it can. Its strips come first; should the ring end just
// behind them, checksums and steps go to the front, which the strips must then leave free: twice their room is enough.
static uint64_t least_bytes(const struct tern_runner *runner) {
    const struct tern_model_config *config = &runner->config;
    uint32_t vector = config->hidden_size > config->head_size ? config->hidden_size : config->head_size;
    uint64_t least = tern_align_up(vector * sizeof(float), TERN_SEGMENT_ALIGN);
    for (uint32_t layer = 0; layer < config->layers; layer++) {
        for (int i = 0; i < TERN_PROJECTIONS; i++) {
            const struct tern_matrix *matrix = &runner->layers[layer].matrix[i];
            uint64_t all = tern_strips(matrix->rows), strips = all < TERN_STRIPS_MULTIPLE ? all : TERN_STRIPS_MULTIPLE;
            uint64_t bytes =
                2 * upload_bytes(matrix, strips) - strips * tern_strip_bytes(matrix->columns, matrix->depth);
            uint64_t bias = i <= TERN_V ? tern_align_up(matrix->rows * sizeof(float), TERN_SEGMENT_ALIGN) : 0;
            bytes = bytes > bias ? bytes : bias;
            least = least > bytes ? least : bytes;
        }
    }
    return least;
}

static enum tern_status allocate_caches(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    uint64_t scores = runner->options.capacity * sizeof(float);
    uint64_t cache = scores * config->kv_heads * config->head_size * config->layers;
    enum tern_status status = tern_device_allocate(runner->device, scores, error, &runner->at.scores);
    if (status == TERN_STATUS_OK) {
        status = tern_device_allocate(runner->device, cache, error, &runner->at.keys);
    }
    return status == TERN_STATUS_OK ? tern_device_allocate(runner->device, cache, error, &runner->at.values) : status;
}

// Tokens of a pass: what fits beside all weights, else in a quarter of the memory, since a short ring costs more than a
// narrow pass.
static uint32_t vectors_at_once(const struct tern_runner *runner, uint64_t row_bytes) {
    uint64_t free_bytes = tern_device_free_bytes(runner->device), all = resident_bytes(runner);
    uint64_t fit = (free_bytes > all + row_bytes ? free_bytes - all : free_bytes / 4) / row_bytes;
    uint64_t most = runner->options.capacity < TERN_MAX_VECTORS ? runner->options.capacity : TERN_MAX_VECTORS;
    return (uint32_t)(fit < 1 ? 1 : fit < most ? fit : most);
}

static enum tern_status allocate_rows(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    struct tern_buffers *at = &runner->at;
    uint64_t inner = config->intermediate_size, hidden = config->hidden_size;
    uint64_t heads = (uint64_t)config->heads * config->head_size, kv = (uint64_t)config->kv_heads * config->head_size;
    uint64_t widest = hidden > inner ? hidden : inner;
    const struct {
        struct tern_rows *rows;
        uint64_t bytes;
    } buffers[] = {
        {&at->hidden, 4 * hidden},    {&at->normed, 4 * hidden},
        {&at->projected, 4 * hidden}, {&at->activation, tern_activation_bytes(widest > heads ? widest : heads)},
        {&at->query, 4 * heads},      {&at->query_rotated, 4 * heads},
        {&at->attention, 4 * heads},  {&at->key, 4 * kv},
        {&at->value, 4 * kv},         {&at->gate, 4 * inner},
        {&at->up, 4 * inner}};
    enum { BUFFERS = sizeof buffers / sizeof *buffers };
    uint64_t row_bytes = 0;
    for (int i = 0; i < BUFFERS; i++) {
        buffers[i].rows->stride = tern_align_up(buffers[i].bytes, TERN_SEGMENT_ALIGN);
        row_bytes += buffers[i].rows->stride;
    }
    runner->vectors = vectors_at_once(runner, row_bytes);
    enum tern_status status = TERN_STATUS_OK;
    for (int i = 0; i < BUFFERS && status == TERN_STATUS_OK; i++) {
        status = tern_device_allocate(runner->device, runner->vectors * buffers[i].rows->stride, error,
                                      &buffers[i].rows->address);
    }
    return status;
}

enum tern_status tern_plan_memory(struct tern_runner *runner, struct tern_error *error) {
    enum tern_status status = allocate_caches(runner, error);
    if (status == TERN_STATUS_OK) {
        status = allocate_rows(runner, error);
    }
    return status != TERN_STATUS_OK
               ? status
               : tern_stream_open(&runner->stream, runner->device, tern_device_free_bytes(runner->device),
                                  resident_bytes(runner), least_bytes(runner), error);
}
