// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/compare/outcome.h"

#include <inttypes.h>

#include "cmodel/float/f32.h"
#include "host_driver/device/device.h"

static enum tern_status count_pair(void *context, const struct tern_stage *stage, const void *wanted, const void *got,
                                   size_t bytes, struct tern_error *error) {
    struct tern_cli_outcome *outcome = context;
    TERN_TRY(tern_cli_stages_add(&outcome->stages, stage, wanted, got, bytes, error));
    outcome->is_stopped = outcome->stops && outcome->all.differ > 0;
    return outcome->is_stopped ? tern_error_set(error, TERN_STATUS_MISMATCH, "stopped at a difference")
                               : TERN_STATUS_OK;
}

enum tern_status tern_cli_outcome_tap(void *context, const struct tern_stage *stage, const void *data, size_t bytes,
                                      struct tern_error *error) {
    struct tern_cli_outcome *outcome = context;
    outcome->all.pair = count_pair;
    outcome->all.pair_context = outcome;
    return tern_taps_compare(&outcome->all, stage, data, bytes, error);
}

bool tern_cli_outcome_is_interrupted(const struct tern_cli_outcome *outcome) {
    return !outcome->is_whole && !outcome->is_stopped;
}

// ---- text

void tern_cli_outcome_put_verdict(const struct tern_cli_outcome *outcome, FILE *out) {
    const bool is_interrupted = tern_cli_outcome_is_interrupted(outcome);
    const char *equal = is_interrupted ? "and" : "=";
    fprintf(out, "%s %s %s%s: %" PRIu64 " values, %" PRIu64 " differ\n", outcome->first,
            outcome->all.differ ? "!=" : equal, outcome->other, is_interrupted ? " up to the interrupt" : "",
            outcome->all.values, outcome->all.differ);
}

void tern_cli_outcome_put_first(const struct tern_cli_outcome *outcome, FILE *out) {
    const struct tern_taps_comparison *all = &outcome->all;
    const struct tern_stage *stage = &all->stage;
    const char *a = outcome->first, *b = outcome->other;
    fprintf(out, "the first difference is in layer %d, position %u, stage %s (%s), ", stage->layer, stage->position,
            stage->name, stage->opcode == TERN_OPCODE_NOP ? "host" : tern_opcode_name(stage->opcode));
    if (stage->is_f32) {
        fprintf(out, "element %u: %s 0x%08x (%.9g), %s 0x%08x (%.9g)\n", all->element, a, all->wanted,
                (double)tern_f32_from_bits(all->wanted), b, all->got, (double)tern_f32_from_bits(all->got));
    } else {
        fprintf(out, "byte %u: %s 0x%08x (%u), %s 0x%08x (%u)\n", 4 * all->element, a, all->wanted, all->wanted, b,
                all->got, all->got);
    }
}

static void put_row(const struct tern_cli_stage_row *row, FILE *out) {
    char ulp[24] = "-", at[32] = "-";
    if (row->ulp[TERN_CLI_ULP_NAN] > 0) {
        snprintf(ulp, sizeof ulp, "NaN");
    } else if (row->is_f32) {
        snprintf(ulp, sizeof ulp, "%" PRIu64, row->largest_ulp);
    }
    if (row->differ > 0 && row->layer < 0) {
        snprintf(at, sizeof at, "position %u", row->position);
    } else if (row->differ > 0) {
        snprintf(at, sizeof at, "layer %d, position %u", row->layer, row->position);
    }
    fprintf(out, "%-20s %10" PRIu64 " %10" PRIu64 " %11s  %s\n", row->name, row->values, row->differ, ulp, at);
}

void tern_cli_outcome_put_table(const struct tern_cli_outcome *outcome, FILE *out) {
    const struct tern_cli_stages *stages = &outcome->stages;
    fprintf(out, "%-20s %10s %10s %11s  %s\n", "stage", "values", "differ", "largest ulp", "first difference");
    for (size_t i = 0; i < stages->row_count; i++) {
        put_row(&stages->rows[i], out);
    }
}

// ---- JSON

static void put_ulp(const struct tern_cli_stage_row *row, FILE *out) {
    const char *before = "";
    if (!row->is_f32) {
        fputs("\"largest_ulp\": null, \"nan\": 0, \"ulp\": []", out);
        return;
    }
    fprintf(out, "\"largest_ulp\": %" PRIu64 ", \"nan\": %" PRIu64 ", \"ulp\": [", row->largest_ulp,
            row->ulp[TERN_CLI_ULP_NAN]);
    for (size_t i = 0; i < TERN_CLI_ULP_NAN; i++) {
        const struct tern_cli_ulp_class ulp = tern_cli_ulp_class(i);
        if (row->ulp[i] > 0) {
            fprintf(out, "%s{\"from\": %" PRIu64 ", \"to\": %" PRIu64 ", \"values\": %" PRIu64 "}", before, ulp.first,
                    ulp.last, row->ulp[i]);
            before = ", ";
        }
    }
    fputc(']', out);
}

static void put_place(bool is_f32, uint32_t element, uint32_t wanted, uint32_t got, FILE *out) {
    fprintf(out, "\"%s\": %u, \"expected\": \"0x%08x\", \"got\": \"0x%08x\"}", is_f32 ? "element" : "byte",
            is_f32 ? element : 4 * element, wanted, got);
}

static void put_stage(const struct tern_cli_stage_row *row, FILE *out) {
    fprintf(out, "{\"stage\": \"%s\", \"values\": %" PRIu64 ", \"differ\": %" PRIu64 ", ", row->name, row->values,
            row->differ);
    put_ulp(row, out);
    if (row->differ > 0) {
        fprintf(out, ", \"first\": {\"position\": %u, \"layer\": %d, ", row->position, row->layer);
        put_place(row->is_f32, row->element, row->wanted, row->got, out);
    }
    fputc('}', out);
}

void tern_cli_outcome_put_json(const struct tern_cli_outcome *outcome, FILE *out) {
    const struct tern_taps_comparison *all = &outcome->all;
    const struct tern_stage *stage = &all->stage;
    fputs("\"by_stage\": [", out);
    for (size_t i = 0; i < outcome->stages.row_count; i++) {
        fputs(i > 0 ? ", " : "", out);
        put_stage(&outcome->stages.rows[i], out);
    }
    fprintf(out,
            "], \"stopped\": %s, \"interrupted\": %s, \"stages\": %zu, \"values\": %" PRIu64 ", \"differ\": %" PRIu64,
            outcome->is_stopped ? "true" : "false", tern_cli_outcome_is_interrupted(outcome) ? "true" : "false",
            all->at, all->values, all->differ);
    if (all->differ) {
        fprintf(out, ", \"first\": {\"position\": %u, \"layer\": %d, \"stage\": \"%s\", ", stage->position,
                stage->layer, stage->name);
        put_place(stage->is_f32, all->element, all->wanted, all->got, out);
    }
}
