// SPDX-License-Identifier: Apache-2.0
// Ctrl-C while a command generates text. The command keeps the text so far and ends in order. A second Ctrl-C ends the
// program at once.
#ifndef TERN_HOST_DRIVER_CLI_INTERRUPT_H
#define TERN_HOST_DRIVER_CLI_INTERRUPT_H

#include <stdbool.h>

enum { TERN_EXIT_INTERRUPTED = 130 };

void tern_cli_catch_interrupt(void); // notes the next SIGINT; one after it ends the program
void tern_cli_obey_interrupt(void);  // restores the default action
bool tern_cli_is_interrupted(void);  // whether a SIGINT came since tern_cli_catch_interrupt

#endif
