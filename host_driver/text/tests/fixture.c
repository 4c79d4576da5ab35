// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/tests/fixture.h"

#include "host_driver/unicode/byte_alphabet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char frame[] =
    "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\"normalizer\":{\"type\":\"NFC\"},"
    "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":"
    "\"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+"
    "[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+\"},\"behavior\":\"Isolated\",\"invert\":false},"
    "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":false,\"use_regex\":false}]},"
    "\"post_processor\":{\"type\":\"ByteLevel\"},\"decoder\":{\"type\":\"ByteLevel\"},"
    "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":\"\","
    "\"end_of_word_suffix\":\"\",\"fuse_unk\":false,\"vocab\":{},\"merges\":[]}}";

static cJSON *member(cJSON *root, const char *outer, const char *inner) {
    cJSON *found = cJSON_GetObjectItemCaseSensitive(root, outer);
    return inner ? cJSON_GetObjectItemCaseSensitive(found, inner) : found;
}

cJSON *fixture_json(void) {
    cJSON *root = cJSON_Parse(frame);
    assert_non_null(root);
    for (unsigned byte = 0; byte < 256; byte++) {
        char symbol[8] = {0};
        tern_byte_symbol_write((uint8_t)byte, symbol);
        cJSON_AddNumberToObject(member(root, "model", "vocab"), symbol, byte);
    }
    fixture_add_merge(root, "h", "e");
    fixture_add_merge(root, "l", "l");
    fixture_add_merge(root, "he", "ll");
    fixture_add_merge(root, "hell", "o");
    fixture_add_merge(root, "\xC4\xA0", "h");
    fixture_add_merge(root, "\xC4\xA0h", "ello");
    for (unsigned id = 263; id < 300; id++) {
        char content[16];
        snprintf(content, sizeof content, "<%u>", id);
        cJSON_AddNumberToObject(member(root, "model", "vocab"), content, id);
    }
    fixture_add_token(root, "<|end|>", 300, "{\"special\":true,\"normalized\":false}");
    fixture_add_token(root, "<note>", 301, "{\"special\":false,\"normalized\":false}");
    return root;
}

void fixture_add_merge(cJSON *root, const char *left, const char *right) {
    cJSON *vocab = member(root, "model", "vocab");
    char joined[256], merge[256];
    snprintf(joined, sizeof joined, "%s%s", left, right);
    snprintf(merge, sizeof merge, "%s %s", left, right);
    const char *halves[] = {left, right, joined};
    for (int i = 0; i < 3; i++) {
        if (cJSON_GetObjectItemCaseSensitive(vocab, halves[i])) {
            continue;
        }
        cJSON_AddNumberToObject(vocab, halves[i], cJSON_GetArraySize(vocab));
    }
    cJSON_AddItemToArray(member(root, "model", "merges"), cJSON_CreateString(merge));
}

void fixture_add_token(cJSON *root, const char *content, uint32_t id, const char *flags_json) {
    cJSON *token = cJSON_Parse(flags_json);
    assert_non_null(token);
    cJSON_AddNumberToObject(token, "id", id);
    cJSON_AddStringToObject(token, "content", content);
    cJSON_AddItemToArray(member(root, "added_tokens", NULL), token);
}

enum tern_status fixture_open_text(const char *json, size_t len_bytes, struct tern_error *error,
                                   struct tern_tokenizer **out) {
    char path[] = "/tmp/tern-tokenizer-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "wb");
    assert_int_equal(fwrite(json, 1, len_bytes, file), len_bytes);
    assert_int_equal(fclose(file), 0);
    enum tern_status status = tern_tokenizer_open(path, error, out);
    unlink(path);
    return status;
}

enum tern_status fixture_open(const cJSON *root, struct tern_error *error, struct tern_tokenizer **out) {
    char *text = cJSON_PrintUnformatted(root);
    assert_non_null(text);
    enum tern_status status = fixture_open_text(text, strlen(text), error, out);
    cJSON_free(text);
    return status;
}

static void source_path(char *path, size_t capacity, const char *relative_path) {
    snprintf(path, capacity, "%s/%s", TERN_SOURCE_DIR, relative_path);
}

char *fixture_read(const char *relative_path, size_t *len_bytes) {
    char path[1024];
    source_path(path, sizeof path, relative_path);
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    size_t capacity = (size_t)1 << 22;
    char *text = malloc(capacity);
    assert_non_null(text);
    *len_bytes = fread(text, 1, capacity - 1, file);
    text[*len_bytes] = '\0';
    fclose(file);
    return text;
}

struct tern_tokenizer *fixture_open_committed(const char *relative_path) {
    char path[1024];
    source_path(path, sizeof path, relative_path);
    if (access(path, R_OK) != 0) {
        return NULL;
    }
    struct tern_tokenizer *tokenizer;
    struct tern_error error = {""};
    if (tern_tokenizer_open(path, &error, &tokenizer) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    return tokenizer;
}

static void print_ids(const char *name, const uint32_t *ids, size_t count) {
    print_error("%s (%zu):", name, count);
    for (size_t i = 0; i < count; i++) {
        print_error(" %u", ids[i]);
    }
    print_error("\n");
}

void assert_ids(const struct tern_tokenizer *tokenizer, unsigned encode_flags, const char *text, size_t len_bytes,
                const uint32_t *expected, size_t expected_count) {
    uint32_t *ids;
    size_t count;
    struct tern_error error = {""};
    if (tern_tokenizer_encode_with(tokenizer, encode_flags, text, len_bytes, &error, &ids, &count) != TERN_STATUS_OK) {
        fail_msg("%s", error.message);
    }
    size_t comparable = count < expected_count ? count : expected_count, same = 0;
    while (same < comparable && ids[same] == expected[same]) {
        ++same;
    }
    if (count != expected_count || same < comparable) {
        print_error("text (%zu bytes, flags %u): %.*s\n", len_bytes, encode_flags, (int)len_bytes, text);
        print_error("first difference at id %zu\n", same);
        print_ids("got", ids, count);
        print_ids("expected", expected, expected_count);
        fail();
    }
    free(ids);
}

uint64_t fixture_random(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}
