// SPDX-License-Identifier: Apache-2.0
#include "host_driver/system/hash.h"

#include <string.h>

uint64_t tern_hash_bytes(uint64_t hash, const void *data, size_t bytes) {
    const uint8_t *byte = data;
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    }
    return hash;
}

uint64_t tern_hash_text(uint64_t hash, const char *text) {
    return tern_hash_bytes(hash, text, strlen(text));
}
