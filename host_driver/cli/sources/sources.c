// SPDX-License-Identifier: Apache-2.0
#include "host_driver/cli/sources/sources.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The groups of the program that device `name` uses. Its name may go on with ":LAYERS".
static uint32_t groups_of(const struct tern_cli_options *options, const char *name) {
    char device[32];
    snprintf(device, sizeof device, "%.*s", (int)strcspn(name, ":"), name);
    const bool has_units = options->verilated && strcmp(device, "vp") == 0;
    return tern_sources_group(&tern_sources, device) | (has_units ? tern_sources_group(&tern_sources, "verilated") : 0);
}

enum tern_status tern_cli_sources_open(const struct tern_cli_options *options, const char *const *names, size_t count,
                                       bool is_quiet, struct tern_error *error, struct tern_cli_sources *sources) {
    char text[2 * PATH_MAX];
    *sources = (struct tern_cli_sources){.command = options->command, .is_allowed = options->allow_stale};
    if (!is_quiet) {
        tern_sources_describe(&tern_sources, text, sizeof text);
        fprintf(stderr, "tern %s: sources %s\n", options->command, text);
    }
    const char *tree = tern_sources_tree(&tern_sources);
    if (!tree || (!getenv("TERN_SOURCES") && tern_sources_is_installed(&tern_sources))) {
        return TERN_STATUS_OK;
    }
    uint32_t groups = tern_sources_group(&tern_sources, "driver") | groups_of(options, tern_cli_device(options));
    for (size_t i = 0; i < options->on_count; i++) {
        groups |= groups_of(options, options->on[i]);
    }
    for (size_t i = 0; i < count; i++) {
        groups |= groups_of(options, names[i]);
    }
    return tern_sources_compare(&tern_sources, tree, groups, error, &sources->changes);
}

int tern_cli_sources_end(const struct tern_cli_sources *sources, int code) {
    char text[2 * PATH_MAX];
    if (!sources->changes.count) {
        return code;
    }
    tern_sources_complain(&tern_sources, &sources->changes, text, sizeof text);
    fflush(stdout); // this sentence comes last; main() sees a failure
    fprintf(stderr, "tern %s: %s\n", sources->command, text);
    return sources->is_allowed || code != TERN_EXIT_OK ? code : TERN_EXIT_FAILED;
}

char *tern_cli_sources_json(const struct tern_cli_sources *sources) {
    char hash[24];
    cJSON *root = cJSON_CreateObject();
    snprintf(hash, sizeof hash, TERN_SOURCES_HASH_FORMAT, tern_sources_short_hash(&tern_sources));
    cJSON_AddStringToObject(root, "hash", hash);
    cJSON_AddStringToObject(root, "commit", tern_sources.commit);
    cJSON *changed = cJSON_AddArrayToObject(root, "changed");
    for (size_t i = 0; i < sources->changes.count; i++) {
        cJSON_AddItemToArray(changed, cJSON_CreateString(sources->changes.list[i].path));
    }
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

void tern_cli_sources_close(struct tern_cli_sources *sources) {
    tern_source_changes_free(&sources->changes);
}
