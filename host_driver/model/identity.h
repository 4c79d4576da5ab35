// SPDX-License-Identifier: Apache-2.0
// A number that tells models apart, for files that belong to one model.
#ifndef TERN_HOST_DRIVER_MODEL_IDENTITY_H
#define TERN_HOST_DRIVER_MODEL_IDENTITY_H

#include "host_driver/model/model.h"

// FNV-1a, 64 bits, over numbers of the configuration, vectors, steps and checksums of the packed matrices, and 64 rows
// of embedding and head (docs/saved-state.md).
enum tern_status tern_model_identity(const struct tern_model *model, struct tern_error *error, uint64_t *identity);

#endif
