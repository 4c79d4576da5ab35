// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "host_driver/formats/json_strict.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/hash.h"
#include "host_driver/unicode/utf8.h"

// ---- text

#define MOST_VALUES ((size_t)4 << 20) // about 80 bytes each in cJSON's tree

struct reader {
    const char *at, *end;
    size_t values; // so far: the first of a list follows a bracket, every other a comma
};

static bool is_next(const struct reader *reader, const char *characters) {
    return reader->at < reader->end && *reader->at && strchr(characters, *reader->at);
}

static bool skip_one(struct reader *reader, const char *characters) {
    const bool is_there = is_next(reader, characters);
    reader->at += is_there;
    return is_there;
}

static bool skip_digits(struct reader *reader) {
    const char *first = reader->at;
    while (skip_one(reader, "0123456789")) {
    }
    return reader->at > first;
}

// cJSON gives strtod() every number character that follows, and strtod() takes more than JSON does.
static bool skip_number(struct reader *reader) {
    skip_one(reader, "-");
    bool is_good = skip_one(reader, "0") || skip_digits(reader);
    is_good = is_good && (!skip_one(reader, ".") || skip_digits(reader));
    if (is_good && skip_one(reader, "eE")) {
        skip_one(reader, "+-");
        is_good = skip_digits(reader);
    }
    return is_good && !is_next(reader, "0123456789+-.eE");
}

// From the quote to behind the closing one; false at a control character.
static bool skip_string(struct reader *reader) {
    for (reader->at++; reader->at < reader->end && *reader->at != '"'; reader->at++) {
        if ((unsigned char)*reader->at < ' ') {
            return false;
        }
        reader->at += *reader->at == '\\' && reader->at + 1 < reader->end;
    }
    reader->at += reader->at < reader->end;
    return true;
}

// Everything else, such as the order of tokens, is cJSON's to check.
static const char *find_fault(struct reader *reader, size_t *bytes_before) {
    const char *text = reader->at, *fault = NULL;
    while (reader->at < reader->end && !fault) {
        *bytes_before = (size_t)(reader->at - text);
        if (*reader->at == '"') {
            fault = skip_string(reader) ? NULL : "a control character in a string";
        } else if (is_next(reader, "-0123456789")) {
            fault = skip_number(reader) ? NULL : "no JSON number";
        } else {
            const bool is_control = (unsigned char)*reader->at < ' ' && !is_next(reader, "\n\r\t");
            reader->values += is_next(reader, ",[{");
            fault = is_control                     ? "a control character"
                    : reader->values > MOST_VALUES ? "more values than any such file has"
                                                   : NULL;
            reader->at++;
        }
    }
    return fault;
}

// Whether the text has \u0000.
static bool has_zero_escape(const char *text, size_t bytes) {
    static const char escape[] = "\\u0000";
    const char *end = text + bytes, *at = text;
    while ((at = memmem(at, (size_t)(end - at), escape, sizeof escape - 1))) {
        size_t backslashes = 1; // after an even number of them "u0000" is plain text
        while (at - backslashes >= text && at[-(ptrdiff_t)backslashes] == '\\') {
            backslashes++;
        }
        if (backslashes % 2 == 1) {
            return true;
        }
        at++;
    }
    return false;
}

enum tern_status tern_json_check_text(const char *text, size_t bytes, const char *path, struct tern_error *error) {
    size_t bad = 0;
    if (!tern_utf8_validate(text, bytes, &bad)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: not UTF-8 at byte %zu of the JSON", path, bad);
    }
    if (memchr(text, '\0', bytes) || has_zero_escape(text, bytes)) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a zero byte or \\u0000 in the JSON", path);
    }
    if (bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: a byte order mark before the JSON", path);
    }
    struct reader reader = {text, text + bytes, 0};
    const char *fault = find_fault(&reader, &bad);
    return fault ? tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: not valid JSON at byte %zu: %s", path, bad, fault)
                 : TERN_STATUS_OK;
}

// ---- keys

// The keys of one object by their hash, in a memory that all objects share.
struct key_table {
    const char **slots;
    size_t capacity;
};

static size_t hash_key(const char *key) {
    const uint64_t hash = tern_hash_text(TERN_HASH_START, key);
    return (size_t)(hash ^ hash >> 32);
}

// Empties the first *slots of the table: a power of two, at least twice `keys`.
static bool empty(struct key_table *table, size_t keys, size_t *slots) {
    for (*slots = 16; *slots < 2 * keys;) {
        *slots *= 2;
    }
    if (*slots > table->capacity) {
        const char **larger = realloc(table->slots, *slots * sizeof *larger);
        if (!larger) {
            return false;
        }
        table->slots = larger;
        table->capacity = *slots;
    }
    memset(table->slots, 0, *slots * sizeof *table->slots);
    return true;
}

static bool add_key(struct key_table *table, size_t slots, const char *key) {
    size_t at = hash_key(key) & (slots - 1);
    while (table->slots[at]) {
        if (strcmp(table->slots[at], key) == 0) {
            return false;
        }
        at = (at + 1) & (slots - 1);
    }
    table->slots[at] = key;
    return true;
}

static enum tern_status check_object(const cJSON *object, struct key_table *table, const char *path,
                                     struct tern_error *error) {
    size_t slots;
    if (!empty(table, (size_t)cJSON_GetArraySize(object), &slots)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for its keys", path);
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        if (!add_key(table, slots, item->string)) {
            return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: '%.200s' stands twice in one JSON object", path,
                                  item->string);
        }
    }
    return TERN_STATUS_OK;
}

// No deeper than cJSON, which has a limit.
static enum tern_status check_value(const cJSON *value, struct key_table *table, const char *path,
                                    struct tern_error *error) {
    if (cJSON_IsObject(value) && value->child && value->child->next) {
        TERN_TRY(check_object(value, table, path, error));
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, value) {
        TERN_TRY(item->child ? check_value(item, table, path, error) : TERN_STATUS_OK);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_json_check_keys(const cJSON *root, const char *path, struct tern_error *error) {
    struct key_table table = {0};
    enum tern_status status = check_value(root, &table, path, error);
    free(table.slots);
    return status;
}

// ---- numbers

static const char *find_number(struct reader *reader) {
    while (reader->at < reader->end && !is_next(reader, "-0123456789")) {
        if (*reader->at == '"') {
            skip_string(reader);
        } else {
            reader->at++;
        }
    }
    return reader->at;
}

// The numbers of a tree stand in the text in the tree's order.
static bool keep_numbers(struct reader *reader, cJSON *value) {
    if (cJSON_IsNumber(value)) {
        const char *first = find_number(reader);
        skip_number(reader);
        value->valuestring = strndup(first, (size_t)(reader->at - first));
        value->type = cJSON_Raw;
        return value->valuestring != NULL;
    }
    bool is_good = true;
    for (cJSON *item = value->child; item && is_good; item = item->next) {
        is_good = keep_numbers(reader, item);
    }
    return is_good;
}

bool tern_json_keep_numbers(const char *text, size_t bytes, cJSON *root) {
    struct reader reader = {text, text + bytes, 0};
    return keep_numbers(&reader, root);
}
