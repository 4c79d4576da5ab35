// SPDX-License-Identifier: Apache-2.0
#include "host_driver/runner/runner.h"

#include <stdlib.h>

#include "cmodel/reduce.h"
#include "host_driver/runner/plan.h"

enum tern_status tern_runner_open(const struct tern_model *model, struct tern_device *device,
                                  const struct tern_runner_options *options, struct tern_error *error,
                                  struct tern_runner **runner) {
    const struct tern_model_config *config = tern_model_config(model);
    uint32_t most = config->max_positions < TERN_MAX_POSITIONS ? config->max_positions : TERN_MAX_POSITIONS;
    if (options->capacity < 1 || options->capacity > most) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "%u positions asked for, the model takes 1 to %u",
                              options->capacity, most);
    }
    struct tern_runner *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a runner");
    }
    opened->model = model;
    opened->config = *config;
    opened->device = device;
    opened->options = *options;
    enum tern_status status = tern_plan_tensors(opened, error);
    if (status == TERN_STATUS_OK) {
        status = tern_plan_memory(opened, error);
    }
    if (status != TERN_STATUS_OK) {
        tern_runner_close(opened);
        return status;
    }
    *runner = opened;
    return TERN_STATUS_OK;
}

void tern_runner_close(struct tern_runner *runner) {
    if (!runner) {
        return;
    }
    for (uint32_t layer = 0; runner->layers && layer < runner->config.layers; layer++) {
        struct tern_layer_tensors *tensors = &runner->layers[layer];
        free(tensors->input_norm);
        free(tensors->post_norm);
        for (int i = 0; i < TERN_PROJECTIONS; i++) {
            free(tensors->bias[i]);
        }
    }
    free(runner->layers);
    free(runner->final_norm);
    free(runner->row);
    free(runner->rotary);
    tern_stream_close(&runner->stream);
    free(runner);
}

// Element sums in the one order of every reduction, so the head's logits are as reproducible as the layers.
static void head(struct tern_runner *runner, const float *hidden, float *logits) {
    uint32_t length = runner->config.hidden_size;
    for (uint64_t id = 0; id < runner->config.vocabulary_size; id++) {
        struct tern_sum16 sum;
        tern_tensor_read_f32(&runner->head, id * length, length, runner->row);
        tern_sum16_start(&sum);
        tern_sum16_add_products(&sum, runner->row, hidden, length);
        logits[id] = tern_sum16_finish(&sum);
    }
}

static enum tern_status check_position(const struct tern_runner *runner, struct tern_error *error) {
    if (runner->position >= runner->options.capacity) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the key/value cache of %u positions is full",
                              runner->options.capacity);
    }
    return TERN_STATUS_OK;
}

static enum tern_status write_hidden(struct tern_runner *runner, const float *hidden, struct tern_error *error) {
    return tern_device_write(runner->device, runner->at.hidden, hidden, runner->config.hidden_size * sizeof *hidden,
                             error);
}

static enum tern_status read_result(struct tern_runner *runner, uint64_t address, float *result,
                                    struct tern_error *error) {
    enum tern_status status = tern_device_wait(runner->device, runner->ticket, error, NULL);
    return status != TERN_STATUS_OK ? status
                                    : tern_device_read(runner->device, address, result,
                                                       runner->config.hidden_size * sizeof *result, error);
}

enum tern_status tern_runner_token(struct tern_runner *runner, uint32_t id, float *logits, struct tern_error *error) {
    uint32_t length = runner->config.hidden_size;
    if (id >= runner->config.vocabulary_size) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "token %u is outside the vocabulary of %u", id,
                              runner->config.vocabulary_size);
    }
    enum tern_status status = check_position(runner, error);
    if (status == TERN_STATUS_OK) {
        tern_tensor_read_f32(&runner->embedding, (uint64_t)id * length, length, runner->row);
        status = write_hidden(runner, runner->row, error);
    }
    for (uint32_t layer = 0; layer < runner->config.layers && status == TERN_STATUS_OK; layer++) {
        status = tern_layer_run(runner, layer, error);
    }
    if (status == TERN_STATUS_OK && logits) {
        status = tern_final_norm_run(runner, error);
    }
    float *hidden = malloc(length * sizeof *hidden);
    if (!hidden) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a hidden state");
    }
    if (status == TERN_STATUS_OK) {
        status = read_result(runner, runner->at.normed, hidden, error);
    }
    if (status == TERN_STATUS_OK && logits) {
        head(runner, hidden, logits);
    }
    free(hidden);
    runner->position += status == TERN_STATUS_OK;
    return status;
}

enum tern_status tern_runner_layer(struct tern_runner *runner, uint32_t layer, float *hidden,
                                   struct tern_error *error) {
    if (layer >= runner->config.layers) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "layer %u of a model of %u layers", layer,
                              runner->config.layers);
    }
    enum tern_status status = check_position(runner, error);
    if (status == TERN_STATUS_OK) {
        status = write_hidden(runner, hidden, error);
    }
    if (status == TERN_STATUS_OK) {
        status = tern_layer_run(runner, layer, error);
    }
    if (status == TERN_STATUS_OK) {
        status = read_result(runner, runner->at.hidden, hidden, error);
    }
    runner->position += status == TERN_STATUS_OK;
    return status;
}

uint32_t tern_runner_positions(const struct tern_runner *runner) {
    return runner->position;
}

uint64_t tern_runner_uploaded_bytes(const struct tern_runner *runner) {
    return runner->stream.uploaded_bytes;
}

int tern_runner_is_resident(const struct tern_runner *runner) {
    return runner->stream.is_resident;
}
