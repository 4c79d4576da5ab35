// SPDX-License-Identifier: Apache-2.0
// Memory that is taken piece by piece and released at once, with a limit: templates come from strangers.
#ifndef TERN_HOST_DRIVER_JINJA_ARENA_H
#define TERN_HOST_DRIVER_JINJA_ARENA_H

#include <stddef.h>

struct tern_arena_piece;

struct tern_arena {
    struct tern_arena_piece *pieces; // the newest first
    size_t taken_bytes, limit_bytes;
};

// Zeroed memory for any type; NULL beyond the limit or without host memory.
void *tern_arena_take(struct tern_arena *arena, size_t bytes);
void tern_arena_release(struct tern_arena *arena);

#endif
