// SPDX-License-Identifier: Apache-2.0
// Tests the words of the split expressions directly: ids do not show a wrong split that no merge crosses.
#include "host_driver/text/pattern.h"
#include "host_driver/text/pre_tokenizer.h"
#include "host_driver/text/tests/fixture.h"
#include "host_driver/text/tokenizer_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define QWEN2                                                                                                          \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+"   \
    "|\\s+(?!\\S)|\\s+"

static enum tern_status append_word(void *context, const char *word, size_t len_bytes, struct tern_error *error) {
    (void)error;
    strncat(context, word, len_bytes);
    strcat(context, "|");
    return TERN_STATUS_OK;
}

static void check_words(const struct tern_pre_tokenizer *pre_tokenizer, const char *text, const char *expected) {
    struct tern_split_scratch scratch;
    struct tern_error error = {""};
    char got[512] = "";
    assert_true(tern_split_scratch_create(&scratch, pre_tokenizer));
    if (tern_pre_tokenizer_split(pre_tokenizer, &scratch, text, strlen(text), append_word, got, &error) !=
        TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    if (strcmp(got, expected) != 0) {
        fail_msg("\"%s\": got %s expected %s", text, got, expected);
    }
    tern_split_scratch_destroy(&scratch);
}

static void add_rule(struct tern_pre_tokenizer *pre_tokenizer, struct tern_split_rule rule) {
    struct tern_error error = {""};
    if (tern_pre_tokenizer_add(pre_tokenizer, &rule, "test", &error) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
}

static void add(struct tern_pre_tokenizer *pre_tokenizer, const char *pattern, bool is_literal) {
    add_rule(pre_tokenizer, (struct tern_split_rule){.pattern = pattern, .is_literal = is_literal});
}

static void test_qwen2_words(void **state) {
    (void)state;
    struct tern_pre_tokenizer words = {0};
    add(&words, QWEN2, false);
    check_words(&words, "Hello, it's  2 o'clock", "Hello|,| it|'s| | |2| o|'clock|");
    check_words(&words, "we'Re'S '\u017f", "we|'Re|'S| '|\u017f|"); // the blank takes the apostrophe first
    check_words(&words, "a   b\r\n\r\n  c \n", "a|  | b|\r\n\r\n| | c| \n|");
    check_words(&words, "123 ab!!\n\n?", "1|2|3| ab|!!\n\n|?|");
    check_words(&words, "\u00a0x\u3000\u3000y", "\u00a0x|\u3000|\u3000y|");
    // U+180E is not white space since Unicode 6.3, but \s of PCRE2 matches it.
    check_words(&words, "a \u180e\u180e", "a| \u180e\u180e|");
    check_words(&words, "\u0660\u0661 \u00b2\u2167", "\u0660|\u0661| |\u00b2|\u2167|");
    check_words(&words, "e\u0348x", "e|\u0348x|");
    check_words(&words, "", "");
    tern_pre_tokenizer_destroy(&words);
}

static void test_steps_cut_one_after_the_other(void **state) {
    (void)state;
    struct tern_pre_tokenizer words = {0};
    add(&words, "\\p{N}{1,3}", false);
    add(&words, ".", true); // a plain string, not an expression
    add(&words, "[a-c]+", false);
    check_words(&words, "12345abcd.x9", "123|45|abc|d|.|x|9|");
    tern_pre_tokenizer_destroy(&words);
}

static void test_empty_matches_do_not_stall(void **state) {
    (void)state;
    struct tern_pre_tokenizer words = {0};
    add(&words, "a*", false);
    check_words(&words, "baac", "b|aa|c|");
    check_words(&words, "bcd\u00e9", "b|c|d|\u00e9|"); // each empty match ends a piece
    tern_pre_tokenizer_destroy(&words);
}

// Expected: the pieces of Split in Hugging Face `tokenizers` 0.20.3.
static void test_behaviors(void **state) {
    (void)state;
    static const struct {
        enum tern_split_behavior behavior;
        bool is_inverted;
        const char *pattern, *text, *expected;
    } cases[] = {
        {TERN_SPLIT_ISOLATED, false, "b", "abbcb", "a|b|b|c|b|"},
        {TERN_SPLIT_ISOLATED, true, "b", "abbcb", "a|b|b|c|b|"},
        {TERN_SPLIT_REMOVED, false, "b", "abbcb", "a|c|"},
        {TERN_SPLIT_REMOVED, true, "b", "abbcb", "b|b|b|"},
        {TERN_SPLIT_CONTIGUOUS, false, "b", "abbcb", "a|bb|c|b|"},
        {TERN_SPLIT_CONTIGUOUS, true, "b", "abbcb", "a|bb|c|b|"},
        {TERN_SPLIT_WITH_PREVIOUS, false, "b", "abbcb", "ab|b|cb|"},
        {TERN_SPLIT_WITH_PREVIOUS, true, "b", "abbcb", "a|b|bc|b|"},
        {TERN_SPLIT_WITH_PREVIOUS, true, "b", "ba", "ba|"},
        {TERN_SPLIT_WITH_NEXT, false, "b", "abbcb", "a|b|bc|b|"},
        {TERN_SPLIT_WITH_NEXT, true, "b", "abbcb", "ab|b|cb|"},
        {TERN_SPLIT_WITH_NEXT, false, "b", "ab", "a|b|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tern_pre_tokenizer words = {0};
        add_rule(&words, (struct tern_split_rule){.pattern = cases[i].pattern,
                                                  .behavior = cases[i].behavior,
                                                  .is_inverted = cases[i].is_inverted});
        check_words(&words, cases[i].text, cases[i].expected);
        tern_pre_tokenizer_destroy(&words);
    }
}

// After ByteLevel a step sees the symbols of bytes: U+00B2, U+00B3 and others are digits there.
static void test_steps_of_byte_symbols(void **state) {
    (void)state;
    struct tern_pre_tokenizer words = {0};
    add(&words, " ", true);
    add_rule(&words, (struct tern_split_rule){.pattern = "\\p{N}", .of_symbols = true});
    check_words(&words, "a1 \xD0\xB0\xD0\xB2", "a|1| |\xD0\xB0\xD0|\xB2|");
    check_words(&words, "\xF0\x9F\x98\x80 2", "\xF0\x9F\x98\x80| |2|");
    tern_pre_tokenizer_destroy(&words);
}

// An expensive expression must fail or give up; it must not run for hours.
static void test_exponential_expression_ends(void **state) {
    (void)state;
    struct tern_pre_tokenizer words = {0};
    add(&words, "(?:\\S+\\S+)+\\d$", false);
    char text[4097];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct tern_split_scratch scratch;
    struct tern_error error = {""};
    char got[8192] = "";
    assert_true(tern_split_scratch_create(&scratch, &words));
    enum tern_status status =
        tern_pre_tokenizer_split(&words, &scratch, text, sizeof text - 1, append_word, got, &error);
    assert_int_equal(status, TERN_STATUS_BAD_FILE);
    assert_non_null(strstr(error.message, "split expression 1 gives up"));
    tern_split_scratch_destroy(&scratch);
    tern_pre_tokenizer_destroy(&words);
}

static void test_translation(void **state) {
    (void)state;
    char out[TERN_PATTERN_TRANSLATED_MAX_BYTES + 1];
    size_t offset = 0;
    assert_null(tern_pattern_translate("\\s\\\\s[^\\S\\]]\\p{^L}", out, &offset));
    assert_string_equal(out, "\\p{White_Space}\\\\s[^\\P{White_Space}\\]]\\p{^L}");
    static const char *const refused[] = {"\\b",  "\\h",         "\\1",   "\\x80", "\\pL", "\\p{L", "(?i)a",  "(?#x)",
                                          "[]a]", "[[:alpha:]]", "x{,3}", "x{1}+", "\\",   "(*F)",  "(?<n>a)"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (!tern_pattern_translate(refused[i], out, &offset)) {
            fail_msg("%s is taken", refused[i]);
        }
    }
}

// 200,000 marks in the wrong order: a sort by swaps would exceed the test's time limit.
static void test_long_runs_of_marks(void **state) {
    (void)state;
    size_t pairs = 100000, length, used = 1;
    char *text = malloc(4 * pairs + 2), *normalized;
    assert_non_null(text);
    text[0] = 'a';
    for (size_t i = 0; i < pairs; ++i, used += 4) {
        memcpy(text + used, "\xCC\x81\xCC\xA3", 4); // U+0301 U+0323
    }
    assert_int_equal(tern_normalize_nfc(text, used, NULL, &normalized, &length), TERN_STATUS_OK);
    assert_int_equal(length, 3 + 4 * pairs - 2); // U+1EA1, the other dots below, all the accents
    assert_memory_equal(normalized, "\xE1\xBA\xA1\xCC\xA3", 5);
    assert_memory_equal(normalized + length - 2 * pairs - 2, "\xCC\xA3\xCC\x81", 4);
    assert_memory_equal(normalized + length - 2, "\xCC\x81", 2);
    free(normalized);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qwen2_words),
        cmocka_unit_test(test_steps_cut_one_after_the_other),
        cmocka_unit_test(test_empty_matches_do_not_stall),
        cmocka_unit_test(test_behaviors),
        cmocka_unit_test(test_steps_of_byte_symbols),
        cmocka_unit_test(test_exponential_expression_ends),
        cmocka_unit_test(test_translation),
        cmocka_unit_test(test_long_runs_of_marks),
    };
    return cmocka_run_group_tests_name("driver.text.words", tests, NULL, NULL);
}
