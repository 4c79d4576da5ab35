// SPDX-License-Identifier: Apache-2.0
// A model on disk, ready to run. A packed directory is mapped. A Hugging Face directory is packed in memory when it is
// opened.
#ifndef TERN_HOST_DRIVER_MODEL_MODEL_H
#define TERN_HOST_DRIVER_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmodel/error.h"
#include "cmodel/float/tensor.h"
#include "cmodel/vector/rotary.h"
#include "host_driver/formats/matrix.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tern_model; // owns the mappings: matrices, tensors and names below live as long as the model

struct tern_model_config {
    uint32_t hidden_size, intermediate_size, layers, heads, kv_heads, head_size;
    uint32_t vocabulary_size, max_positions;
    float rms_epsilon;
    uint32_t sliding_window; // positions a token sees; max_positions is at most this; 0: all
    double rope_theta;
    struct tern_rotary_scaling rope_scaling; // factor 0: none
    bool tied_embeddings;                    // the head is the embedding table
    uint32_t features;                       // of the family: bits of enum tern_feature
    uint32_t stop_ids[256];                  // eos_token_id of generation_config.json, else of config.json
    uint32_t stop_id_count;
    uint32_t stray_stop_ids; // ids of eos_token_id outside the vocabulary, which are left out
    double stray_stop_id;    // the first of them
};

// depth: for a Hugging Face directory the depth of packing, 1..4, 0 for 3; ignored for a packed directory. Errors name
// file and tensor or key.
enum tern_status tern_model_open(const char *directory, uint32_t depth, struct tern_error *error,
                                 struct tern_model **model);
// A model of a configuration, without weights: all its tensors are zeros, and nothing may read the strips, checksums
// and steps of its matrices. For a device that only counts time. depth: of the matrices, 1..4.
enum tern_status tern_model_outline(const struct tern_model_config *config, uint32_t depth, struct tern_error *error,
                                    struct tern_model **model);
void tern_model_close(struct tern_model *model);

const struct tern_model_config *tern_model_config(const struct tern_model *model);
const char *tern_model_directory(const struct tern_model *model);

// A packed matrix or another tensor by its full name. BAD_FILE when it is missing or not F32, F16 or BF16.
enum tern_status tern_model_matrix(const struct tern_model *model, const char *name, struct tern_error *error,
                                   struct tern_matrix *matrix);
enum tern_status tern_model_tensor(const struct tern_model *model, const char *name, struct tern_error *error,
                                   struct tern_tensor *tensor);

// Removes the mapped pages of data[bytes], of a matrix or tensor, from this process's memory until they are read again.
// Weights that were packed in memory stay.
void tern_model_release(const struct tern_model *model, const void *data, uint64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
