// SPDX-License-Identifier: Apache-2.0
// Tests encode, decode and stream on a small tokenizer, and round trips on every committed tokenizer.
#include "host_driver/text/tests/fixture.h"
#include "host_driver/unicode/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IDS(...) (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)

static struct tern_tokenizer *open_fixture(cJSON *root) {
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    if (fixture_open(root, &error, &tokenizer) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    cJSON_Delete(root);
    return tokenizer;
}

static void check(const struct tern_tokenizer *tokenizer, unsigned flags, const char *text, const uint32_t *ids,
                  size_t count) {
    assert_ids(tokenizer, flags, text, strlen(text), ids, count);
}

static void test_merges_in_rank_order(void **state) {
    (void)state;
    struct tern_tokenizer *tokenizer = open_fixture(fixture_json());
    check(tokenizer, 0, "hello", IDS(259)); // h+e, l+l, he+ll, hell+o
    check(tokenizer, 0, "help", IDS(256, 'l', 'p'));
    check(tokenizer, 0, " hello", IDS(' ', 259)); // h+e has the lower rank, so blank+h is never made
    check(tokenizer, 0, "xhello llo", IDS('x', 259, ' ', 257, 'o'));
    check(tokenizer, 0, "hell\no", IDS(258, '\n', 'o'));
    assert_ids(tokenizer, 0, "", 0, NULL, 0);
    assert_ids(tokenizer, 0, "a\0b", 3, IDS('a', 0, 'b'));
    assert_int_equal(tern_tokenizer_vocabulary_size(tokenizer), 302);
    tern_tokenizer_close(tokenizer);
}

static void test_ignore_merges_takes_whole_words(void **state) {
    (void)state;
    cJSON *root = fixture_json();
    cJSON_AddTrueToObject(cJSON_GetObjectItemCaseSensitive(root, "model"), "ignore_merges");
    fixture_add_token(root, "no", 302, "{\"special\":true}");
    struct tern_tokenizer *tokenizer = open_fixture(root);
    uint32_t whole;
    for (whole = 256; whole < 300; whole++) {
        char *text;
        size_t len_bytes;
        assert_int_equal(tern_tokenizer_decode(tokenizer, 0, &whole, 1, NULL, &text, &len_bytes), TERN_STATUS_OK);
        bool found = strcmp(text, " hello") == 0;
        free(text);
        if (found) {
            break;
        }
    }
    assert_true(whole < 300);
    check(tokenizer, 0, " hello", &whole, 1);
    check(tokenizer, 0, "no", IDS(302));
    check(tokenizer, TERN_ENCODE_SPECIAL_AS_TEXT, "no", IDS('n', 'o')); // no word of the model
    tern_tokenizer_close(tokenizer);
}

static void test_added_tokens(void **state) {
    (void)state;
    struct tern_tokenizer *tokenizer = open_fixture(fixture_json());
    check(tokenizer, 0, "hello<|end|><note>", IDS(259, 300, 301));
    check(tokenizer, TERN_ENCODE_SPECIAL_AS_TEXT, "<|end|><note>", IDS('<', '|', 'e', 'n', 'd', '|', '>', 301));
    check(tokenizer, 0, "<|end<|end|>|>", IDS('<', '|', 'e', 'n', 'd', 300, '|', '>'));
    assert_int_equal(tern_tokenizer_special_id(tokenizer, "<|end|>"), 300);
    assert_int_equal(tern_tokenizer_special_id(tokenizer, "<note>"), 301);
    assert_int_equal(tern_tokenizer_special_id(tokenizer, "hello"), TERN_NO_TOKEN);
    assert_int_equal(tern_tokenizer_special_id(tokenizer, "<|none|>"), TERN_NO_TOKEN);
    assert_true(tern_tokenizer_is_special(tokenizer, 300));
    assert_false(tern_tokenizer_is_special(tokenizer, 301));
    assert_false(tern_tokenizer_is_special(tokenizer, 299));
    assert_false(tern_tokenizer_is_special(tokenizer, UINT32_MAX));
    tern_tokenizer_close(tokenizer);
}

static void check_refused(const struct tern_tokenizer *tokenizer, const char *text, size_t len_bytes,
                          const char *expected) {
    struct tern_error error = {""};
    uint32_t *ids;
    size_t count;
    assert_int_equal(tern_tokenizer_encode(tokenizer, text, len_bytes, &error, &ids, &count), TERN_STATUS_BAD_ARGUMENT);
    assert_null(ids);
    assert_string_equal(error.message, expected);
}

static void test_text_that_is_not_utf8(void **state) {
    (void)state;
    struct tern_tokenizer *tokenizer = open_fixture(fixture_json());
    check_refused(tokenizer, "abc\xFFz", 5, "the text is not UTF-8: byte 0xff at offset 3");
    check_refused(tokenizer, "\xC0\x80", 2, "the text is not UTF-8: byte 0xc0 at offset 0");
    check_refused(tokenizer, "\xED\xA0\x80", 3, "the text is not UTF-8: byte 0xed at offset 0");
    check_refused(tokenizer, "0123456789\xE2\x82", 12, "the text is not UTF-8: byte 0xe2 at offset 10");
    check_refused(tokenizer, "a", TERN_TEXT_MAX_BYTES + 1, "text of 268435457 bytes is longer than 268435456");
    tern_tokenizer_close(tokenizer);
}

static void check_decoded(const struct tern_tokenizer *tokenizer, unsigned flags, const uint32_t *ids, size_t count,
                          const char *expected) {
    char *bytes;
    size_t len_bytes;
    assert_int_equal(tern_tokenizer_decode(tokenizer, flags, ids, count, NULL, &bytes, &len_bytes), TERN_STATUS_OK);
    assert_string_equal(bytes, expected);
    assert_int_equal(len_bytes, strlen(expected));
    free(bytes);
}

static void test_decode(void **state) {
    (void)state;
    cJSON *root = fixture_json();
    fixture_add_token(root, "caf\u00e9 <x>", 302, "{\"special\":false}");
    cJSON *vocab = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(root, "model"), "vocab");
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(vocab, "<299>"), 310); // id 299 has no token
    struct tern_tokenizer *tokenizer = open_fixture(root);
    check_decoded(tokenizer, 0, IDS(259, ' ', 300, 301, 0xC3, 0xA9), "hello <|end|><note>\u00e9");
    check_decoded(tokenizer, TERN_DECODE_SKIP_SPECIAL, IDS(259, ' ', 300, 301), "hello <note>");
    check_decoded(tokenizer, 0, IDS(299, 'a', 9999, UINT32_MAX, 302), "acaf\u00e9 <x>");
    check_decoded(tokenizer, 0, IDS(0xFF, 0xC3), "\xFF\xC3");
    check_decoded(tokenizer, 0, NULL, 0, "");
    tern_tokenizer_close(tokenizer);
}

struct stream_step {
    uint32_t id;
    const char *expected;
};

static void test_stream_never_splits_a_character(void **state) {
    (void)state;
    struct tern_tokenizer *tokenizer = open_fixture(fixture_json());
    static const struct stream_step steps[] = {
        {'a', "a"},       {0xF0, ""},        {0x9F, ""},       {0x98, ""},       {0x80, "\U0001F600"},
        {259, "hello"},   {0xE2, ""},        {0x82, ""},       {'x', "\uFFFDx"}, {0xFF, "\uFFFD"},
        {0xC3, ""},       {300, ""},         {0xA9, "\u00e9"}, {0xF0, ""},       {0x9F, ""},
        {0xF0, "\uFFFD"}, {0x41, "\uFFFDA"}, {0xE2, ""},       {0x82, ""},       {9999, ""},
    };
    struct tern_text_stream stream;
    const char *text;
    size_t len_bytes;
    tern_text_stream_begin(&stream, tokenizer, TERN_DECODE_SKIP_SPECIAL);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(tern_text_stream_push(&stream, steps[i].id, NULL, &text, &len_bytes), TERN_STATUS_OK);
        if (strcmp(text, steps[i].expected) != 0) {
            fail_msg("step %zu: \"%s\"", i, text);
        }
        assert_int_equal(len_bytes, strlen(text));
    }
    assert_int_equal(tern_text_stream_flush(&stream, NULL, &text, &len_bytes), TERN_STATUS_OK);
    assert_string_equal(text, "\uFFFD");
    assert_int_equal(tern_text_stream_flush(&stream, NULL, &text, &len_bytes), TERN_STATUS_OK);
    assert_string_equal(text, "");
    tern_text_stream_end(&stream);
    tern_tokenizer_close(tokenizer);
}

static size_t random_text(char *text, size_t characters, uint64_t *seed) {
    static const uint32_t limits[] = {0x80, 0x80, 0x300, 0x3000, 0xD800, 0x110000};
    size_t used = 0;
    for (size_t i = 0; i < characters; i++) {
        uint32_t code_point = (uint32_t)(fixture_random(seed) % limits[fixture_random(seed) % 6]);
        bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
        // Without marks and other characters that NFC may change: the text must come back byte for byte.
        bool is_stable = code_point < 0x300 || (code_point >= 0x3400 && code_point < 0xF900) || code_point >= 0x30000;
        used += tern_utf8_encode(is_surrogate || !is_stable ? ' ' : code_point, text + used);
    }
    return used;
}

static void append_stream(const struct tern_tokenizer *tokenizer, const uint32_t *ids, size_t count, char *out) {
    struct tern_text_stream stream;
    const char *text;
    size_t len_bytes, bad;
    tern_text_stream_begin(&stream, tokenizer, 0);
    for (size_t i = 0; i <= count; i++) {
        enum tern_status status = i < count ? tern_text_stream_push(&stream, ids[i], NULL, &text, &len_bytes)
                                            : tern_text_stream_flush(&stream, NULL, &text, &len_bytes);
        assert_int_equal(status, TERN_STATUS_OK);
        assert_true(tern_utf8_validate(text, len_bytes, &bad));
        memcpy(out, text, len_bytes);
        out += len_bytes;
    }
    tern_text_stream_end(&stream);
}

static void check_round_trip(const struct tern_tokenizer *tokenizer, uint64_t *seed) {
    uint64_t at_start = *seed;
    char text[400], streamed[800], *bytes;
    size_t len_bytes = random_text(text, 1 + fixture_random(seed) % 80, seed), count, got_bytes;
    uint32_t *ids;
    unsigned flags = TERN_ENCODE_WITHOUT_TEMPLATE;
    assert_int_equal(tern_tokenizer_encode_with(tokenizer, flags, text, len_bytes, NULL, &ids, &count), TERN_STATUS_OK);
    assert_int_equal(tern_tokenizer_decode(tokenizer, 0, ids, count, NULL, &bytes, &got_bytes), TERN_STATUS_OK);
    append_stream(tokenizer, ids, count, streamed);
    if (got_bytes != len_bytes || memcmp(bytes, text, len_bytes) != 0 || memcmp(streamed, text, len_bytes) != 0) {
        fail_msg("\"%.*s\" came back as \"%s\"; seed %llu", (int)len_bytes, text, bytes, (unsigned long long)at_start);
    }
    free(bytes);
    free(ids);
}

static void test_round_trips(void **state) {
    (void)state;
    static const char *const paths[] = {"testvectors/tokenizer/qwen2_tokenizer.json",
                                        "testvectors/tokenizer/llama3_tokenizer.json",
                                        "testvectors/tiny/tokenizer.json"};
    uint64_t seed = 7;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct tern_tokenizer *tokenizer = fixture_open_committed(paths[i]);
        if (!tokenizer) {
            print_message("skipped: needs %s\n", paths[i]);
            continue;
        }
        for (int round = 0; round < 500; round++) {
            check_round_trip(tokenizer, &seed);
        }
        tern_tokenizer_close(tokenizer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merges_in_rank_order),
        cmocka_unit_test(test_ignore_merges_takes_whole_words),
        cmocka_unit_test(test_added_tokens),
        cmocka_unit_test(test_text_that_is_not_utf8),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_stream_never_splits_a_character),
        cmocka_unit_test(test_round_trips),
    };
    return cmocka_run_group_tests_name("driver.text.tokenizer", tests, NULL, NULL);
}
