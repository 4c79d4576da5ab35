// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_family.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/mapped_file.h"
#include "host_driver/system/path.h"

#define TEMPLATE_MAX_BYTES (1u << 20)

// The first whose marks all stand in the template. "\\n" in marks and answer is the escape of a Jinja string.
static const struct tern_chat_family families[] = {
    {.name = "ChatML",
     .marks = {"<|im_start|>", "<|im_end|>"},
     .answer = "<|im_start|>assistant\\n",
     .begin = "",
     .system = "<|im_start|>system\n{}<|im_end|>\n",
     .user = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n",
     .end = "<|im_end|>",
     .after_answer = "\n"},
    {.name = "Llama 3.1",
     .marks = {"<|start_header_id|>", "Cutting Knowledge Date: December 2023", "26 Jul 2024"},
     .answer = "<|start_header_id|>assistant<|end_header_id|>\\n\\n",
     .begin = "<|begin_of_text|>",
     .system = "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
               "Today Date: 26 Jul 2024\n\n{}<|eot_id|>",
     .user = "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>"
             "<|start_header_id|>assistant<|end_header_id|>\n\n",
     .end = "<|eot_id|>",
     .after_answer = "",
     .trims = 1,
     .has_empty_system = 1},
};

// A file's text with a zero byte at its end; *text stays NULL when there is no file.
static enum tern_status read_file(const char *path, struct tern_error *error, char **text) {
    struct tern_mapped_file file;
    *text = NULL;
    if (access(path, F_OK) != 0) {
        return TERN_STATUS_OK;
    }
    enum tern_status status = tern_mapped_file_open(path, error, &file);
    if (status != TERN_STATUS_OK) {
        return status;
    }
    if (file.bytes > TEMPLATE_MAX_BYTES) {
        status = tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %zu bytes are too many for a chat template", path,
                                file.bytes);
    } else if (!(*text = calloc(file.bytes + 1, 1))) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", path);
    } else if (file.bytes > 0) {
        memcpy(*text, file.data, file.bytes);
    }
    tern_mapped_file_close(&file);
    return status;
}

// chat_template is a string, or a list of {"name", "template"} of which "default" is the one.
static const char *template_of(const cJSON *root) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "chat_template");
    const char *text = cJSON_GetStringValue(item);
    for (const cJSON *entry = cJSON_IsArray(item) ? item->child : NULL; entry; entry = entry->next) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "name"));
        if (name && strcmp(name, "default") == 0) {
            text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "template"));
        }
    }
    return text;
}

static enum tern_status read_config(const char *path, struct tern_error *error, char **text) {
    cJSON *root = NULL;
    enum tern_status status = access(path, F_OK) == 0 ? tern_json_load(path, error, &root) : TERN_STATUS_OK;
    const char *found = template_of(root);
    if (status == TERN_STATUS_OK && found && !(*text = strdup(found))) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", path);
    }
    cJSON_Delete(root);
    return status;
}

static enum tern_status read_template(const char *directory, struct tern_error *error, char **text) {
    char *file = tern_path_join(directory, "chat_template.jinja");
    char *config = tern_path_join(directory, "tokenizer_config.json");
    *text = NULL;
    enum tern_status status;
    if (!file || !config) {
        status = tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", directory);
    } else {
        status = read_file(file, error, text);
        status = status == TERN_STATUS_OK && !*text ? read_config(config, error, text) : status;
    }
    if (status == TERN_STATUS_OK && !*text) {
        status =
            tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                           "%s has no chat_template, so it is no chat model; `tern run` goes on from any text", config);
    }
    free(file);
    free(config);
    return status;
}

// The head of an answer is the whole of a Jinja string, at its last place: nothing (a "<think>", say) comes after it.
static int has_marks(const char *text, const struct tern_chat_family *family) {
    for (size_t i = 0; i < sizeof family->marks / sizeof *family->marks && family->marks[i]; i++) {
        if (!strstr(text, family->marks[i])) {
            return 0;
        }
    }
    char after = 0;
    for (const char *at = text; (at = strstr(at, family->answer));) {
        at += strlen(family->answer);
        after = *at;
    }
    return after == '\'' || after == '"';
}

// A Jinja string from `from` to `end`, its escapes undone; free().
static char *unescape(const char *from, const char *end) {
    char *text = calloc((size_t)(end - from) + 1, 1), *to = text;
    for (; text && from < end; from++) {
        int is_escape = *from == '\\' && from + 1 < end;
        from += is_escape;
        *to++ = is_escape && *from == 'n' ? '\n' : *from;
    }
    return text;
}

// End of the Jinja string that `quote` began.
static const char *end_of_string(const char *at, char quote) {
    while (*at && *at != quote) {
        at += *at == '\\' && at[1] ? 2 : 1;
    }
    return at;
}

// The default stands in the template as one string: '<|im_start|>system\nYou are ...<|im_end|>\n'.
static enum tern_status find_system(const char *text, const struct tern_chat_family *family, struct tern_error *error,
                                    char **system) {
    static const char head[] = "<|im_start|>system\\n";
    *system = NULL;
    for (const char *at = text; (at = strstr(at, head)) && !*system;) {
        char quote = at > text ? at[-1] : 0;
        at += sizeof head - 1;
        const char *end = strstr(at, "<|im_end|>");
        if (end && end > at && end < end_of_string(at, quote) && !(*system = unescape(at, end))) {
            return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a system message");
        }
    }
    if (family->has_empty_system && !*system && !(*system = strdup(""))) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a system message");
    }
    return TERN_STATUS_OK;
}

enum tern_status tern_chat_family_find(const char *directory, struct tern_error *error,
                                       const struct tern_chat_family **family, char **system) {
    char *text;
    enum tern_status status = read_template(directory, error, &text);
    if (status != TERN_STATUS_OK) {
        free(text);
        return status;
    }
    *family = NULL;
    for (size_t i = 0; i < sizeof families / sizeof *families && !*family; i++) {
        *family = has_marks(text, &families[i]) ? &families[i] : NULL;
    }
    if (*family) {
        status = find_system(text, *family, error, system);
    } else {
        status = tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                                "%s: the chat_template is %s; known are ChatML as Qwen2.5 has it and Llama 3.1's",
                                directory, strstr(text, "[INST]") ? "Mistral's" : "none that Tern knows");
    }
    free(text);
    return status;
}
