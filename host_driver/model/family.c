// SPDX-License-Identifier: Apache-2.0
#include "host_driver/model/family.h"

#include <string.h>

#include "host_driver/system/name_list.h"

static const struct tern_family families[] = {
    {"Qwen2ForCausalLM", "qwen2", TERN_FEATURE_QKV_BIAS, 0},
    {"LlamaForCausalLM", "llama", 0, 0},
    {"MistralForCausalLM", "mistral", 0, 4096},
};
enum { FAMILIES = sizeof families / sizeof *families };

static const char *name_of(size_t index) {
    return index < FAMILIES ? families[index].architecture : NULL;
}

enum tern_status tern_family_find(const char *architecture, const char *path, struct tern_error *error,
                                  const struct tern_family **family) {
    char names[256];
    for (size_t i = 0; i < FAMILIES; i++) {
        if (strcmp(architecture, families[i].architecture) == 0) {
            *family = &families[i];
            return TERN_STATUS_OK;
        }
    }
    tern_name_list(name_of, names, sizeof names);
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: the architecture is '%.100s'; %s can be run", path,
                          architecture, names);
}
