// SPDX-License-Identifier: Apache-2.0
#include "host_driver/jinja/arena.h"

#include <stdlib.h>

#define PIECE_BYTES ((size_t)64 << 10)
#define ALIGN_BYTES sizeof(max_align_t)

struct tern_arena_piece {
    struct tern_arena_piece *older;
    size_t used_bytes, capacity_bytes;
    max_align_t memory[];
};

static struct tern_arena_piece *new_piece(struct tern_arena *arena, size_t bytes) {
    size_t capacity = bytes > PIECE_BYTES ? bytes : PIECE_BYTES;
    struct tern_arena_piece *piece = calloc(1, sizeof *piece + capacity);
    if (piece) {
        piece->capacity_bytes = capacity;
        piece->older = arena->pieces;
        arena->pieces = piece;
    }
    return piece;
}

void *tern_arena_take(struct tern_arena *arena, size_t bytes) {
    if (bytes > arena->limit_bytes - arena->taken_bytes) {
        return NULL;
    }
    size_t rounded = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    struct tern_arena_piece *piece = arena->pieces;
    if (!piece || rounded > piece->capacity_bytes - piece->used_bytes) {
        piece = new_piece(arena, rounded);
    }
    if (!piece) {
        return NULL;
    }
    void *memory = (char *)piece->memory + piece->used_bytes;
    piece->used_bytes += rounded;
    arena->taken_bytes += bytes;
    return memory;
}

void tern_arena_release(struct tern_arena *arena) {
    while (arena->pieces) {
        struct tern_arena_piece *older = arena->pieces->older;
        free(arena->pieces);
        arena->pieces = older;
    }
    arena->taken_bytes = 0;
}
