// SPDX-License-Identifier: Apache-2.0
// Splits a template into text and the tokens of its tags, with the white space rules of transformers: trim_blocks and
// lstrip_blocks. The rules are those of jinja2's lexer.
#ifndef TERN_HOST_DRIVER_JINJA_LEXER_H
#define TERN_HOST_DRIVER_JINJA_LEXER_H

#include "cmodel/error.h"
#include "host_driver/jinja/arena.h"
#include "host_driver/jinja/value.h"

enum tern_jinja_token_kind {
    TERN_JINJA_TOKEN_DATA,
    TERN_JINJA_TOKEN_PRINT,     // {{
    TERN_JINJA_TOKEN_PRINT_END, // }}
    TERN_JINJA_TOKEN_TAG,       // {%
    TERN_JINJA_TOKEN_TAG_END,   // %}
    TERN_JINJA_TOKEN_NAME,
    TERN_JINJA_TOKEN_STRING, // text without its escapes
    TERN_JINJA_TOKEN_NUMBER,
    TERN_JINJA_TOKEN_OPERATOR, // number: TERN_JINJA_OPERATOR
    TERN_JINJA_TOKEN_END,
};

struct tern_jinja_token {
    enum tern_jinja_token_kind kind;
    uint32_t line;
    struct tern_jinja_text text; // as written, apart from strings
    int64_t number;
};

// *tokens ends with TERN_JINJA_TOKEN_END. They and their texts live in the arena. UNSUPPORTED names line and reason.
enum tern_status tern_jinja_lex(const char *source, size_t bytes, struct tern_arena *arena, struct tern_error *error,
                                struct tern_jinja_token **tokens);

// The string between quotes without its escapes, as Python's "unicode-escape" reads it.
enum tern_status tern_jinja_unescape(struct tern_jinja_text quoted, uint32_t line, struct tern_arena *arena,
                                     struct tern_error *error, struct tern_jinja_text *text);

#endif
