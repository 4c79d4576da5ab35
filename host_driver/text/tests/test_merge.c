// SPDX-License-Identifier: Apache-2.0
// Compares the heap of bpe_merge.c with the definition: look at every pair, merge the first of lowest rank, repeat.
#include "host_driver/text/bpe_merge.h"
#include "host_driver/text/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BASE_SYMBOLS 3
#define MERGES 40
#define LONGEST_WORD 120

// A random merge list in which every string is at most one token, as in real lists.
struct language {
    struct tern_merge merges[MERGES];
    char texts[BASE_SYMBOLS + MERGES][64];
    uint32_t token_count;
};

static uint32_t token_of(struct language *language, const char *text) {
    for (uint32_t i = 0; i < language->token_count; i++) {
        if (strcmp(language->texts[i], text) == 0) {
            return i;
        }
    }
    strcpy(language->texts[language->token_count], text);
    return language->token_count++;
}

static void make_language(struct language *language, struct tern_merge_table *table, uint64_t *seed) {
    memset(language, 0, sizeof *language);
    for (uint32_t i = 0; i < BASE_SYMBOLS; i++) {
        language->texts[i][0] = (char)('a' + i);
    }
    language->token_count = BASE_SYMBOLS;
    assert_true(tern_merge_table_create(table, MERGES));
    for (uint32_t rank = 0; rank < MERGES;) {
        uint32_t left = (uint32_t)(fixture_random(seed) % language->token_count);
        uint32_t right = (uint32_t)(fixture_random(seed) % language->token_count);
        char text[128];
        strcpy(text, language->texts[left]);
        strcat(text, language->texts[right]);
        if (strlen(text) > 24 || tern_merge_table_find(table, left, right)) {
            continue;
        }
        struct tern_merge merge = {left, right, rank, token_of(language, text)};
        assert_int_equal(tern_merge_table_add(table, merge), TERN_MERGE_ADDED);
        assert_int_equal(tern_merge_table_add(table, merge), TERN_MERGE_TWICE);
        language->merges[rank++] = merge;
    }
}

static size_t reference(const struct language *language, uint32_t *ids, size_t count) {
    for (uint32_t rank = 0; rank < MERGES; rank++) {
        const struct tern_merge *merge = &language->merges[rank];
        for (size_t i = 0; i + 1 < count; i++) {
            if (ids[i] != merge->left || ids[i + 1] != merge->right) {
                continue;
            }
            ids[i] = merge->merged;
            memmove(ids + i + 1, ids + i + 2, (count - i - 2) * sizeof *ids);
            --count;
            rank = UINT32_MAX; // begin again with rank 0
            break;
        }
    }
    return count;
}

static void check_word(const struct language *language, const struct tern_merge_table *table,
                       struct tern_merge_scratch *scratch, uint64_t *seed) {
    uint64_t at_start = *seed;
    uint32_t word[LONGEST_WORD], expected[LONGEST_WORD];
    size_t count = 1 + fixture_random(seed) % LONGEST_WORD, got_count = count;
    for (size_t i = 0; i < count; i++) {
        word[i] = (uint32_t)(fixture_random(seed) % BASE_SYMBOLS);
    }
    memcpy(expected, word, sizeof word);
    size_t expected_count = reference(language, expected, count);
    assert_true(tern_merge_word(table, scratch, word, &got_count));
    if (got_count != expected_count || memcmp(word, expected, got_count * sizeof *word) != 0) {
        for (size_t i = 0; i < got_count; i++) {
            print_error("%s|", language->texts[word[i]]);
        }
        print_error(" got\n");
        for (size_t i = 0; i < expected_count; i++) {
            print_error("%s|", language->texts[expected[i]]);
        }
        fail_msg(" expected; seed %llu", (unsigned long long)at_start);
    }
}

static void test_heap_equals_definition(void **state) {
    (void)state;
    uint64_t seed = 20261124;
    struct tern_merge_scratch scratch = {0};
    for (int round = 0; round < 150; round++) {
        struct language language;
        struct tern_merge_table table;
        make_language(&language, &table, &seed);
        for (int word = 0; word < 40; word++) {
            check_word(&language, &table, &scratch, &seed);
        }
        tern_merge_table_destroy(&table);
    }
    tern_merge_scratch_destroy(&scratch);
}

// A quadratic merge of this word takes 10^12 steps, so that the test would exceed its time limit.
static void test_million_symbols(void **state) {
    (void)state;
    size_t count = 1000003;
    uint32_t *word = calloc(count, sizeof *word);
    struct tern_merge_table table;
    struct tern_merge_scratch scratch = {0};
    assert_true(tern_merge_table_create(&table, 2));
    tern_merge_table_add(&table, (struct tern_merge){0, 0, 0, 1});
    tern_merge_table_add(&table, (struct tern_merge){1, 1, 1, 2});
    assert_true(tern_merge_word(&table, &scratch, word, &count));
    assert_int_equal(count, 250000 + 2);
    assert_int_equal(word[249999], 2);
    assert_int_equal(word[250000], 1);
    assert_int_equal(word[250001], 0);
    tern_merge_scratch_destroy(&scratch);
    tern_merge_table_destroy(&table);
    free(word);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_equals_definition),
        cmocka_unit_test(test_million_symbols),
    };
    return cmocka_run_group_tests_name("driver.text.merge", tests, NULL, NULL);
}
