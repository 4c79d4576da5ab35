// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/compare/html.h"

#include <string.h>

static void put_character(FILE *out, char character) {
    switch (character) {
    case '&': fputs("&amp;", out); break;
    case '<': fputs("&lt;", out); break;
    case '>': fputs("&gt;", out); break;
    case '"': fputs("&quot;", out); break;
    case '\'': fputs("&#39;", out); break;
    case '\r': fputs("&#13;", out); break; // a reader of HTML would make a line end of it
    default: fputc(character, out);
    }
}

void tern_html_text(FILE *out, const char *text) {
    for (; *text; text++) {
        put_character(out, *text);
    }
}

void tern_html_shell_word(FILE *out, const char *word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.,:/@%";
    if (*word && strspn(word, plain) == strlen(word)) {
        tern_html_text(out, word);
        return;
    }
    put_character(out, '\'');
    for (; *word; word++) {
        if (*word == '\'') {
            tern_html_text(out, "'\\''");
        } else {
            put_character(out, *word);
        }
    }
    put_character(out, '\'');
}
