// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/generate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPTION_HELP = 1, OPTION_JSON, OPTION_TEXT, OPTION_NUMBER, OPTION_TEMPERATURE };

struct option_rule {
    const char *name;
    int kind;
    size_t offset; // of the member in struct tern_cli_options
    uint64_t least, most;
};

#define TEXT(name, member) {name, OPTION_TEXT, offsetof(struct tern_cli_options, member), 0, 0}
#define NUMBER(name, member, least, most) {name, OPTION_NUMBER, offsetof(struct tern_cli_options, member), least, most}

static const struct option_rule rules[] = {
    {"help", OPTION_HELP, 0, 0, 0},
    {"json", OPTION_JSON, 0, 0, 0},
    {"temperature", OPTION_TEMPERATURE, 0, 0, 0},
    TEXT("device", device),
    TEXT("devices", devices),
    TEXT("prompt", prompt),
    TEXT("tokens", tokens),
    TEXT("out", out),
    NUMBER("depth", depth, 1, TERN_MAX_DEPTH),
    NUMBER("max-tokens", max_tokens, 1, TERN_MAX_POSITIONS),
    NUMBER("seed", seed, 0, UINT64_MAX),
    NUMBER("layer", layer, 0, 100000),
    NUMBER("device-memory", memory_bytes, 4096, (uint64_t)1 << 46),
    NUMBER("latency", latency, 1, 10000),
    NUMBER("bandwidth", bandwidth, 1, 100),
    NUMBER("stalls", stall_seed, 1, UINT32_MAX),
};
enum { RULES = sizeof rules / sizeof *rules };

static int is_in_usage(const char *usage, const char *name) {
    char flag[64];
    snprintf(flag, sizeof flag, "--%s", name);
    const char *found = strstr(usage, flag);
    return found != NULL;
}

static int parse_temperature(struct tern_cli_options *options, const char *text) {
    char *end = NULL;
    options->temperature = strtod(text, &end);
    if (end == text || *end || !(options->temperature >= 0 && options->temperature <= 100)) {
        fprintf(stderr, "tern %s: --temperature %s is not a number from 0 to 100\n", options->command, text);
        return 0;
    }
    return 1;
}

static int take(struct tern_cli_options *options, const struct option_rule *rule, const char *text) {
    char *member = (char *)options + rule->offset;
    switch (rule->kind) {
    case OPTION_JSON:
        options->json = 1;
        return 1;
    case OPTION_TEXT:
        *(const char **)(void *)member = text;
        return 1;
    case OPTION_TEMPERATURE:
        return parse_temperature(options, text);
    default:
        return tern_cli_number(options->command, rule->name, text, rule->least, rule->most, (uint64_t *)(void *)member);
    }
}

int tern_cli_parse(int argc, char **argv, const char *usage, struct tern_cli_options *options) {
    struct option table[RULES + 1] = {{0}};
    int count = 0;
    for (int i = 0; i < RULES; i++) {
        if (rules[i].kind == OPTION_HELP || is_in_usage(usage, rules[i].name)) {
            int takes_value = rules[i].kind >= OPTION_TEXT;
            table[count++] = (struct option){rules[i].name, takes_value, NULL, i + 1};
        }
    }
    options->command = argv[0];
    for (int chosen; (chosen = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (chosen < 1 || chosen > RULES) {
            fputs(usage, stderr);
            return TERN_EXIT_USAGE;
        }
        if (rules[chosen - 1].kind == OPTION_HELP) {
            fputs(usage, stdout);
            return TERN_EXIT_OK;
        }
        if (!take(options, &rules[chosen - 1], optarg)) {
            return TERN_EXIT_USAGE;
        }
    }
    int operands = strstr(usage, " MODEL ") != NULL;
    if (argc - optind != operands) {
        fputs(usage, stderr);
        return TERN_EXIT_USAGE;
    }
    options->model = operands ? argv[optind] : NULL;
    return -1;
}

struct tern_backend_config tern_cli_backend(const struct tern_cli_options *options) {
    return (struct tern_backend_config){.memory_bytes = options->memory_bytes,
                                        .latency_cycles = (uint32_t)options->latency,
                                        .bandwidth_percent = (uint32_t)options->bandwidth,
                                        .stall_seed = (uint32_t)options->stall_seed};
}

enum tern_status tern_session_open(const struct tern_cli_options *options, const char *device, uint32_t capacity,
                                   tern_tap tap, void *tap_context, struct tern_error *error,
                                   struct tern_session *session) {
    const struct tern_backend_config config = tern_cli_backend(options);
    const struct tern_runner_options runner = {
        .capacity = capacity, .depth = (uint32_t)options->depth, .tap = tap, .tap_context = tap_context};
    memset(session, 0, sizeof *session);
    enum tern_status status = tern_model_open(options->model, 0, error, &session->model);
    if (status == TERN_STATUS_OK) {
        status = tern_device_open(device, &config, error, &session->device);
    }
    if (status == TERN_STATUS_OK) {
        status = tern_runner_open(session->model, session->device, &runner, error, &session->runner);
    }
    if (status != TERN_STATUS_OK) {
        tern_session_close(session);
    }
    return status;
}

void tern_session_close(struct tern_session *session) {
    tern_runner_close(session->runner);
    tern_device_close(session->device);
    if (session->model) {
        tern_model_close(session->model);
    }
    memset(session, 0, sizeof *session);
}

enum tern_status tern_cli_ids(const char *text, struct tern_error *error, uint32_t **ids, size_t *count) {
    size_t most = 1;
    for (const char *at = text; *at; at++) {
        most += *at == ',';
    }
    uint32_t *list = malloc(most * sizeof *list);
    if (!list) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for token ids");
    }
    const char *at = text;
    for (size_t i = 0; i < most; i++) {
        char *end = NULL;
        unsigned long id = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : 0;
        if (!end || id > UINT32_MAX || *end != (i + 1 < most ? ',' : 0)) {
            free(list);
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--tokens %.100s: ids are numbers with commas between", text);
        }
        list[i] = (uint32_t)id;
        at = end + 1;
    }
    *ids = list;
    *count = most;
    return TERN_STATUS_OK;
}

static uint32_t largest(const float *logits, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t id = 1; id < count; id++) {
        best = logits[id] > logits[best] ? id : best;
    }
    return best;
}

// xorshift64*: 53 bits a draw.
static double draw(uint64_t *state) {
    *state = *state ? *state : 0x9e3779b97f4a7c15u;
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * 0x2545f4914f6cdd1du) >> 11) / 9007199254740992.0;
}

uint32_t tern_sample(const float *logits, uint32_t count, double temperature, uint64_t *state) {
    uint32_t best = largest(logits, count);
    if (temperature == 0) {
        return best;
    }
    double total = 0;
    for (uint32_t id = 0; id < count; id++) {
        total += exp((logits[id] - (double)logits[best]) / temperature);
    }
    double left = draw(state) * total;
    for (uint32_t id = 0; id < count; id++) {
        left -= exp((logits[id] - (double)logits[best]) / temperature);
        if (left < 0) {
            return id;
        }
    }
    return best;
}

double tern_cli_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
