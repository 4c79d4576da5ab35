// SPDX-License-Identifier: Apache-2.0
// What a runner needs to go on after its last token, as bytes that are the same on every device: the tokens and the
// caches. docs/saved-state.md has the layout.
#ifndef TERN_HOST_DRIVER_RUNNER_RUNNER_STATE_H
#define TERN_HOST_DRIVER_RUNNER_RUNNER_STATE_H

#include "host_driver/runner/runner.h"

// The number of bytes after `positions` tokens.
uint64_t tern_runner_state_bytes(const struct tern_model_config *config, uint32_t positions);

// Writes the state to state[tern_runner_state_bytes]. Between two calls of tern_runner_tokens, also after an error of
// one that the device survived.
enum tern_status tern_runner_save(struct tern_runner *runner, uint8_t *state, struct tern_error *error);

// Puts a saved state in place of that of the runner, whose devices and placement of layers may be others. The model
// must be the same. BAD_FILE for a state of another length or with impossible numbers. BAD_ARGUMENT for more positions
// than the caches hold, and for positions to be fed again whose tokens are not known. After an error the runner must be
// closed.
enum tern_status tern_runner_load(struct tern_runner *runner, const uint8_t *state, uint64_t bytes,
                                  struct tern_error *error);

#endif
