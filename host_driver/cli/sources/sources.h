// SPDX-License-Identifier: Apache-2.0
// A command names the sources that the program was built from. It says when the tree has others: what a program of an
// earlier build finds is no statement about the tree.
#ifndef TERN_HOST_DRIVER_CLI_SOURCES_SOURCES_H
#define TERN_HOST_DRIVER_CLI_SOURCES_SOURCES_H

#include "host_driver/cli/options.h"
#include "host_driver/system/sources/sources.h"

// The lines of a usage text about --allow-stale.
#define TERN_CLI_STALE_HELP "  --allow-stale  a program older than the source tree it was built from is no failure\n"

struct tern_cli_sources {
    const char *command;
    bool is_allowed; // --allow-stale
    struct tern_source_changes changes;
};

// Prints "tern COMMAND: sources COMMIT, HASH, TREE" on stderr unless `is_quiet`. Looks at the sources of the devices:
// those of --device and --on, and names[count]. Other sources do not matter.
enum tern_status tern_cli_sources_open(const struct tern_cli_options *options, const char *const *names, size_t count,
                                       bool is_quiet, struct tern_error *error, struct tern_cli_sources *sources);
// Says on stderr what has changed. Returns `code`, or TERN_EXIT_FAILED in its place where --allow-stale is not given.
int tern_cli_sources_end(const struct tern_cli_sources *sources, int code);
// {"hash": ..., "commit": ..., "changed": [...]}; free(). NULL without memory.
char *tern_cli_sources_json(const struct tern_cli_sources *sources);
void tern_cli_sources_close(struct tern_cli_sources *sources);

#endif
