// SPDX-License-Identifier: Apache-2.0
// A roofline as an SVG picture, both axes logarithmic: multiplications for each byte from memory, and multiplications a
// second. A device's limit rises with its memory and is then level with its matmul unit. A circle is a token, a square
// a pass of the prompt.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/explore/explore.h"
#include "host_driver/system/write_file.h"

enum { WIDTH = 900, HEIGHT = 560, LEFT = 70, RIGHT = 690, TOP = 40, BOTTOM = 500, LINE = 15, LEGEND = 705 };

static const char *const colours[] = {"#0b6e99", "#c1440e", "#3a7d44", "#7b3f9e", "#b8860b", "#333333", "#c2185b"};

// Decades of an axis: from 10^first to 10^last.
struct decades {
    int first, last;
};

struct picture {
    FILE *file;
    const struct tern_explore_point *points;
    size_t count;
    struct decades x, y;
};

// A name as text of XML, in `text`.
#define TEXT_BYTES 256
static const char *in_xml(const char *name, char text[TEXT_BYTES]) {
    const size_t longest = sizeof "&amp;" - 1;
    size_t used = 0;
    for (const char *at = name; *at && used + longest < TEXT_BYTES; at++) {
        const char *entity = *at == '<' ? "&lt;" : *at == '>' ? "&gt;" : *at == '&' ? "&amp;" : NULL;
        const char own[] = {*at >= 0 && *at < ' ' ? '?' : *at, 0};
        used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%s", entity ? entity : own);
    }
    text[used] = 0;
    return text;
}

static double intensity(const struct tern_explore_answer *answer) {
    return (double)answer->multiplications / (double)(answer->weight_bytes + answer->cache_bytes);
}

static void widen(struct decades *decades, double value) {
    const int below = (int)floor(log10(value)), above = (int)ceil(log10(value));
    decades->first = below < decades->first ? below : decades->first;
    decades->last = above > decades->last ? above : decades->last;
}

static double place(struct decades decades, double value, double from, double to) {
    return from + (log10(value) - decades.first) / (decades.last - decades.first) * (to - from);
}

static double at_x(const struct picture *picture, double value) {
    return place(picture->x, value, LEFT, RIGHT);
}

static double at_y(const struct picture *picture, double value) {
    return place(picture->y, value, BOTTOM, TOP);
}

static void measure(struct picture *picture) {
    const int far = 1000;
    picture->x = picture->y = (struct decades){far, -far};
    for (size_t i = 0; i < picture->count; i++) {
        const struct tern_explore_point *point = &picture->points[i];
        const struct tern_explore_answer *answers[] = {&point->token, &point->pass};
        widen(&picture->y, tern_explore_peak(point));
        for (int j = 0; j < 2; j++) {
            widen(&picture->x, intensity(answers[j]));
            widen(&picture->y, tern_explore_rate(point, answers[j]));
        }
    }
    picture->x.last += picture->x.last == picture->x.first;
    picture->y.last += picture->y.last == picture->y.first;
}

// Lines at 1, 2 and 5 times each power of ten.
static void draw_x_line(const struct picture *picture, double value) {
    const double x = at_x(picture, value);
    if (x < RIGHT + 1) {
        fprintf(picture->file, "<path d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" stroke=\"none\">%g</text>\n", x, TOP,
                BOTTOM, x, BOTTOM + 18, value);
    }
}

static void draw_y_line(const struct picture *picture, double value) {
    const double y = at_y(picture, value);
    if (y > TOP - 1) {
        fprintf(picture->file, "<path d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" stroke=\"none\">%g G</text>\n", LEFT,
                y, RIGHT, LEFT - 28, y + 4, value / 1e9);
    }
}

static void draw_axes(const struct picture *picture) {
    FILE *file = picture->file;
    fprintf(file, "<g stroke=\"#e4e4e4\" font-size=\"12\" text-anchor=\"middle\">\n");
    for (int i = 0; i < 3; i++) {
        const double factors[] = {1, 2, 5};
        for (int x = picture->x.first; x <= picture->x.last; x++) {
            draw_x_line(picture, factors[i] * pow(10, x));
        }
        for (int y = picture->y.first; y <= picture->y.last; y++) {
            draw_y_line(picture, factors[i] * pow(10, y));
        }
    }
    fprintf(file,
            "</g>\n<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">multiplications for each byte from memory</text>\n",
            (LEFT + RIGHT) / 2, BOTTOM + 42);
    fprintf(file, "<text x=\"%d\" y=\"22\">multiplications a second</text>\n", LEFT - 50);
}

static bool has_roof_of(const struct tern_explore_point *a, const struct tern_explore_point *b) {
    return a->depth == b->depth && a->lanes == b->lanes && a->vectors == b->vectors && a->clock_mhz == b->clock_mhz &&
           a->bandwidth_percent == b->bandwidth_percent;
}

// The limit of a point's device, cut off at the lower edge.
static void draw_roof(const struct picture *picture, const struct tern_explore_point *point) {
    const double peak = tern_explore_peak(point), memory = tern_explore_memory_bytes(point);
    const double lowest_x = pow(10, picture->x.first), lowest_y = pow(10, picture->y.first);
    const double from = lowest_x * memory < lowest_y ? lowest_y / memory : lowest_x;
    fprintf(picture->file, "<path d=\"M%.1f %.1f", at_x(picture, from), at_y(picture, fmin(from * memory, peak)));
    if (peak / memory > from) {
        fprintf(picture->file, "L%.1f %.1f", at_x(picture, peak / memory), at_y(picture, peak));
    }
    fprintf(picture->file,
            "H%d\" fill=\"none\" stroke=\"#999\"><title>%u lanes, %u vectors, %g MHz, %.3g GB/s</title></path>\n",
            RIGHT, point->lanes, point->vectors, point->clock_mhz, memory / 1e9);
}

// Names the limits at their right end, the ones that leave room.
static void draw_roofs(const struct picture *picture) {
    bool taken[HEIGHT] = {false};
    for (size_t i = 0; i < picture->count; i++) {
        const struct tern_explore_point *point = &picture->points[i];
        size_t first = 0;
        while (!has_roof_of(&picture->points[first], point)) {
            first++;
        }
        if (first < i) {
            continue;
        }
        const int y = (int)at_y(picture, tern_explore_peak(point));
        draw_roof(picture, point);
        if (!memchr(taken + y - LINE / 2, true, LINE)) {
            fprintf(picture->file,
                    "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#555\">%ux%u, %g MHz, %.3g GB/s</text>\n", LEGEND,
                    y + 4, point->lanes, point->vectors, point->clock_mhz, tern_explore_memory_bytes(point) / 1e9);
            taken[y] = true;
        }
    }
}

static const char *colour_of(const struct picture *picture, const struct tern_explore_point *point) {
    size_t models = 0;
    for (const struct tern_explore_point *at = picture->points; at->config != point->config; at++) {
        models += at[0].config != at[1].config; // points of a model lie side by side
    }
    return colours[models % (sizeof colours / sizeof *colours)];
}

static void draw_point(const struct picture *picture, const struct tern_explore_point *point) {
    char name[TEXT_BYTES];
    const char *colour = colour_of(picture, point);
    const double x = at_x(picture, intensity(&point->pass)), token_x = at_x(picture, intensity(&point->token));
    const double y = at_y(picture, tern_explore_rate(point, &point->pass));
    fprintf(
        picture->file,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"7\" height=\"7\" fill=\"none\" stroke=\"%s\"><title>%s, %ux%u, %g MHz: "
        "pass of %u tokens</title></rect>\n",
        x - 3.5, y - 3.5, colour, in_xml(point->model, name), point->lanes, point->vectors, point->clock_mhz,
        point->pass_tokens);
    fprintf(picture->file,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"><title>%s, %ux%u, %g MHz, context %u: %.4g tokens a "
            "second</title></circle>\n",
            token_x, at_y(picture, tern_explore_rate(point, &point->token)), colour, in_xml(point->model, name),
            point->lanes, point->vectors, point->clock_mhz, point->context, 1 / tern_explore_token_seconds(point));
}

// Models by colour, at the bottom right.
static void draw_legend(const struct picture *picture) {
    char name[TEXT_BYTES];
    int y = BOTTOM;
    fprintf(picture->file, "<text x=\"%d\" y=\"%d\">circle: a token, square: a pass</text>\n", LEGEND, y);
    for (size_t i = 0; i < picture->count; i++) {
        const struct tern_explore_point *point = &picture->points[i];
        if (i == 0 || point[-1].config != point->config) {
            y -= LINE + 2;
            fprintf(picture->file,
                    "<circle cx=\"%d\" cy=\"%d\" r=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n", LEGEND + 5,
                    y - 4, colour_of(picture, point), LEGEND + 15, y, in_xml(point->model, name));
        }
    }
}

static void draw(struct picture *picture) {
    measure(picture);
    fprintf(picture->file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
            "font-size=\"13\">\n<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT);
    draw_axes(picture);
    draw_roofs(picture);
    for (size_t i = 0; i < picture->count; i++) {
        draw_point(picture, &picture->points[i]);
    }
    draw_legend(picture);
    fprintf(picture->file, "</svg>\n");
}

enum tern_status tern_explore_roofline(const char *path, const struct tern_explore_point *points, size_t count,
                                       struct tern_error *error) {
    char *text = NULL;
    size_t bytes = 0;
    struct picture picture = {.file = open_memstream(&text, &bytes), .points = points, .count = count};
    if (picture.file) {
        draw(&picture);
    }
    if (!picture.file || fclose(picture.file) != 0) {
        free(text);
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a picture");
    }
    enum tern_status status = tern_replace_file(path, NULL, 0, text, bytes, error);
    free(text);
    return status;
}
