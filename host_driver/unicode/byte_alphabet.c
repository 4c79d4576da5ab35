// SPDX-License-Identifier: Apache-2.0
#include "host_driver/unicode/byte_alphabet.h"

#include <string.h>

#include "host_driver/unicode/utf8.h"

#define FIRST_MOVED 0x100u // U+0100 is the symbol of byte 0, the next ones those of other bytes not printable

uint32_t tern_byte_symbol(uint8_t byte) {
    if (byte < 33) {
        return FIRST_MOVED + byte;
    }
    if (byte < 127) {
        return byte;
    }
    if (byte < 161) {
        return FIRST_MOVED + 33u + (byte - 127u);
    }
    if (byte == 173) {
        return FIRST_MOVED + 67u;
    }
    return byte;
}

int tern_byte_of_symbol(uint32_t code_point) {
    uint32_t moved = code_point - FIRST_MOVED;
    if (code_point >= FIRST_MOVED) {
        if (moved < 33) {
            return (int)moved;
        }
        if (moved < 67) {
            return (int)(moved - 33 + 127);
        }
        return moved == 67 ? 173 : -1;
    }
    return tern_byte_symbol((uint8_t)code_point) == code_point ? (int)code_point : -1;
}

size_t tern_byte_symbol_write(uint8_t byte, char *out) {
    return tern_utf8_encode(tern_byte_symbol(byte), out);
}

size_t tern_byte_symbols_decode(const char *text, size_t len_bytes, char *out) {
    size_t written = 0;
    for (size_t at = 0, length; at < len_bytes; at += length) {
        int byte = tern_byte_of_symbol(tern_utf8_decode(text + at, &length));
        if (byte < 0) {
            memcpy(out, text, len_bytes);
            return len_bytes;
        }
        out[written++] = (char)byte;
    }
    return written;
}
