// SPDX-License-Identifier: Apache-2.0
// Ctrl-C while a command generates: what there is stays, the command ends tidily. A second one ends the program at
// once.
#ifndef TERN_HOST_DRIVER_CLI_INTERRUPT_H
#define TERN_HOST_DRIVER_CLI_INTERRUPT_H

enum { TERN_EXIT_INTERRUPTED = 130 };

void tern_cli_catch_interrupt(void); // from here on the first SIGINT is noted instead of obeyed
void tern_cli_obey_interrupt(void);  // as the system has it
int tern_cli_is_interrupted(void);   // since the catch

#endif
