// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/compare/page.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmodel/float/f32.h"
#include "host_driver/cli/compare/html.h"
#include "host_driver/system/path.h"
#include "host_driver/system/write_file.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>tern compare</title>\n<style>\n"
    "body { font: 14px/1.4 system-ui, \"DejaVu Sans\", sans-serif; color: #222; margin: 1.5em auto; max-width: 1240px;"
    " padding: 0 1em; }\n"
    "h1 { font-size: 20px; margin: 0 0 .4em; } h2 { font-size: 17px; margin: 1.6em 0 .3em; }\n"
    "h3 { font-size: 14px; margin: 1.3em 0 .3em; } p { margin: .3em 0; color: #555; }\n"
    ".verdict { display: inline-block; padding: 4px 12px; border-radius: 4px; font-size: 15px; color: #222; }\n"
    ".equal { background: #d8efd9; } .unequal { background: #f6cfc9; } .incomplete { background: #f3e6b8; }\n"
    "pre { background: #f4f2ec; padding: 8px 12px; margin: .3em 0; white-space: pre-wrap; overflow-x: auto; }\n"
    "pre span { white-space: pre; }\n"
    ".wide { overflow-x: auto; padding-bottom: 4px; }\n"
    "table { border-collapse: collapse; font-size: 12px; font-variant-numeric: tabular-nums; }\n"
    "th { font-weight: 600; } td, th { padding: 2px 8px; text-align: right; white-space: nowrap; }\n"
    "td:first-child, th:first-child { text-align: left; position: sticky; left: 0; background: #fff; } thead th { "
    "border-bottom: 1px solid #999; }\n"
    ".facts td { white-space: normal; text-align: left; overflow-wrap: anywhere; } .facts th { text-align: left; }\n"
    ".map td:not(:first-child) { border: 1px solid #fff; min-width: 30px; padding: 1px 4px; text-align: center; }\n"
    ".map thead th:not(:first-child) { text-align: center; } .map .first { outline: 2px solid #222; outline-offset: "
    "-2px; } .map .z { background: #e9f4ea; color: #8aa58c; }\n"
    ".bars td:not(:first-child) { height: 34px; min-width: 31px; padding: 1px; background-repeat: no-repeat; "
    "background-clip: padding-box; vertical-align: top; text-align: center;"
    " border-bottom: 1px solid #ddd; }\n"
    ".bars thead th:not(:first-child) { text-align: center; padding: 2px; } code { font-size: 12px; }\n"
    ".key i { display: inline-block; width: 11px; height: 11px; margin: 0 4px 0 12px; vertical-align: -1px; }\n"
    "</style>\n<body>\n<h1>tern compare</h1>\n";

static void put_fact(FILE *out, const char *name, const char *value) {
    fprintf(out, "<tr><th>%s</th><td>", name);
    tern_html_text(out, value);
    fputs("</td></tr>\n", out);
}

// What computed this: the program, its sources, and the kernel if the environment names one. A page of a program that
// is older than its sources says so.
static void put_program(FILE *out, const struct tern_source_changes *changes) {
    const char *kernel = getenv("TERN_KERNEL");
    char text[2 * PATH_MAX];
    tern_sources_describe(&tern_sources, text, sizeof text);
    fprintf(out, "<tr><th>Program</th><td>tern " TERN_VERSION ", sources ");
    tern_html_text(out, text);
    if (kernel && *kernel) {
        fputs(", kernel ", out);
        tern_html_text(out, kernel);
    }
    fputs("</td></tr>\n", out);
    if (changes->count) {
        tern_sources_complain(&tern_sources, changes, text, sizeof text);
        fputs("<tr><th>Stale</th><td class=\"unequal\">", out);
        tern_html_text(out, text);
        fputs("</td></tr>\n", out);
    }
}

static void put_model(FILE *out, const struct tern_cli_feed *feed) {
    const struct tern_model_config *config = tern_model_config(feed->session.model);
    fputs("<tr><th>Model</th><td>", out);
    tern_html_text(out, feed->options->operand[0]);
    fprintf(out, ": %u layers, hidden %u, vocabulary %u; %u planes in use</td></tr>\n", config->layers,
            config->hidden_size, config->vocabulary_size, tern_runner_depth(feed->session.runner));
}

static void put_devices(FILE *out, const struct tern_cli_page *page) {
    fputs("<tr><th>Devices</th><td>", out);
    tern_html_text(out, page->outcomes[0].first);
    for (size_t i = 0; i < page->count; i++) {
        fputs(i == 0 ? " against " : ", ", out);
        tern_html_text(out, page->outcomes[i].other);
    }
    fputs("</td></tr>\n", out);
}

static void put_input(FILE *out, const struct tern_cli_options *options) {
    fputs("<tr><th>Input</th><td>", out);
    if (options->layer != TERN_NO_LAYER) {
        fprintf(out, "layer %" PRIu64 ", %" PRIu64 " hidden state%s of seed %" PRIu64 " after %" PRIu64 " positions",
                options->layer, options->positions, options->positions == 1 ? "" : "s", options->seed,
                options->context);
    } else {
        fputs(options->resume ? "the state " : "", out);
        tern_html_text(out, options->resume ? options->resume : "");
        fputs(options->resume && options->tokens ? ", then " : "", out);
        fputs(options->tokens ? "tokens " : "", out);
        tern_html_text(out, options->tokens ? options->tokens : "");
    }
    fputs(options->stops ? "; ends at the first stage that differs</td></tr>\n" : "</td></tr>\n", out);
}

// Options of the simulated devices that differ from the default.
static void put_hardware(FILE *out, const struct tern_cli_options *options) {
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {{"lanes", options->lanes},           {"vectors", options->vectors},
                   {"latency", options->latency},       {"bandwidth", options->bandwidth},
                   {"stall seed", options->stall_seed}, {"bytes of device memory", options->memory_bytes}};
    const char *before = "<tr><th>Hardware</th><td>";
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].value) {
            fprintf(out, "%s%s %" PRIu64, before, numbers[i].name, numbers[i].value);
            before = ", ";
        }
    }
    if (options->verilated) {
        fprintf(out, "%sunits as Verilog ", before);
        tern_html_text(out, options->verilated);
        before = ", ";
    }
    fputs(*before == ',' ? "</td></tr>\n" : "", out);
}

// The command begins in the folder of this run, since its paths may be relative.
static void put_command(FILE *out, const struct tern_cli_page *page) {
    char folder[PATH_MAX], program[PATH_MAX];
    const char *kernel = getenv("TERN_KERNEL");
    const bool is_known = tern_path_of_program(program, sizeof program);
    fputs("<h3>The command that repeats it</h3>\n<pre id=\"command\">", out);
    if (getcwd(folder, sizeof folder)) {
        fputs("cd ", out);
        tern_html_shell_word(out, folder);
        fputs(" &amp;&amp; ", out);
    }
    if (kernel && *kernel) {
        fputs("TERN_KERNEL=", out);
        tern_html_shell_word(out, kernel);
        fputc(' ', out);
    }
    tern_html_shell_word(out, is_known ? program : "tern");
    for (size_t i = 0; i < page->word_count; i++) {
        fputs(" <span>", out); // a line does not end within a word
        tern_html_shell_word(out, page->words[i]);
        fputs("</span>", out);
    }
    fputs("</pre>\n", out);
}

static void put_value(FILE *out, const char *device, bool is_f32, uint32_t bits) {
    fputs("<tr><th>", out);
    tern_html_text(out, device);
    fprintf(out, "</th><td><code>0x%08x</code> ", bits);
    fprintf(out, is_f32 ? "%.9g" : "%.0f", is_f32 ? (double)tern_f32_from_bits(bits) : (double)bits);
    fputs("</td></tr>\n", out);
}

static void put_first(FILE *out, const struct tern_cli_outcome *outcome) {
    const struct tern_taps_comparison *all = &outcome->all;
    const struct tern_stage *stage = &all->stage;
    uint64_t ulp;
    fputs("<h3>The first difference</h3>\n<table class=\"facts\">\n", out);
    fprintf(out, "<tr><th>Stage</th><td>%s (%s)</td></tr>\n", stage->name,
            stage->opcode == TERN_OPCODE_NOP ? "host" : tern_opcode_name(stage->opcode));
    if (stage->layer < 0) {
        fprintf(out, "<tr><th>Place</th><td>after the last layer, ");
    } else {
        fprintf(out, "<tr><th>Place</th><td>layer %d, ", stage->layer);
    }
    fprintf(out, "position %u, %s %u of %u</td></tr>\n", stage->position, stage->is_f32 ? "element" : "byte",
            stage->is_f32 ? all->element : 4 * all->element,
            stage->is_f32 ? stage->rows * stage->row_bytes / 4 : stage->rows * stage->row_bytes);
    put_value(out, outcome->first, stage->is_f32, all->wanted);
    put_value(out, outcome->other, stage->is_f32, all->got);
    if (stage->is_f32 && tern_cli_ulp_between(all->wanted, all->got, &ulp)) {
        fprintf(out, "<tr><th>Apart</th><td>%" PRIu64 " ulp</td></tr>\n", ulp);
    }
    fputs("</table>\n", out);
}

static enum tern_status put_outcome(FILE *out, const struct tern_cli_outcome *outcome, struct tern_error *error) {
    fputs("<h2>", out);
    tern_html_text(out, outcome->first);
    fputs(" and ", out);
    tern_html_text(out, outcome->other);
    const bool is_interrupted = tern_cli_outcome_is_interrupted(outcome);
    const char *end = is_interrupted ? "; interrupted before the last stage" : "";
    fprintf(out, "</h2>\n<p class=\"verdict %s\">%" PRIu64 " values, %" PRIu64 " differ%s</p>\n",
            outcome->all.differ ? "unequal"
            : is_interrupted    ? "incomplete"
                                : "equal",
            outcome->all.values, outcome->all.differ,
            outcome->is_stopped ? "; stopped at the first stage that differs" : end);
    if (outcome->all.differ) {
        put_first(out, outcome);
    }
    return tern_cli_page_tables(outcome, out, error);
}

static enum tern_status put_page(const struct tern_cli_page *page, FILE *out, struct tern_error *error) {
    const struct tern_cli_options *options = page->last->options;
    fputs(head, out);
    fputs("<table class=\"facts\">\n", out);
    put_devices(out, page);
    put_model(out, page->last);
    put_input(out, options);
    if (options->taps) {
        put_fact(out, "Recorded in", options->taps);
    }
    put_hardware(out, options);
    put_program(out, &page->sources->changes);
    fputs("</table>\n", out);
    put_command(out, page);
    for (size_t i = 0; i < page->count; i++) {
        TERN_TRY(put_outcome(out, &page->outcomes[i], error));
    }
    fputs("</body>\n</html>\n", out);
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_page_write(const struct tern_cli_page *page, const char *path, struct tern_error *error) {
    struct tern_replacement out;
    TERN_TRY(tern_replacement_open(path, error, &out));
    const enum tern_status status = put_page(page, out.file, error);
    const bool is_kept = status == TERN_STATUS_OK;
    const enum tern_status closed = tern_replacement_close(&out, is_kept, is_kept ? error : NULL);
    return is_kept ? closed : status;
}
