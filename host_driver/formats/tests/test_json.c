// SPDX-License-Identifier: Apache-2.0
// JSON texts that are taken and refused. Python's json module and Rust's serde_json agree, or the text is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_driver/formats/json.h"

static enum tern_status parse(const char *text, struct tern_error *error) {
    cJSON *root;
    enum tern_status status = tern_json_parse(text, strlen(text), "a.json", error, &root);
    cJSON_Delete(root);
    return status;
}

static void texts_are_taken(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{}",
        " \t\r\n{ } \n",
        "{\"a\": 0, \"b\": -0.5e+3, \"c\": 1E-7, \"d\": 10, \"e\": 0e0, \"f\": 123456789012345678901234567890}",
        "{\"a\": \"\\u00e9 \\\" \\\\ \\ud83d\\ude00 \xC3\xA9 1. 01\", \"\": [true, false, null]}",
        "{\"a\": {\"a\": {\"a\": 1}}, \"b\": [{\"a\": 1}, {\"a\": 2}], \"A\": 3}",
        "{\"a\": \"\\\\u0000\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct tern_error error = {""};
        if (parse(texts[i], &error) != TERN_STATUS_OK) {
            fail_msg("%s: %s", texts[i], error.message);
        }
    }
}

static void texts_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "empty"},
        {"[]", "not an object"},
        {"{} {}", "something follows"},
        {"{} // a comment", "something follows"},
        {"{/* a comment */}", "not valid JSON"},
        {"{\"a\": 1,}", "not valid JSON"},
        {"{\"a\": NaN}", "not valid JSON"},
        {"{\"a\": -Infinity}", "byte 6: no JSON number"},
        {"{'a': 1}", "not valid JSON"},
        {"{\"a\": True}", "not valid JSON"},
        {"\xEF\xBB\xBF{}", "byte order mark"},
        {"{\"a\": 01}", "byte 6: no JSON number"},
        {"{\"a\": 1.}", "byte 6: no JSON number"},
        {"{\"a\": .5}", "not valid JSON"},
        {"{\"a\": +1}", "not valid JSON"},
        {"{\"a\": 1e}", "byte 6: no JSON number"},
        {"{\"a\": -}", "byte 6: no JSON number"},
        {"{\"a\": 1.5.2}", "byte 6: no JSON number"},
        {"{\"a\": 1-2}", "byte 6: no JSON number"},
        {"{\"a\": 0x10}", "not valid JSON"},
        {"{\"a\": \"line\nline\"}", "byte 6: a control character in a string"},
        {"{\"a\": \"tab\t\"}", "byte 6: a control character in a string"},
        {"{\f\"a\": 1}", "byte 1: a control character"},
        {"{\"a\": \"\\x41\"}", "not valid JSON"},
        {"{\"a\": \"\\ud800\"}", "not valid JSON"},
        {"{\"a\": \"\\u0000\"}", "\\u0000"},
        {"{\"a\": \"\xFF\"}", "not UTF-8"},
        {"{\"a\": 1, \"b\": 2, \"a\": 1}", "'a' stands twice"},
        {"{\"a\": 1, \"\\u0061\": 2}", "'a' stands twice"},
        {"{\"x\": [{\"y\": {\"deep\": 1, \"b\": 2, \"deep\": null}}]}", "'deep' stands twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tern_error error = {""};
        if (parse(cases[i].text, &error) != TERN_STATUS_BAD_FILE || !strstr(error.message, cases[i].sentence) ||
            strncmp(error.message, "a.json: ", 8) != 0) {
            fail_msg("%s: '%s', expected '%s'", cases[i].text, error.message, cases[i].sentence);
        }
    }
}

// A vocabulary has this many keys: a look through all earlier ones for each would take minutes.
static void many_keys_take_no_time(void **state) {
    (void)state;
    enum { KEYS = 300000, KEY_BYTES = 24 };
    char *text = malloc((size_t)KEYS * KEY_BYTES), *at = text;
    for (int i = 0; i < KEYS; i++) {
        at += sprintf(at, "%c\"key %d\":%d", i ? ',' : '{', i, i);
    }
    strcpy(at, "}");
    struct tern_error error = {""};
    assert_int_equal(parse(text, &error), TERN_STATUS_OK);
    strcpy(at, ",\"key 7\":0}");
    assert_int_equal(parse(text, &error), TERN_STATUS_BAD_FILE);
    assert_non_null(strstr(error.message, "'key 7' stands twice"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_taken),
        cmocka_unit_test(texts_are_refused),
        cmocka_unit_test(many_keys_take_no_time),
    };
    return cmocka_run_group_tests_name("driver.formats.json", tests, NULL, NULL);
}
