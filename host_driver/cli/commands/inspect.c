// SPDX-License-Identifier: Apache-2.0
// tern inspect: the tensors of a packed directory, their size, and their error against the source.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/layout.h"
#include "host_driver/cli/options.h"
#include "host_driver/cli/terminal/wrap.h"
#include "host_driver/codec/measure.h"
#include "host_driver/formats/packed_matrix.h"
#include "host_driver/model/config.h"
#include "host_driver/model/layer_table.h"
#include "host_driver/system/progress.h"

enum { SHAPE_END = 56 }; // the column behind the shape of a row

struct totals {
    uint64_t weights, packed_bytes, rest_bytes, file_bytes;
    struct tern_energy energy;
};

struct report {
    const struct tern_cli_options *options;
    unsigned threads;
    const char *directory;
    struct tern_checkpoint packed, source;
    struct tern_packed_list list;
    struct tern_model_config config;
    uint32_t depth;
    struct totals totals;
    cJSON *rows; // NULL unless --json
    struct tern_progress progress;
};

static const char usage[] =
    "usage: tern inspect PACKED [--json] [--source DIR [--depth D]] [--strict] [--no-checksums] [--threads N]\n\n"
    "One line a tensor: shape, depth, stored bits a weight (strips, steps and checksums), SNR.\n"
    "Every checksum is verified.\n\n"
    "  --json            the same as one JSON object, and what config.json was read as\n"
    "  --source DIR      the Hugging Face directory it was made from; adds the SNR\n"
    "  --depth D         the SNR with so many planes in use (all)\n"
    "  --strict          also refuse bytes that are not canonical and padding that is not zero\n"
    "  --no-checksums    verify nothing\n"
    "  --threads N       1 to 256 (as many as there are processors)\n";

static double bits_a_weight(uint64_t bytes, uint64_t weights) {
    return weights ? 8.0 * (double)bytes / (double)weights : 0;
}

static void format_decibels(double decibels, char text[16]) {
    if (isfinite(decibels)) {
        snprintf(text, 16, "%.2f", decibels);
    } else {
        snprintf(text, 16, "exact");
    }
}

static void add_decibels(cJSON *object, const struct tern_energy *energy) {
    double decibels = tern_energy_decibels(energy);
    if (isfinite(decibels)) {
        cJSON_AddNumberToObject(object, "snr_db", decibels);
    } else {
        cJSON_AddNullToObject(object, "snr_db"); // equal to the source
    }
}

// A name that leaves no room for the shape has lines of its own.
static void print_row(struct report *report, const char *name, const char *shape, const char *depth, double bits,
                      const char *decibels) {
    tern_status_line_clear(&report->progress.line);
    size_t length = strlen(name);
    for (; length > TERN_CLI_COLUMNS; name += TERN_CLI_COLUMNS, length -= TERN_CLI_COLUMNS) {
        printf("%.*s\n", TERN_CLI_COLUMNS, name);
    }
    const bool is_long = length + 1 + strlen(shape) > SHAPE_END;
    printf("%s%s%*s %5s %8.4f %7s\n", name, is_long ? "\n" : "", (int)(is_long ? SHAPE_END : SHAPE_END - length), shape,
           depth, bits, decibels);
}

static void show_matrix(struct report *report, const struct tern_matrix *matrix, const struct tern_energy *energy) {
    uint64_t weights = (uint64_t)matrix->rows * matrix->columns, bytes = tern_matrix_stored_bytes(matrix);
    double bits = bits_a_weight(bytes, weights);
    if (report->rows) {
        cJSON *row = cJSON_CreateObject(), *shape = cJSON_AddArrayToObject(row, "shape");
        cJSON_AddStringToObject(row, "name", matrix->name);
        cJSON_AddItemToArray(shape, cJSON_CreateNumber(matrix->rows));
        cJSON_AddItemToArray(shape, cJSON_CreateNumber(matrix->columns));
        cJSON_AddNumberToObject(row, "depth", matrix->depth);
        cJSON_AddNumberToObject(row, "stored_bytes", (double)bytes);
        cJSON_AddNumberToObject(row, "bits_per_weight", bits);
        if (report->options->source) {
            add_decibels(row, energy);
        }
        cJSON_AddItemToArray(report->rows, row);
        return;
    }
    char shape[32], decibels[16] = "";
    snprintf(shape, sizeof shape, "%u x %u", matrix->rows, matrix->columns);
    if (report->options->source) {
        format_decibels(tern_energy_decibels(energy), decibels);
    }
    char depth[16];
    snprintf(depth, sizeof depth, "%u", matrix->depth);
    print_row(report, matrix->name, shape, depth, bits, decibels);
}

static void show_rest(struct report *report, const struct tern_safetensors_tensor *rest) {
    char shape[96] = "";
    cJSON *row = cJSON_CreateObject(), *extents = cJSON_AddArrayToObject(row, "shape");
    for (uint32_t i = 0; i < rest->tensor.dimensions; i++) {
        size_t used = strlen(shape);
        snprintf(shape + used, sizeof shape - used, "%s%" PRIu64, i ? " x " : "", rest->tensor.shape[i]);
        cJSON_AddItemToArray(extents, cJSON_CreateNumber((double)rest->tensor.shape[i]));
    }
    if (report->rows) {
        cJSON_AddStringToObject(row, "name", rest->tensor.name);
        cJSON_AddStringToObject(row, "dtype", rest->dtype_name);
        cJSON_AddNumberToObject(row, "stored_bytes", (double)rest->tensor.bytes);
        cJSON_AddItemToArray(report->rows, row);
        return;
    }
    cJSON_Delete(row);
    print_row(report, rest->tensor.name, shape, rest->dtype_name, 8.0 * rest->element_bytes, "");
}

static enum tern_status measure(const struct report *report, const struct tern_packed_entry *entry,
                                struct tern_error *error, struct tern_energy *energy) {
    const struct tern_matrix *matrix = &entry->matrix;
    const struct tern_cli_options *options = report->options;
    const struct tern_safetensors_tensor *source = tern_checkpoint_find(&report->source, matrix->name);
    if (!source) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: tensor '%.200s' is missing", options->source,
                              matrix->name);
    }
    TERN_TRY(tern_matrix_energy(matrix, options->depth ? (unsigned)options->depth : matrix->depth, entry->path, source,
                                report->threads, error, energy));
    tern_checkpoint_release(&report->source, source->tensor.data, source->tensor.bytes);
    return TERN_STATUS_OK;
}

static enum tern_status take_matrix(struct report *report, const struct tern_packed_entry *entry,
                                    struct tern_error *error) {
    const struct tern_matrix *matrix = &entry->matrix;
    struct tern_energy energy = {0, 0};
    if (!report->options->no_checksums) {
        TERN_TRY(tern_matrix_check(matrix, entry->path, report->options->strict, report->threads, error));
    }
    if (report->options->source) {
        TERN_TRY(measure(report, entry, error, &energy));
    }
    tern_checkpoint_release(&report->packed, matrix->trits,
                            tern_matrix_bytes(matrix->rows, matrix->columns, matrix->depth));
    report->totals.weights += (uint64_t)matrix->rows * matrix->columns;
    report->totals.packed_bytes += tern_matrix_stored_bytes(matrix);
    report->totals.energy.signal += energy.signal;
    report->totals.energy.noise += energy.noise;
    show_matrix(report, matrix, &energy);
    return TERN_STATUS_OK;
}

static void add_scaling(cJSON *object, const struct tern_rotary_scaling *scaling) {
    if (scaling->factor == 0) {
        cJSON_AddNullToObject(object, "rope_scaling");
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(object, "rope_scaling");
    cJSON_AddStringToObject(part, "rope_type", "llama3");
    cJSON_AddNumberToObject(part, "factor", scaling->factor);
    cJSON_AddNumberToObject(part, "low_freq_factor", scaling->low_turns);
    cJSON_AddNumberToObject(part, "high_freq_factor", scaling->high_turns);
    cJSON_AddNumberToObject(part, "original_max_position_embeddings", scaling->original_positions);
}

// What config.json and generation_config.json say, whichever form they have.
static void show_config(cJSON *root, const struct tern_model_config *config) {
    cJSON *object = cJSON_AddObjectToObject(root, "config");
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"hidden_size", config->hidden_size},          {"intermediate_size", config->intermediate_size},
                   {"num_hidden_layers", config->layers},         {"num_attention_heads", config->heads},
                   {"num_key_value_heads", config->kv_heads},     {"head_dim", config->head_size},
                   {"vocab_size", config->vocabulary_size},       {"positions", config->max_positions},
                   {"rms_norm_eps", (double)config->rms_epsilon}, {"rope_theta", config->rope_theta}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        cJSON_AddNumberToObject(object, numbers[i].key, numbers[i].value);
    }
    add_scaling(object, &config->rope_scaling);
    cJSON_AddBoolToObject(object, "tie_word_embeddings", config->tied_embeddings);
    cJSON_AddBoolToObject(object, "qkv_bias", (config->features & TERN_FEATURE_QKV_BIAS) != 0);
    cJSON_AddBoolToObject(object, "o_bias", (config->features & TERN_FEATURE_O_BIAS) != 0);
    cJSON_AddBoolToObject(object, "head_norm", (config->features & TERN_FEATURE_HEAD_NORM) != 0);
    cJSON *ids = cJSON_AddArrayToObject(object, "eos_token_id");
    for (uint32_t i = 0; i < config->stop_id_count; i++) {
        cJSON_AddItemToArray(ids, cJSON_CreateNumber(config->stop_ids[i]));
    }
}

static void show_json_totals(const struct report *report, cJSON *root) {
    const struct totals *totals = &report->totals;
    cJSON *object = cJSON_AddObjectToObject(root, "totals");
    cJSON_AddNumberToObject(object, "packed_weights", (double)totals->weights);
    cJSON_AddNumberToObject(object, "packed_bytes", (double)totals->packed_bytes);
    cJSON_AddNumberToObject(object, "bits_per_weight", bits_a_weight(totals->packed_bytes, totals->weights));
    cJSON_AddNumberToObject(object, "unpacked_bytes", (double)totals->rest_bytes);
    cJSON_AddNumberToObject(object, "file_bytes", (double)totals->file_bytes);
    if (report->options->source) {
        add_decibels(object, &totals->energy);
    }
    char *text = cJSON_Print(root);
    printf("%s\n", text ? text : "");
    free(text);
}

static void show_totals(const struct report *report) {
    const struct totals *totals = &report->totals;
    putchar('\n');
    tern_cli_say(stdout, 2, "%" PRIu64 " weights packed in %" PRIu64 " bytes: %.4f bits a weight, everything included",
                 totals->weights, totals->packed_bytes, bits_a_weight(totals->packed_bytes, totals->weights));
    tern_cli_say(
        stdout, 2, "%" PRIu64 " bytes of unpacked tensors, %" PRIu64 " bytes of headers, %" PRIu64 " bytes in all",
        totals->rest_bytes, totals->file_bytes - totals->packed_bytes - totals->rest_bytes, totals->file_bytes);
    if (report->options->source) {
        char decibels[16];
        format_decibels(tern_energy_decibels(&totals->energy), decibels);
        printf("SNR of all packed weights: %s dB\n", decibels);
    }
    printf("checksums: %s\n", report->options->no_checksums ? "not verified" : "all right");
}

static enum tern_status open_report(struct report *report, struct tern_error *error) {
    const struct tern_cli_options *options = report->options;
    TERN_TRY(tern_config_load(report->directory, error, &report->config));
    TERN_TRY(tern_checkpoint_open(report->directory, error, &report->packed));
    TERN_TRY(tern_packed_check_version(&report->packed, error, &report->depth));
    if (options->depth > report->depth) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "%s stores weights of depth %u, depth %llu was asked for; it takes 1 to %u",
                              report->directory, report->depth, (unsigned long long)options->depth, report->depth);
    }
    if (options->source) {
        TERN_TRY(tern_checkpoint_open(options->source, error, &report->source));
        if (tern_checkpoint_is_packed(&report->source)) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--source %s: is packed", options->source);
        }
    }
    return tern_packed_list_make(&report->packed, error, &report->list);
}

// Bytes of a row of the table are done.
static void advance(struct report *report, uint64_t bytes) {
    tern_progress_add(&report->progress, (double)bytes);
}

static enum tern_status take_entry(struct report *report, const struct tern_packed_entry *entry,
                                   struct tern_error *error) {
    if (entry->rest) {
        report->totals.rest_bytes += entry->rest->tensor.bytes;
        show_rest(report, entry->rest);
        advance(report, entry->rest->tensor.bytes);
        return TERN_STATUS_OK;
    }
    TERN_TRY(take_matrix(report, entry, error));
    advance(report, tern_matrix_stored_bytes(&entry->matrix));
    return TERN_STATUS_OK;
}

static enum tern_status take_entries(struct report *report, struct tern_error *error) {
    tern_progress_start(&report->progress, stderr, NULL, "inspect", TERN_PROGRESS_BYTES,
                        (double)report->totals.file_bytes);
    enum tern_status status = TERN_STATUS_OK;
    for (size_t i = 0; status == TERN_STATUS_OK && i < report->list.count; i++) {
        status = take_entry(report, &report->list.entries[i], error);
    }
    tern_progress_end(&report->progress, false);
    return status;
}

static enum tern_status fill_report(struct report *report, struct tern_error *error) {
    if (!report->rows) {
        printf("%s: format %d, depth %u\n\n", report->directory, TERN_FORMAT_VERSION, report->depth);
        printf("tensor%*s %5s %8s %7s\n", SHAPE_END - (int)strlen("tensor"), "shape", "depth", "bits",
               report->options->source ? "SNR dB" : "");
    }
    for (size_t i = 0; i < report->packed.file_count; i++) {
        report->totals.file_bytes += report->packed.files[i].file.bytes;
    }
    return take_entries(report, error);
}

static enum tern_status print_json(struct report *report, struct tern_error *error) {
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "directory", report->directory);
    cJSON_AddNumberToObject(root, "format", TERN_FORMAT_VERSION);
    cJSON_AddNumberToObject(root, "depth", report->depth);
    cJSON_AddBoolToObject(root, "checksums_verified", !report->options->no_checksums);
    show_config(root, &report->config);
    report->rows = cJSON_AddArrayToObject(root, "tensors");
    enum tern_status status = fill_report(report, error);
    if (status == TERN_STATUS_OK) {
        show_json_totals(report, root);
    }
    cJSON_Delete(root);
    return status;
}

static enum tern_status make_report(struct report *report, struct tern_error *error) {
    TERN_TRY(open_report(report, error));
    if (report->options->json) {
        return print_json(report, error);
    }
    TERN_TRY(fill_report(report, error));
    show_totals(report);
    return TERN_STATUS_OK;
}

int tern_cli_inspect(int argc, char **argv) {
    struct tern_cli_options options = {0};
    struct tern_error error = {""};
    int code = tern_cli_parse(argc, argv, usage, &options);
    if (code >= 0) {
        return code;
    }
    if (options.strict && options.no_checksums) {
        return tern_cli_misused("inspect", "--strict and --no-checksums exclude each other");
    }
    if (options.depth && !options.source) {
        return tern_cli_misused("inspect", "--depth needs --source");
    }
    struct report report = {
        .options = &options, .threads = tern_cli_threads(&options), .directory = options.operand[0]};
    enum tern_status status = make_report(&report, &error);
    tern_packed_list_free(&report.list);
    tern_checkpoint_close(&report.packed);
    tern_checkpoint_close(&report.source);
    return tern_cli_end("inspect", status, &error);
}
