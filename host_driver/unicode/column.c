// SPDX-License-Identifier: Apache-2.0
#include "host_driver/unicode/column.h"

#include <utf8proc.h>

#include "host_driver/unicode/utf8.h"

enum { TAB_COLUMNS = 8 };

static unsigned step(unsigned column, unsigned width, uint32_t code_point) {
    const unsigned columns = (unsigned)utf8proc_charwidth((utf8proc_int32_t)code_point);
    const unsigned tab = (column / TAB_COLUMNS + 1) * TAB_COLUMNS;
    switch (code_point) {
    case '\n': // the terminal's driver makes it "\r\n"
    case '\r': return 0;
    case '\b': return column > 0 ? column - 1 : 0;
    case '\t': return column == width ? width : tab < width ? tab : width - 1;
    default: return column + columns <= width ? column + columns : columns;
    }
}

unsigned tern_column_after(unsigned column, unsigned width, const char *bytes, size_t count) {
    for (size_t at = 0, length; at < count; at += length) {
        const enum tern_utf8_state state = tern_utf8_scan((const unsigned char *)bytes + at, count - at, &length);
        const bool is_character = state == TERN_UTF8_COMPLETE;
        column = step(column, width, is_character ? tern_utf8_decode(bytes + at, &length) : 0xfffd);
    }
    return column;
}
