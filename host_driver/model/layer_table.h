// SPDX-License-Identifier: Apache-2.0
// Model families, and a decoder layer as a table: one row for each stage, in the order of the forward pass. The table
// gives the tensors of a model, the runner's buffers and sums of bytes, the order of its commands and the number of
// stages.
#ifndef TERN_HOST_DRIVER_MODEL_LAYER_TABLE_H
#define TERN_HOST_DRIVER_MODEL_LAYER_TABLE_H

#include <stdbool.h>

#include "host_driver/model/model.h"

// Features that only some families have: bits of tern_model_config.features.
enum tern_feature {
    TERN_FEATURE_QKV_BIAS = 1,  // biases of the q, k and v projections
    TERN_FEATURE_O_BIAS = 2,    // a bias of the o projection
    TERN_FEATURE_HEAD_NORM = 4, // each head of q and k is normalized before it is rotated
};

// How config.json names a family, and how its layers differ.
struct tern_family {
    const char *architecture, *model_type; // of config.json
    uint32_t features;                     // bits of enum tern_feature
    uint32_t bias_features;                // those with "attention_bias": true; 0: the family has no such key
    uint32_t sliding_window;               // positions, when config.json has no such key; 0: the family has no window
    uint32_t head_size;                    // when config.json has no head_dim; 0: hidden size / heads
    uint32_t kv_heads;                     // when config.json has no such key; 0: those of the query
    uint32_t stop_id;                      // when no file has eos_token_id; 0: none
};

// The family of an architecture, also of a model without its head ("Qwen2Model"). UNSUPPORTED for an unknown one; the
// sentence begins with `path` and lists the known ones.
enum tern_status tern_family_find(const char *architecture, const char *path, struct tern_error *error,
                                  const struct tern_family **family);
// The same for a model_type.
enum tern_status tern_family_of_type(const char *model_type, const char *path, struct tern_error *error,
                                     const struct tern_family **family);

// Lengths that config.json sets.
enum tern_extent {
    TERN_EXTENT_NONE,
    TERN_EXTENT_HIDDEN,
    TERN_EXTENT_INTERMEDIATE,
    TERN_EXTENT_QUERY,     // query heads x head size
    TERN_EXTENT_KEY_VALUE, // key/value heads x head size
    TERN_EXTENT_HEAD,
    TERN_EXTENT_POSITION, // of each query head, positions up to the token's own
};

// Buffers in device memory for the operands and the result of a stage. Unless said otherwise f32, with a row for each
// token of a pass.
enum tern_buffer {
    TERN_BUFFER_NONE,
    TERN_BUFFER_HIDDEN, // the residual stream
    TERN_BUFFER_NORMED,
    TERN_BUFFER_PROJECTED,
    TERN_BUFFER_ACTIVATION, // activation images
    TERN_BUFFER_QUERY,      // query, key and value of a token lie side by side, and so do the rotated ones
    TERN_BUFFER_KEY,
    TERN_BUFFER_VALUE,
    TERN_BUFFER_ROTATED_QUERY,
    TERN_BUFFER_ROTATED_KEY,
    TERN_BUFFER_ATTENTION,
    TERN_BUFFER_GATE,
    TERN_BUFFER_UP,
    // Shared by all tokens of a pass, with a row for each query head.
    TERN_BUFFER_QUERIES, // activation images
    TERN_BUFFER_SCORES,
    TERN_BUFFER_WEIGHTS, // activation images
    TERN_BUFFER_TOTALS,  // one number a head: the sum of its weights
    TERN_BUFFER_MIXED,   // values times weights, not yet divided by the total
    // Of all layers. A stage writes the part of one position; attention reads the part of the layer.
    TERN_BUFFER_HISTORY, // values of the last positions, f32 [layers][kv_heads][head_size][HISTORY_POSITIONS]
    TERN_BUFFER_KEYS,    // records: cmodel/attention/cache.h
    TERN_BUFFER_VALUES,
    TERN_BUFFERS
};

// Whether the tokens of a pass share the buffer. Stages that use one are done token by token.
static inline bool tern_is_shared(enum tern_buffer buffer) {
    return buffer >= TERN_BUFFER_QUERIES;
}

static inline bool tern_is_of_layers(enum tern_buffer buffer) {
    return buffer >= TERN_BUFFER_HISTORY;
}

// A single token runs consecutive rows with turns in the order of these. What becomes of key and value runs beside the
// projection of the query.
enum { TERN_TURN_BESIDE = 3 };

enum { TERN_LAYER_READS = 2 }; // largest number of operands of a stage, without its tensor

struct tern_layer_row {
    const char *stage;                                // name of the result
    enum tern_opcode opcode;                          // of the command that computes it
    enum tern_extent length;                          // elements of the result
    enum tern_buffer reads[TERN_LAYER_READS], writes; // in the order of the command's operands
    enum tern_buffer also_writes;                     // of a second result
    enum tern_extent part;                            // elements of a part of it; the parts are alike; NONE: one part
    const char *tensor;                               // [part] or [length][columns], the last operand; NULL: none
    enum tern_extent columns;                         // of a matrix, which is packed
    uint8_t turn;                                     // of consecutive rows with turns; 0: none
    enum tern_feature feature;                        // the row exists only with this feature; 0: always
};

// Row `index` of a layer, without rows of features that the configuration does not have; NULL after the last.
const struct tern_layer_row *tern_layer_row(const struct tern_model_config *config, uint32_t index);
uint32_t tern_layer_rows(const struct tern_model_config *config);
// Whether the row reads or writes a shared buffer.
bool tern_layer_row_is_shared(const struct tern_layer_row *row);
// The stage after the last layer.
extern const struct tern_layer_row tern_final_norm_row;

// 0 for an extent that changes with the position.
uint32_t tern_extent_length(const struct tern_model_config *config, enum tern_extent extent);
// Elements of each part of the row's result.
uint32_t tern_layer_part_length(const struct tern_model_config *config, const struct tern_layer_row *row);

#define TERN_TENSOR_NAME_BYTES 96
#define TERN_EMBEDDING_TENSOR "model.embed_tokens.weight" // [vocabulary][hidden size]
#define TERN_HEAD_TENSOR "lm_head.weight"                 // the same shape; not in models with tied embeddings

// The name of the row's tensor in a checkpoint: "model.layers.<layer>.<tensor>".
void tern_layer_tensor_name(const struct tern_layer_row *row, uint32_t layer, char name[TERN_TENSOR_NAME_BYTES]);

// A tensor that a model must have.
struct tern_needed_tensor {
    char name[TERN_TENSOR_NAME_BYTES];
    uint64_t rows, columns; // columns 0: one-dimensional
    bool packed;            // a matrix that is packed
};

// The number of tensors of a configuration, and the tensor of index 0..count-1 in the order of a forward pass.
uint64_t tern_config_tensor_count(const struct tern_model_config *config);
void tern_config_tensor(const struct tern_model_config *config, uint64_t index, struct tern_needed_tensor *needed);

// Whether a model of this configuration has a tensor of that name. The head counts for one of tied embeddings too.
bool tern_config_has_tensor(const struct tern_model_config *config, const char *name);
// Whether `name` is a packed matrix of a layer, in any family.
bool tern_is_layer_matrix(const char *name);

#endif
