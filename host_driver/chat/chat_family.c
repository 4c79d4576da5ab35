// SPDX-License-Identifier: Apache-2.0
#include "host_driver/chat/chat_family.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_driver/formats/json.h"
#include "host_driver/system/mapped_file.h"
#include "host_driver/system/path.h"

#define TEMPLATE_MAX_BYTES (1u << 20)

// The first family whose marks are all in the template is taken. "\\n" in `answer` is the escape of a Jinja string.
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
     .trims = true,
     .has_empty_system = true},
};

static enum tern_status no_memory(const char *path, struct tern_error *error) {
    return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "%s: no host memory", path);
}

static enum tern_status copy_text(const struct tern_mapped_file *file, const char *path, struct tern_error *error,
                                  char **text) {
    if (file->bytes > TEMPLATE_MAX_BYTES) {
        return tern_error_set(error, TERN_STATUS_BAD_FILE, "%s: %zu bytes are too many for a chat template", path,
                              file->bytes);
    }
    *text = calloc(file->bytes + 1, 1);
    if (!*text) {
        return no_memory(path, error);
    }
    if (file->bytes > 0) {
        memcpy(*text, file->data, file->bytes);
    }
    return TERN_STATUS_OK;
}

// A file's text with a zero byte at its end; *text is unchanged when the file does not exist.
static enum tern_status read_file(const char *path, struct tern_error *error, char **text) {
    struct tern_mapped_file file;
    if (access(path, F_OK) != 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_mapped_file_open(path, error, &file));
    enum tern_status status = copy_text(&file, path, error, text);
    tern_mapped_file_close(&file);
    return status;
}

// chat_template is a string, or a list of {"name", "template"} with an entry "default".
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
    cJSON *root;
    if (access(path, F_OK) != 0) {
        return TERN_STATUS_OK;
    }
    TERN_TRY(tern_json_load(path, error, &root));
    const char *found = template_of(root);
    bool is_kept = !found || (*text = strdup(found));
    cJSON_Delete(root);
    return is_kept ? TERN_STATUS_OK : no_memory(path, error);
}

static enum tern_status read_either(const char *file, const char *config, struct tern_error *error, char **text) {
    TERN_TRY(read_file(file, error, text));
    if (!*text) {
        TERN_TRY(read_config(config, error, text));
    }
    if (!*text) {
        return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                              "%s has no chat_template, so it is no chat model; `tern run` goes on from any text",
                              config);
    }
    return TERN_STATUS_OK;
}

static enum tern_status read_template(const char *directory, struct tern_error *error, char **text) {
    char *file = tern_path_join(directory, "chat_template.jinja");
    char *config = tern_path_join(directory, "tokenizer_config.json");
    *text = NULL;
    enum tern_status status = file && config ? read_either(file, config, error, text) : no_memory(directory, error);
    free(file);
    free(config);
    return status;
}

// The last head of an answer ends its Jinja string: the template adds nothing to it, such as "<think>".
static bool has_marks(const char *text, const struct tern_chat_family *family) {
    for (size_t i = 0; i < sizeof family->marks / sizeof *family->marks && family->marks[i]; i++) {
        if (!strstr(text, family->marks[i])) {
            return false;
        }
    }
    char after = 0;
    for (const char *at = text; (at = strstr(at, family->answer));) {
        at += strlen(family->answer);
        after = *at;
    }
    return after == '\'' || after == '"';
}

// The Jinja string from `from` to `end` without its escapes; free().
static char *unescape(const char *from, const char *end) {
    char *text = calloc((size_t)(end - from) + 1, 1), *to = text;
    for (; text && from < end; from++) {
        bool is_escape = *from == '\\' && from + 1 < end;
        from += is_escape;
        *to++ = is_escape && *from == 'n' ? '\n' : *from;
    }
    return text;
}

// The end of the Jinja string that `quote` began.
static const char *end_of_string(const char *at, char quote) {
    while (*at && *at != quote) {
        at += *at == '\\' && at[1] ? 2 : 1;
    }
    return at;
}

// The template writes its own system turn as one string: '<|im_start|>system\nYou are ...<|im_end|>\n'.
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

static enum tern_status find_family(const char *text, const char *directory, struct tern_error *error,
                                    const struct tern_chat_family **family, char **system) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        if (has_marks(text, &families[i])) {
            *family = &families[i];
            return find_system(text, *family, error, system);
        }
    }
    return tern_error_set(error, TERN_STATUS_UNSUPPORTED,
                          "%s: the chat_template is %s; known are ChatML as Qwen2.5 has it and Llama 3.1's", directory,
                          strstr(text, "[INST]") ? "Mistral's" : "none that Tern knows");
}

enum tern_status tern_chat_family_find(const char *directory, struct tern_error *error,
                                       const struct tern_chat_family **family, char **system) {
    char *text;
    TERN_TRY(read_template(directory, error, &text));
    enum tern_status status = find_family(text, directory, error, family, system);
    free(text);
    return status;
}
