// SPDX-License-Identifier: Apache-2.0
#include "host_driver/jinja/parse/lexer.h"

#include <ctype.h>
#include <string.h>

#include "host_driver/jinja/parse/node.h"
#include "host_driver/unicode/utf8.h"

#define MOST_BRACKETS 100 // open at once in one tag

struct lexer {
    const char *source;
    size_t bytes, at;
    uint32_t line;
    struct tern_arena *arena;
    struct tern_error *error;
    struct tern_jinja_token *tokens;
    size_t count, capacity;
    char open[MOST_BRACKETS]; // the closing brackets that are due
    size_t open_count;
};

static enum tern_status fail(const struct lexer *lexer, const char *what) {
    return tern_error_set(lexer->error, TERN_STATUS_UNSUPPORTED, "line %u: %s", lexer->line, what);
}

static enum tern_status no_memory(const struct lexer *lexer) {
    return tern_error_set(lexer->error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a template of %zu bytes",
                          lexer->bytes);
}

static bool starts_with(const struct lexer *lexer, size_t at, const char *text) {
    size_t length = strlen(text);
    return length <= lexer->bytes - at && memcmp(lexer->source + at, text, length) == 0;
}

// Goes on to byte `to`.
static void advance(struct lexer *lexer, size_t to) {
    for (; lexer->at < to; lexer->at++) {
        lexer->line += lexer->source[lexer->at] == '\n';
    }
}

static size_t after_white_space(const struct lexer *lexer, size_t at) {
    size_t length;
    while (at < lexer->bytes && tern_jinja_is_space(tern_utf8_decode(lexer->source + at, &length))) {
        at += length;
    }
    return at;
}

static enum tern_status add(struct lexer *lexer, struct tern_jinja_token token) {
    if (lexer->count == lexer->capacity) {
        size_t capacity = 2 * lexer->capacity + 64;
        struct tern_jinja_token *tokens = tern_arena_take(lexer->arena, capacity * sizeof *tokens);
        if (!tokens) {
            return no_memory(lexer);
        }
        if (lexer->count > 0) {
            memcpy(tokens, lexer->tokens, lexer->count * sizeof *tokens);
        }
        lexer->tokens = tokens;
        lexer->capacity = capacity;
    }
    token.line = lexer->line;
    lexer->tokens[lexer->count++] = token;
    return TERN_STATUS_OK;
}

// Adds a token of the bytes up to `end` and goes on there.
static enum tern_status add_span(struct lexer *lexer, enum tern_jinja_token_kind kind, size_t end, int64_t number) {
    struct tern_jinja_text text = {lexer->source + lexer->at, NULL, end - lexer->at};
    TERN_TRY(add(lexer, (struct tern_jinja_token){.kind = kind, .text = text, .number = number}));
    advance(lexer, end);
    return TERN_STATUS_OK;
}

// The text before a tag at `end`. sign: the byte after "{%", "{#" or "{{". A tag other than "{{" removes the blanks
// between it and the start of its line.
static enum tern_status add_data(struct lexer *lexer, size_t end, char sign, bool is_print) {
    struct tern_jinja_text text = {lexer->source + lexer->at, NULL, end - lexer->at};
    if (sign == '-') {
        text = tern_jinja_text_strip(text, 2, NULL);
    } else if (sign != '+' && !is_print) {
        size_t line = text.length;
        while (line > 0 && text.bytes[line - 1] != '\n') {
            line--;
        }
        bool is_start = line > 0 || lexer->at == 0 || lexer->source[lexer->at - 1] == '\n';
        struct tern_jinja_text blanks = tern_jinja_text_part(text, line, text.length);
        if (is_start && tern_jinja_text_strip(blanks, 3, NULL).length == 0) {
            text.length = line;
        }
    }
    if (text.length > 0) {
        TERN_TRY(add(lexer, (struct tern_jinja_token){.kind = TERN_JINJA_TOKEN_DATA, .text = text}));
    }
    advance(lexer, end);
    return TERN_STATUS_OK;
}

// The end of a tag whose closing bytes are `closing` ("%}", "#}", "}}") at `at`: *end is after it and the white space
// it removes. Returns false when no tag ends there. Only tags and comments have "+" and remove a line end.
static bool ends_tag(const struct lexer *lexer, size_t at, const char *closing, size_t *end) {
    bool is_print = closing[0] == '}', has_sign = lexer->source[at] == '-' || (!is_print && lexer->source[at] == '+');
    if (!starts_with(lexer, at + has_sign, closing)) {
        return false;
    }
    *end = at + has_sign + strlen(closing);
    if (lexer->source[at] == '-') {
        *end = after_white_space(lexer, *end);
    } else if (!has_sign && !is_print && *end < lexer->bytes && lexer->source[*end] == '\n') {
        ++*end;
    }
    return true;
}

static enum tern_status skip_comment(struct lexer *lexer) {
    size_t end;
    for (size_t at = lexer->at; at < lexer->bytes; at++) {
        if (ends_tag(lexer, at, "#}", &end)) {
            advance(lexer, end);
            return TERN_STATUS_OK;
        }
    }
    return fail(lexer, "a comment has no end");
}

static enum tern_status lex_string(struct lexer *lexer) {
    char quote = lexer->source[lexer->at];
    size_t end = lexer->at + 1;
    while (end < lexer->bytes && lexer->source[end] != quote) {
        end += lexer->source[end] == '\\' ? 2 : 1;
    }
    if (end >= lexer->bytes) {
        return fail(lexer, "a string has no end");
    }
    struct tern_jinja_text quoted = {lexer->source + lexer->at + 1, NULL, end - lexer->at - 1};
    struct tern_jinja_token token = {.kind = TERN_JINJA_TOKEN_STRING};
    TERN_TRY(tern_jinja_unescape(quoted, lexer->line, lexer->arena, lexer->error, &token.text));
    TERN_TRY(add(lexer, token));
    advance(lexer, end + 1);
    return TERN_STATUS_OK;
}

static bool is_name_byte(char byte) {
    return isalnum((unsigned char)byte) || byte == '_';
}

static enum tern_status lex_number(struct lexer *lexer) {
    size_t end = lexer->at;
    int64_t value = 0;
    for (; end < lexer->bytes && is_name_byte(lexer->source[end]); end++) {
        int digit = lexer->source[end] == '_' ? 0 : lexer->source[end] - '0';
        if (digit < 0 || digit > 9 || value > INT32_MAX) {
            return fail(lexer, "a number that is not decimal, or too large");
        }
        value = lexer->source[end] == '_' ? value : 10 * value + digit;
    }
    bool is_fraction =
        end + 1 < lexer->bytes && lexer->source[end] == '.' && isdigit((unsigned char)lexer->source[end + 1]);
    if (is_fraction && lexer->source[lexer->at - 1] != '.') {
        return fail(lexer, "a number with a fraction");
    }
    if (end - lexer->at > 1 && lexer->source[lexer->at] == '0') {
        return fail(lexer, "a number that begins with 0");
    }
    return add_span(lexer, TERN_JINJA_TOKEN_NUMBER, end, value);
}

static enum tern_status count_brackets(struct lexer *lexer, char byte) {
    const char *opening = "([{", *closing = ")]}", *found;
    if ((found = strchr(opening, byte))) {
        if (lexer->open_count == MOST_BRACKETS) {
            return fail(lexer, "too many brackets within brackets");
        }
        lexer->open[lexer->open_count++] = closing[found - opening];
    } else if (strchr(closing, byte)) {
        if (lexer->open_count == 0 || lexer->open[lexer->open_count - 1] != byte) {
            return fail(lexer, "brackets that do not match");
        }
        lexer->open_count--;
    }
    return TERN_STATUS_OK;
}

static enum tern_status lex_operator(struct lexer *lexer) {
    static const char *const pairs[] = {"==", "!=", ">=", "<=", "//", "**"};
    char byte = lexer->source[lexer->at];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (starts_with(lexer, lexer->at, pairs[i])) {
            return add_span(lexer, TERN_JINJA_TOKEN_OPERATOR, lexer->at + 2,
                            TERN_JINJA_OPERATOR(pairs[i][0], pairs[i][1]));
        }
    }
    if (!strchr("+-/*%~[](){}><=.:|,;", byte)) {
        return fail(lexer, "a character that no tag may have");
    }
    TERN_TRY(count_brackets(lexer, byte));
    return add_span(lexer, TERN_JINJA_TOKEN_OPERATOR, lexer->at + 1, byte);
}

static enum tern_status lex_token(struct lexer *lexer) {
    char byte = lexer->source[lexer->at];
    size_t end = lexer->at;
    if (isdigit((unsigned char)byte)) {
        return lex_number(lexer);
    }
    if (byte == '"' || byte == '\'') {
        return lex_string(lexer);
    }
    if (!is_name_byte(byte)) {
        return byte ? lex_operator(lexer) : fail(lexer, "a zero byte");
    }
    while (end < lexer->bytes && is_name_byte(lexer->source[end])) {
        end++;
    }
    return add_span(lexer, TERN_JINJA_TOKEN_NAME, end, 0);
}

// What stands in "{{ }}" or "{% %}". A closing pair within brackets is none.
static enum tern_status lex_tag(struct lexer *lexer, bool is_print) {
    const char *closing = is_print ? "}}" : "%}";
    lexer->open_count = 0;
    for (;;) {
        size_t end = after_white_space(lexer, lexer->at);
        if (lexer->open_count == 0 && lexer->at < lexer->bytes && ends_tag(lexer, lexer->at, closing, &end)) {
            return add_span(lexer, is_print ? TERN_JINJA_TOKEN_PRINT_END : TERN_JINJA_TOKEN_TAG_END, end, 0);
        }
        if (end > lexer->at) {
            advance(lexer, end);
        } else if (lexer->at == lexer->bytes) {
            return fail(lexer, is_print ? "{{ has no end" : "{% has no end");
        } else {
            TERN_TRY(lex_token(lexer));
        }
    }
}

static bool is_raw(const struct lexer *lexer) {
    size_t name = after_white_space(lexer, lexer->at);
    return starts_with(lexer, name, "raw") && !(name + 3 < lexer->bytes && is_name_byte(lexer->source[name + 3]));
}

// One text and the tag after it, or the text at the end.
static enum tern_status lex_next(struct lexer *lexer) {
    size_t tag = lexer->at;
    while (tag < lexer->bytes && !starts_with(lexer, tag, "{{") && !starts_with(lexer, tag, "{%") &&
           !starts_with(lexer, tag, "{#")) {
        tag++;
    }
    if (tag == lexer->bytes) {
        return add_span(lexer, TERN_JINJA_TOKEN_DATA, tag, 0);
    }
    char kind = lexer->source[tag + 1], sign = tag + 2 < lexer->bytes ? lexer->source[tag + 2] : 0;
    bool has_sign = sign == '-' || sign == '+';
    TERN_TRY(add_data(lexer, tag, sign, kind == '{'));
    if (kind == '#') {
        advance(lexer, tag + 2 + has_sign);
        return skip_comment(lexer);
    }
    TERN_TRY(add_span(lexer, kind == '{' ? TERN_JINJA_TOKEN_PRINT : TERN_JINJA_TOKEN_TAG, tag + 2 + has_sign, 0));
    return kind == '%' && is_raw(lexer) ? fail(lexer, "the tag raw is not known") : lex_tag(lexer, kind == '{');
}

// Line ends as "\n", without one at the end of the template.
static enum tern_status copy_source(struct lexer *lexer, const char *source, size_t bytes) {
    char *copy = tern_arena_take(lexer->arena, bytes + 1);
    if (!copy) {
        return no_memory(lexer);
    }
    for (size_t i = 0; i < bytes; i++) {
        if (source[i] != '\n' || i == 0 || source[i - 1] != '\r') {
            copy[lexer->bytes++] = source[i] == '\r' ? '\n' : source[i];
        }
    }
    lexer->bytes -= lexer->bytes > 0 && copy[lexer->bytes - 1] == '\n';
    lexer->source = copy;
    return TERN_STATUS_OK;
}

enum tern_status tern_jinja_lex(const char *source, size_t bytes, struct tern_arena *arena, struct tern_error *error,
                                struct tern_jinja_token **tokens) {
    struct lexer lexer = {.arena = arena, .error = error, .line = 1};
    TERN_TRY(copy_source(&lexer, source, bytes));
    while (lexer.at < lexer.bytes) {
        TERN_TRY(lex_next(&lexer));
    }
    TERN_TRY(add(&lexer, (struct tern_jinja_token){.kind = TERN_JINJA_TOKEN_END}));
    *tokens = lexer.tokens;
    return TERN_STATUS_OK;
}
