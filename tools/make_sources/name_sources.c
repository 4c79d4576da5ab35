// SPDX-License-Identifier: Apache-2.0
// Linked into benches and test programs by tern_check_sources(). Names the sources of the program before its main()
// runs. Fails when the tree has others: a program of an earlier build says nothing about the sources of now.
#define _GNU_SOURCE // the name of the program
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "host_driver/system/sources/sources.h"

static void end(const char *why) {
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
    exit(1);
}

__attribute__((constructor)) static void name_sources(void) {
    struct tern_error error;
    struct tern_source_changes changes;
    char text[8192];
    tern_sources_describe(&tern_sources, text, sizeof text);
    fprintf(stderr, "sources: %s\n", text);
    const char *tree = tern_sources_tree(&tern_sources);
    if (!tree) {
        return;
    }
    if (tern_sources_compare(&tern_sources, tree, TERN_EVERY_GROUP, &error, &changes) != TERN_STATUS_OK) {
        end(error.message);
    }
    if (changes.count) {
        tern_sources_complain(&tern_sources, &changes, text, sizeof text);
        tern_source_changes_free(&changes);
        end(text);
    }
}
