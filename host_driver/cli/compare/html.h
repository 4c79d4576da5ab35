// SPDX-License-Identifier: Apache-2.0
// Texts in a page of HTML.
#ifndef TERN_HOST_DRIVER_CLI_COMPARE_HTML_H
#define TERN_HOST_DRIVER_CLI_COMPARE_HTML_H

#include <stdio.h>

// A text of the user, with the characters that mean something to HTML escaped.
void tern_html_text(FILE *out, const char *text);
// The same as one word of a command for a POSIX shell.
void tern_html_shell_word(FILE *out, const char *word);

#endif
