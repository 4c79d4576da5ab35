// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/terminal/wrap.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/system/status_line.h"

enum { SYNOPSIS_INDENT = 7, OPTION_INDENT = 2, HANG = 16, MOST_HANG = 26, NARROWEST = 40, SAID_BYTES = 1000 };

struct writer {
    FILE *out;
    size_t width, column, hang; // hang: blanks before what a line goes on with
    bool is_fresh;              // no word is on the line yet
    bool keeps_brackets;        // "[--depth D]" is one word
};

// Bytes of the word at the start of `text`.
static size_t word_bytes(const struct writer *writer, const char *text) {
    size_t length = 0, depth = 0;
    while (text[length] && text[length] != '\n' && (text[length] != ' ' || depth > 0)) {
        depth += writer->keeps_brackets && text[length] == '[';
        depth -= depth > 0 && text[length] == ']';
        length++;
    }
    return length;
}

static void put_word(struct writer *writer, const char *word, size_t length) {
    if (!writer->is_fresh && writer->column + 1 + length > writer->width) {
        fprintf(writer->out, "\n%*s", (int)writer->hang, "");
        writer->column = writer->hang;
    } else if (!writer->is_fresh) {
        fputc(' ', writer->out);
        writer->column++;
    }
    fprintf(writer->out, "%.*s", (int)length, word);
    writer->column += length;
    writer->is_fresh = false;
}

// Puts the words of a line, or of its rest. Returns the start of the next line.
static const char *put_words(struct writer *writer, const char *text) {
    for (text += strspn(text, " "); *text && *text != '\n'; text += strspn(text, " ")) {
        const size_t length = word_bytes(writer, text);
        put_word(writer, text, length);
        text += length;
    }
    return *text ? text + 1 : text;
}

static bool is_synopsis(const char *line) {
    return strncmp(line, "usage: ", SYNOPSIS_INDENT) == 0 ||
           (strspn(line, " ") == SYNOPSIS_INDENT && strncmp(line + SYNOPSIS_INDENT, "tern ", 5) == 0);
}

static bool is_option(const char *line) {
    return strspn(line, " ") == OPTION_INDENT;
}

// Whether the line goes on with the item above, which is a paragraph or has an indentation.
static bool goes_on(const char *line, bool in_paragraph) {
    const size_t indent = strspn(line, " ");
    if (!line[indent] || line[indent] == '\n' || is_synopsis(line)) {
        return false;
    }
    return in_paragraph ? indent == 0 : indent > OPTION_INDENT;
}

// Where the words of an option that can be wrapped start: its description, if there is a gap before it.
static size_t start_of(const char *line) {
    const char *end = strchr(line, '\n'), *gap = strstr(line + OPTION_INDENT, "  ");
    return gap && (!end || gap < end) ? (size_t)(gap + strspn(gap, " ") - line) : OPTION_INDENT;
}

// Where the words of an option go on: as in the next line of the text, else below its description.
static size_t hang_of(const char *line) {
    const char *end = strchr(line, '\n');
    const size_t start = start_of(line);
    if (end && goes_on(end + 1, false)) {
        return strspn(end + 1, " ");
    }
    return start > OPTION_INDENT && start <= MOST_HANG ? start : HANG;
}

// Prints the start of an item, whose blanks stay, up to the words that can be wrapped.
static const char *put_start(struct writer *writer, const char *line) {
    size_t start = 0;
    writer->hang = 0;
    writer->keeps_brackets = is_synopsis(line);
    if (writer->keeps_brackets) {
        const char *name = line + SYNOPSIS_INDENT + strlen("tern ");
        writer->hang = (size_t)(name - line) + strcspn(name, " \n") + 1;
        start = writer->hang;
    } else if (is_option(line)) {
        writer->hang = hang_of(line);
        start = start_of(line);
    }
    fprintf(writer->out, "%.*s", (int)start, line);
    writer->column = start;
    writer->is_fresh = true;
    return line + start;
}

void tern_cli_print_usage(FILE *out, const char *usage) {
    struct writer writer = {.out = out, .width = TERN_CLI_COLUMNS};
    while (*usage) {
        const bool in_paragraph = *usage != ' ' && !is_synopsis(usage);
        usage = put_words(&writer, put_start(&writer, usage));
        while (goes_on(usage, in_paragraph)) {
            usage = put_words(&writer, usage);
        }
        fputc('\n', out);
    }
}

void tern_cli_say(FILE *out, unsigned hang, const char *format, ...) {
    char said[SAID_BYTES];
    struct writer writer = {.out = out, .hang = hang, .is_fresh = true};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(said, sizeof said, format, arguments);
    va_end(arguments);
    if (!isatty(fileno(out))) {
        fprintf(out, "%s\n", said);
        return;
    }
    const struct tern_status_line line = {.stream = out};
    const unsigned width = tern_status_line_width(&line);
    writer.width = width < NARROWEST ? NARROWEST : width;
    // The first `hang` columns are as they are, such as the name of a row.
    const size_t start = hang > 0 && strlen(said) > hang && said[hang - 1] == ' ' ? hang : 0;
    fprintf(out, "%.*s", (int)start, said);
    writer.column = start;
    put_words(&writer, said + start);
    fputc('\n', out);
}
