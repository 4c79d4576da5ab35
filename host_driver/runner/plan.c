// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/plan.h"

#include <stdlib.h>
#include <string.h>

#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
#include "cmodel/vector/rotary.h"

// tern_model_open has checked the shapes of all tensors.
static enum tern_status load_vector(const struct tern_model *model, const char *name, struct tern_error *error,
                                    struct tern_operand *operand) {
    struct tern_tensor tensor;
    TERN_TRY(tern_model_tensor(model, name, error, &tensor));
    operand->length = (uint32_t)tensor.shape[0];
    operand->vector = malloc(operand->length * sizeof *operand->vector);
    if (!operand->vector) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %s", name);
    }
    tern_tensor_read_f32(&tensor, 0, operand->length, operand->vector);
    return TERN_STATUS_OK;
}

static enum tern_status load_operand(struct tern_runner *runner, const struct tern_layer_row *row, uint32_t layer,
                                     struct tern_error *error, struct tern_operand *operand) {
    char name[TERN_TENSOR_NAME_BYTES];
    if (!row->tensor) {
        return TERN_STATUS_OK;
    }
    tern_layer_tensor_name(row, layer, name);
    if (row->columns == TERN_EXTENT_NONE) {
        return load_vector(runner->model, name, error, operand);
    }
    TERN_TRY(tern_model_matrix(runner->model, name, error, &operand->matrix));
    if (operand->matrix.depth < runner->depth_stored) {
        runner->depth_stored = operand->matrix.depth;
    }
    return TERN_STATUS_OK;
}

static enum tern_status load_layers(struct tern_runner *runner, struct tern_error *error) {
    struct tern_operand *operand = runner->operands;
    for (uint32_t layer = 0; layer < runner->config.layers; layer++) {
        for (uint32_t i = 0; i < runner->layer_rows; i++) {
            TERN_TRY(load_operand(runner, tern_layer_row(&runner->config, i), layer, error, operand++));
        }
    }
    return TERN_STATUS_OK;
}

// The biases of all layers once more, each layer's side by side.
static enum tern_status join_biases(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    runner->joined_length =
        tern_extent_length(config, TERN_EXTENT_QUERY) + 2 * tern_extent_length(config, TERN_EXTENT_KEY_VALUE);
    if (!(config->features & TERN_FEATURE_QKV_BIAS) || !tern_overlap_joins(config)) {
        return TERN_STATUS_OK;
    }
    runner->biases = malloc((size_t)config->layers * runner->joined_length * sizeof(float));
    if (!runner->biases) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %u layers", config->layers);
    }
    float *to = runner->biases;
    for (size_t i = 0; i < tern_operand_count(runner); i++) {
        const struct tern_operand *operand = &runner->operands[i];
        if (tern_layer_row(config, (uint32_t)(i % runner->layer_rows))->feature == TERN_FEATURE_QKV_BIAS) {
            memcpy(to, operand->vector, operand->length * sizeof(float));
            to += operand->length;
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status fill_rotary(const struct tern_runner *runner) {
    uint32_t head_size = runner->config.head_size;
    double frequencies[TERN_MAX_HEAD_SIZE / 2];
    TERN_TRY(tern_rotary_frequencies(runner->config.rope_theta, head_size, frequencies));
    if (runner->config.rope_scaling.factor != 0) {
        TERN_TRY(tern_rotary_scale(&runner->config.rope_scaling, head_size / 2, frequencies));
    }
    for (uint32_t i = 0; i < runner->options.capacity; i++) {
        float *table = runner->rotary + (size_t)i * head_size;
        TERN_TRY(tern_rotary_angles(frequencies, head_size / 2, i, table, table + head_size / 2));
    }
    return TERN_STATUS_OK;
}

static enum tern_status make_rotary(struct tern_runner *runner, struct tern_error *error) {
    uint32_t head_size = runner->config.head_size;
    runner->rotary = malloc((size_t)runner->options.capacity * head_size * sizeof(float));
    if (!runner->rotary) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for rotary tables");
    }
    enum tern_status status = fill_rotary(runner);
    return status == TERN_STATUS_OK
               ? status
               : tern_error_set(error, status, "rope_theta %g or its scaling is out of range for heads of %u elements",
                                runner->config.rope_theta, head_size);
}

enum tern_status tern_plan_tensors(struct tern_runner *runner, struct tern_error *error) {
    const struct tern_model_config *config = &runner->config;
    const char *head = config->tied_embeddings ? TERN_EMBEDDING_TENSOR : TERN_HEAD_TENSOR;
    runner->depth_stored = TERN_MAX_DEPTH;
    runner->layer_rows = tern_layer_rows(config);
    runner->operands = calloc(tern_operand_count(runner), sizeof *runner->operands);
    runner->row = malloc(config->hidden_size * sizeof *runner->row);
    runner->fed = calloc(runner->options.capacity, sizeof *runner->fed);
    if (!runner->operands || !runner->row || !runner->fed) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for %u layers", config->layers);
    }
    TERN_TRY(tern_model_tensor(runner->model, TERN_EMBEDDING_TENSOR, error, &runner->embedding));
    TERN_TRY(tern_model_tensor(runner->model, head, error, &runner->head));
    TERN_TRY(load_vector(runner->model, tern_final_norm_row.tensor, error, &runner->final_norm));
    TERN_TRY(load_layers(runner, error));
    TERN_TRY(join_biases(runner, error));
    return make_rotary(runner, error);
}

// Bytes in the stream for a command on `strips` strips of a matrix: strips, checksums, steps.
static uint64_t upload_bytes(const struct tern_matrix *matrix, uint64_t strips) {
    const uint64_t align = TERN_SEGMENT_ALIGN;
    return strips * tern_strip_bytes(matrix->columns, matrix->depth) +
           tern_align_up(tern_crc_bytes(strips * TERN_STRIP_ROWS, matrix->depth), align) +
           tern_align_up(TERN_STEPS * sizeof(float), align);
}

static uint64_t vector_bytes(uint32_t length) {
    return tern_align_up(length * sizeof(float), TERN_SEGMENT_ALIGN);
}

// Bytes of a layer's biases side by side.
static uint64_t joined_bytes(const struct tern_runner *runner) {
    return runner->biases ? vector_bytes(runner->joined_length) : 0;
}

// The next operand from `operand` on of a layer of this device; NULL after the last.
static const struct tern_operand *next_here(const struct tern_runner *runner, const struct tern_operand *operand) {
    size_t index = (size_t)(operand - runner->operands);
    while (index < tern_operand_count(runner)) {
        if (runner->places[index / runner->layer_rows].site == runner->site - runner->sites) {
            return &runner->operands[index];
        }
        index += runner->layer_rows - index % runner->layer_rows;
    }
    return NULL;
}

// Bytes of all uploads of a run to this device together.
static uint64_t resident_bytes(const struct tern_runner *runner) {
    const struct tern_operand *operand = runner->operands;
    uint64_t bytes =
        vector_bytes(runner->final_norm.length) + runner->options.capacity * vector_bytes(runner->config.head_size);
    bytes += runner->site->layers * joined_bytes(runner);
    for (; (operand = next_here(runner, operand)); operand++) {
        bytes += vector_bytes(operand->length);
        bytes += operand->matrix.rows ? upload_bytes(&operand->matrix, tern_strips(operand->matrix.rows)) : 0;
    }
    return bytes;
}

// Bytes in the ring for the shortest command on a matrix. Checksums and steps follow the strips. When the ring ends
// just after the strips they go to the front of the ring, so that the room for them counts twice.
static uint64_t least_matrix_bytes(const struct tern_matrix *matrix) {
    uint64_t all = tern_strips(matrix->rows), strips = all < TERN_STRIPS_MULTIPLE ? all : TERN_STRIPS_MULTIPLE;
    return 2 * upload_bytes(matrix, strips) - strips * tern_strip_bytes(matrix->columns, matrix->depth);
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

// The bytes of the command that needs most.
static uint64_t least_bytes(const struct tern_runner *runner) {
    const struct tern_operand *operand = runner->operands;
    uint64_t least = larger(vector_bytes(runner->final_norm.length), vector_bytes(runner->config.head_size));
    least = larger(least, joined_bytes(runner));
    for (; (operand = next_here(runner, operand)); operand++) {
        least = larger(least, vector_bytes(operand->length));
        least = larger(least, operand->matrix.rows ? least_matrix_bytes(&operand->matrix) : 0);
    }
    return least;
}

// Bytes from one head to the next in a shared buffer.
static uint64_t head_stride(const struct tern_runner *runner, enum tern_buffer buffer) {
    const uint32_t head_size = runner->config.head_size, capacity = runner->options.capacity;
    switch (buffer) {
    case TERN_BUFFER_QUERIES: return tern_activation_bytes(head_size);
    case TERN_BUFFER_SCORES: return vector_bytes(capacity);
    case TERN_BUFFER_WEIGHTS: return tern_activation_bytes(capacity);
    case TERN_BUFFER_TOTALS: return sizeof(float);
    case TERN_BUFFER_MIXED: return vector_bytes(head_size);
    case TERN_BUFFER_HISTORY:
    case TERN_BUFFER_KEYS:
    case TERN_BUFFER_VALUES: return tern_cache_part_bytes(&runner->config, buffer, capacity);
    default: return 0;
    }
}

static enum tern_status allocate_shared(struct tern_runner *runner, struct tern_error *error) {
    for (enum tern_buffer i = TERN_BUFFER_QUERIES; i < TERN_BUFFERS; i++) {
        runner->site->at[i].stride = head_stride(runner, i);
        uint64_t bytes = tern_is_of_layers(i) ? runner->site->layers * tern_cache_layer_bytes(runner, i)
                                              : runner->config.heads * runner->site->at[i].stride;
        TERN_TRY(tern_device_allocate(runner->site->device, bytes, error, &runner->site->at[i].address));
    }
    return TERN_STATUS_OK;
}

// The number of tokens of a pass: those that fit beside all weights, else in a quarter of the memory. A short ring
// costs more time than a short pass.
static uint32_t vectors_at_once(const struct tern_runner *runner, uint64_t row_bytes) {
    uint64_t free_bytes = tern_device_free_bytes(runner->site->device), all = resident_bytes(runner);
    uint64_t fit = (free_bytes > all + row_bytes ? free_bytes - all : free_bytes / 4) / row_bytes;
    uint64_t most = runner->options.capacity < TERN_MAX_VECTORS ? runner->options.capacity : TERN_MAX_VECTORS;
    return (uint32_t)(fit < 1 ? 1 : fit < most ? fit : most);
}

// Bytes of a token's part of a buffer, for the longest result of a stage.
static uint64_t row_bytes(const struct tern_model_config *config, enum tern_buffer buffer) {
    const struct tern_layer_row *row;
    uint32_t longest = 0;
    for (uint32_t i = 0; (row = tern_layer_row(config, i)); i++) {
        uint32_t length = row->writes == buffer ? tern_extent_length(config, row->length) : 0;
        longest = length > longest ? length : longest;
    }
    return buffer == TERN_BUFFER_ACTIVATION ? tern_activation_bytes(longest) : vector_bytes(longest);
}

// Whether a token's part of the buffer lies beside that of the next buffer.
static bool is_joined(enum tern_buffer buffer) {
    return buffer == TERN_BUFFER_QUERY || buffer == TERN_BUFFER_KEY || buffer == TERN_BUFFER_ROTATED_QUERY;
}

// Allocates a buffer, or several that are joined. *next: the buffer after them.
static enum tern_status allocate_joined(struct tern_runner *runner, uint32_t vectors, enum tern_buffer first,
                                        struct tern_error *error, enum tern_buffer *next) {
    uint64_t bytes = 0, address;
    enum tern_buffer last = first;
    for (; is_joined(last); last++) {
        bytes += row_bytes(&runner->config, last);
    }
    bytes += row_bytes(&runner->config, last);
    TERN_TRY(tern_device_allocate(runner->site->device, vectors * bytes, error, &address));
    for (enum tern_buffer i = first; i <= last; i++) {
        runner->site->at[i] = (struct tern_rows){address, bytes};
        address += row_bytes(&runner->config, i);
    }
    *next = last + 1;
    return TERN_STATUS_OK;
}

static enum tern_status allocate_rows(struct tern_runner *runner, struct tern_error *error) {
    uint64_t all_bytes = 0;
    for (enum tern_buffer i = TERN_BUFFER_HIDDEN; !tern_is_shared(i); i++) {
        all_bytes += row_bytes(&runner->config, i);
    }
    const uint32_t vectors = vectors_at_once(runner, all_bytes);
    runner->vectors = vectors < runner->vectors ? vectors : runner->vectors;
    for (enum tern_buffer i = TERN_BUFFER_HIDDEN; !tern_is_shared(i);) {
        TERN_TRY(allocate_joined(runner, vectors, i, error, &i));
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_plan_memory(struct tern_runner *runner, struct tern_error *error) {
    TERN_TRY(allocate_shared(runner, error));
    TERN_TRY(allocate_rows(runner, error));
    return tern_stream_open(&runner->site->stream, runner->site->device, tern_device_free_bytes(runner->site->device),
                            resident_bytes(runner), least_bytes(runner), error);
}
