// SPDX-License-Identifier: Apache-2.0
// Stop strings: the same text for every way to cut it into pieces, and no byte of a string is ever given.
#include "host_driver/generate/stop_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct stop_case {
    const char *strings[3];
    const char *text, *wanted;
    bool is_found;
};

static const struct stop_case cases[] = {
    {{NULL}, "all of it", "all of it", false},
    {{"stop"}, "no end sto", "no end sto", false},
    {{"stop"}, "a stop b", "a ", true},
    {{"stop"}, "stop", "", true},
    {{"stop"}, "sstostop", "ssto", true},
    {{"aab"}, "aaaab", "aa", true},
    {{"abcd", "bc"}, "xabcd", "xa", true}, // the one that ends first
    {{"b", "ab"}, "xab", "x", true},       // of those the longest
    {{"\n\n", "User:"}, "one\ntwo\n\nthree", "one\ntwo", true},
    {{"ab", "abab"}, "xaabab", "xa", true},
    {{"\xC3\xA4\xC3\xB6"}, "x\xC3\xA4\xC3\xA4\xC3\xB6y", "x\xC3\xA4", true},
    {{"xyz", "yzw"}, "xyxyyz", "xyxyyz", false},
};

// cuts: bit i set ends a piece after byte i.
static void check(const struct stop_case *row, unsigned cuts) {
    struct tern_stop_text stop;
    size_t count = 0, used = 0, start = 0, bytes;
    char got[64] = "";
    const char *ready;
    while (count < 3 && row->strings[count]) {
        count++;
    }
    tern_stop_text_begin(&stop, row->strings, count);
    const size_t length = strlen(row->text);
    for (size_t end = 1; end <= length; end++) {
        if (end == length || (cuts >> (end - 1) & 1)) {
            assert_int_equal(tern_stop_text_push(&stop, row->text + start, end - start, NULL, &ready, &bytes),
                             TERN_STATUS_OK);
            memcpy(got + used, ready, bytes);
            used += bytes;
            assert_true(used <= strlen(row->wanted) && memcmp(got, row->wanted, used) == 0);
            start = end;
        }
    }
    tern_stop_text_flush(&stop, &ready, &bytes);
    memcpy(got + used, ready, bytes);
    got[used + bytes] = 0;
    assert_string_equal(got, row->wanted);
    assert_int_equal(stop.is_found, row->is_found);
    tern_stop_text_end(&stop);
}

static void test_pieces(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned cuts = 0; cuts < 1u << (strlen(cases[i].text) - 1); cuts++) {
            check(&cases[i], cuts);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests_name("driver.generate.stop_text", tests, NULL, NULL);
}
