// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/model/config_parts.h"

// The objects that transformers reads: rope_scaling up to version 4, rope_parameters from version 5 on.
static const char *const places[] = {"rope_scaling", "rope_parameters"};
enum { PLACES = sizeof places / sizeof *places };

// One place, checked.
struct statement {
    const cJSON *object; // NULL: absent, null or empty
    struct tern_rotary_scaling scaling;
};

// rope_type was `type` in older files. Version 4 prefers one of them, version 5 the other.
static enum tern_status read_type(const cJSON *object, const char *place, const char *path, struct tern_error *error,
                                  const char **type) {
    const cJSON *newer = cJSON_GetObjectItemCaseSensitive(object, "rope_type");
    const cJSON *older = cJSON_GetObjectItemCaseSensitive(object, "type");
    if ((newer && !cJSON_IsString(newer)) || (older && !cJSON_IsString(older))) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: the rope_type of %s is not a string", path, place);
    }
    if (newer && older && strcmp(newer->valuestring, older->valuestring) != 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s has rope_type '%.100s' and type '%.100s'", path,
                              place, newer->valuestring, older->valuestring);
    }
    if (!newer && !older && cJSON_GetObjectItemCaseSensitive(object, "factor")) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s has a factor, but no rope_type", path, place);
    }
    *type = newer ? newer->valuestring : older ? older->valuestring : "default";
    return TERN_STATUS_OK;
}

// The limit may stand at the root too. Version 5 prefers that one.
static enum tern_status check_original_limit(const cJSON *root, const char *place, const char *path,
                                             struct tern_error *error, const struct tern_rotary_scaling *scaling) {
    const char *key = "original_max_position_embeddings";
    double other;
    TERN_TRY(tern_json_real(root, key, &scaling->original_positions, path, error, &other));
    if (other != scaling->original_positions) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is %.15g, but %.15g in %s", path, key, other,
                              scaling->original_positions, place);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_llama3(const cJSON *object, const char *place, const char *path, struct tern_error *error,
                                    struct tern_rotary_scaling *out) {
    TERN_TRY(tern_json_real(object, "factor", NULL, path, error, &out->factor));
    TERN_TRY(tern_json_real(object, "low_freq_factor", NULL, path, error, &out->low_turns));
    TERN_TRY(tern_json_real(object, "high_freq_factor", NULL, path, error, &out->high_turns));
    TERN_TRY(tern_json_real(object, "original_max_position_embeddings", NULL, path, error, &out->original_positions));
    double no_frequencies[1];
    if (tern_rotary_scale(out, 0, no_frequencies) != TERN_STATUS_OK) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE,
                              "%s: %s: factor %g, low_freq_factor %g, high_freq_factor %g, "
                              "original_max_position_embeddings %g are out of range",
                              path, place, out->factor, out->low_turns, out->high_turns, out->original_positions);
    }
    return TERN_STATUS_OK;
}

static enum tern_status check_parts(const cJSON *object, const char *place, const char *path,
                                    struct tern_error *error) {
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        if (cJSON_IsObject(item)) {
            return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                  "%s: %s differs by kind of layer ('%.100s'), which is not supported", path, place,
                                  item->string);
        }
    }
    item = cJSON_GetObjectItemCaseSensitive(object, "partial_rotary_factor");
    if (item && !cJSON_IsNull(item) && !(cJSON_IsNumber(item) && item->valuedouble == 1)) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: partial_rotary_factor of %s is not 1, which is not supported", path, place);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_place(const cJSON *root, const char *place, const char *path, struct tern_error *error,
                                   struct statement *out) {
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(root, place);
    const char *type;
    *out = (struct statement){0};
    if (object && !cJSON_IsNull(object) && !cJSON_IsObject(object)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s is not an object", path, place);
    }
    if (!object || !object->child) {
        return TERN_STATUS_OK;
    }
    out->object = object;
    TERN_TRY(check_parts(object, place, path, error));
    TERN_TRY(read_type(object, place, path, error, &type));
    if (strcmp(type, "default") == 0) {
        return TERN_STATUS_OK;
    }
    if (strcmp(type, "llama3") != 0) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: %s is of type '%.100s'; only default and llama3 are supported", path, place, type);
    }
    TERN_TRY(read_llama3(object, place, path, error, &out->scaling));
    return check_original_limit(root, place, path, error, &out->scaling);
}

static bool is_equal(const struct tern_rotary_scaling *a, const struct tern_rotary_scaling *b) {
    return a->factor == b->factor && a->low_turns == b->low_turns && a->high_turns == b->high_turns &&
           a->original_positions == b->original_positions;
}

static bool has_theta(const cJSON *object) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "rope_theta");
    return item && !cJSON_IsNull(item);
}

// Version 5 leaves rope_parameters out beside rope_scaling, with the rope_theta there.
static enum tern_status read_scaling(const cJSON *root, const struct statement statements[PLACES], const char *path,
                                     struct tern_error *error, struct tern_model_config *config) {
    const struct statement *older = &statements[0], *newer = &statements[1];
    const bool is_lost = has_theta(newer->object) && !has_theta(older->object) && !has_theta(root);
    if (older->object && newer->object && (is_lost || !is_equal(&older->scaling, &newer->scaling))) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %s and %s contradict each other", path, places[0],
                              places[1]);
    }
    config->rope_scaling = older->object ? older->scaling : newer->scaling;
    return TERN_STATUS_OK;
}

// Takes the value of one place, which must be that of the places before.
static enum tern_status take_theta(const cJSON *object, const char *place, const char *path, struct tern_error *error,
                                   const char **first_place, double *theta) {
    double value;
    if (!has_theta(object)) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_json_real(object, "rope_theta", NULL, path, error, &value));
    if (*first_place && value != *theta) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: rope_theta is %.15g in %s, but %.15g in %s", path,
                              *theta, *first_place, value, place);
    }
    *first_place = place;
    *theta = value;
    return TERN_STATUS_OK;
}

static enum tern_status read_theta(const cJSON *root, const struct statement statements[PLACES], const char *path,
                                   struct tern_error *error, double *theta) {
    const char *first_place = NULL;
    bool is_null = cJSON_GetObjectItemCaseSensitive(root, "rope_theta") != NULL;
    TERN_TRY(take_theta(root, "the file's root", path, error, &first_place, theta));
    for (int i = 0; i < PLACES; i++) {
        TERN_TRY(take_theta(statements[i].object, places[i], path, error, &first_place, theta));
        is_null |= cJSON_GetObjectItemCaseSensitive(statements[i].object, "rope_theta") != NULL;
    }
    if (!first_place && is_null) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: rope_theta is null", path);
    }
    *theta = first_place ? *theta : 10000; // of all families, when no place has the key
    return TERN_STATUS_OK;
}

enum tern_status tern_config_read_rotary(const cJSON *root, const char *path, struct tern_error *error,
                                         struct tern_model_config *config) {
    struct statement statements[PLACES];
    for (int i = 0; i < PLACES; i++) {
        TERN_TRY(read_place(root, places[i], path, error, &statements[i]));
    }
    TERN_TRY(read_scaling(root, statements, path, error, config));
    return read_theta(root, statements, path, error, &config->rope_theta);
}
