// SPDX-License-Identifier: Apache-2.0
// The printable character that stands for each byte in a byte-level vocabulary (GPT-2's bytes_to_unicode): bytes
// 33..126, 161..172 and 174..255 are the code points of the same number, the 68 others are U+0100.. in rising order.
#ifndef TERN_HOST_DRIVER_UNICODE_BYTE_ALPHABET_H
#define TERN_HOST_DRIVER_UNICODE_BYTE_ALPHABET_H

#include <stddef.h>
#include <stdint.h>

uint32_t tern_byte_symbol(uint8_t byte);
// 0..255, or -1 for a code point that stands for no byte.
int tern_byte_of_symbol(uint32_t code_point);

// Writes a byte's symbol as UTF-8 (1 or 2 bytes), returns how many.
size_t tern_byte_symbol_write(uint8_t byte, char *out);

// Bytes of a vocabulary string to `out` (room for len_bytes). A string with a character outside the alphabet stands
// for itself, whole, as in Hugging Face's decoder. Returns how many bytes.
size_t tern_byte_symbols_decode(const char *text, size_t len_bytes, char *out);

#endif
