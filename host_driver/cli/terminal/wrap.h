// SPDX-License-Identifier: Apache-2.0
// Text in lines that fit a terminal.
#ifndef TERN_HOST_DRIVER_CLI_TERMINAL_WRAP_H
#define TERN_HOST_DRIVER_CLI_TERMINAL_WRAP_H

#include <stdio.h>

#define TERN_CLI_COLUMNS 80

// Prints a usage text in lines of at most 80 columns. A synopsis ("usage: tern ...", "       tern ...") breaks between
// its brackets, an option ("  --name ...") and a paragraph between words. Lines with more indentation go on with the
// synopsis or option above.
void tern_cli_print_usage(FILE *out, const char *usage);

// Prints a line of figures and its line end. On a terminal it is broken between words, with `hang` blanks before what
// follows. Elsewhere it stays one line, for scripts.
__attribute__((format(printf, 3, 4))) void tern_cli_say(FILE *out, unsigned hang, const char *format, ...);

#endif
