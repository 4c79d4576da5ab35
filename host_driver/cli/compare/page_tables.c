// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/float/f32.h"
#include "host_driver/cli/compare/html.h"
#include "host_driver/cli/compare/page.h"

// ---- stages and layers

// Sums over positions: [rows][columns], a column a layer from `lowest` on, the last one for what is after the layers.
struct map {
    const struct tern_cli_stages *stages;
    size_t first; // the index in `sums` of the first difference, SIZE_MAX for none
    int32_t lowest;
    size_t columns;
    bool has_end;
    struct tern_cli_stage_cell *sums;
};

static size_t column_of(const struct map *map, int32_t layer) {
    return layer < 0 ? map->columns - 1 : (size_t)(layer - map->lowest);
}

static void measure_map(struct map *map) {
    int32_t highest = -1;
    map->lowest = INT32_MAX;
    for (size_t i = 0; i < map->stages->cell_count; i++) {
        const int32_t layer = map->stages->cells[i].layer;
        map->has_end = map->has_end || layer < 0;
        highest = layer > highest ? layer : highest;
        map->lowest = layer >= 0 && layer < map->lowest ? layer : map->lowest;
    }
    map->lowest = highest < 0 ? 0 : map->lowest;
    map->columns = (size_t)(highest - map->lowest + 1) + 1;
}

static bool fill_map(struct map *map) {
    measure_map(map);
    map->sums = calloc(map->stages->row_count * map->columns + 1, sizeof *map->sums);
    for (size_t i = 0; map->sums && i < map->stages->cell_count; i++) {
        const struct tern_cli_stage_cell *cell = &map->stages->cells[i];
        struct tern_cli_stage_cell *sum = &map->sums[cell->row * map->columns + column_of(map, cell->layer)];
        sum->values += cell->values;
        sum->differ += cell->differ;
    }
    return map->sums;
}

static void find_first(struct map *map, const struct tern_taps_comparison *all) {
    map->first = SIZE_MAX;
    for (size_t row = 0; all->differ > 0 && row < map->stages->row_count; row++) {
        if (strcmp(map->stages->rows[row].name, all->stage.name) == 0) {
            map->first = row * map->columns + column_of(map, all->stage.layer);
        }
    }
}

// At most four characters.
static void put_count(FILE *out, uint64_t count) {
    static const char units[] = "\0kMGT";
    size_t unit = 0;
    double short_count = (double)count;
    for (; unit < 4 && short_count >= (unit ? 999.5 : 9999.5); unit++) {
        short_count /= 1000;
    }
    if (unit) {
        fprintf(out, "%.0f%c", short_count, units[unit]);
    } else {
        fprintf(out, "%" PRIu64, count);
    }
}

// Darker with the share that differs; a single value of many is seen too.
static void put_cell(FILE *out, const struct tern_cli_stage_cell *sum, bool is_first) {
    if (sum->values == 0) {
        fputs("<td></td>", out);
    } else if (sum->differ == 0) {
        fprintf(out, "<td class=\"z\" title=\"%" PRIu64 " values\">0</td>", sum->values);
    } else {
        const double share = (double)sum->differ / (double)sum->values;
        fprintf(out,
                "<td%s style=\"background:hsl(8 85%% %.0f%%)\" title=\"%" PRIu64 " of %" PRIu64 " values differ\">",
                is_first ? " class=\"first\"" : "", 88 - 26 * sqrt(share), sum->differ, sum->values);
        put_count(out, sum->differ);
        fputs("</td>", out);
    }
}

static void put_map(FILE *out, const struct map *map) {
    const size_t columns = map->columns - !map->has_end;
    fputs("<h3>Values that differ, by stage and layer</h3>\n<p class=\"key\"><i style=\"background:#e9f4ea\"></i>equal"
          "<i style=\"background:hsl(8 85% 84%)\"></i>few differ<i style=\"background:hsl(8 85% 62%)\"></i>all differ; "
          "framed: the first difference; empty: not compared. A value is a 32-bit word.</p>\n"
          "<div class=\"wide\"><table class=\"map\">\n<thead><tr><th>layer</th>",
          out);
    for (size_t i = 0; i < columns; i++) {
        if (i + 1 == map->columns) {
            fputs("<th>after</th>", out);
        } else {
            fprintf(out, "<th>%zu</th>", (size_t)map->lowest + i);
        }
    }
    fputs("</tr></thead>\n", out);
    for (size_t row = 0; row < map->stages->row_count; row++) {
        fprintf(out, "<tr><td>%s</td>", map->stages->rows[row].name);
        for (size_t i = 0; i < columns; i++) {
            put_cell(out, &map->sums[row * map->columns + i], row * map->columns + i == map->first);
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

// ---- stages that differ

enum { MOST_RANGES = 8 };

// "0, 3-7": the positions at which a stage differs. has: [count].
static void put_ranges(FILE *out, const bool *has, size_t count) {
    size_t ranges = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t first = i;
        while (i < count && has[i]) {
            i++;
        }
        if (i == first) {
            continue;
        }
        if (ranges++ == MOST_RANGES) {
            fputs(", ...", out);
            return;
        }
        fprintf(out, i - first > 1 ? "%s%zu-%zu" : "%s%zu", ranges > 1 ? ", " : "", first, i - 1);
    }
}

// has: [count], working space.
static void put_positions(FILE *out, const struct tern_cli_stages *stages, size_t row, bool *has, size_t count) {
    for (size_t i = 0; i < count; i++) {
        has[i] = false;
    }
    for (size_t i = 0; i < stages->cell_count; i++) {
        const struct tern_cli_stage_cell *cell = &stages->cells[i];
        has[cell->position] = has[cell->position] || (cell->row == row && cell->differ > 0);
    }
    put_ranges(out, has, count);
}

static void put_word(FILE *out, const struct tern_cli_stage_row *row, uint32_t bits) {
    fprintf(out, "<td><code>0x%08x</code></td><td>", bits);
    fprintf(out, row->is_f32 ? "%.9g" : "%.0f", row->is_f32 ? (double)tern_f32_from_bits(bits) : (double)bits);
    fputs("</td>", out);
}

static void put_stage(FILE *out, const struct tern_cli_stages *stages, size_t number, bool *has, size_t count) {
    const struct tern_cli_stage_row *row = &stages->rows[number];
    fprintf(out, "<tr><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>", row->name, row->values, row->differ);
    if (row->ulp[TERN_CLI_ULP_NAN] > 0) {
        fputs("NaN", out);
    } else if (row->is_f32) {
        fprintf(out, "%" PRIu64, row->largest_ulp);
    }
    fputs("</td><td>", out);
    put_positions(out, stages, number, has, count);
    fputs(row->layer < 0 ? "</td><td>after" : "</td><td>", out);
    if (row->layer >= 0) {
        fprintf(out, "%d", row->layer);
    }
    fprintf(out, "</td><td>%u</td><td>%u</td>", row->position, row->is_f32 ? row->element : 4 * row->element);
    put_word(out, row, row->wanted);
    put_word(out, row, row->got);
    fputs("</tr>\n", out);
}

static enum tern_status put_stages(FILE *out, const struct tern_cli_outcome *outcome, struct tern_error *error) {
    const struct tern_cli_stages *stages = &outcome->stages;
    size_t count = 0;
    for (size_t i = 0; i < stages->cell_count; i++) {
        count = stages->cells[i].position >= count ? stages->cells[i].position + (size_t)1 : count;
    }
    bool *has = malloc(count * sizeof *has);
    if (!has) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a page");
    }
    fputs("<h3>Stages that differ</h3>\n<div class=\"wide\"><table>\n<thead><tr><th>stage</th><th>values</th>"
          "<th>differ</th><th>largest ulp</th><th>at positions</th><th>first: layer</th><th>position</th>"
          "<th>element or byte</th><th colspan=\"2\">",
          out);
    tern_html_text(out, outcome->first);
    fputs("</th><th colspan=\"2\">", out);
    tern_html_text(out, outcome->other);
    fputs("</th></tr></thead>\n", out);
    for (size_t i = 0; i < stages->row_count; i++) {
        if (stages->rows[i].differ > 0) {
            put_stage(out, stages, i, has, count);
        }
    }
    fputs("</table></div>\n", out);
    free(has);
    return TERN_STATUS_OK;
}

// ---- histogram

static void put_class_name(FILE *out, size_t number) {
    const struct tern_cli_ulp_class ulp = tern_cli_ulp_class(number);
    if (number == TERN_CLI_ULP_NAN) {
        fputs("<th>NaN</th>", out);
    } else if (ulp.first == ulp.last) {
        fprintf(out, "<th>%" PRIu64 "</th>", ulp.last);
    } else if (ulp.last <= 64) {
        fprintf(out, "<th>%" PRIu64 "-%" PRIu64 "</th>", ulp.first, ulp.last);
    } else {
        fprintf(out, "<th title=\"%" PRIu64 " to %" PRIu64 "\">2<sup>%zu</sup></th>", ulp.first, ulp.last, number - 1);
    }
}

static void put_bars(FILE *out, const struct tern_cli_stage_row *row, size_t first, size_t last) {
    uint64_t most = 1;
    for (size_t i = 0; i < TERN_CLI_ULP_CLASSES; i++) {
        most = row->ulp[i] > most ? row->ulp[i] : most;
    }
    fprintf(out, "<tr><td>%s</td>", row->name);
    for (size_t i = first; i <= last; i++) {
        if (row->ulp[i] == 0) {
            fputs("<td></td>", out);
            continue;
        }
        const double height = 6 + 54 * (double)row->ulp[i] / (double)most; // per cent; the number is above the bar
        fprintf(
            out,
            "<td style=\"background-image:linear-gradient(to top,#e8a33d %.0f%%,transparent %.0f%%)\" title=\"%" PRIu64
            " values\">",
            height, height, row->ulp[i]);
        put_count(out, row->ulp[i]);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void put_histogram(FILE *out, const struct tern_cli_stages *stages) {
    size_t first = TERN_CLI_ULP_CLASSES, last = 0;
    for (size_t row = 0; row < stages->row_count; row++) {
        for (size_t i = 0; i < TERN_CLI_ULP_CLASSES; i++) {
            first = stages->rows[row].ulp[i] > 0 && i < first ? i : first;
            last = stages->rows[row].ulp[i] > 0 && i > last ? i : last;
        }
    }
    if (first > last) {
        return;
    }
    fputs("<h3 id=\"ulp\">How far apart, in units of the last place of float32</h3>\n<p>Number of values by distance; "
          "a column 2<sup>n</sup> has those above 2<sup>n-1</sup>. The bars of a row have its own scale.</p>\n"
          "<div class=\"wide\"><table class=\"bars\">\n<thead><tr><th>ulp</th>",
          out);
    for (size_t i = first; i <= last; i++) {
        put_class_name(out, i);
    }
    fputs("</tr></thead>\n", out);
    for (size_t row = 0; row < stages->row_count; row++) {
        if (stages->rows[row].is_f32 && stages->rows[row].differ > 0) {
            put_bars(out, &stages->rows[row], first, last);
        }
    }
    fputs("</table></div>\n", out);
}

enum tern_status tern_cli_page_tables(const struct tern_cli_outcome *outcome, FILE *out, struct tern_error *error) {
    struct map map = {.stages = &outcome->stages};
    if (!fill_map(&map)) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a page");
    }
    find_first(&map, &outcome->all);
    put_map(out, &map);
    free(map.sums);
    if (outcome->all.differ == 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(put_stages(out, outcome, error));
    put_histogram(out, &outcome->stages);
    return TERN_STATUS_OK;
}
