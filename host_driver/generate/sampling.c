// SPDX-License-Identifier: Apache-2.0
// Reads generation_config.json.
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/path.h"
#include "host_driver/generate/sampler.h"

struct real_field {
    const char *key;
    double *value;
    double most;
};

static enum tern_status read_real(const cJSON *root, const struct real_field *field, const char *path,
                                  struct tern_error *error) {
    const double fallback = 1;
    TERN_TRY(tern_json_real(root, field->key, &fallback, path, error, field->value));
    if (*field->value > field->most) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is %g, above %g", path, field->key, *field->value,
                              field->most);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_sampling(const cJSON *root, const char *path, struct tern_error *error,
                                      struct tern_sampling *sampling) {
    const struct real_field fields[] = {{"repetition_penalty", &sampling->repetition_penalty, 100},
                                        {"temperature", &sampling->temperature, 100},
                                        {"top_p", &sampling->top_p, 1}};
    // transformers: 50 when the key is missing, all tokens when it is null
    const uint32_t fallback = cJSON_GetObjectItemCaseSensitive(root, "top_k") ? 0 : 50;
    bool is_sampled;
    TERN_TRY(tern_json_flag(root, "do_sample", false, path, error, &is_sampled));
    for (int i = 0; i < (is_sampled ? 3 : 1); i++) {
        TERN_TRY(read_real(root, &fields[i], path, error));
    }
    return is_sampled ? tern_json_number(root, "top_k", 0, INT32_MAX, &fallback, path, error, &sampling->top_k)
                      : TERN_STATUS_OK;
}

static enum tern_status load(const char *path, struct tern_error *error, struct tern_sampling *sampling) {
    cJSON *root;
    if (access(path, F_OK) != 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_json_load(path, error, &root));
    enum tern_status status = read_sampling(root, path, error, sampling);
    cJSON_Delete(root);
    return status;
}

enum tern_status tern_sampling_load(const char *directory, struct tern_error *error, struct tern_sampling *sampling) {
    *sampling = tern_sampling_greedy();
    char *path = tern_path_join(directory, "generation_config.json");
    enum tern_status status = path ? load(path, error, sampling)
                                   : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory", directory);
    free(path);
    return status;
}
