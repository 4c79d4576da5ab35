// SPDX-License-Identifier: Apache-2.0
#include "tools/make_sources/git.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ANSWER_BYTES = 4096 };

// Reads to the end, keeps what has room.
static void read_answer(int descriptor, char *answer) {
    char piece[ANSWER_BYTES];
    size_t length = 0;
    for (ssize_t bytes; (bytes = read(descriptor, piece, sizeof piece)) > 0;) {
        const size_t room = ANSWER_BYTES - 1 - length, taken = (size_t)bytes < room ? (size_t)bytes : room;
        memcpy(answer + length, piece, taken);
        length += taken;
    }
    answer[length] = 0;
}

// Runs git. Returns whether it succeeded, and what it printed.
static bool ask(const char *const *words, char *answer) {
    int ends[2], code = 1;
    pid_t child;
    posix_spawn_file_actions_t actions;
    if (pipe(ends)) {
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const bool runs = posix_spawnp(&child, "git", &actions, NULL, (char *const *)words, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    read_answer(ends[0], answer);
    close(ends[0]);
    return runs && waitpid(child, &code, 0) == child && code == 0;
}

// Whether files of the roots differ from the commit.
static bool has_changes(const char *tree, const char *const *roots, size_t root_count) {
    static const char *const begin[] = {"git", "--no-optional-locks", "-C", NULL, "status", "--porcelain", "--"};
    enum { BEGIN = sizeof begin / sizeof *begin };
    char answer[ANSWER_BYTES] = "";
    const char **words = calloc(BEGIN + root_count + 2, sizeof *words);
    if (!words) {
        return true;
    }
    memcpy(words, begin, sizeof begin);
    words[3] = tree;
    size_t count = BEGIN;
    for (size_t i = 0; i < root_count; i++) {
        if (*roots[i] != '/') {
            words[count++] = roots[i];
        }
    }
    words[count] = ":(exclude,glob)**/tests/**";
    const bool is_known = ask(words, answer);
    free(words);
    return !is_known || *answer;
}

void git_look(const char *tree, const char *const *roots, size_t root_count, struct git_state *state) {
    char answer[ANSWER_BYTES];
    const char *const words[] = {"git",        "-C",        tree,        "rev-parse", "--show-cdup",
                                 "--git-path", "logs/HEAD", "--short=7", "HEAD",      NULL};
    *state = (struct git_state){.commit = ""};
    // Three lines: the way up to the top, which is empty at the top, the file, the commit.
    if (!ask(words, answer) || *answer != '\n') {
        return;
    }
    const char *log = strtok(answer, "\n"), *commit = strtok(NULL, "\n");
    if (!commit || !log) {
        return;
    }
    const bool is_relative = *log != '/';
    snprintf(state->commit, sizeof state->commit, "%.40s%s", commit,
             has_changes(tree, roots, root_count) ? "+changes" : "");
    if (snprintf(state->log, sizeof state->log, "%s%s%s", is_relative ? tree : "", is_relative ? "/" : "", log) >=
        (int)sizeof state->log) {
        *state->log = 0;
    }
}
