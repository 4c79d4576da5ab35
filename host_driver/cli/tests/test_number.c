// SPDX-License-Identifier: Apache-2.0
// Tests the syntax of numbers on the command line. bad_arguments.py tests the range of each option and the sentence.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "host_driver/cli/number.h"

#define UNTOUCHED 77u
#define HUGE_COUNT "1000000000"

// No number in any range.
static const char *const nonsense[] = {"",
                                       "x",
                                       "1x",
                                       "x1",
                                       "-1",
                                       "-0",
                                       "+-1",
                                       "0x1",
                                       "1e3",
                                       "1.5",
                                       "1 ",
                                       "1,000",
                                       "--1",
                                       "99999999999999999999",
                                       "18446744073709551616",
                                       "1000000000000000000000000"};

// The ranges of the options, with numbers outside them.
static const struct {
    uint64_t least, most;
    const char *outside[6];
} ranges[] = {
    {0, UINT64_MAX, {NULL}},                                                            // --seed
    {0, 100000, {"100001", HUGE_COUNT}},                                                // --layer
    {0, INT32_MAX, {"2147483648", "4294967296"}},                                       // --top-k
    {1, 4, {"0", "5", HUGE_COUNT, "4294967297"}},                                       // --depth
    {1, 15, {"0", "16", HUGE_COUNT}},                                                   // --draft-tokens
    {1, 100, {"0", "101", HUGE_COUNT}},                                                 // --bandwidth
    {1, 10000, {"0", "10001", HUGE_COUNT}},                                             // --latency
    {1, 32768, {"0", "32769", HUGE_COUNT}},                                             // --max-tokens, --positions
    {1, UINT32_MAX, {"0", "4294967296", "18446744073709551615"}},                       // --stalls
    {4096, (uint64_t)1 << 46, {"0", "1", "4095", "70368744177665", "100000000000000"}}, // --device-memory
};
enum { RANGES = sizeof ranges / sizeof *ranges };

static void refuse(const char *text, uint64_t least, uint64_t most) {
    uint64_t value = UNTOUCHED;
    if (tern_cli_number(text, least, most, &value) || value != UNTOUCHED) {
        fail_msg("'%s' is taken for a number from %llu to %llu", text, (unsigned long long)least,
                 (unsigned long long)most);
    }
}

static void nonsense_is_refused(void **state) {
    (void)state;
    for (int range = 0; range < RANGES; range++) {
        for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
            refuse(nonsense[i], ranges[range].least, ranges[range].most);
        }
    }
}

static void numbers_outside_are_refused(void **state) {
    (void)state;
    for (int range = 0; range < RANGES; range++) {
        for (const char *const *text = ranges[range].outside; *text; text++) {
            refuse(*text, ranges[range].least, ranges[range].most);
        }
    }
}

static void expect(uint64_t number, uint64_t least, uint64_t most) {
    char text[32];
    uint64_t value = ~number;
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    assert_true(tern_cli_number(text, least, most, &value));
    assert_true(value == number);
}

static void numbers_inside_are_read(void **state) {
    (void)state;
    for (int range = 0; range < RANGES; range++) {
        uint64_t least = ranges[range].least, most = ranges[range].most;
        expect(least, least, most);
        expect(least + (most - least) / 2, least, most);
        expect(most, least, most);
    }
    uint64_t value;
    assert_true(tern_cli_number("007", 0, 10, &value)); // decimal all the same
    assert_true(value == 7);
}

static void reals(void **state) {
    (void)state;
    const struct {
        const char *text;
        double least, most, value; // NAN: refused
    } cases[] = {
        {"0", 0, 100, 0},      {"100", 0, 100, 100},   {"0.7", 0, 1, 0.7},    {"1e-3", 0, 1, 1e-3},
        {".5", 0, 1, 0.5},     {"", 0, 100, NAN},      {"x", 0, 100, NAN},    {"1x", 0, 100, NAN},
        {"1 ", 0, 100, NAN},   {"nan", 0, 100, NAN},   {"inf", 0, 100, NAN},  {"1e999", 0, 1, NAN},
        {"-0.1", 0, 100, NAN}, {"100.5", 0, 100, NAN}, {"1.0001", 0, 1, NAN}, {"0,5", 0, 1, NAN},
        {"-inf", 0, 100, NAN}, {"--1", 0, 100, NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = UNTOUCHED;
        bool is_taken = tern_cli_real(cases[i].text, cases[i].least, cases[i].most, &value);
        double expected = isnan(cases[i].value) ? UNTOUCHED : cases[i].value;
        if (is_taken == isnan(cases[i].value) || value != expected) {
            fail_msg("'%s' gave %g", cases[i].text, value);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(numbers_outside_are_refused),
        cmocka_unit_test(numbers_inside_are_read),
        cmocka_unit_test(reals),
    };
    return cmocka_run_group_tests_name("driver.cli.number", tests, NULL, NULL);
}
