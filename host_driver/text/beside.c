// SPDX-License-Identifier: Apache-2.0
// The files beside tokenizer.json.
#include <stdlib.h>
#include <string.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/path.h"
#include "host_driver/text/tokenizer_internal.h"

enum tern_status tern_tokenizer_load_beside(const char *directory, const char *name, struct tern_error *error,
                                            cJSON **object) {
    char *path = tern_path_join(directory, name);
    *object = NULL;
    if (!path) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s/%s: no memory for a path", directory, name);
    }
    enum tern_status status = tern_json_load_optional(path, error, object);
    free(path);
    return status;
}

const char *tern_tokenizer_class_name(const cJSON *config) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(config, "tokenizer_class"));
}

bool tern_tokenizer_is_class(const cJSON *config, const cJSON *model, const char *class, const char *models) {
    const char *name = tern_tokenizer_class_name(config);
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(model, "model_type"));
    if (name) {
        const size_t length = strlen(class);
        return strncmp(name, class, length) == 0 && (!name[length] || strcmp(name + length, "Fast") == 0);
    }
    const size_t length = type ? strlen(type) : 0;
    const char *at = length > 0 ? strstr(models, type) : NULL;
    return at && (at == models || at[-1] == ' ') && (at[length] == ' ' || !at[length]);
}
