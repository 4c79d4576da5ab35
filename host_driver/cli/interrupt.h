// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, and SIGTERM where a command can save its state. A command that catches them keeps what it has and ends in
// order. The first signal is answered at once on stderr. A second one ends the program at once.
#ifndef TERN_HOST_DRIVER_CLI_INTERRUPT_H
#define TERN_HOST_DRIVER_CLI_INTERRUPT_H

#include <stdbool.h>
#include <stdio.h>

// SIGINT ends the command after a sentence that says so and goes on with `rest`. Not where it was ignored from the
// start.
void tern_cli_answer_interrupt(const char *command, const char *rest);
// Notes the next SIGINT; one after it ends the program. text: where text goes meanwhile, NULL for none (status_line.h).
void tern_cli_catch_interrupt(const char *command, FILE *text);
void tern_cli_catch_termination(const char *command, FILE *text); // the same for SIGTERM
void tern_cli_obey_interrupt(void);                               // restores the actions from before
bool tern_cli_is_interrupted(void);                               // whether a signal was noted since then
int tern_cli_interrupt_code(void);                                // exit code for the last signal noted: 130 or 143

#endif
