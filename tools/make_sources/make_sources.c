// SPDX-License-Identifier: Apache-2.0
// make_sources OUT.c NAME BUILD [--no-commit] TREE [--group GROUP ROOT...]...: writes struct tern_sources NAME of
// sources.h, and OUT.c.d with all that it depends on. OUT.c keeps its time when it says the same, so that no program is
// linked again.
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_driver/system/hash.h"
#include "host_driver/system/path.h"
#include "host_driver/system/sources/source_list.h"
#include "tools/make_sources/git.h"

enum { MOST_GROUPS = 32 };

struct request {
    const char *out, *name, *tree, *build;
    bool has_commit;
    const char *groups[MOST_GROUPS];
    const char **roots;   // [root_count]
    uint32_t *root_group; // [root_count], its bit
    size_t group_count, root_count;
    struct tern_source_list list;
    struct git_state git;
};

static int fail(const char *what, const char *which) {
    fprintf(stderr, "make_sources: %s%s\n", what, which);
    return 1;
}

// The index of a group, which is added when it is new.
static size_t group_of(struct request *request, const char *name) {
    for (size_t i = 0; i < request->group_count; i++) {
        if (strcmp(request->groups[i], name) == 0) {
            return i;
        }
    }
    if (request->group_count < MOST_GROUPS) {
        request->groups[request->group_count] = name;
    }
    return request->group_count++;
}

static int parse(int count, char **words, struct request *request) {
    size_t group = MOST_GROUPS;
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "--group") == 0 && i + 1 < count) {
            group = group_of(request, words[++i]);
        } else if (group < MOST_GROUPS) {
            request->roots[request->root_count] = words[i];
            request->root_group[request->root_count++] = UINT32_C(1) << group;
        } else {
            return fail("no group, or too many: ", words[i]);
        }
    }
    return 0;
}

static int find_files(struct request *request) {
    struct tern_error error;
    for (size_t i = 0; i < request->root_count; i++) {
        const size_t before = request->list.count;
        if (tern_source_list_add(&request->list, request->tree, request->roots[i], request->root_group[i], &error)) {
            return fail(error.message, "");
        }
        if (request->list.count == before) {
            return fail("there is no ", request->roots[i]);
        }
    }
    tern_source_list_sort(&request->list);
    tern_source_list_hash(&request->list, request->tree);
    return 0;
}

static void print_text(FILE *file, const char *text) {
    fputc('"', file);
    for (; *text; text++) {
        fprintf(file, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    }
    fputc('"', file);
}

static uint64_t hash_of_all(const struct tern_source_list *list) {
    uint64_t hash = TERN_HASH_START;
    for (size_t i = 0; i < list->count; i++) {
        const struct tern_source_entry *entry = &list->entries[i];
        if (!entry->is_folder) {
            hash = tern_hash_bytes(hash, entry->path, strlen(entry->path) + 1);
            hash = tern_hash_bytes(hash, &entry->hash, sizeof entry->hash);
        }
    }
    return hash;
}

// Returns the number of files.
static size_t print_files(FILE *file, const struct tern_source_list *list) {
    size_t count = 0;
    fprintf(file, "static const struct tern_source_file files[] = {\n");
    for (size_t i = 0; i < list->count; i++) {
        if (!list->entries[i].is_folder) {
            fputs("    {", file);
            print_text(file, list->entries[i].path);
            fprintf(file, ", 0x%016" PRIx64 "u, %" PRIu32 "u},\n", list->entries[i].hash, list->entries[i].groups);
            count++;
        }
    }
    fprintf(file, "};\n");
    return count;
}

static void print_source(FILE *file, const struct request *request) {
    fprintf(file, "// Made by tools/make_sources.\n#include \"host_driver/system/sources/sources.h\"\n\n");
    const size_t count = print_files(file, &request->list);
    fprintf(file, "static const struct tern_source_root roots[] = {\n");
    for (size_t i = 0; i < request->root_count; i++) {
        fputs("    {", file);
        print_text(file, request->roots[i]);
        fprintf(file, ", %" PRIu32 "u},\n", request->root_group[i]);
    }
    fprintf(file, "};\nstatic const char *const groups[] = {");
    for (size_t i = 0; i < request->group_count; i++) {
        print_text(file, request->groups[i]);
        fputs(", ", file);
    }
    fprintf(file, "};\nconst struct tern_sources %s = {\n    .tree = ", request->name);
    print_text(file, request->tree);
    fputs(",\n    .build = ", file);
    print_text(file, request->build);
    fputs(",\n    .commit = ", file);
    print_text(file, request->git.commit);
    fprintf(file, ",\n    .hash = 0x%016" PRIx64 "u,\n", hash_of_all(&request->list));
    fprintf(file, "    .groups = groups, .roots = roots, .files = files,\n");
    fprintf(file, "    .group_count = %zu, .root_count = %zu, .file_count = %zu,\n};\n", request->group_count,
            request->root_count, count);
}

// A name in a file of dependencies.
static void print_name(FILE *file, const char *name) {
    for (; *name; name++) {
        fprintf(file, *name == ' ' || *name == '#' ? "\\%c" : *name == '$' ? "$%c" : "%c", *name);
    }
}

static void print_dependencies(FILE *file, const struct request *request) {
    print_name(file, request->out);
    fputc(':', file);
    for (size_t i = 0; i < request->list.count; i++) {
        const char *path = request->list.entries[i].path;
        fputs(" \\\n ", file);
        if (*path != '/') {
            print_name(file, request->tree);
            fputc('/', file);
        }
        print_name(file, path);
    }
    if (*request->git.log) {
        fputs(" \\\n ", file);
        print_name(file, request->git.log);
    }
    fputc('\n', file);
}

// Writes a file unless it has this text.
static int write_changed(const char *path, const char *text, size_t bytes) {
    FILE *file = fopen(path, "rb");
    char *old = file ? malloc(bytes + 1) : NULL;
    const bool is_same = old && fread(old, 1, bytes + 1, file) == bytes && memcmp(old, text, bytes) == 0;
    free(old);
    if (file) {
        fclose(file);
    }
    if (is_same) {
        return 0;
    }
    file = fopen(path, "wb");
    const bool is_written = file && fwrite(text, 1, bytes, file) == bytes;
    return file && fclose(file) == 0 && is_written ? 0 : fail("cannot write ", path);
}

static int write_file(const struct request *request, const char *path,
                      void (*print)(FILE *file, const struct request *request)) {
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    if (!file) {
        return fail("no memory for ", path);
    }
    print(file, request);
    const int code = fclose(file) ? fail("no memory for ", path) : write_changed(path, text, bytes);
    free(text);
    return code;
}

static int make(struct request *request) {
    if (find_files(request)) {
        return 1;
    }
    if (request->has_commit) {
        git_look(request->tree, request->roots, request->root_count, &request->git);
    }
    char *dependencies = tern_text_format("%s.d", request->out);
    const int code = !dependencies || write_file(request, request->out, print_source) ||
                     write_file(request, dependencies, print_dependencies);
    free(dependencies);
    return code;
}

int main(int argc, char **argv) {
    const bool has_commit = argc < 5 || strcmp(argv[4], "--no-commit") != 0;
    const int tree = has_commit ? 4 : 5;
    if (argc <= tree) {
        return fail("usage: make_sources OUT.c NAME BUILD [--no-commit] TREE --group GROUP ROOT...", "");
    }
    struct request request = {
        .out = argv[1], .name = argv[2], .build = argv[3], .tree = argv[tree], .has_commit = has_commit};
    request.roots = calloc((size_t)argc, sizeof *request.roots);
    request.root_group = calloc((size_t)argc, sizeof *request.root_group);
    int code = !request.roots || !request.root_group ? fail("no memory", "") : 0;
    code = code ? code : parse(argc - tree - 1, argv + tree + 1, &request);
    code = code ? code : make(&request);
    tern_source_list_free(&request.list);
    free(request.roots);
    free(request.root_group);
    return code;
}
