// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/terminal/text_out.h"

#include <stdlib.h>

#include "host_driver/cli/cli.h"
#include "host_driver/unicode/column.h"

static enum tern_status no_memory(struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the text");
}

enum tern_status tern_text_out_begin(struct tern_text_out *text, struct tern_error *error) {
    text->hold = NULL;
    text->held = NULL;
    text->column = 0;
    if (!tern_status_line_holds_text(text->line)) {
        return TERN_STATUS_OK;
    }
    text->hold = open_memstream(&text->held, &text->held_bytes);
    return text->hold ? TERN_STATUS_OK : no_memory(error);
}

static enum tern_status put_out(const struct tern_text_out *text, const char *bytes, size_t count,
                                struct tern_error *error) {
    fwrite(bytes, 1, count, text->out);
    return text->out == stdout ? tern_cli_flush(error) : TERN_STATUS_OK;
}

static enum tern_status put_beside(struct tern_text_out *text, const char *bytes, size_t count,
                                   struct tern_error *error) {
    struct tern_status_line *line = text->line;
    const unsigned width = tern_status_line_width(line);
    const size_t done = line->is_wrapped && *bytes == '\n';
    tern_status_line_clear(line);
    TERN_TRY(put_out(text, bytes + done, count - done, error));
    text->column = tern_column_after(line->is_wrapped ? 0 : text->column, width, bytes + done, count - done);
    line->is_wrapped = false;
    line->is_full = text->column == width;
    tern_status_line_restore(line);
    return TERN_STATUS_OK;
}

enum tern_status tern_text_out_write(struct tern_text_out *text, const char *bytes, size_t count,
                                     struct tern_error *error) {
    if (count == 0) {
        return TERN_STATUS_OK;
    }
    if (text->copy) {
        fwrite(bytes, 1, count, text->copy);
    }
    if (text->hold) {
        fwrite(bytes, 1, count, text->hold);
        return TERN_STATUS_OK;
    }
    return text->out == stdout ? put_beside(text, bytes, count, error) : put_out(text, bytes, count, error);
}

enum tern_status tern_text_out_end(struct tern_text_out *text, struct tern_error *error) {
    if (!text->hold) {
        return TERN_STATUS_OK;
    }
    const bool is_whole = fclose(text->hold) == 0;
    enum tern_status status = is_whole ? put_out(text, text->held, text->held_bytes, error) : no_memory(error);
    free(text->held);
    return status;
}
