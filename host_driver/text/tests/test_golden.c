// SPDX-License-Identifier: Apache-2.0
// Compares with ids of Hugging Face `tokenizers` (testvectors/tokenizer, made by tools/tokenizer_oracle).
#include "host_driver/text/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t read_ids(const cJSON *list, uint32_t **ids) {
    size_t count = (size_t)cJSON_GetArraySize(list), i = 0;
    *ids = malloc((count + 1) * sizeof **ids);
    for (const cJSON *item = list->child; item; item = item->next) {
        (*ids)[i++] = (uint32_t)item->valuedouble;
    }
    return count;
}

// "text", or "hex" for a text with a zero byte.
static char *read_text(const cJSON *item, size_t *len_bytes) {
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(item, "text");
    if (text) {
        *len_bytes = strlen(text->valuestring);
        return strdup(text->valuestring);
    }
    const char *hex = cJSON_GetObjectItemCaseSensitive(item, "hex")->valuestring;
    *len_bytes = strlen(hex) / 2;
    char *bytes = malloc(*len_bytes + 1);
    for (size_t i = 0; i < *len_bytes; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (char)byte;
    }
    return bytes;
}

static void check_case(const struct tern_tokenizer *tokenizer, const cJSON *item) {
    const cJSON *plain = cJSON_GetObjectItemCaseSensitive(item, "plain_ids");
    const cJSON *usual = cJSON_GetObjectItemCaseSensitive(item, "ids");
    size_t len_bytes;
    char *text = read_text(item, &len_bytes);
    uint32_t *ids;
    size_t count = read_ids(usual, &ids);
    assert_ids(tokenizer, TERN_ENCODE_DEFAULT, text, len_bytes, ids, count);
    free(ids);
    count = read_ids(plain ? plain : usual, &ids);
    assert_ids(tokenizer, TERN_ENCODE_SPECIAL_AS_TEXT | TERN_ENCODE_WITHOUT_TEMPLATE, text, len_bytes, ids, count);
    free(ids);
    free(text);
}

static void check_cases(const struct tern_tokenizer *tokenizer, const char *cases_path) {
    size_t len_bytes;
    char *json = fixture_read(cases_path, &len_bytes);
    assert_non_null(json);
    cJSON *root = cJSON_Parse(json);
    assert_non_null(root);
    const cJSON *cases = cJSON_GetObjectItemCaseSensitive(root, "cases");
    assert_true(cJSON_GetArraySize(cases) > 50);
    for (const cJSON *item = cases->child; item; item = item->next) {
        check_case(tokenizer, item);
    }
    cJSON_Delete(root);
    free(json);
}

static void check_committed(const char *tokenizer_path, const char *cases_path) {
    struct tern_tokenizer *tokenizer = fixture_open_committed(tokenizer_path);
    assert_non_null(tokenizer);
    check_cases(tokenizer, cases_path);
    tern_tokenizer_close(tokenizer);
}

static void test_qwen2_layout(void **state) {
    (void)state;
    check_committed("testvectors/tokenizer/qwen2_tokenizer.json", "testvectors/tokenizer/qwen2_cases.json");
}

static void test_llama3_layout(void **state) {
    (void)state;
    check_committed("testvectors/tokenizer/llama3_tokenizer.json", "testvectors/tokenizer/llama3_cases.json");
}

// Digits, Punctuation, steps after ByteLevel, and vocabularies without some bytes, with and without an unk_token.
static void test_other_layouts(void **state) {
    (void)state;
    check_committed("testvectors/tokenizer/smollm_tokenizer.json", "testvectors/tokenizer/smollm_cases.json");
    check_committed("testvectors/tokenizer/falcon3_tokenizer.json", "testvectors/tokenizer/falcon3_cases.json");
    check_committed("testvectors/tokenizer/splits_tokenizer.json", "testvectors/tokenizer/splits_cases.json");
    check_committed("testvectors/tokenizer/classes_tokenizer.json", "testvectors/tokenizer/classes_cases.json");
    check_committed("testvectors/tokenizer/fused_tokenizer.json", "testvectors/tokenizer/fused_cases.json");
}

static char *joined(const cJSON *pair) {
    const char *left = pair->child->valuestring, *right = pair->child->next->valuestring;
    size_t capacity = strlen(left) + strlen(right) + 2;
    char *text = malloc(capacity);
    snprintf(text, capacity, "%s %s", left, right);
    return text;
}

// The committed file has merges as pairs. The same merges as strings must give the same ids.
static void test_merges_as_strings(void **state) {
    (void)state;
    size_t len_bytes;
    char *json = fixture_read("testvectors/tokenizer/qwen2_tokenizer.json", &len_bytes);
    assert_non_null(json);
    cJSON *root = cJSON_Parse(json);
    cJSON *model = cJSON_GetObjectItemCaseSensitive(root, "model");
    cJSON *merges = cJSON_DetachItemFromObjectCaseSensitive(model, "merges");
    cJSON *strings = cJSON_AddArrayToObject(model, "merges");
    for (const cJSON *pair = merges->child; pair; pair = pair->next) {
        assert_true(cJSON_IsArray(pair));
        char *text = joined(pair);
        cJSON_AddItemToArray(strings, cJSON_CreateString(text));
        free(text);
    }
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    if (fixture_open(root, &error, &tokenizer) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    check_cases(tokenizer, "testvectors/tokenizer/qwen2_cases.json");
    tern_tokenizer_close(tokenizer);
    cJSON_Delete(merges);
    cJSON_Delete(root);
    free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qwen2_layout),
        cmocka_unit_test(test_llama3_layout),
        cmocka_unit_test(test_other_layouts),
        cmocka_unit_test(test_merges_as_strings),
    };
    return cmocka_run_group_tests_name("driver.text.golden", tests, NULL, NULL);
}
