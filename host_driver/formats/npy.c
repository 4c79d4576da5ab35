// SPDX-License-Identifier: Apache-2.0
#include "host_driver/formats/npy.h"

#include <stdio.h>
#include <string.h>

#include "host_driver/system/write_file.h"

enum { HEADER_BYTES = 128, DICT_AT = 10 };

// Version 1.0 of the format: magic, header length, a Python dict with padding.
static void make_header(char header[HEADER_BYTES], size_t rows, uint32_t columns) {
    char dict[HEADER_BYTES - DICT_AT];
    int length =
        snprintf(dict, sizeof dict, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %u), }", rows, columns);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", DICT_AT);
    memset(header + DICT_AT, ' ', HEADER_BYTES - DICT_AT);
    memcpy(header + DICT_AT, dict, (size_t)length);
    header[HEADER_BYTES - 1] = '\n';
}

enum tern_status tern_npy_write(const char *path, const float *values, size_t rows, uint32_t columns,
                                struct tern_error *error) {
    char header[HEADER_BYTES];
    make_header(header, rows, columns);
    return tern_replace_file(path, header, sizeof header, values, rows * columns * sizeof *values, error);
}
