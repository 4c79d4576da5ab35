// SPDX-License-Identifier: Apache-2.0
// Feeds a device and hands out every result: token ids through the whole model, or seeded hidden states through one
// layer.
#ifndef TERN_HOST_DRIVER_CLI_FEED_H
#define TERN_HOST_DRIVER_CLI_FEED_H

#include "host_driver/cli/session.h"
#include "host_driver/system/progress.h"

struct tern_cli_feed {
    // options->layer is TERN_NO_LAYER: the tokens of options->tokens, after those of the file options->resume. Else
    // options->positions hidden states, made from options->seed, through that layer alone, after options->context
    // positions with a seeded cache.
    const struct tern_cli_options *options;
    const char *device; // options->on name those of some layers
    tern_tap tap;       // for every stage, NULL for none
    tern_tap output;    // for each position: stage "logits", or "hidden" of one layer; NULL for none
    void *context;      // of tap and output
    // Set by tern_cli_feed_open:
    char label[64]; // "model+rtl:0,3"
    struct tern_session session;
    struct tern_saved_state resumed; // of options->resume, else all zero
    uint32_t *ids;                   // [count], NULL for a layer
    size_t count;                    // positions, those of the saved state included
    size_t fed;                      // of them
    size_t first;                    // fed at the start
    struct tern_progress progress;
};

// BAD_ARGUMENT for bad or too many token ids.
enum tern_status tern_cli_feed_open(struct tern_cli_feed *feed, struct tern_error *error);
// Progress goes to stderr. INTERRUPTED after a signal that the caller catches (interrupt.h). A tap that prints a line
// calls tern_cli_feed_clear before.
enum tern_status tern_cli_feed_run(struct tern_cli_feed *feed, struct tern_error *error);
// Takes the progress off a terminal.
void tern_cli_feed_clear(struct tern_cli_feed *feed);
// Writes what was fed and what was not yet to options->save_state.
enum tern_status tern_cli_feed_save(struct tern_cli_feed *feed, struct tern_error *error);
// Also allowed after a failed tern_cli_feed_open.
void tern_cli_feed_close(struct tern_cli_feed *feed);

#endif
