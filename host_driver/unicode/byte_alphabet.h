// SPDX-License-Identifier: Apache-2.0
// The printable character for each byte in a byte-level vocabulary (bytes_to_unicode of GPT-2). Bytes 33..126, 161..172
// and 174..255 are the code points of the same number. The 68 others are U+0100, U+0101, ... in rising order.
#ifndef TERN_HOST_DRIVER_UNICODE_BYTE_ALPHABET_H
#define TERN_HOST_DRIVER_UNICODE_BYTE_ALPHABET_H

#include <stddef.h>
#include <stdint.h>

uint32_t tern_byte_symbol(uint8_t byte);
// The byte 0..255, or -1 for a code point outside the alphabet.
int tern_byte_of_symbol(uint32_t code_point);

// Writes the symbol of a byte as UTF-8 and returns its length, 1 or 2.
size_t tern_byte_symbol_write(uint8_t byte, char *out);

// Writes the bytes of a vocabulary string to `out` (room for len_bytes) and returns their number. A string with a
// character outside the alphabet is copied unchanged, as in Hugging Face's decoder.
size_t tern_byte_symbols_decode(const char *text, size_t len_bytes, char *out);

#endif
