// SPDX-License-Identifier: Apache-2.0
// Feeds a device and shows every result: token ids through the whole model, or seeded hidden states through one layer.
#ifndef TERN_HOST_DRIVER_CLI_FEED_H
#define TERN_HOST_DRIVER_CLI_FEED_H

#include "host_driver/cli/session.h"

struct tern_cli_feed {
    // Tokens of options->tokens; when options->layer is not TERN_NO_LAYER, options->positions hidden states of
    // options->seed through that layer alone.
    const struct tern_cli_options *options;
    const char *device;
    tern_tap tap;    // of every stage, NULL for none
    tern_tap output; // of each position: stage "logits", of a layer "hidden"; NULL for none
    void *context;   // of both
    // From opening on.
    struct tern_session session;
    uint32_t *ids; // NULL for a layer
    size_t count;  // positions
    // For progress.
    double started, shown; // seconds
    size_t fed;            // positions
};

enum tern_status tern_cli_feed_open(struct tern_cli_feed *feed, struct tern_error *error);
// Progress goes to stderr.
enum tern_status tern_cli_feed_run(struct tern_cli_feed *feed, struct tern_error *error);
// Also of one whose opening failed.
void tern_cli_feed_close(struct tern_cli_feed *feed);

#endif
