// SPDX-License-Identifier: Apache-2.0
// render_batch, for compare.py. Each line of standard input is a JSON object: template, messages [{role, content}],
// variables {name: text} and optionally add_generation_prompt. Writes an object with "text", and with "marks" a digit
// for each byte (1 for a byte of a message), or with "error".
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/jinja/template.h"
#include "host_driver/system/descriptors.h"

#define MOST 4096

static const char *text_of(const cJSON *object, const char *key) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

static size_t read_messages(const cJSON *request, struct tern_jinja_message *messages) {
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(request, "messages")) {
        const char *content = text_of(item, "content");
        if (count < MOST) {
            messages[count++] = (struct tern_jinja_message){text_of(item, "role"), content, strlen(content), 1};
        }
    }
    return count;
}

static size_t read_variables(const cJSON *request, struct tern_jinja_variable *variables) {
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(request, "variables")) {
        if (count < MOST) {
            variables[count++] = (struct tern_jinja_variable){item->string, cJSON_GetStringValue(item), false};
        }
    }
    return count;
}

static void answer(const char *key, const struct tern_jinja_output *output, const char *text) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, key, text);
    if (output) {
        char *marks = calloc(output->len_bytes + 1, 1);
        for (size_t i = 0; marks && i < output->len_bytes; i++) {
            marks[i] = (char)('0' + output->marks[i]);
        }
        cJSON_AddStringToObject(object, "marks", marks ? marks : "");
        free(marks);
    }
    char *line = cJSON_PrintUnformatted(object);
    puts(line ? line : "{}");
    fflush(stdout);
    cJSON_free(line);
    cJSON_Delete(object);
}

static void render(const cJSON *request) {
    static struct tern_jinja_message messages[MOST];
    static struct tern_jinja_variable variables[MOST];
    const char *source = text_of(request, "template");
    const time_t seconds = time(NULL);
    struct tm now;
    struct tern_error error = {""};
    struct tern_jinja_template *template;
    struct tern_jinja_output output;
    struct tern_jinja_input input = {messages,  read_messages(request, messages),
                                     variables, read_variables(request, variables),
                                     true,      localtime_r(&seconds, &now)};
    input.has_answer_head = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(request, "add_generation_prompt"));
    if (tern_jinja_open(source, strlen(source), &error, &template) != TERN_STATUS_OK) {
        answer("error", NULL, error.message);
        return;
    }
    if (tern_jinja_run_template(template, &input, &error, &output) == TERN_STATUS_OK) {
        answer("text", &output, output.text);
        tern_jinja_output_release(&output);
    } else {
        answer("error", NULL, error.message);
    }
    tern_jinja_close(template);
}

int main(void) {
    char *line = NULL;
    size_t capacity = 0;
    if (!tern_descriptors_guard()) {
        return 1;
    }
    while (getline(&line, &capacity, stdin) > 0) {
        cJSON *request = cJSON_Parse(line);
        if (!request) {
            fprintf(stderr, "render_batch: a line is no JSON\n");
            free(line);
            return 1;
        }
        render(request);
        cJSON_Delete(request);
    }
    free(line);
    return 0;
}
