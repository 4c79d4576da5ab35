// SPDX-License-Identifier: Apache-2.0
// A file from which a text goes on: the ids so far, how the next ones are chosen, and the state of the runner. The
// device that goes on may be another one. docs/saved-state.md has the layout.
#ifndef TERN_HOST_DRIVER_GENERATE_SAVED_STATE_H
#define TERN_HOST_DRIVER_GENERATE_SAVED_STATE_H

#include "host_driver/generate/generator.h"
#include "host_driver/system/mapped_file.h"

struct tern_saved_state {
    struct tern_sampling sampling;
    uint32_t depth;      // planes in use
    const uint32_t *ids; // [known]: the text has the first `count`, the others were verified ahead of it
    uint32_t count, known;
    uint32_t prompt_count; // the first ids of the text; 0: not made by `tern run`
    uint32_t max_tokens;   // after those
    const char *prompt;    // [prompt_bytes], no NUL
    uint32_t prompt_bytes;
    // Of a file that was read:
    uint64_t model;        // tern_model_identity
    const uint8_t *runner; // [runner_bytes]: tern_runner_load
    uint64_t runner_bytes;
    uint32_t position; // tokens fed
    struct tern_mapped_file file;
    const char *path;
};

// Replaces the file `path` when everything is on disk. The members after prompt_bytes are not used.
enum tern_status tern_saved_state_write(const struct tern_saved_state *state, const struct tern_model *model,
                                        struct tern_runner *runner, const char *path, struct tern_error *error);

// Opens a file; `path` must outlive *state. BAD_FILE for another kind of file, another version, or a file that was cut;
// CHECKSUM for a damaged one.
enum tern_status tern_saved_state_read(const char *path, struct tern_error *error, struct tern_saved_state *state);
void tern_saved_state_close(struct tern_saved_state *state); // a struct of zeros is allowed

// BAD_ARGUMENT when another model was saved.
enum tern_status tern_saved_state_check(const struct tern_saved_state *state, const struct tern_model *model,
                                        struct tern_error *error);

// Fills sampling, ids, count and known. The ids are the generator's own.
void tern_generator_save(const struct tern_generator *generator, struct tern_saved_state *state);
// Puts a saved text in a new generator, whose runner has loaded the state. BAD_ARGUMENT for more ids than fit, BAD_FILE
// for one outside the vocabulary.
enum tern_status tern_generator_load(struct tern_generator *generator, const struct tern_saved_state *state,
                                     struct tern_error *error);

#endif
