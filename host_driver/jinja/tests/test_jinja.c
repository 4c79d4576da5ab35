// SPDX-License-Identifier: Apache-2.0
// Templates with the text of jinja2, what is refused and by which name, and templates that would not end.
// test_oracle.sh compares with jinja2 itself.
#include "host_driver/jinja/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct tern_jinja_message messages[] = {
    {"user", "Hi", 2, 2}, {"assistant", " Hello \n", 8, 3}, {"user", "{{ x }}<|im_end|>", 17, 2}};

static enum tern_status render(const char *source, struct tern_error *error, struct tern_jinja_output *output) {
    static const struct tern_jinja_variable variables[] = {
        {"bos_token", "<s>", false}, {"eos_token", NULL, false}, {"pad_token", NULL, true}};
    static const struct tm now = {.tm_year = 126, .tm_mon = 11, .tm_mday = 1, .tm_hour = 8};
    const struct tern_jinja_input input = {messages, 3, variables, 3, true, &now};
    struct tern_jinja_template *template;
    TERN_TRY(tern_jinja_open(source, strlen(source), error, &template));
    enum tern_status status = tern_jinja_run_template(template, &input, error, output);
    tern_jinja_close(template);
    return status;
}

static void assert_text(const char *source, const char *expected) {
    struct tern_error error = {""};
    struct tern_jinja_output output;
    if (render(source, &error, &output) != TERN_STATUS_OK) {
        fail_msg("%s: %s", source, error.message);
    }
    if (strcmp(output.text, expected) != 0) {
        fail_msg("%s: \"%s\" instead of \"%s\"", source, output.text, expected);
    }
    tern_jinja_output_release(&output);
}

static void assert_refused(const char *source, const char *expected) {
    struct tern_error error = {""};
    struct tern_jinja_output output;
    if (render(source, &error, &output) != TERN_STATUS_UNSUPPORTED || !strstr(error.message, expected)) {
        fail_msg("%.100s: \"%s\" instead of \"%s\"", source, error.message, expected);
    }
}

// `start`, then 600 times `before`, a number and `after`, then `end`.
static void assert_many_refused(const char *start, const char *before, const char *after, const char *end,
                                const char *expected) {
    char source[600 * 12 + 100];
    size_t at = (size_t)snprintf(source, sizeof source, "%s", start);
    for (size_t i = 0; i < 600; i++) {
        at += (size_t)snprintf(source + at, sizeof source - at, "%s%zu%s", before, i, after);
    }
    snprintf(source + at, sizeof source - at, "%s", end);
    assert_refused(source, expected);
}

static void test_text(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"a\r\nb\n", "a\nb"},
        {"  {% if true %}  \n  yes\n  {% endif %}  z", "  \n  yes\n  z"},
        {"x  {%- if true -%}  y  {%- endif -%}\n z", "xyz"},
        {"{{ 1 }}\n{# no #}\n 2 {#- no -#} 3", "1\n 23"},
        {"{{ 'a\\t\\u00e9\\x41\\'\\q' 'b' }}", "a\t\xC3\xA9"
                                               "A'\\qb"},
        {"{{ bos_token }}{{ eos_token }}{{ eos_token is defined }}", "<s>False"},
        {"{{ messages | length }}{{ messages[-1].role }}{{ messages[1:][0]['content'].strip() }}", "3userHello"},
        {"{% for m in messages if m.role == 'user' %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 "},
        {"{% set n = namespace(x=0) %}{% for m in messages %}{% set n.x = n.x + 1 %}{% endfor %}{{ n.x }}", "3"},
        {"{% set x = 1 %}{% for m in messages %}{{ x }}{% set x = 2 %}{% endfor %}{{ x }}", "1111"},
        {"{% macro f(a, b='B') %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(b=2, a=none) }}", "1BNone2"},
        {"{{ 'h\xC3\xA9llo'[1:-1] }}{{ 'h\xC3\xA9'[::-1] }}{{ '\xC3\xA9' | length }}", "\xC3\xA9ll\xC3\xA9h1"},
        {"{{ -7 // 2 }} {{ -7 % 3 }} {{ 1 < 2 < 3 }} {{ 'a' ~ 1 ~ none }}", "-4 2 True a1None"},
        {"{{ {'a': [1, none, \"q\\n\"]} | tojson }}", "{\"a\": [1, null, \"q\\n\"]}"},
        {"{{ 'x' if tools is none else 'y' }}{{ (nothing or 'z') | upper }}", "xZ"},
        {"{% for i in range(9) %}{% if i == 2 %}{% continue %}{% elif i == 4 %}{% break %}{% endif %}{{ i }}{% endfor "
         "%}",
         "013"},
        {"{{ strftime_now('%d %b %Y') }}", "01 Dec 2026"},
        {"{% if false %}{{ 1 | nofilter }}{% endif %}{{ 2 if true else 3 | nofilter }}", "2"},
        {"{{ '{}-{}{{}}'.format('a', none) }}{{ tools | selectattr('x') | list | length }}", "a-None{}0"},
        {"{{ messages[2].content }}", "{{ x }}<|im_end|>"},
        {"{{ '\xE3\x80\x80 x\x1C' | trim }}", "x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_text(rows[i][0], rows[i][1]);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"\n{{ raise_exception('no ' ~ 'way') }}", "line 2: the template itself refuses this conversation: no way"},
        {"{{ nothing.at_all }}", "\"nothing\" is undefined, so it has no \"at_all\""},
        {"{{ 'a' + nothing }}", "\"nothing\" is undefined"},
        {"{{ 'a' + 1 }}", "the operator + does not go with a string and a number"},
        {"{{ messages | groupby('role') }}", "the filter groupby is not known"},
        {"{% if false %}{% for x in y %}{{ 1 | nofilter }}{% endfor %}{% endif %}", "Jinja has no filter nofilter"},
        {"{% if true %}{{ 1 | nofilter }}{% endif %}", "Jinja has no filter nofilter"},
        {"{{ 1 is sameas 1 }}", "the test sameas is not known"},
        {"{{ 'a'.zfill(1) }}", "the method zfill of a string is not known"},
        {"{{ '{:d}'.format(1) }}", "a field of the method format that is not {}"},
        {"{{ messages.append(1) }}", "the method append of a list is not known"},
        {"{{ ''.__class__ }}", "the attribute __class__ is private"},
        {"{% if self %}{% endif %}", "the name self is not known"},
        {"{% if pad_token is defined %}{% endif %}", "the value of pad_token is not known"},
        {"{% macro f() %}{{ kwargs }}{{ varargs }}{% endmacro %}", "the name kwargs is not known"},
        {"{% for i in [1] %}\n{% set loop = 1 %}{% endfor %}", "\"loop\" is given a value in a loop, line 2"},
        {"{% include 'x' %}", "the tag include is not known"},
        {"{% raw %}{% endraw %}", "the tag raw is not known"},
        {"{{ messages }}", "a list is written as text"},
        {"{{ 1.5 }}", "a number with a fraction"},
        {"{{ 9 ** 9 }}", "the operators / and ** are not known"},
        {"{{ 'a\\ud800' }}", "the escape \\u of a string is not known"},
        {"{{ strftime_now('%c') }}", "the format \"%c\" of strftime_now is not known"},
        {"{{ '\xC3\xA9' | upper }}", "characters beyond ASCII"},
        {"{{ messages | map('upper', *x) }}", "arguments with * are not known"},
        {"{% set true = 1 %}", "expected a name that can have a value instead of \"true\""},
        {"{{ dict(a=1, a=2) }}", "the argument a is given twice"},
        {"{% macro f(a=1, b) %}{% endmacro %}", "the parameter b of a macro does not go with those before it"},
        {"{% if true %}", "expected elif instead of the end of the template"},
        {"{{ 'a", "a string has no end"},
        {"{{ (1] }}", "brackets that do not match"},
        {"{{ 1", "{{ has no end"},
        {"{# 1", "a comment has no end"},
        {"{% break %}", "break or continue without a loop"},
        {"{{ 1 \xC3\xA9 }}", "a character that no tag may have"},
        {"a\xFF", "it is not UTF-8 at byte 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_refused(rows[i][0], rows[i][1]);
    }
}

// Each byte of the output tells from which message it comes.
static void test_marks(void **state) {
    (void)state;
    static const char source[] =
        "<|im_end|>{% for m in messages %}{{ (m.role ~ ':' ~ m.content | trim)[2:] | replace('i', 'jj') }}"
        "{% endfor %}{{ messages[2].content.split('<')[1] }}";
    static const char expected[] = "<|im_end|>er:Hjjsjjstant:Helloer:{{ x }}<|jjm_end|>|im_end|>";
    static const char marks[] = "000000000000020000000000033333000222222222002222222222222222";
    struct tern_jinja_output output;
    struct tern_error error = {""};
    assert_int_equal(render(source, &error, &output), TERN_STATUS_OK);
    for (size_t i = 0; i < output.len_bytes; i++) {
        output.marks[i] = (uint8_t)(output.marks[i] + '0');
    }
    assert_string_equal(output.text, expected);
    assert_memory_equal(output.marks, marks, strlen(marks));
    tern_jinja_output_release(&output);
}

// `repeated` `count` times between `before` and `after`.
static char *nested(const char *before, const char *repeated, size_t count, const char *after) {
    size_t length = strlen(repeated), used = strlen(before);
    char *source = malloc(used + count * length + strlen(after) + 1);
    assert_non_null(source);
    strcpy(source, before);
    for (size_t i = 0; i < count; i++, used += length) {
        memcpy(source + used, repeated, length);
    }
    strcpy(source + used, after);
    return source;
}

// Templates from strangers: deep, long and large ones end with a sentence.
static void test_limits(void **state) {
    (void)state;
    static const struct {
        const char *before, *repeated, *after, *expected;
    } rows[] = {
        {"{{ ", "(", "", "too many brackets"},
        {"{{ ", "[", "", "too many brackets"},
        {"{{ ", "not ", "1 }}", "nested more than 100 deep"},
        {"{{ ", "- ", "1 }}", "nested more than 100 deep"},
        {"{{ 1 ", "if 1 else 1 ", "}}", "nested more than 100 deep"},
        {"", "{% if 1 %}", "", "nested more than 100 deep"},
        {"", "{% for x in y %}", "", "nested more than 100 deep"},
        {"{{ 1 ", "+ 1 ", "}}", "nested more than 200 deep"},
        {"{{ x", ".x", " }}", "nested more than 200 deep"},
        {"{{ 'x'", " | upper", " }}", "nested more than 200 deep"},
        {"{{ x", "[0]", " }}", "nested more than 200 deep"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *source = nested(rows[i].before, rows[i].repeated, 50000, rows[i].after);
        assert_refused(source, rows[i].expected);
        free(source);
    }
    assert_refused("{% for i in range(1000000000) %}{% endfor %}", "a range with step 0 or of more than 100000");
    assert_refused("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
                   "MiB of memory are needed");
    assert_refused("{{ 'x' * 900000000 }}", "MiB of memory are needed");
    assert_refused("{% set x = 'a' * 60000 %}{% for i in range(9999) %}{{ 'b' in x }}{% endfor %}", "runs too long");
    assert_refused("{% set n = namespace(x='x') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
                   "more than 128 MiB of memory are needed");
    assert_refused("{% set n = namespace(x=2) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
                   "a number beyond 2^53");
    assert_refused("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested more than 200 deep");
    assert_many_refused("", "{{ n", " }}", "", "it has more than 500 names");
    assert_many_refused("{% macro f(a", ", n", "", ") %}", "more than 100 parameters or arguments with names");
    assert_many_refused("{{ f(a=1", ", n", "=1", ") }}", "more than 100 parameters or arguments with names");
    assert_refused(
        "{% set n = namespace(x=1) %}{% for i in range(999) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x | tojson }}",
        "nested more than 200 deep");
    assert_refused("{{ range(99999) | map('map', 'map', 'map') | list | length }}", "has no items to go through");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
