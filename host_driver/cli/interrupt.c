// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/system/status_line.h"

struct answer {
    char text[160];
    size_t bytes;
};

static volatile sig_atomic_t is_noted, last_number;
static struct answer to_interrupt, to_termination, to_end; // written before the handlers are set
static bool takes_interrupts;                              // SIGINT was not ignored from the start

// With the default action, so that a shell sees a signal and ends its loop too.
static void end(int number) {
    (void)!write(STDERR_FILENO, to_end.text, to_end.bytes);
    (void)raise(number);
}

// Answers at once, since the work may see the signal seconds later.
static void note(int number) {
    const struct answer *answer = number == SIGINT ? &to_interrupt : &to_termination;
    is_noted = 1;
    last_number = number;
    (void)!write(STDERR_FILENO, answer->text, answer->bytes);
}

static void prepare(struct answer *answer, const char *command, FILE *text, const char *signal_name) {
    snprintf(answer->text, sizeof answer->text, "%stern %.20s: stopping after this stage; %s again ends at once\n",
             tern_status_line_break(text), command, signal_name);
    answer->bytes = strlen(answer->text);
}

static void handle(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void tern_cli_answer_interrupt(const char *command, const char *rest) {
    struct sigaction now;
    takes_interrupts = sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler != SIG_IGN;
    if (takes_interrupts) {
        snprintf(to_end.text, sizeof to_end.text, "%stern %.20s: ended by Ctrl-C%.100s\n", tern_status_line_break(NULL),
                 command, rest);
        to_end.bytes = strlen(to_end.text);
        handle(SIGINT, end);
    }
}

void tern_cli_catch_interrupt(const char *command, FILE *text) {
    prepare(&to_interrupt, command, text, "Ctrl-C");
    if (takes_interrupts) {
        handle(SIGINT, note);
    }
}

void tern_cli_catch_termination(const char *command, FILE *text) {
    prepare(&to_termination, command, text, "SIGTERM");
    handle(SIGTERM, note);
}

void tern_cli_obey_interrupt(void) {
    if (takes_interrupts) {
        handle(SIGINT, end);
    }
    handle(SIGTERM, SIG_DFL);
    is_noted = 0;
}

bool tern_cli_is_interrupted(void) {
    return is_noted;
}

int tern_cli_interrupt_code(void) {
    return 128 + (int)last_number;
}
