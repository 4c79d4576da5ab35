// SPDX-License-Identifier: Apache-2.0
// What git says about a tree.
#ifndef TERN_TOOLS_MAKE_SOURCES_GIT_H
#define TERN_TOOLS_MAKE_SOURCES_GIT_H

#include <stddef.h>

struct git_state {
    char commit[64]; // "99a7c3f", "99a7c3f+changes"; "" without git or for a tree that is not the top of a checkout
    char log[4096];  // a file that every commit and checkout changes; "" likewise
};

// Changes count in the roots, but for tests.
void git_look(const char *tree, const char *const *roots, size_t root_count, struct git_state *state);

#endif
