// SPDX-License-Identifier: Apache-2.0
// Wrong tokenizer.json files: each must give its status and a sentence that names the file and the part.
#include "host_driver/text/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum action { SET, APPEND, REMOVE, ADD };

struct edit {
    const char *where;  // names from the root, separated by blanks; a number is a place in a list
    enum action action; // SET replaces, APPEND adds to a list, ADD puts `name` into an object
    const char *name;
    const char *value; // JSON
    enum tern_status status;
    const char *sentence; // must be part of the message
};

#define BAD TERN_STATUS_BAD_FILE
#define NO TERN_STATUS_UNSUPPORTED
#define SPLIT "pre_tokenizer pretokenizers 0"

static const struct edit edits[] = {
    {"model", REMOVE, NULL, NULL, BAD, "model is missing"},
    {"model", SET, NULL, "7", BAD, "model is missing or not an object"},
    {"model type", SET, NULL, "\"WordPiece\"", NO, "model: type \"WordPiece\" is not supported"},
    {"model type", SET, NULL, "7", BAD, "model: not an object with a type"},
    {"model dropout", SET, NULL, "0.1", NO, "model: dropout"},
    {"model continuing_subword_prefix", SET, NULL, "\"##\"", NO, "continuing_subword_prefix"},
    {"model end_of_word_suffix", SET, NULL, "\"</w>\"", NO, "end_of_word_suffix"},
    {"model", ADD, "byte_fallback", "true", NO, "byte_fallback"},
    {"model vocab", REMOVE, NULL, NULL, BAD, "model.vocab is missing"},
    {"model vocab", SET, NULL, "[]", BAD, "model.vocab is missing or not an object"},
    {"model vocab", SET, NULL, "{}", BAD, "no token for any byte"},
    {"model vocab he", SET, NULL, "-1", BAD, "model.vocab: the id of \"he\" is not a whole number"},
    {"model vocab he", SET, NULL, "4194304", BAD, "the id of \"he\""},
    {"model vocab he", SET, NULL, "1e300", BAD, "the id of \"he\""},
    {"model vocab he", SET, NULL, "2.5", BAD, "the id of \"he\""},
    {"model vocab he", SET, NULL, "\"5\"", BAD, "the id of \"he\""},
    {"model vocab he", SET, NULL, "null", BAD, "the id of \"he\""},
    {"model vocab he", SET, NULL, "97", BAD, "id 97 is \"he\" and also \"a\""},
    {"model vocab", ADD, "", "299", BAD, "token 299 has 0 bytes"},
    {"model vocab hell", REMOVE, NULL, NULL, BAD, "model.merges[2]: its result \"hell\" is not in model.vocab"},
    {"model vocab ello", REMOVE, NULL, NULL, BAD, "model.merges[5]: its right half \"ello\""},
    {"model merges", REMOVE, NULL, NULL, BAD, "model.merges is missing"},
    {"model merges", SET, NULL, "{}", BAD, "model.merges is missing or not a list"},
    {"model merges", APPEND, NULL, "\"h e\"", BAD, "model.merges[6] repeats merge 0"},
    {"model merges", APPEND, NULL, "\"zz a\"", BAD, "model.merges[6]: its left half \"zz\""},
    {"model merges", APPEND, NULL, "\"<note> a\"", BAD, "model.merges[6]: its left half \"<note>\""},
    {"model merges", APPEND, NULL, "\"hello\"", BAD, "model.merges[6] is neither"},
    {"model merges", APPEND, NULL, "\"h e l\"", BAD, "model.merges[6] is neither"},
    {"model merges", APPEND, NULL, "[\"h\"]", BAD, "model.merges[6] is neither"},
    {"model merges", APPEND, NULL, "[\"h\",\"e\",\"l\"]", BAD, "model.merges[6] is neither"},
    {"model merges", APPEND, NULL, "[\"h\",7]", BAD, "model.merges[6] is neither"},
    {"model merges", APPEND, NULL, "7", BAD, "model.merges[6] is neither"},
    {"normalizer type", SET, NULL, "\"Lowercase\"", NO, "normalizer: type \"Lowercase\" is not supported"},
    {"normalizer", SET, NULL, "[]", BAD, "normalizer: not an object with a type"},
    {"normalizer", SET, NULL, "{\"type\":\"Sequence\"}", BAD, "normalizer: a Sequence without a list"},
    {"normalizer", SET, NULL, "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFKC\"}]}", NO, "\"NFKC\""},
    {"pre_tokenizer", REMOVE, NULL, NULL, NO, "pre_tokenizer: no ByteLevel"},
    {"pre_tokenizer", SET, NULL, "{\"type\":\"Metaspace\"}", NO, "pre_tokenizer: type \"Metaspace\""},
    {"pre_tokenizer pretokenizers 1", REMOVE, NULL, NULL, NO, "pre_tokenizer: no ByteLevel"},
    {"pre_tokenizer pretokenizers 1 add_prefix_space", SET, NULL, "true", NO, "add_prefix_space"},
    {"pre_tokenizer pretokenizers", APPEND, NULL, "{\"type\":\"ByteLevel\"}", NO, "a second ByteLevel"},
    {"pre_tokenizer pretokenizers", APPEND, NULL, "{\"type\":\"Punctuation\",\"behavior\":7}", BAD, "unknown behavior"},
    {SPLIT " behavior", SET, NULL, "\"removed\"", BAD, "unknown behavior"},
    {SPLIT " behavior", REMOVE, NULL, NULL, BAD, "unknown behavior"},
    {SPLIT " pattern", SET, NULL, "\"x\"", BAD, "neither a Regex nor a String"},
    {SPLIT " pattern Regex", SET, NULL, "\"\"", BAD, "an empty expression"},
    {SPLIT " pattern Regex", SET, NULL, "\"(a\"", BAD, "expression \"(a\": "},
    {SPLIT " pattern Regex", SET, NULL, "\"a|\\\\w+\"", NO, "has at byte 2 an escape"},
    {SPLIT " pattern Regex", SET, NULL, "\"\\\\p{Han}\"", NO, "a property that is no general category"},
    {SPLIT " pattern Regex", SET, NULL, "\"[a&&b]\"", NO, "a class intersection"},
    {SPLIT " pattern Regex", SET, NULL, "\"[a[b]]\"", NO, "a class inside a class"},
    {SPLIT " pattern Regex", SET, NULL, "\"(*LIMIT_MATCH=1)a\"", NO, "a verb"},
    {SPLIT " pattern Regex", SET, NULL, "\"a(?R)?\"", NO, "a group of a kind"},
    {SPLIT " pattern Regex", SET, NULL, "\"a{1,2}+\"", NO, "a + after a bounded repeat"},
    {SPLIT " pattern Regex", SET, NULL, "\"a\\\\\"", NO, "a backslash at the end"},
    {"decoder", SET, NULL, "{\"type\":\"WordPiece\"}", NO, "decoder: type \"WordPiece\""},
    {"post_processor", SET, NULL, "{\"type\":\"BertProcessing\"}", NO, "post_processor: type \"BertProcessing\""},
    {"post_processor", SET, NULL, "{\"type\":\"TemplateProcessing\"}", BAD, "post_processor: \"single\""},
    {"post_processor", SET, NULL, "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}]}",
     BAD, "post_processor: a special token without a list of ids"},
    {"post_processor", SET, NULL,
     "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\"}}],"
     "\"special_tokens\":{\"x\":{\"ids\":[302]}}}",
     BAD, "post_processor: \"x\" has an id that is no token's"},
    {"added_tokens", SET, NULL, "{}", BAD, "added_tokens is not a list"},
    {"added_tokens", APPEND, NULL, "7", BAD, "added_tokens[2] has no content"},
    {"added_tokens", APPEND, NULL, "{\"id\":5}", BAD, "added_tokens[2] has no content"},
    {"added_tokens", APPEND, NULL, "{\"content\":\"x\"}", BAD, "added_tokens: the id of \"x\""},
    {"added_tokens", APPEND, NULL, "{\"content\":\"\",\"id\":302}", BAD, "token 302 has 0 bytes"},
    {"added_tokens", APPEND, NULL, "{\"content\":\"<x>\",\"id\":300}", BAD, "id 300 is \"<x>\" and also \"<|end|>\""},
    {"added_tokens", APPEND, NULL, "{\"content\":\"<x>\",\"id\":303}", BAD, "\"<x>\" is 303, but 302 follows"},
    {"added_tokens 0 id", SET, NULL, "310", BAD, "\"<|end|>\" is 310, but 300 follows"},
    {"added_tokens", APPEND, NULL, "{\"content\":\"a\",\"id\":302}", BAD, "token \"a\" is there twice, as 97 and 302"},
    {"added_tokens", APPEND, NULL, "{\"content\":\"<|end|>\",\"id\":300,\"special\":true}", BAD,
     "\"<|end|>\" is there twice"},
    {"added_tokens", APPEND, NULL, "{\"content\":\"<x>\",\"id\":302,\"lstrip\":1}", BAD, "a flag of \"<x>\""},
};

static cJSON *step_into(cJSON *item, const char *name) {
    return cJSON_IsArray(item) ? cJSON_GetArrayItem(item, atoi(name)) : cJSON_GetObjectItemCaseSensitive(item, name);
}

static void apply(cJSON *root, const struct edit *edit) {
    char names[128], *last = NULL;
    snprintf(names, sizeof names, "%s", edit->where);
    cJSON *parent = NULL, *item = root;
    for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
        last = name;
        parent = item;
        item = step_into(item, name);
        if (!item) {
            fail_msg("the fixture has no %s", edit->where);
        }
    }
    cJSON *value = edit->value ? cJSON_Parse(edit->value) : NULL;
    if (edit->value) {
        assert_non_null(value);
    }
    switch (edit->action) {
    case SET:
        if (cJSON_IsObject(parent)) {
            assert_true(cJSON_ReplaceItemInObjectCaseSensitive(parent, last, value));
        } else {
            assert_true(cJSON_ReplaceItemInArray(parent, atoi(last), value));
        }
        break;
    case APPEND: cJSON_AddItemToArray(item, value); break;
    case ADD: cJSON_AddItemToObject(item, edit->name, value); break;
    case REMOVE: cJSON_Delete(cJSON_DetachItemViaPointer(parent, item)); break;
    }
}

static void check_edit(const struct edit *edit) {
    cJSON *root = fixture_json();
    apply(root, edit);
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    enum tern_status status = fixture_open(root, &error, &tokenizer);
    bool names_file = strncmp(error.message, "/tmp/tern-tokenizer-", 20) == 0;
    if (status != edit->status || !strstr(error.message, edit->sentence) || !names_file || tokenizer) {
        fail_msg("%s %s: status %d, \"%s\"; expected %d, \"%s\"", edit->where, edit->value ? edit->value : "", status,
                 error.message, edit->status, edit->sentence);
    }
    cJSON_Delete(root);
}

static void test_each_part(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        check_edit(&edits[i]);
    }
}

// An unk_token that the vocabulary lacks matters only where a byte has no token.
static void test_unknown_token(void **state) {
    (void)state;
    static const struct edit unknown = {"model unk_token", SET, NULL, "\"<none>\"", TERN_STATUS_OK, ""};
    static const struct edit removal = {"model vocab z", REMOVE, NULL, NULL, BAD, "and unk_token \"<none>\" too"};
    cJSON *root = fixture_json();
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    apply(root, &unknown);
    assert_int_equal(fixture_open(root, &error, &tokenizer), TERN_STATUS_OK);
    tern_tokenizer_close(tokenizer);
    apply(root, &removal);
    assert_int_equal(fixture_open(root, &error, &tokenizer), removal.status);
    assert_non_null(strstr(error.message, removal.sentence));
    cJSON_Delete(root);
}

// After an added token of model.vocab with the id 300, versions of `tokenizers` give <note> 300 or 301.
static void test_id_that_versions_count_otherwise(void **state) {
    (void)state;
    static const struct edit moved = {"model vocab <299>", SET, NULL, "300", TERN_STATUS_OK, ""};
    static const struct edit added = {
        "added_tokens 0", SET, NULL, "{\"content\":\"<299>\",\"id\":300}", BAD, "\"<note>\" is 301, but 300 follows"};
    cJSON *root = fixture_json();
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    apply(root, &moved);
    apply(root, &added);
    assert_int_equal(fixture_open(root, &error, &tokenizer), added.status);
    assert_non_null(strstr(error.message, added.sentence));
    cJSON_Delete(root);
}

static void check_text(const char *json, size_t len_bytes, const char *sentence) {
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    assert_int_equal(fixture_open_text(json, len_bytes, &error, &tokenizer), TERN_STATUS_BAD_FILE);
    if (!strstr(error.message, sentence)) {
        fail_msg("\"%s\", expected \"%s\"", error.message, sentence);
    }
}

static void test_text_that_is_no_json(void **state) {
    (void)state;
    check_text("", 0, "empty where JSON is expected");
    check_text("{", 1, "not valid JSON at byte");
    check_text("[]", 2, "the JSON is not an object");
    check_text("{} x", 4, "something follows");
    check_text("{\"a\":\"\xFF\"}", 8, "not UTF-8 at byte 6");
    check_text("{\"a\":\"\0\"}", 9, "a zero byte or");
    check_text("{\"a\":\"\\\\\\u0000\"}", 16, "\\u0000 in the JSON");
    check_text("{\"a\":\"\\\\u0000\"}", 15, "model is missing"); // a backslash and five characters
    size_t deep = 100000;
    char *brackets = malloc(deep);
    memset(brackets, '[', deep);
    check_text(brackets, deep, "not valid JSON at byte");
    free(brackets);
}

static void test_sizes(void **state) {
    (void)state;
    size_t large = ((size_t)64 << 20) + 1;
    char *text = malloc(large);
    memset(text, ' ', large);
    check_text(text, large, "bytes are too many for a JSON file");
    memset(text, ',', (size_t)8 << 20);
    check_text(text, (size_t)8 << 20, "more values than any such file has");
    free(text);
}

static void test_missing_file(void **state) {
    (void)state;
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    assert_int_equal(tern_tokenizer_open("/nonexistent/tokenizer.json", &error, &tokenizer), TERN_STATUS_IO);
    assert_string_equal(error.message, "/nonexistent/tokenizer.json: No such file or directory");
    assert_int_equal(tern_tokenizer_open("/tmp", &error, &tokenizer), TERN_STATUS_IO);
    assert_null(tokenizer);
    char directory[] = "/tmp/tern-tokenizer-XXXXXX", pipe_path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(pipe_path, sizeof pipe_path, "%s/tokenizer.json", directory);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    alarm(20); // a pipe without a writer must be refused without a wait
    assert_int_equal(tern_tokenizer_open(pipe_path, &error, &tokenizer), TERN_STATUS_IO);
    alarm(0);
    assert_non_null(strstr(error.message, "not a regular file"));
    assert_int_equal(remove(pipe_path), 0);
    assert_int_equal(remove(directory), 0);
    assert_int_equal(tern_tokenizer_open(NULL, NULL, &tokenizer), TERN_STATUS_BAD_ARGUMENT);
}

static void mutate(char *text, size_t *len_bytes, uint64_t *seed) {
    static const char spice[] = "\"\\{}[],:0-9eE.u\x80\xFF ";
    for (uint64_t changes = 1 + fixture_random(seed) % 3; changes > 0; --changes) {
        size_t at = fixture_random(seed) % *len_bytes;
        switch (fixture_random(seed) % 5) {
        case 0: text[at] = (char)fixture_random(seed); break;
        case 1: text[at] = spice[fixture_random(seed) % (sizeof spice - 1)]; break;
        case 2: text[at] = (char)(text[at] ^ 1 << fixture_random(seed) % 8); break;
        case 3: memmove(text + at, text + at + 1, --*len_bytes - at); break;
        default:
            if (fixture_random(seed) % 8 == 0) {
                *len_bytes = at + 1;
            }
        }
    }
}

// A file with random changes either opens and encodes, or is refused with a sentence.
static void test_random_changes(void **state) {
    (void)state;
    static const char sample[] = "hello  <|end|> caf\u00e9\r\n 123 \U0001F600<note>";
    cJSON *root = fixture_json();
    char *original = cJSON_PrintUnformatted(root);
    size_t original_bytes = strlen(original);
    char *changed = malloc(original_bytes + 1);
    uint64_t seed = 3;
    unsigned opened = 0;
    for (int round = 0; round < 3000; round++) {
        uint64_t at_start = seed;
        size_t len_bytes = original_bytes, count;
        uint32_t *ids;
        memcpy(changed, original, original_bytes + 1);
        mutate(changed, &len_bytes, &seed);
        struct tern_tokenizer *tokenizer;
        struct tern_error error = {""};
        if (fixture_open_text(changed, len_bytes, &error, &tokenizer) != TERN_STATUS_OK) {
            if (strlen(error.message) < 30 || tokenizer) {
                fail_msg("\"%s\"; seed %llu", error.message, (unsigned long long)at_start);
            }
            continue;
        }
        ++opened;
        assert_int_equal(tern_tokenizer_encode(tokenizer, sample, sizeof sample - 1, NULL, &ids, &count),
                         TERN_STATUS_OK);
        assert_true(count > 5);
        free(ids);
        tern_tokenizer_close(tokenizer);
    }
    assert_true(opened > 100 && opened < 2900);
    free(changed);
    cJSON_free(original);
    cJSON_Delete(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part),
        cmocka_unit_test(test_unknown_token),
        cmocka_unit_test(test_id_that_versions_count_otherwise),
        cmocka_unit_test(test_text_that_is_no_json),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_random_changes),
    };
    return cmocka_run_group_tests_name("driver.text.malformed", tests, NULL, NULL);
}
