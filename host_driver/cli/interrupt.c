// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static volatile sig_atomic_t is_noted;

static void note(int number) {
    (void)number;
    is_noted = 1;
}

static void handle(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

void tern_cli_catch_interrupt(void) {
    handle(note);
}

void tern_cli_obey_interrupt(void) {
    handle(SIG_DFL);
    is_noted = 0;
}

bool tern_cli_is_interrupted(void) {
    return is_noted;
}
