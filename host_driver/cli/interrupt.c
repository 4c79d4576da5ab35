// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static volatile sig_atomic_t is_noted, last_number;

static void note(int number) {
    is_noted = 1;
    last_number = number;
}

static void handle(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void tern_cli_catch_interrupt(void) {
    handle(SIGINT, note);
}

void tern_cli_catch_termination(void) {
    handle(SIGTERM, note);
}

void tern_cli_obey_interrupt(void) {
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    is_noted = 0;
}

bool tern_cli_is_interrupted(void) {
    return is_noted;
}

int tern_cli_interrupt_code(void) {
    return 128 + (int)last_number;
}
