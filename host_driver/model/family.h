// SPDX-License-Identifier: Apache-2.0
// Model families: their names in config.json, and how their layers differ (layer_table.h).
#ifndef TERN_HOST_DRIVER_MODEL_FAMILY_H
#define TERN_HOST_DRIVER_MODEL_FAMILY_H

#include "host_driver/model/layer_table.h"

struct tern_family {
    const char *architecture, *model_type; // of config.json
    uint32_t features;                     // bits of enum tern_feature
    uint32_t sliding_window;               // positions, when config.json has no such key; 0: the family has no window
};

// UNSUPPORTED for an unknown architecture; the sentence begins with `path` and lists the known ones.
enum tern_status tern_family_find(const char *architecture, const char *path, struct tern_error *error,
                                  const struct tern_family **family);

#endif
