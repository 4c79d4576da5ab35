// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct rewriting {
    const char *in;
    char *out;
    bool in_class;
    bool class_is_empty; // here the two engines read a ']' differently
};

static void copy(struct rewriting *state, size_t count) {
    memcpy(state->out, state->in, count);
    state->out += count;
    state->in += count;
}

static void replace(struct rewriting *state, size_t count, const char *text) {
    state->in += count;
    size_t length = strlen(text);
    memcpy(state->out, text, length);
    state->out += length;
}

// Allows general categories only: PCRE2 reads \p{Han} as Script_Extensions, Oniguruma as Script.
static const char *copy_property(struct rewriting *state) {
    size_t at = 2;
    if (state->in[at++] != '{') {
        return "a property without braces";
    }
    if (state->in[at] == '^') {
        ++at;
    }
    size_t letters = 0;
    while (isalpha((unsigned char)state->in[at + letters])) {
        ++letters;
    }
    if (letters < 1 || letters > 2 || state->in[at + letters] != '}') {
        return "a property that is no general category";
    }
    copy(state, at + letters + 1);
    return NULL;
}

static const char *translate_escape(struct rewriting *state) {
    unsigned char escaped = (unsigned char)state->in[1];
    switch (escaped) {
    case 's': replace(state, 2, "\\p{White_Space}"); return NULL;
    case 'S': replace(state, 2, "\\P{White_Space}"); return NULL;
    case 'p':
    case 'P': return copy_property(state);
    case 'd':
    case 'D':
    case 'r':
    case 'n':
    case 't':
    case 'f': copy(state, 2); return NULL;
    case 'x':
        if (state->in[2] < '0' || state->in[2] > '7' || !isxdigit((unsigned char)state->in[3])) {
            return "an \\x escape outside \\x00..\\x7f";
        }
        copy(state, 4);
        return NULL;
    case '\0': return "a backslash at the end";
    default:
        if (escaped >= 0x80 || isalnum(escaped)) {
            return "an escape of a letter or digit that engines read differently";
        }
        copy(state, 2);
        return NULL;
    }
}

static const char *translate_in_class(struct rewriting *state) {
    char current = *state->in;
    if (current == '[') {
        return "a class inside a class";
    }
    if (current == '&' && state->in[1] == '&') {
        return "a class intersection";
    }
    if (current == ']') {
        if (state->class_is_empty) {
            return "a class that begins with ]";
        }
        state->in_class = false;
    }
    copy(state, 1);
    state->class_is_empty = false;
    return NULL;
}

// Refuses a bare (?i), whose scope over | differs.
static const char *check_group(const char *in) {
    static const char *const known[] = {"?:", "?=", "?!", "?>", "?<=", "?<!", "?i:", "?-i:"};
    if (in[1] == '*') {
        return "a verb";
    }
    if (in[1] != '?') {
        return NULL;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strncmp(in + 1, known[i], strlen(known[i])) == 0) {
            return NULL;
        }
    }
    return "a group of a kind other than (?:, (?=, (?!, (?>, (?<=, (?<!, (?i: and (?-i:";
}

static const char *translate_outside(struct rewriting *state) {
    char current = *state->in;
    if (current == '(') {
        const char *refused = check_group(state->in);
        if (refused) {
            return refused;
        }
    }
    if (current == '{' && state->in[1] == ',') {
        return "a repeat without a lower bound";
    }
    if (current == '}' && state->in[1] == '+') {
        return "a + after a bounded repeat";
    }
    if (current != '[') {
        copy(state, 1);
        return NULL;
    }
    state->in_class = true;
    state->class_is_empty = true;
    copy(state, state->in[1] == '^' ? 2 : 1);
    return NULL;
}

const char *tern_pattern_translate(const char *pattern, char *out, size_t *offset) {
    struct rewriting state = {.in = pattern, .out = out};
    while (*state.in) {
        const char *refused;
        if (*state.in == '\\') {
            refused = translate_escape(&state);
            state.class_is_empty = false;
        } else {
            refused = state.in_class ? translate_in_class(&state) : translate_outside(&state);
        }
        if (refused) {
            *offset = (size_t)(state.in - pattern);
            return refused;
        }
    }
    *state.out = '\0';
    return NULL;
}
