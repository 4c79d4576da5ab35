// SPDX-License-Identifier: Apache-2.0
// Reads generation_config.json.
#include <stdbool.h>
#include <stdlib.h>

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

// Other ways of choosing tokens. Without them the text would be drawn otherwise than the model's makers mean.
static enum tern_status check_others(const cJSON *root, bool is_sampled, const char *path, struct tern_error *error) {
    static const struct {
        const char *key;
        double neutral; // the value that changes nothing; so do null, [] and {}
        bool is_of_draws;
    } others[] = {{"min_p", 0, true},
                  {"typical_p", 1, true},
                  {"epsilon_cutoff", 0, true},
                  {"eta_cutoff", 0, true},
                  {"num_beams", 1, false},
                  {"penalty_alpha", 0, false},
                  {"min_length", 0, false},
                  {"min_new_tokens", 0, false},
                  {"guidance_scale", 1, false},
                  {"no_repeat_ngram_size", 0, false},
                  {"bad_words_ids", 0, false},
                  {"sequence_bias", 0, false},
                  {"suppress_tokens", 0, false},
                  {"begin_suppress_tokens", 0, false}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, others[i].key);
        const bool is_empty =
            !item || cJSON_IsNull(item) || ((cJSON_IsArray(item) || cJSON_IsObject(item)) && !item->child);
        const bool is_neutral = is_empty || (cJSON_IsNumber(item) && item->valuedouble == others[i].neutral);
        if (!is_neutral && (is_sampled || !others[i].is_of_draws)) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: %s is set, which is not supported", path,
                                  others[i].key);
        }
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
    TERN_TRY(check_others(root, is_sampled, path, error));
    for (int i = 0; i < (is_sampled ? 3 : 1); i++) {
        TERN_TRY(read_real(root, &fields[i], path, error));
    }
    return is_sampled ? tern_json_number(root, "top_k", 0, INT32_MAX, &fallback, path, error, &sampling->top_k)
                      : TERN_STATUS_OK;
}

static enum tern_status load(const char *path, struct tern_error *error, struct tern_sampling *sampling) {
    cJSON *root;
    TERN_TRY(tern_json_load_optional(path, error, &root));
    enum tern_status status = root ? read_sampling(root, path, error, sampling) : TERN_STATUS_OK;
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
