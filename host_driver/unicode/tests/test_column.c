// SPDX-License-Identifier: Apache-2.0
// The column of a terminal's cursor behind a text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host_driver/unicode/column.h"

enum { WIDTH = 10 };

static void expect(unsigned from, const char *text, unsigned column) {
    assert_int_equal(tern_column_after(from, WIDTH, text, strlen(text)), column);
}

static void test_plain(void **state) {
    (void)state;
    expect(0, "", 0);
    expect(3, "ab", 5);
    expect(0, "0123456789", WIDTH); // full, not yet on the next line
    expect(WIDTH, "a", 1);
    expect(0, "0123456789a", 1);
    expect(0, "0123456789\n", 0);
    expect(4, "ab\nc", 1);
}

static void test_movement(void **state) {
    (void)state;
    expect(0, "\t", 8);
    expect(8, "\t", WIDTH - 1); // a tab does not wrap
    expect(WIDTH, "\t", WIDTH);
    expect(5, "ab\rc", 1);
    expect(1, "\b\b", 0);
    expect(2, "\033\a", 2);
}

static void test_width(void **state) {
    (void)state;
    expect(0, "\xe6\x97\xa5", 2);     // a wide character
    expect(8, "\xe6\x97\xa5", WIDTH); // in the last two columns
    expect(9, "\xe6\x97\xa5", 2);     // one column is too few
    expect(3, "e\xcc\x81", 4);        // a combining mark
    expect(0, "\xc3\xa9", 1);
    expect(0, "a\xff\xe6", 3); // no UTF-8, and a character cut short
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_movement),
        cmocka_unit_test(test_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
