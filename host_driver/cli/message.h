// SPDX-License-Identifier: Apache-2.0
// The messages of `tern chat`: a line each, or several lines between """ marks.
#ifndef TERN_HOST_DRIVER_CLI_MESSAGE_H
#define TERN_HOST_DRIVER_CLI_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmodel/error.h"

#define TERN_MESSAGE_MAX_BYTES ((size_t)1 << 20)

struct tern_cli_message {
    char *buffer; // [TERN_MESSAGE_MAX_BYTES]
    char *text;   // [bytes], in the buffer
    size_t bytes;
    bool is_marked; // stood between marks, so that it is no command
};

// OUT_OF_MEMORY, or a message for tern_cli_message_read. Release it with tern_cli_message_close.
enum tern_status tern_cli_message_open(struct tern_error *error, struct tern_cli_message *message);
void tern_cli_message_close(struct tern_cli_message *message);

// Reads the next message. *is_there is false at the end of the input. A line that begins with """ begins a message that
// a line ending in """ ends, maybe the same line. The text is what stands between the marks, line ends included. A
// message that is too long is read to its end and then refused: BAD_ARGUMENT, also for marks that nothing ends.
// is_person: asks for further lines on stderr.
enum tern_status tern_cli_message_read(struct tern_cli_message *message, FILE *in, bool is_person, bool *is_there,
                                       struct tern_error *error);

#endif
