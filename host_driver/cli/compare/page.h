// SPDX-License-Identifier: Apache-2.0
// `tern compare --html FILE`: a page of what a comparison found. It needs no other file and no network.
#ifndef TERN_HOST_DRIVER_CLI_COMPARE_PAGE_H
#define TERN_HOST_DRIVER_CLI_COMPARE_PAGE_H

#include "host_driver/cli/compare/outcome.h"
#include "host_driver/cli/feed.h"
#include "host_driver/cli/sources/sources.h"

struct tern_cli_page {
    const char *const *words; // [word_count]: the command line from "compare" on
    size_t word_count;
    const struct tern_cli_sources *sources;  // of the program
    const struct tern_cli_feed *last;        // of the last device, still open
    const struct tern_cli_outcome *outcomes; // [count]
    size_t count;
};

// Replaces `path` when the page is complete.
enum tern_status tern_cli_page_write(const struct tern_cli_page *page, const char *path, struct tern_error *error);

// page_tables.c: the tables of one device.
enum tern_status tern_cli_page_tables(const struct tern_cli_outcome *outcome, FILE *out, struct tern_error *error);

#endif
