// SPDX-License-Identifier: Apache-2.0
// A model on disk, ready to run: packed directories are mapped, Hugging Face directories are packed in memory on
// opening.
#ifndef TERN_HOST_DRIVER_FILES_MODEL_H
#define TERN_HOST_DRIVER_FILES_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/rotary.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_model; // owns the mappings; everything handed out below lives as long as it

struct tern_model_config {
    uint32_t hidden_size, intermediate_size, layers, heads, kv_heads, head_size;
    uint32_t vocabulary_size, max_positions;
    float rms_epsilon;
    uint32_t sliding_window; // positions a token sees, already the limit of max_positions; 0: all
    double rope_theta;
    struct tern_rotary_scaling rope_scaling; // factor 0: none
    int tied_embeddings;                     // the head is the embedding table
    int has_qkv_bias;                        // Qwen2: yes; Llama and Mistral: no
    uint32_t stop_ids[8];                    // eos_token_id of generation_config.json, else of config.json
    uint32_t stop_id_count;
};

// A packed matrix: y = W x, W [rows][columns]; sizes by cmodel/layout.h.
struct tern_matrix {
    const char *name; // "model.layers.0.mlp.up_proj.weight"
    uint32_t rows, columns, depth;
    const uint8_t *trits; // tern_matrix_bytes(rows, columns, depth) bytes
    const uint32_t *crc;  // [strips][depth + 1]
    const float *steps;   // [27]
};

// OTHER: a type safetensors knows and Tern only carries along.
enum tern_dtype { TERN_DTYPE_F32, TERN_DTYPE_F16, TERN_DTYPE_BF16, TERN_DTYPE_U8, TERN_DTYPE_U32, TERN_DTYPE_OTHER };

// An unquantised tensor as it stands in the file, little-endian, row-major.
struct tern_tensor {
    const char *name;
    enum tern_dtype dtype;
    uint32_t dimensions;
    uint64_t shape[4];
    const void *data;
    uint64_t bytes;
};

// depth: for a Hugging Face directory the depth to pack at, 0 for 3; ignored for a packed one.
enum tern_status tern_model_open(const char *directory, uint32_t depth, struct tern_error *error,
                                 struct tern_model **model);
void tern_model_close(struct tern_model *model);

const struct tern_model_config *tern_model_config(const struct tern_model *model);
const char *tern_model_directory(const struct tern_model *model);
// Bytes of everything the model stores (packed form): what "a device smaller than the model" is measured against.
uint64_t tern_model_bytes(const struct tern_model *model);

// By full name; TERN_STATUS_BAD_FILE with a sentence when missing or of the wrong kind.
enum tern_status tern_model_matrix(const struct tern_model *model, const char *name, struct tern_error *error,
                                   struct tern_matrix *matrix);
enum tern_status tern_model_tensor(const struct tern_model *model, const char *name, struct tern_error *error,
                                   struct tern_tensor *tensor);

// data[bytes], of a matrix or tensor, will not be read again soon: what is mapped leaves this process's memory until
// then. Weights packed on opening stay.
void tern_model_release(const struct tern_model *model, const void *data, uint64_t bytes);

// Exact widening of one element / `count` elements from `first` of a F32, F16 or BF16 tensor to float.
void tern_tensor_read_f32(const struct tern_tensor *tensor, uint64_t first, uint64_t count, float *out);

#ifdef __cplusplus
}
#endif
#endif
