// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/seconds.h"
#include "host_driver/cli/commands/run.h"
#include "host_driver/cli/placement.h"
#include "host_driver/cli/terminal/wrap.h"

static double share(uint64_t part, uint64_t whole) {
    return whole ? (double)part / (double)whole : 0;
}

static void print_draft_figures(const struct tern_run *run) {
    struct tern_draft_figures figures = tern_generator_draft_figures(run->generator);
    fprintf(stderr, "drafted %llu tokens at depth %u in %llu rounds, %.1f %% accepted\n",
            (unsigned long long)figures.drafted, (unsigned)run->options->draft_depth,
            (unsigned long long)figures.rounds, 100 * share(figures.accepted, figures.drafted));
    tern_cli_say(stderr, 2,
                 "%.3f MB of weights read for the %llu tokens of the rounds, %.3f MB without drafting: %.1f %% saved",
                 (double)figures.weight_bytes / 1e6, (unsigned long long)figures.tokens,
                 (double)figures.plain_bytes / 1e6, 100 * (1 - share(figures.weight_bytes, figures.plain_bytes)));
}

static void add_draft_figures(const struct tern_run *run, cJSON *root) {
    struct tern_draft_figures figures = tern_generator_draft_figures(run->generator);
    cJSON *draft = cJSON_AddObjectToObject(root, "draft");
    cJSON_AddNumberToObject(draft, "depth", (double)run->options->draft_depth);
    cJSON_AddNumberToObject(draft, "rounds", (double)figures.rounds);
    cJSON_AddNumberToObject(draft, "drafted", (double)figures.drafted);
    cJSON_AddNumberToObject(draft, "accepted", (double)figures.accepted);
    cJSON_AddNumberToObject(draft, "acceptance", share(figures.accepted, figures.drafted));
    cJSON_AddNumberToObject(draft, "tokens", (double)figures.tokens);
    cJSON_AddNumberToObject(draft, "weight_bytes", (double)figures.weight_bytes);
    cJSON_AddNumberToObject(draft, "plain_weight_bytes", (double)figures.plain_bytes);
    cJSON_AddNumberToObject(draft, "saved_bytes", (double)figures.plain_bytes - (double)figures.weight_bytes);
}

// The share of a device: counters, and the option --on that named its layers.
struct part {
    uint32_t number;
    const char *name; // "model", "rtl:0,3"
    struct tern_runner_part figures;
    struct tern_counters counters;
    const struct tern_cli_profile *profile;
};

static enum tern_status part_of(const struct tern_run *run, uint32_t number, struct tern_error *error,
                                struct part *part) {
    part->number = number;
    part->figures = tern_runner_part_of(run->session.runner, number);
    part->name = number ? run->options->on[number - 1] : tern_device_name(part->figures.device);
    part->profile = &run->profiles[number];
    return tern_device_counters(part->figures.device, error, &part->counters);
}

static bool is_hybrid(const struct tern_run *run) {
    return tern_runner_devices(run->session.runner) > 1;
}

// In this run, not before a saved state.
static uint32_t tokens_fed(const struct tern_run *run) {
    return tern_runner_positions(run->session.runner) - run->resumed.position;
}

static void print_profile(const struct tern_run *run, const struct part *part) {
    const uint64_t cycles = tern_cli_profile_cycles(part->profile);
    tern_cli_profile_print(part->profile, stderr);
    fprintf(stderr, "%llu cycles for %u tokens, %.0f a token\n", (unsigned long long)cycles, tokens_fed(run),
            share(cycles, tokens_fed(run)));
}

static void add_profile(const struct tern_run *run, const struct part *part, cJSON *root) {
    const uint64_t cycles = tern_cli_profile_cycles(part->profile);
    cJSON *profile = cJSON_AddObjectToObject(root, "profile");
    tern_cli_profile_add(part->profile, profile);
    cJSON_AddNumberToObject(profile, "tokens", tokens_fed(run));
    cJSON_AddNumberToObject(profile, "cycles", (double)cycles);
    cJSON_AddNumberToObject(profile, "cycles_per_token", share(cycles, tokens_fed(run)));
}

static void print_cycles(const struct tern_run *run, const struct part *part) {
    const struct tern_counters *counters = &part->counters;
    const double cycles = (double)counters->time_cycles, fed = tokens_fed(run);
    const double layers = part->figures.layers, seconds = tern_device_seconds(part->figures.device);
    if (!counters->matmul_cycles || fed == 0) {
        return;
    }
    tern_cli_say(stderr, 2, "%.0f cycles a token, %.0f a whole layer, of which %.0f in the matmul unit", cycles / fed,
                 cycles / fed / layers, (double)counters->matmul_cycles / fed / layers);
    tern_cli_say(stderr, 2, "beats taken/offered %llu/%llu = %.3f; %.0f cycles a host second",
                 (unsigned long long)counters->beats_taken, (unsigned long long)counters->beats_offered,
                 share(counters->beats_taken, counters->beats_offered), cycles / seconds);
}

static const char *residence(bool is_resident) {
    return is_resident ? "resident" : "streamed";
}

static enum tern_status print_part(const struct tern_run *run, uint32_t number, struct tern_error *error) {
    struct part part;
    TERN_TRY(part_of(run, number, error, &part));
    if (is_hybrid(run)) {
        tern_cli_say(stderr, 2, "%s: %u of %u layers, weights %s, %.1f MB uploaded", part.name, part.figures.layers,
                     tern_model_config(run->session.model)->layers, residence(part.figures.is_resident),
                     (double)part.figures.uploaded_bytes / 1e6);
    }
    print_cycles(run, &part);
    if (run->options->profile && part.profile->count && !run->options->json) {
        print_profile(run, &part);
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_run_print_figures(const struct tern_run *run, const struct tern_answer *answer,
                                        struct tern_error *error) {
    const struct tern_runner *runner = run->session.runner;
    const double seconds = tern_seconds() - run->started;
    char label[64];
    tern_cli_place_label(run->options, tern_device_name(run->session.device), label, sizeof label);
    fprintf(stderr, "%zu tokens of prompt, %zu new tokens, stop reason: %s\n", run->prompt_count, answer->tokens,
            tern_cli_stop_name(answer->stop));
    tern_cli_say(stderr, 2, "%u tokens fed in %.3f s (%.2f a second) on %s, weights %s, %.1f MB uploaded",
                 tokens_fed(run), seconds, tokens_fed(run) / seconds, label, residence(tern_runner_is_resident(runner)),
                 (double)tern_runner_uploaded_bytes(runner) / 1e6);
    if (run->options->draft_depth) {
        print_draft_figures(run);
    }
    for (uint32_t i = 0; i < tern_runner_devices(runner); i++) {
        TERN_TRY(print_part(run, i, error));
    }
    return TERN_STATUS_OK;
}

// The new text as a JSON string; free(). It may hold U+0000, at which strings of cJSON end.
static char *text_json(const struct tern_run *run) {
    char *json = NULL;
    size_t used = 0;
    FILE *out = fflush(run->text_stream) == 0 && !ferror(run->text_stream) ? open_memstream(&json, &used) : NULL;
    bool is_good = out != NULL;
    for (size_t at = 0; is_good && at <= run->text_bytes; at += strlen(run->text + at) + 1) {
        cJSON *part = cJSON_CreateString(run->text + at);
        char *quoted = cJSON_PrintUnformatted(part);
        is_good = quoted && fprintf(out, "%s%.*s", at ? "\\u0000" : "\"", (int)strlen(quoted) - 2, quoted + 1) > 0;
        cJSON_free(quoted);
        cJSON_Delete(part);
    }
    is_good = is_good && fputc('"', out) != EOF;
    is_good = out && fclose(out) == 0 && is_good;
    if (!is_good) {
        free(json);
    }
    return is_good ? json : NULL;
}

static void add_counters(cJSON *root, const struct tern_counters *counters) {
    cJSON_AddNumberToObject(root, "cycles", (double)counters->time_cycles);
    cJSON_AddNumberToObject(root, "matmul_cycles", (double)counters->matmul_cycles);
    cJSON_AddNumberToObject(root, "beats_taken", (double)counters->beats_taken);
    cJSON_AddNumberToObject(root, "beats_offered", (double)counters->beats_offered);
}

static void add_part(const struct tern_run *run, const struct part *part, cJSON *devices) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "device", tern_device_name(part->figures.device));
    cJSON *layers = cJSON_AddArrayToObject(object, "layers");
    for (uint32_t layer = 0; layer < tern_model_config(run->session.model)->layers; layer++) {
        if (tern_runner_device_of(run->session.runner, layer) == part->number) {
            cJSON_AddItemToArray(layers, cJSON_CreateNumber(layer));
        }
    }
    cJSON_AddBoolToObject(object, "resident", part->figures.is_resident);
    add_counters(object, &part->counters);
    cJSON_AddNumberToObject(object, "weight_bytes", (double)part->figures.weight_bytes);
    cJSON_AddNumberToObject(object, "uploaded_bytes", (double)part->figures.uploaded_bytes);
    if (run->options->profile && part->profile->count) {
        add_profile(run, part, object);
    }
    cJSON_AddItemToArray(devices, object);
}

// The figures of the only device, or a list of the devices.
static enum tern_status add_parts(const struct tern_run *run, cJSON *root, struct tern_error *error) {
    struct part part;
    cJSON *devices = is_hybrid(run) ? cJSON_AddArrayToObject(root, "devices") : NULL;
    for (uint32_t i = 0; i < tern_runner_devices(run->session.runner); i++) {
        TERN_TRY(part_of(run, i, error, &part));
        if (devices) {
            add_part(run, &part, devices);
            continue;
        }
        add_counters(root, &part.counters);
        if (run->options->profile && part.profile->count) {
            add_profile(run, &part, root);
        }
    }
    return TERN_STATUS_OK;
}

static void add_ids(const struct tern_run *run, const struct tern_answer *answer, cJSON *root) {
    cJSON *ids = cJSON_AddArrayToObject(root, "ids");
    for (size_t i = 0; i < answer->tokens; i++) {
        cJSON_AddItemToArray(ids, cJSON_CreateNumber(tern_generator_ids(run->generator)[run->prompt_count + i]));
    }
}

static enum tern_status print_line(const cJSON *root, struct tern_error *error) {
    char *line = cJSON_PrintUnformatted(root);
    if (!line) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the JSON object");
    }
    puts(line);
    cJSON_free(line);
    return TERN_STATUS_OK;
}

static enum tern_status fill_json(const struct tern_run *run, const struct tern_answer *answer, cJSON *root,
                                  struct tern_error *error) {
    const double seconds = tern_seconds() - run->started;
    char *text = text_json(run);
    if (!text) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for the JSON object");
    }
    cJSON_AddRawToObject(root, "text", text);
    free(text);
    cJSON_AddNumberToObject(root, "prompt_tokens", (double)run->prompt_count);
    add_ids(run, answer, root);
    cJSON_AddStringToObject(root, "stop_reason", tern_cli_stop_name(answer->stop));
    cJSON_AddStringToObject(root, "device", tern_device_name(run->session.device));
    cJSON_AddNumberToObject(root, "tokens_fed", tokens_fed(run));
    cJSON_AddNumberToObject(root, "seconds", seconds);
    cJSON_AddNumberToObject(root, "tokens_per_second", tokens_fed(run) / seconds);
    cJSON_AddNumberToObject(root, "weight_bytes", (double)tern_runner_weight_bytes(run->session.runner));
    cJSON_AddNumberToObject(root, "uploaded_bytes", (double)tern_runner_uploaded_bytes(run->session.runner));
    if (run->options->draft_depth) {
        add_draft_figures(run, root);
    }
    return add_parts(run, root, error);
}

enum tern_status tern_run_print_json(const struct tern_run *run, const struct tern_answer *answer,
                                     struct tern_error *error) {
    cJSON *root = cJSON_CreateObject();
    enum tern_status status = fill_json(run, answer, root, error);
    status = status == TERN_STATUS_OK ? print_line(root, error) : status;
    cJSON_Delete(root);
    return status;
}
