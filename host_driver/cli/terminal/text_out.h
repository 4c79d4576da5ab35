// SPDX-License-Identifier: Apache-2.0
// The text of `tern run` and `tern chat` on its way out, beside a status line that leaves it whole.
#ifndef TERN_HOST_DRIVER_CLI_TERMINAL_TEXT_OUT_H
#define TERN_HOST_DRIVER_CLI_TERMINAL_TEXT_OUT_H

#include <stdio.h>

#include "cmodel/error.h"
#include "host_driver/system/status_line.h"

struct tern_text_out {
    FILE *out;  // takes the text
    FILE *copy; // takes it too; NULL for none
    struct tern_status_line *line;
    // Set by tern_text_out_begin:
    FILE *hold; // the text until the end, else NULL
    char *held; // [held_bytes]
    size_t held_bytes;
    unsigned column; // of the cursor behind the text
};

// out, copy and line are set. OUT_OF_MEMORY only.
enum tern_status tern_text_out_begin(struct tern_text_out *text, struct tern_error *error);
// bytes: [count], whole characters. IO when stdout takes no more text.
enum tern_status tern_text_out_write(struct tern_text_out *text, const char *bytes, size_t count,
                                     struct tern_error *error);
// Writes what was held back. Call it once after a good tern_text_out_begin.
enum tern_status tern_text_out_end(struct tern_text_out *text, struct tern_error *error);

#endif
