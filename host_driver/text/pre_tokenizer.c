// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/pre_tokenizer.h"

#include "host_driver/text/pattern.h"
#include "host_driver/unicode/byte_alphabet.h"
#include "host_driver/unicode/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

// A match of a usual expression in the longest text stays far below both limits.
#define MATCH_LIMIT_STEPS (UINT32_C(1) << 28)
#define HEAP_LIMIT_KIB (UINT32_C(64) << 10)

static enum tern_status compile(const char *pattern, bool is_literal, const char *path, struct tern_error *error,
                                pcre2_code **out) {
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for an expression", path);
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    // In Oniguruma ^ and $ always match at line ends.
    uint32_t options =
        is_literal ? PCRE2_UTF | PCRE2_LITERAL : PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
    int code;
    PCRE2_SIZE place;
    *out = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &code, &place, context);
    pcre2_compile_context_free(context);
    if (!*out) {
        PCRE2_UCHAR reason[128];
        pcre2_get_error_message(code, reason, sizeof reason);
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: pre_tokenizer: expression \"%.200s\": %s", path,
                              pattern, (const char *)reason);
    }
    pcre2_jit_compile(*out, PCRE2_JIT_COMPLETE); // without it the interpreter runs
    return TERN_STATUS_OK;
}

// translated: room for the translated expression, working space.
static enum tern_status translate_and_compile(const char *pattern, char *translated, const char *path,
                                              struct tern_error *error, pcre2_code **out) {
    size_t offset = 0;
    const char *refused = tern_pattern_translate(pattern, translated, &offset);
    if (refused) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s: pre_tokenizer: expression \"%.200s\" has at byte %zu %s", path, pattern, offset,
                              refused);
    }
    return compile(translated, false, path, error, out);
}

enum tern_status tern_pre_tokenizer_add(struct tern_pre_tokenizer *pre_tokenizer, const struct tern_split_rule *rule,
                                        const char *path, struct tern_error *error) {
    const char *pattern = rule->pattern;
    if (pre_tokenizer->step_count == TERN_SPLIT_MAX_STEPS) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED, "%s: pre_tokenizer: more than %d steps", path,
                              TERN_SPLIT_MAX_STEPS);
    }
    if (strlen(pattern) > TERN_PATTERN_MAX_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: pre_tokenizer: an expression of %zu bytes", path,
                              strlen(pattern));
    }
    if (pattern[0] == '\0') {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: pre_tokenizer: an empty expression", path);
    }
    char *translated = malloc(TERN_PATTERN_TRANSLATED_MAX_BYTES + 1);
    if (!translated) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no memory for an expression", path);
    }
    pcre2_code *code;
    enum tern_status status = rule->is_literal ? compile(pattern, true, path, error, &code)
                                               : translate_and_compile(pattern, translated, path, error, &code);
    free(translated);
    TERN_TRY(status);
    struct tern_split_step *step = &pre_tokenizer->steps[pre_tokenizer->step_count++];
    *step = (struct tern_split_step){.code = code, .rule = *rule};
    step->rule.pattern = NULL;
    return TERN_STATUS_OK;
}

void tern_pre_tokenizer_destroy(struct tern_pre_tokenizer *pre_tokenizer) {
    for (size_t i = 0; i < pre_tokenizer->step_count; i++) {
        pcre2_code_free(pre_tokenizer->steps[i].code);
    }
    memset(pre_tokenizer, 0, sizeof *pre_tokenizer);
}

bool tern_split_scratch_create(struct tern_split_scratch *scratch, const struct tern_pre_tokenizer *pre_tokenizer) {
    memset(scratch, 0, sizeof *scratch);
    scratch->limits = pcre2_match_context_create(NULL);
    bool complete = scratch->limits != NULL;
    for (size_t i = 0; i < pre_tokenizer->step_count; i++) {
        scratch->matches[i] = pcre2_match_data_create(1, NULL);
        complete = complete && scratch->matches[i];
    }
    if (!complete) {
        tern_split_scratch_destroy(scratch);
        return false;
    }
    pcre2_set_match_limit(scratch->limits, MATCH_LIMIT_STEPS);
    pcre2_set_heap_limit(scratch->limits, HEAP_LIMIT_KIB);
    return true;
}

void tern_split_scratch_destroy(struct tern_split_scratch *scratch) {
    for (size_t i = 0; i < TERN_SPLIT_MAX_STEPS; i++) {
        pcre2_match_data_free(scratch->matches[i]);
    }
    pcre2_match_context_free(scratch->limits);
    free(scratch->symbols);
    free(scratch->bytes);
    memset(scratch, 0, sizeof *scratch);
}

struct split_run {
    const struct tern_pre_tokenizer *pre_tokenizer;
    struct tern_split_scratch *scratch;
    tern_word_visitor *visit;
    void *context;
    struct tern_error *error;
};

// Finds the next match at or after `from`, which may be empty.
static enum tern_status next_match(const struct split_run *run, size_t step, const char *text, size_t len_bytes,
                                   size_t from, bool *is_found, size_t *start, size_t *end) {
    pcre2_code *code = run->pre_tokenizer->steps[step].code;
    pcre2_match_data *match = run->scratch->matches[step];
    uint32_t options = PCRE2_NO_UTF_CHECK;
    int result = pcre2_match(code, (PCRE2_SPTR)text, len_bytes, from, options, match, run->scratch->limits);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        options |= PCRE2_NO_JIT;
        result = pcre2_match(code, (PCRE2_SPTR)text, len_bytes, from, options, match, run->scratch->limits);
    }
    *is_found = result != PCRE2_ERROR_NOMATCH;
    if (!*is_found) {
        return TERN_STATUS_OK;
    }
    if (result < 0) {
        PCRE2_UCHAR reason[128];
        pcre2_get_error_message(result, reason, sizeof reason);
        return tern_error_set(run->error, TERN_STATUS_BAD_FILE, "the tokenizer's split expression %zu gives up: %s",
                              step + 1, (const char *)reason);
    }
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(match);
    if (bounds[0] < from || bounds[1] < bounds[0] || bounds[1] > len_bytes) {
        return tern_error_set(run->error, TERN_STATUS_BAD_FILE, "the tokenizer's split expression %zu runs backwards",
                              step + 1);
    }
    *start = bounds[0];
    *end = bounds[1];
    return TERN_STATUS_OK;
}

static enum tern_status split_piece(const struct split_run *run, size_t step, bool is_symbols, const char *text,
                                    size_t len_bytes);

// The piece that grows as matches and the text between them come.
struct growing_piece {
    const struct split_run *run;
    size_t step;
    bool is_symbols;
    const char *text;
    size_t start, end;
    bool is_there, is_match;
};

static bool joins(enum tern_split_behavior behavior, bool before, bool now) {
    switch (behavior) {
    case TERN_SPLIT_CONTIGUOUS: return before == now;
    case TERN_SPLIT_WITH_PREVIOUS: return !before && now;
    case TERN_SPLIT_WITH_NEXT: return before && !now;
    default: return false;
    }
}

static enum tern_status end_piece(struct growing_piece *piece) {
    const struct tern_split_rule *rule = &piece->run->pre_tokenizer->steps[piece->step].rule;
    const bool is_dropped = rule->behavior == TERN_SPLIT_REMOVED && piece->is_match;
    return piece->is_there && !is_dropped ? split_piece(piece->run, piece->step + 1, piece->is_symbols,
                                                        piece->text + piece->start, piece->end - piece->start)
                                          : TERN_STATUS_OK;
}

// Takes the next part of the text, a match or the text before one.
static enum tern_status add_part(struct growing_piece *piece, size_t start, size_t end, bool is_match) {
    const struct tern_split_rule *rule = &piece->run->pre_tokenizer->steps[piece->step].rule;
    is_match = is_match != rule->is_inverted;
    if (!piece->is_there || !joins(rule->behavior, piece->is_match, is_match)) {
        TERN_TRY(end_piece(piece));
        piece->start = start;
    }
    piece->end = end;
    piece->is_match = is_match;
    piece->is_there = true;
    return TERN_STATUS_OK;
}

static size_t character_bytes(const char *text, size_t len_bytes, size_t at) {
    size_t length = 1;
    if (at < len_bytes) {
        tern_utf8_decode(text + at, &length);
    }
    return length;
}

// Splits by one step. An empty match right after a match does not count, as in the iterator of Hugging Face.
static enum tern_status split_by(const struct split_run *run, size_t step, bool is_symbols, const char *text,
                                 size_t len_bytes) {
    struct growing_piece piece = {.run = run, .step = step, .is_symbols = is_symbols, .text = text};
    size_t from = 0, taken = 0;
    bool had_match = false;
    while (from <= len_bytes) {
        bool is_found;
        size_t start, end;
        TERN_TRY(next_match(run, step, text, len_bytes, from, &is_found, &start, &end));
        if (!is_found) {
            break;
        }
        if (start == end && had_match && end == taken) {
            from += character_bytes(text, len_bytes, from);
            continue;
        }
        TERN_TRY(start > taken ? add_part(&piece, taken, start, false) : TERN_STATUS_OK);
        TERN_TRY(add_part(&piece, start, end, true));
        from = taken = end;
        had_match = true;
    }
    TERN_TRY(taken < len_bytes ? add_part(&piece, taken, len_bytes, false) : TERN_STATUS_OK);
    return end_piece(&piece);
}

static bool reserve(char **buffer, size_t *capacity, size_t bytes) {
    if (bytes > *capacity) {
        char *grown = realloc(*buffer, bytes);
        if (!grown) {
            return false;
        }
        *buffer = grown;
        *capacity = bytes;
    }
    return true;
}

static enum tern_status no_memory(const struct split_run *run) {
    return tern_error_set(run->error, TERN_STATUS_OUT_OF_MEMORY, "no memory to split the text");
}

// Only one piece at a time is in byte symbols.
static enum tern_status split_symbols(const struct split_run *run, size_t step, const char *text, size_t len_bytes) {
    struct tern_split_scratch *scratch = run->scratch;
    if (!reserve(&scratch->symbols, &scratch->symbols_capacity, 2 * len_bytes)) {
        return no_memory(run);
    }
    size_t used = 0;
    for (size_t i = 0; i < len_bytes; i++) {
        used += tern_byte_symbol_write((uint8_t)text[i], scratch->symbols + used);
    }
    return split_piece(run, step, true, scratch->symbols, used);
}

static enum tern_status visit_symbols(const struct split_run *run, const char *symbols, size_t len_bytes) {
    struct tern_split_scratch *scratch = run->scratch;
    if (!reserve(&scratch->bytes, &scratch->bytes_capacity, len_bytes)) {
        return no_memory(run);
    }
    const size_t bytes = tern_byte_symbols_decode(symbols, len_bytes, scratch->bytes);
    return run->visit(run->context, scratch->bytes, bytes, run->error);
}

// The depth of the recursion is twice step_count, at most 32.
static enum tern_status split_piece(const struct split_run *run, size_t step, bool is_symbols, const char *text,
                                    size_t len_bytes) {
    const struct tern_pre_tokenizer *pre_tokenizer = run->pre_tokenizer;
    if (len_bytes == 0) {
        return TERN_STATUS_OK;
    }
    if (step == pre_tokenizer->step_count) {
        return is_symbols ? visit_symbols(run, text, len_bytes) : run->visit(run->context, text, len_bytes, run->error);
    }
    if (pre_tokenizer->steps[step].rule.of_symbols && !is_symbols) {
        return split_symbols(run, step, text, len_bytes);
    }
    return split_by(run, step, is_symbols, text, len_bytes);
}

enum tern_status tern_pre_tokenizer_split(const struct tern_pre_tokenizer *pre_tokenizer,
                                          struct tern_split_scratch *scratch, const char *text, size_t len_bytes,
                                          tern_word_visitor *visit, void *context, struct tern_error *error) {
    struct split_run run = {pre_tokenizer, scratch, visit, context, error};
    return split_piece(&run, 0, false, text, len_bytes);
}
