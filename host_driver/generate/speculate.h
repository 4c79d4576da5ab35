// SPDX-License-Identifier: Apache-2.0
// The step of a generator that drafts tokens and verifies them.
#ifndef TERN_HOST_DRIVER_GENERATE_SPECULATE_H
#define TERN_HOST_DRIVER_GENERATE_SPECULATE_H

#include <stdbool.h>

#include "host_driver/generate/generator_internal.h"

// Whether exactly one id waits and a draft of at least one token fits.
bool tern_generator_can_speculate(const struct tern_generator *generator);
// Drafts and verifies. `known` grows by at least one.
enum tern_status tern_generator_speculate(struct tern_generator *generator, struct tern_error *error);

#endif
