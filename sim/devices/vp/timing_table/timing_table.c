// SPDX-License-Identifier: Apache-2.0
// How far the durations of timing.c are from those of the RTL: single runs of each unit on the devices rtl and vp.
//     timing_table [--short] [--lanes N] [--vectors M] [--unit UNIT] [--latency CYCLES] [--bandwidth PERCENT]
//     [--limit [UNIT=]PERCENT]... [--slack CYCLES] [--all-counters]
// A line a run, then the largest error of each unit. An error within `slack` cycles counts as none: a run of one row is
// a few hundred cycles, all latency. Exit 1 when an error is over the limit, or when a counter breaks its rule.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/descriptors.h"
#include "sim/devices/vp/timing_table/cases.h"

enum { UNITS = TIMING_ATTENTION + 1 };

static const char *const unit_names[UNITS] = {"dma", "matmul", "vector", "attention"};

struct options {
    bool is_short, has_counters;
    const char *unit;
    uint32_t lanes, vectors, latency, bandwidth;
    double limits[UNITS], slack;
};

struct summary {
    uint32_t runs, over;
    double largest, sum; // of the magnitudes of the errors, in percent
    char worst[160];
};

// PERCENT for all units, UNIT=PERCENT for one.
static bool set_limit(const char *text, struct options *options) {
    const char *equals = strchr(text, '=');
    bool is_known = false;
    for (int unit = 0; unit < UNITS; unit++) {
        if (!equals ||
            (!strncmp(text, unit_names[unit], (size_t)(equals - text)) && !unit_names[unit][equals - text])) {
            options->limits[unit] = strtod(equals ? equals + 1 : text, NULL);
            is_known = true;
        }
    }
    return is_known;
}

static int parse(int count, char **words, struct options *options) {
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : NULL;
        if (!strcmp(words[i], "--short")) {
            options->is_short = true;
        } else if (!strcmp(words[i], "--all-counters")) {
            options->has_counters = true;
        } else if (value && !strcmp(words[i], "--unit")) {
            options->unit = words[++i];
        } else if (value && !strcmp(words[i], "--lanes")) {
            options->lanes = (uint32_t)strtoul(words[++i], NULL, 10);
        } else if (value && !strcmp(words[i], "--vectors")) {
            options->vectors = (uint32_t)strtoul(words[++i], NULL, 10);
        } else if (value && !strcmp(words[i], "--variant")) {
            i++; // the device of rtl, which the driver finds itself
        } else if (value && !strcmp(words[i], "--latency")) {
            options->latency = (uint32_t)strtoul(words[++i], NULL, 10);
        } else if (value && !strcmp(words[i], "--bandwidth")) {
            options->bandwidth = (uint32_t)strtoul(words[++i], NULL, 10);
        } else if (value && !strcmp(words[i], "--limit") && set_limit(value, options)) {
            i++;
        } else if (value && !strcmp(words[i], "--slack")) {
            options->slack = strtod(words[++i], NULL);
        } else {
            fprintf(stderr, "timing_table: no option %s, or it wants a value\n", words[i]);
            return 2;
        }
    }
    return 0;
}

static bool is_chosen(const struct options *options, const struct timing_case *timing_case) {
    return (!options->unit || !strcmp(options->unit, unit_names[timing_case->unit])) &&
           (!options->latency || options->latency == timing_case->latency);
}

static bool adds_up(const struct timing_counts *counts) {
    return counts->worked + counts->starved + counts->stalled <= counts->run;
}

static void print_counts(const char *name, const struct timing_counts *counts) {
    printf("    %-4s run %llu, worked %llu, starved %llu, stalled %llu\n", name, (unsigned long long)counts->run,
           (unsigned long long)counts->worked, (unsigned long long)counts->starved,
           (unsigned long long)counts->stalled);
}

// Both counts of one run. The units work by the same rules, so `worked` must be the same.
static void judge(const struct options *options, const struct timing_case *timing_case, const struct timing_counts *rtl,
                  const struct timing_counts *vp, struct summary *summary) {
    char name[128];
    timing_name(timing_case, name, sizeof name);
    const double difference = (double)vp->run - (double)rtl->run;
    const double error = fabs(difference) <= options->slack ? 0 : 100 * difference / (double)rtl->run;
    const bool is_over = fabs(error) > options->limits[timing_case->unit] || rtl->worked != vp->worked || !adds_up(vp);
    printf("%-52s %4u %4u %9llu %9llu %+6.0f %+7.2f %%%s\n", name, timing_case->latency, timing_case->bandwidth,
           (unsigned long long)rtl->run, (unsigned long long)vp->run, difference, 100 * difference / (double)rtl->run,
           is_over ? "  OVER" : "");
    if (options->has_counters || rtl->worked != vp->worked || !adds_up(vp)) {
        print_counts("rtl", rtl);
        print_counts("vp", vp);
    }
    if (summary->runs == 0 || fabs(error) > summary->largest) {
        summary->largest = fabs(error);
        snprintf(summary->worst, sizeof summary->worst, "%s, latency %u", name, timing_case->latency);
    }
    summary->sum += fabs(error);
    summary->runs++;
    summary->over += is_over;
}

static int print_summary(const struct options *options, const struct summary *summary) {
    uint32_t runs = 0, over = 0;
    for (int unit = 0; unit < UNITS; unit++) {
        const struct summary *of = &summary[unit];
        if (of->runs > 0) {
            printf("%-9s %4u runs, error %.2f %% on average, %.2f %% at most (%s), limit %.2f %%, %u over\n",
                   unit_names[unit], of->runs, of->sum / of->runs, of->largest, of->worst, options->limits[unit],
                   of->over);
        }
        runs += of->runs;
        over += of->over;
    }
    printf("timing_table: %u of %u runs over the limit and %.0f cycles\n", over, runs, options->slack);
    return over > 0 || runs == 0;
}

// 2: a device failed.
static int run(const struct options *options, const struct timing_cases *cases) {
    struct timing_bench rtl = {.lanes = options->lanes, .vectors = options->vectors}, vp = rtl;
    struct summary summary[UNITS];
    struct tern_error error = {""};
    enum tern_status status = TERN_STATUS_OK;
    memset(summary, 0, sizeof summary);
    printf("%-52s %4s %4s %9s %9s %6s %9s\n", "run", "lat", "bw", "rtl", "vp", "diff", "error");
    for (uint32_t i = 0; i < cases->count && status == TERN_STATUS_OK; i++) {
        struct timing_counts of_rtl, of_vp;
        if (is_chosen(options, &cases->list[i])) {
            status = timing_run(&rtl, "rtl", &cases->list[i], &of_rtl, &error);
            status = status == TERN_STATUS_OK ? timing_run(&vp, "vp", &cases->list[i], &of_vp, &error) : status;
            if (status == TERN_STATUS_OK) {
                judge(options, &cases->list[i], &of_rtl, &of_vp, &summary[cases->list[i].unit]);
            }
        }
    }
    timing_close(&rtl);
    timing_close(&vp);
    if (status != TERN_STATUS_OK) {
        fprintf(stderr, "timing_table: %s\n", error.message);
        return 2;
    }
    return print_summary(options, summary);
}

int main(int count, char **words) {
    if (!tern_descriptors_guard()) {
        return 2;
    }
    static struct timing_cases cases;
    struct options options = {.lanes = TERN_LANES, .vectors = TERN_VECTORS, .bandwidth = 100, .limits = {3, 3, 3, 3}};
    const int wrong = parse(count, words, &options);
    if (wrong) {
        return wrong;
    }
    timing_cases_make(options.is_short, options.bandwidth, options.vectors, &cases);
    return run(&options, &cases);
}
