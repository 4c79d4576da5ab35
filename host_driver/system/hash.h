// SPDX-License-Identifier: Apache-2.0
// FNV-1a with 64 bits: tells contents apart that nobody has made alike on purpose.
#ifndef TERN_HOST_DRIVER_SYSTEM_HASH_H
#define TERN_HOST_DRIVER_SYSTEM_HASH_H

#include <stddef.h>
#include <stdint.h>

#define TERN_HASH_START 0xcbf29ce484222325u

// The hash goes on from `hash`.
uint64_t tern_hash_bytes(uint64_t hash, const void *data, size_t bytes);
uint64_t tern_hash_text(uint64_t hash, const char *text);

#endif
