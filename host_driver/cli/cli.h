// SPDX-License-Identifier: Apache-2.0
// Subcommands of `tern`. argv[0] is the subcommand's name. Exit codes: 0 done, 1 failed (one sentence on stderr), 2
// wrong usage.
#ifndef TERN_HOST_DRIVER_CLI_CLI_H
#define TERN_HOST_DRIVER_CLI_CLI_H

#include "cmodel/error.h"

enum { TERN_EXIT_OK = 0, TERN_EXIT_FAILED = 1, TERN_EXIT_USAGE = 2 };

int tern_cli_quantize(int argc, char **argv);
int tern_cli_import(int argc, char **argv);
int tern_cli_inspect(int argc, char **argv);
int tern_cli_export(int argc, char **argv);
int tern_cli_run(int argc, char **argv);
int tern_cli_chat(int argc, char **argv);
int tern_cli_logits(int argc, char **argv);
int tern_cli_layer(int argc, char **argv);
int tern_cli_tokenize(int argc, char **argv);
int tern_cli_compare(int argc, char **argv);
int tern_cli_bench(int argc, char **argv);
int tern_cli_explore(int argc, char **argv);
int tern_cli_doctor(int argc, char **argv);

// Prints "tern NAME: MESSAGE" on stderr and gives TERN_EXIT_FAILED.
int tern_cli_fail(const char *name, const struct tern_error *error);
// The exit code of a command that ended with `status`; tern_cli_fail unless it is OK.
int tern_cli_end(const char *name, enum tern_status status, const struct tern_error *error);
// Writes out stdout. IO when a full disk or a reader that has gone does not take it; long work ends then.
enum tern_status tern_cli_flush(struct tern_error *error);

#endif
