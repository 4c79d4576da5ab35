// SPDX-License-Identifier: Apache-2.0
#include "host_driver/text/pre_tokenizer.h"

#include "host_driver/text/pattern.h"

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

enum tern_status tern_pre_tokenizer_add(struct tern_pre_tokenizer *pre_tokenizer, const char *pattern, bool is_literal,
                                        const char *path, struct tern_error *error) {
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
    enum tern_status status = is_literal ? compile(pattern, true, path, error, &code)
                                         : translate_and_compile(pattern, translated, path, error, &code);
    free(translated);
    TERN_TRY(status);
    pre_tokenizer->steps[pre_tokenizer->step_count++] = code;
    return TERN_STATUS_OK;
}

void tern_pre_tokenizer_destroy(struct tern_pre_tokenizer *pre_tokenizer) {
    for (size_t i = 0; i < pre_tokenizer->step_count; i++) {
        pcre2_code_free(pre_tokenizer->steps[i]);
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
    memset(scratch, 0, sizeof *scratch);
}

struct split_run {
    const struct tern_pre_tokenizer *pre_tokenizer;
    struct tern_split_scratch *scratch;
    tern_word_visitor *visit;
    void *context;
    struct tern_error *error;
};

// Finds the next match that is not empty, at or after `from`. *end is 0 without a match.
static enum tern_status next_match(const struct split_run *run, size_t step, const char *text, size_t len_bytes,
                                   size_t from, size_t *start, size_t *end) {
    *end = 0;
    pcre2_code *code = run->pre_tokenizer->steps[step];
    pcre2_match_data *match = run->scratch->matches[step];
    uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
    int result = pcre2_match(code, (PCRE2_SPTR)text, len_bytes, from, options, match, run->scratch->limits);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        options |= PCRE2_NO_JIT;
        result = pcre2_match(code, (PCRE2_SPTR)text, len_bytes, from, options, match, run->scratch->limits);
    }
    if (result == PCRE2_ERROR_NOMATCH) {
        return TERN_STATUS_OK;
    }
    if (result < 0) {
        PCRE2_UCHAR reason[128];
        pcre2_get_error_message(result, reason, sizeof reason);
        return tern_error_set(run->error, TERN_STATUS_BAD_FILE, "the tokenizer's split expression %zu gives up: %s",
                              step + 1, (const char *)reason);
    }
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(match);
    if (bounds[0] < from || bounds[1] <= bounds[0] || bounds[1] > len_bytes) {
        return tern_error_set(run->error, TERN_STATUS_BAD_FILE, "the tokenizer's split expression %zu runs backwards",
                              step + 1);
    }
    *start = bounds[0];
    *end = bounds[1];
    return TERN_STATUS_OK;
}

// The depth of the recursion is step_count, at most 16.
static enum tern_status split_piece(const struct split_run *run, size_t step, const char *text, size_t len_bytes) {
    if (len_bytes == 0) {
        return TERN_STATUS_OK;
    }
    if (step == run->pre_tokenizer->step_count) {
        return run->visit(run->context, text, len_bytes, run->error);
    }
    size_t from = 0;
    while (from < len_bytes) {
        size_t start, end;
        TERN_TRY(next_match(run, step, text, len_bytes, from, &start, &end));
        if (end == 0) {
            break;
        }
        TERN_TRY(split_piece(run, step + 1, text + from, start - from));
        TERN_TRY(split_piece(run, step + 1, text + start, end - start));
        from = end;
    }
    return split_piece(run, step + 1, text + from, len_bytes - from);
}

enum tern_status tern_pre_tokenizer_split(const struct tern_pre_tokenizer *pre_tokenizer,
                                          struct tern_split_scratch *scratch, const char *text, size_t len_bytes,
                                          tern_word_visitor *visit, void *context, struct tern_error *error) {
    struct split_run run = {pre_tokenizer, scratch, visit, context, error};
    return split_piece(&run, 0, text, len_bytes);
}
