// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/fast/pool.h"
#include "host_driver/cli/number.h"
#include "host_driver/cli/placement.h"
#include "host_driver/cli/terminal/wrap.h"
#include "host_driver/device/backends.h"
#include "host_driver/model/side_files.h"
#include "host_driver/system/parallel.h"
#include "host_driver/unicode/utf8.h"

#define NOTHING_TO_CHOOSE "--top-k and --top-p choose nothing at temperature 0: give --temperature too"

enum { OPTION_HELP = 1, OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_ON, OPTION_STOP, OPTION_NUMBER, OPTION_REAL };

struct option_rule {
    const char *name;
    int kind;
    size_t offset; // of the member in struct tern_cli_options
    uint64_t least, most;
};

#define FLAG(name, member)                                                                                             \
    { name, OPTION_FLAG, offsetof(struct tern_cli_options, member), 0, 0 }
#define TEXT(name, member)                                                                                             \
    { name, OPTION_TEXT, offsetof(struct tern_cli_options, member), 0, 0 }
#define LIST(name)                                                                                                     \
    { #name, OPTION_LIST, offsetof(struct tern_cli_options, lists.name), 0, 0 }
#define NUMBER(name, member, least, most)                                                                              \
    { name, OPTION_NUMBER, offsetof(struct tern_cli_options, member), least, most }
#define REAL(name, member, least, most)                                                                                \
    { name, OPTION_REAL, offsetof(struct tern_cli_options, member), least, most }

static const struct option_rule rules[] = {
    {"help", OPTION_HELP, 0, 0, 0},
    FLAG("json", json),
    FLAG("strict", strict),
    FLAG("no-checksums", no_checksums),
    FLAG("profile", profile),
    FLAG("allow-stale", allow_stale),
    FLAG("no-clock", no_clock),
    TEXT("bitstream", bitstream),
    TEXT("device", device),
    TEXT("devices", devices),
    {"on", OPTION_ON, 0, 0, 0},
    TEXT("save-state", save_state),
    TEXT("resume", resume),
    TEXT("prompt", prompt),
    TEXT("prompt-file", prompt_file),
    TEXT("bos", bos),
    {"stop", OPTION_STOP, 0, 0, 0},
    FLAG("stop", stops),
    FLAG("stages", stages),
    TEXT("system", system),
    TEXT("template", template),
    FLAG("show-prompt", show_prompt),
    TEXT("tokens", tokens),
    TEXT("out", out),
    TEXT("taps", taps),
    TEXT("html", html),
    TEXT("trace", trace),
    TEXT("trace-from", trace_from),
    TEXT("verilated", verilated),
    TEXT("memory", memory),
    TEXT("waves", waves),
    TEXT("waves-from", waves_from),
    TEXT("source", source),
    TEXT("dtype", dtype),
    NUMBER("threads", threads, 1, TERN_POOL_MAX_THREADS),
    NUMBER("shard-bytes", shard_bytes, 1, UINT64_MAX / 2),
    NUMBER("depth", depth, 1, TERN_MAX_DEPTH),
    NUMBER("draft-depth", draft_depth, 1, TERN_MAX_DEPTH),
    NUMBER("draft-tokens", draft_tokens, 1, TERN_MAX_VECTORS - 1),
    NUMBER("max-tokens", max_tokens, 1, 1000000000),
    NUMBER("context", context, 1, TERN_MAX_POSITIONS),
    NUMBER("seed", seed, 0, UINT64_MAX),
    REAL("temperature", temperature, 0, 100),
    NUMBER("top-k", top_k, 0, INT32_MAX),
    REAL("top-p", top_p, 0, 1),
    REAL("repetition-penalty", repetition_penalty, 0, 100),
    NUMBER("layer", layer, 0, 100000),
    NUMBER("positions", positions, 1, TERN_MAX_POSITIONS),
    NUMBER("device-memory", memory_bytes, 4096, (uint64_t)1 << 46),
    NUMBER("latency", latency, 1, 10000),
    NUMBER("bandwidth", bandwidth, 1, 100),
    NUMBER("stalls", stall_seed, 1, UINT32_MAX),
    NUMBER("lanes", lanes, 1, 4),
    NUMBER("vectors", vectors, 1, 4),
    NUMBER("trace-commands", trace_commands, 1, UINT64_MAX / 4),
    NUMBER("waves-cycles", waves_cycles, 1, UINT64_MAX / 4),
    LIST(model),
    LIST(lanes),
    LIST(vectors),
    LIST(ways),
    LIST(attention),
    LIST(clock),
    LIST(bandwidth),
    LIST(latency),
    LIST(context),
    LIST(prompt),
    LIST(devices),
    TEXT("svg", lists.svg),
};
enum { RULES = sizeof rules / sizeof *rules, FIRST_RULE = 256 }; // what getopt_long returns: above its '?'
_Static_assert(RULES <= TERN_CLI_RULES, "a place of `given` each");

// What a saved state brings along.
static const char *const saved_options[] = {
    "prompt", "prompt-file", "bos", "depth", "temperature", "top-k", "top-p", "seed", "repetition-penalty"};

bool tern_cli_is_given(const struct tern_cli_options *options, const char *name) {
    for (size_t i = 0; i < RULES; i++) {
        if (strcmp(rules[i].name, name) == 0) {
            return options->given[i];
        }
    }
    return false;
}

static bool is_in_usage(const char *usage, const char *name) {
    char flag[64];
    int length = snprintf(flag, sizeof flag, "--%s", name);
    for (const char *at = usage; (at = strstr(at, flag)); at += length) {
        if (at[length] != '-' && !isalnum((unsigned char)at[length])) {
            return true;
        }
    }
    return false;
}

// The option takes `value`, such as "LIST", in this command.
static bool has_value(const char *usage, const char *name, const char *value) {
    char flag[64];
    snprintf(flag, sizeof flag, "--%s %s", name, value);
    return strstr(usage, flag);
}

// Of rules with one name a command has that with the value that its usage text names.
static bool is_meant(const char *usage, const struct option_rule *rule) {
    const bool is_list = has_value(usage, rule->name, "LIST"), is_text = has_value(usage, rule->name, "TEXT");
    switch (rule->kind) {
    case OPTION_LIST: return is_list;
    case OPTION_STOP: return is_text;
    case OPTION_FLAG: return !is_text && is_in_usage(usage, rule->name);
    default: return !is_list && is_in_usage(usage, rule->name);
    }
}

// Prints the usage text, and the list of devices if the text names --device or --devices.
static void print_help(const char *usage) {
    bool takes_two = is_in_usage(usage, "devices") && !has_value(usage, "devices", "LIST");
    char line[256];
    tern_cli_print_usage(stdout, usage);
    if (!takes_two && !is_in_usage(usage, "device")) {
        return;
    }
    printf("Devices (default %s%s%s):\n", tern_backend_row(0)->name, takes_two ? "," : "",
           takes_two ? tern_backend_row(1)->name : "");
    for (size_t i = 0; tern_backend_row(i); i++) {
        snprintf(line, sizeof line, "  %-7s  %s\n", tern_backend_row(i)->name, tern_backend_row(i)->help);
        tern_cli_print_usage(stdout, line);
    }
}

// An option that may be given `most` times.
static bool take_more(const struct tern_cli_options *options, const char *name, const char *text, size_t most,
                      const char **list, size_t *count) {
    if (*count == most) {
        fprintf(stderr, "tern %s: --%s %.100s: at most %zu options --%s\n", options->command, name, text, most, name);
        return false;
    }
    list[(*count)++] = text;
    return true;
}

// Stores the value of an option. Prints a sentence and returns false for an invalid value.
static bool take(struct tern_cli_options *options, const struct option_rule *rule, const char *text) {
    options->given[rule - rules] = true;
    if (rule->kind == OPTION_ON) {
        return take_more(options, "on", text, TERN_CLI_ON, options->on, &options->on_count);
    }
    if (rule->kind == OPTION_STOP) {
        return take_more(options, "stop", text, TERN_CLI_STOPS, options->stop, &options->stop_count);
    }
    void *member = (char *)options + rule->offset;
    bool is_taken = true;
    switch (rule->kind) {
    case OPTION_FLAG: *(bool *)member = true; break;
    case OPTION_TEXT:
    case OPTION_LIST: *(const char **)member = text; break;
    case OPTION_REAL: is_taken = tern_cli_real(text, (double)rule->least, (double)rule->most, member); break;
    default: is_taken = tern_cli_number(text, rule->least, rule->most, member);
    }
    if (!is_taken) {
        fprintf(stderr, "tern %s: --%s %s is not a number from %llu to %llu\n", options->command, rule->name, text,
                (unsigned long long)rule->least, (unsigned long long)rule->most);
    }
    return is_taken;
}

static int point_to_help(const char *command) {
    fprintf(stderr, "`tern %s --help` lists the options\n", command);
    return TERN_EXIT_USAGE;
}

int tern_cli_misused(const char *command, const char *what) {
    fprintf(stderr, "tern %s: %s\n", command, what);
    return point_to_help(command);
}

static bool is_operand(const char *word, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!isupper((unsigned char)word[i])) {
            return false;
        }
    }
    return length > 0;
}

struct operands {
    int least, most;
    char names[64]; // " MODEL TEXT", " [MODEL]"
};

// The words in capitals in the first line of the usage text that are not values of options. `least` of them are not in
// brackets.
static struct operands find_operands(const char *usage) {
    struct operands operands = {0};
    bool is_value = false;
    for (const char *word = usage; *word && *word != '\n';) {
        size_t length = strcspn(word, " \n"), used = strlen(operands.names);
        bool bracketed = length > 2 && word[0] == '[' && word[length - 1] == ']';
        if (!is_value && is_operand(word + bracketed, length - 2 * (size_t)bracketed)) {
            operands.most++;
            operands.least += !bracketed;
            snprintf(operands.names + used, sizeof operands.names - used, " %.*s", (int)length, word);
        }
        is_value = strncmp(word + (word[0] == '['), "--", 2) == 0 && word[length - 1] != ']';
        word += length + (word[length] == ' ');
    }
    return operands;
}

static int take_operands(int argc, char **argv, const char *usage, struct tern_cli_options *options) {
    const struct operands operands = find_operands(usage);
    const int given = argc - optind;
    if (given < operands.least || given > operands.most) {
        char what[120];
        snprintf(what, sizeof what, "%s: it takes%s",
                 given < operands.least ? "an operand is missing" : "there is an operand too many",
                 operands.most > 0 ? operands.names : " none");
        return tern_cli_misused(argv[0], what);
    }
    for (int i = 0; i < given; i++) {
        options->operand[i] = argv[optind + i];
    }
    // The first operand is a directory; an empty one would make "/config.json".
    if (given > 0 && !*options->operand[0]) {
        return tern_cli_misused(argv[0], "the first operand is empty");
    }
    if (given > 1 && strstr(usage, " OUT ")) {
        options->out = options->operand[1];
    }
    return -1;
}

// Returns an exit code when the options end the command, else -1.
static int take_options(int argc, char **argv, const struct option *table, const char *usage,
                        struct tern_cli_options *options) {
    optind = 0; // glibc: restarts getopt_long after another subcommand in this process
    for (int chosen; (chosen = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        if (chosen < FIRST_RULE) {
            return point_to_help(options->command);
        }
        const struct option_rule *rule = &rules[chosen - FIRST_RULE];
        if (rule->kind == OPTION_HELP) {
            print_help(usage);
            return TERN_EXIT_OK;
        }
        if (!take(options, rule, optarg)) {
            return TERN_EXIT_USAGE;
        }
    }
    return -1;
}

int tern_cli_check_device(const char *command, const char *name) {
    struct tern_error error = {{0}};
    const struct tern_backend_row *row;
    if (tern_backend_find(name, &error, &row) == TERN_STATUS_OK) {
        return -1;
    }
    tern_cli_fail(command, &error);
    return TERN_EXIT_USAGE;
}

static enum tern_status check_files(const struct tern_cli_options *options, struct tern_error *error) {
    const char *const files[] = {options->out, options->save_state, options->resume};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (files[i] && !*files[i]) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "the name of the %s is empty",
                                  i == 0 ? "output" : "saved state");
        }
    }
    if (options->prompt && options->prompt_file) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--prompt and --prompt-file do not go together");
    }
    if (options->bos && strcmp(options->bos, "auto") && strcmp(options->bos, "yes") && strcmp(options->bos, "no")) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--bos %.40s is not auto, yes or no", options->bos);
    }
    for (size_t i = 0; i < options->stop_count; i++) {
        size_t bad;
        if (!*options->stop[i] || !tern_utf8_validate(options->stop[i], strlen(options->stop[i]), &bad)) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--stop: a text that is %s ends nothing",
                                  *options->stop[i] ? "not UTF-8" : "empty");
        }
    }
    if ((options->waves_from && !options->waves) || (options->waves_cycles && !options->waves_from)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                              "--waves-from needs --waves, and --waves-cycles needs --waves-from");
    }
    if ((options->trace_from || options->trace_commands) && !options->trace) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--trace-from and --trace-commands need --trace");
    }
    for (size_t i = 0; options->resume && i < sizeof saved_options / sizeof *saved_options; i++) {
        if (tern_cli_is_given(options, saved_options[i])) {
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                  "--%s comes from the saved state: --resume does not go with it", saved_options[i]);
        }
    }
    return TERN_STATUS_OK;
}

// Files that a command writes at the same time, and the state it reads. A new state may replace that.
static enum tern_status check_outputs(const struct tern_cli_options *options, struct tern_error *error) {
    const struct {
        const char *name, *path;
    } files[] = {{"out", options->out},
                 {"taps", options->taps},
                 {"save-state", options->save_state},
                 {"html", options->html},
                 {"trace", options->trace},
                 {"waves", options->waves},
                 {"resume", options->resume},
                 {"prompt-file", options->prompt_file}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (size_t j = 0; j < i; j++) {
            const bool goes_on = files[j].path == options->save_state && files[i].path == options->resume;
            if (files[i].path && files[j].path && !goes_on && strcmp(files[i].path, files[j].path) == 0) {
                return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--%s and --%s name the same file",
                                      files[j].name, files[i].name);
            }
        }
    }
    return TERN_STATUS_OK;
}

// Other devices have no units that RTL could replace.
static enum tern_status check_verilated(const struct tern_cli_options *options, struct tern_error *error) {
    const char *device = tern_cli_device(options);
    bool has_vp = strcmp(device, "vp") == 0 || (options->devices && strstr(options->devices, "vp"));
    for (size_t i = 0; i < options->on_count; i++) {
        has_vp = has_vp || strncmp(options->on[i], "vp:", 3) == 0;
    }
    return has_vp || !options->verilated
               ? TERN_STATUS_OK
               : tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, "--verilated is for device vp, %s has no such units",
                                options->devices ? options->devices : device);
}

// Checks the values that are wrong for every model and device. Returns TERN_EXIT_USAGE after a sentence, else -1.
static int check_values(const struct tern_cli_options *options) {
    struct tern_error error = {{0}};
    uint32_t *ids = NULL;
    size_t count;
    enum tern_status status = options->tokens ? tern_cli_ids(options->tokens, &error, &ids, &count) : TERN_STATUS_OK;
    free(ids);
    if (status == TERN_STATUS_OK && options->draft_tokens && !options->draft_depth) {
        status = tern_error_set(&error, TERN_STATUS_BAD_ARGUMENT, "--draft-tokens needs --draft-depth");
    }
    const bool chooses = options->top_k != UINT64_MAX || options->top_p >= 0;
    if (status == TERN_STATUS_OK && options->temperature == 0 && chooses) {
        status = tern_error_set(&error, TERN_STATUS_BAD_ARGUMENT, NOTHING_TO_CHOOSE);
    }
    if (status == TERN_STATUS_OK) {
        status = check_files(options, &error);
    }
    if (status == TERN_STATUS_OK) {
        status = tern_cli_place_check(options, &error);
    }
    if (status == TERN_STATUS_OK) {
        status = check_outputs(options, &error);
    }
    if (status == TERN_STATUS_OK) {
        status = check_verilated(options, &error);
    }
    if (status == TERN_STATUS_BAD_ARGUMENT) {
        tern_cli_fail(options->command, &error);
        return TERN_EXIT_USAGE;
    }
    return tern_cli_check_device(options->command, tern_cli_device(options));
}

// The first operand is the directory of a model.
static int check_directory(const struct tern_cli_options *options) {
    struct tern_error error;
    const bool is_good =
        !options->operand[0] || tern_model_directory_check(options->operand[0], &error) == TERN_STATUS_OK;
    return is_good ? -1 : tern_cli_fail(options->command, &error);
}

int tern_cli_parse(int argc, char **argv, const char *usage, struct tern_cli_options *options) {
    struct option table[RULES + 1] = {{0}};
    char program[32], *command = argv[0];
    int count = 0;
    for (int i = 0; i < RULES; i++) {
        if (rules[i].kind == OPTION_HELP || is_meant(usage, &rules[i])) {
            int takes_value = rules[i].kind >= OPTION_TEXT;
            table[count++] = (struct option){rules[i].name, takes_value, NULL, FIRST_RULE + i};
        }
    }
    options->command = command;
    options->temperature = options->top_p = options->repetition_penalty = -1;
    options->top_k = UINT64_MAX;
    snprintf(program, sizeof program, "tern %s", command);
    argv[0] = program; // getopt_long begins its sentences with it
    int code = take_options(argc, argv, table, usage, options);
    argv[0] = command;
    code = code >= 0 ? code : take_operands(argc, argv, usage, options);
    code = code >= 0 ? code : check_values(options);
    return code >= 0 ? code : check_directory(options);
}

const char *tern_cli_device(const struct tern_cli_options *options) {
    return options->device ? options->device : tern_backend_row(0)->name;
}

unsigned tern_cli_threads(const struct tern_cli_options *options) {
    return options->threads ? (unsigned)options->threads : tern_parallel_processors();
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
            return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT,
                                  "--tokens %.100s: ids are numbers with commas between", text);
        }
        list[i] = (uint32_t)id;
        at = end + 1;
    }
    *ids = list;
    *count = most;
    return TERN_STATUS_OK;
}

enum tern_status tern_cli_sampling(const struct tern_cli_options *options, struct tern_error *error,
                                   struct tern_sampling *sampling) {
    bool has_top_k = options->top_k != UINT64_MAX, has_top_p = options->top_p >= 0;
    sampling->temperature = options->temperature >= 0 ? options->temperature : sampling->temperature;
    sampling->top_k = has_top_k ? (uint32_t)options->top_k : sampling->top_k;
    sampling->top_p = has_top_p ? options->top_p : sampling->top_p;
    sampling->repetition_penalty =
        options->repetition_penalty >= 0 ? options->repetition_penalty : sampling->repetition_penalty;
    sampling->seed = options->seed;
    if (sampling->temperature == 0 && (has_top_k || has_top_p)) {
        return tern_error_set(error, TERN_STATUS_BAD_ARGUMENT, NOTHING_TO_CHOOSE);
    }
    return TERN_STATUS_OK;
}
