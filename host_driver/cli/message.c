// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/message.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MARKS_BYTES = 3, MARKS = '"' << 16 | '"' << 8 | '"' };

enum tern_status tern_cli_message_open(struct tern_error *error, struct tern_cli_message *message) {
    *message = (struct tern_cli_message){.buffer = malloc(TERN_MESSAGE_MAX_BYTES)};
    return message->buffer ? TERN_STATUS_OK
                           : tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a message");
}

void tern_cli_message_close(struct tern_cli_message *message) {
    free(message->buffer);
    message->buffer = NULL;
}

// Counts bytes that have no room, too.
static void add_byte(struct tern_cli_message *message, int byte) {
    if (message->bytes < TERN_MESSAGE_MAX_BYTES) {
        message->buffer[message->bytes] = (char)byte;
    }
    message->bytes++;
}

// Appends a line without its end, "\n" or "\r\n". Returns false at the end of the input. *ends: marks stand at its end,
// after at least `least` other bytes.
static bool add_line(struct tern_cli_message *message, FILE *in, size_t least, bool *ends) {
    const size_t start = message->bytes;
    uint32_t last = 0; // four bytes, also those that have no room
    int byte;
    while ((byte = getc(in)) != EOF && byte != '\n') {
        add_byte(message, byte);
        last = last << 8 | (uint32_t)byte;
    }
    const bool is_there = byte == '\n' || message->bytes > start;
    if (message->bytes > start && (last & 0xff) == '\r') {
        message->bytes--;
        last >>= 8;
    }
    *ends = message->bytes - start >= least + MARKS_BYTES && (last & 0xffffff) == MARKS;
    return is_there;
}

// Reads on to the closing marks. The opening ones are in the buffer.
static enum tern_status add_lines(struct tern_cli_message *message, FILE *in, bool is_person,
                                  struct tern_error *error) {
    bool ends = false;
    while (!ends) {
        if (is_person) {
            fputs("... ", stderr);
        }
        add_byte(message, '\n');
        if (!add_line(message, in, 0, &ends)) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                  "the input ends before a line that ends with \"\"\"");
        }
    }
    return TERN_STATUS_OK;
}

static void remove_marks(struct tern_cli_message *message) {
    message->is_marked = true;
    message->text += MARKS_BYTES;
    message->bytes -= (size_t)2 * MARKS_BYTES;
}

enum tern_status tern_cli_message_read(struct tern_cli_message *message, FILE *in, bool is_person, bool *is_there,
                                       struct tern_error *error) {
    bool ends;
    message->bytes = 0;
    message->text = message->buffer;
    message->is_marked = false;
    *is_there = add_line(message, in, MARKS_BYTES, &ends);
    if (message->bytes >= MARKS_BYTES && memcmp(message->text, "\"\"\"", MARKS_BYTES) == 0) {
        TERN_TRY(ends ? TERN_STATUS_OK : add_lines(message, in, is_person, error));
        remove_marks(message);
    }
    if (ferror(in)) {
        *is_there = false;
        return tern_error_set(error, TERN_STATUS_IO, "standard input cannot be read: %s", strerror(errno));
    }
    const size_t most = TERN_MESSAGE_MAX_BYTES - (message->is_marked ? (size_t)2 * MARKS_BYTES : 0);
    return message->bytes <= most ? TERN_STATUS_OK
                                  : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                                   "a message of %zu bytes is longer than %zu", message->bytes, most);
}
