// SPDX-License-Identifier: Apache-2.0
// Tests matmul_runs.tuv, vector.tuv and attention.tuv in testvectors/unit. The C model reproduces them, and the
// generator writes exactly these bytes. `--write` writes all anew.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/device/tests/run_case.h"

#define FILE_BYTES_MAX 600000u

static uint32_t case_count(const struct run_file *runs) {
    return runs->directed + runs->randoms;
}

static uint8_t *append(uint8_t *at, const void *data, size_t bytes) {
    memcpy(at, data, bytes);
    return at + tern_unit_vectors_pad(bytes);
}

// The part of memory that the run changed, in whole words.
static void find_changed(struct run_case *c, const uint8_t *after) {
    uint64_t first = 0, end = c->record.memory_bytes;
    while (first < end && memcmp(c->memory + first, after + first, 4) == 0) {
        first += 4;
    }
    while (end > first && memcmp(c->memory + end - 4, after + end - 4, 4) == 0) {
        end -= 4;
    }
    c->record.changed_at = first < end ? c->record.memory_base + first : 0;
    c->record.changed_bytes = end - first;
}

static uint8_t *append_case(uint8_t *start, const struct run_file *runs, uint32_t number) {
    static struct run_case c;
    static uint8_t after[RUN_MEMORY_BYTES] __attribute__((aligned(64)));
    uint32_t detail;
    struct test_random random = test_random_seed(number + 1);
    if (number < runs->directed) {
        runs->make(number, &random, &c);
    } else {
        runs->make_random(number - runs->directed, &random, &c);
    }
    memcpy(after, c.memory, sizeof after);
    const uint32_t status = run_case_model(&c.record, (const uint32_t(*)[2])c.writes, after, &detail);
    if (status != c.record.status || (c.record.has_detail && detail != c.record.detail)) {
        fail_msg("%s: the model ends with status %u, detail 0x%x; the generator expects %u, 0x%x", c.record.name,
                 status, detail, c.record.status, c.record.detail);
    }
    find_changed(&c, after);
    uint8_t *at = append(start + sizeof c.record, c.writes, 8 * (size_t)c.record.writes);
    at = append(at, c.memory, c.record.memory_bytes);
    at = append(at, after + (c.record.changed_bytes ? c.record.changed_at - c.record.memory_base : 0),
                c.record.changed_bytes);
    c.record.bytes = (uint32_t)(at - start);
    memcpy(start, &c.record, sizeof c.record);
    return at;
}

// Returns the whole file in zeroed memory. The caller frees it.
static uint8_t *file_make(const struct run_file *runs, size_t *bytes) {
    uint8_t *file = calloc(1, FILE_BYTES_MAX + 4 * RUN_MEMORY_BYTES);
    assert_non_null(file);
    struct tern_unit_vectors_header header = {.version = TERN_RUN_VECTORS_VERSION, .cases = case_count(runs)};
    uint8_t *at = file + sizeof header;
    for (uint32_t i = 0; i < case_count(runs); i++) {
        at = append_case(at, runs, i);
        assert_true(at - file <= FILE_BYTES_MAX);
    }
    memcpy(header.magic, "TERNRUNS", sizeof header.magic);
    header.bytes = (uint32_t)(at - file);
    memcpy(file, &header, sizeof header);
    *bytes = header.bytes;
    return file;
}

static uint8_t *file_read(const struct run_file *runs, size_t *bytes) {
    FILE *stream = fopen(runs->path, "rb");
    uint8_t *file = calloc(1, FILE_BYTES_MAX);
    assert_non_null(stream);
    assert_non_null(file);
    *bytes = fread(file, 1, FILE_BYTES_MAX, stream);
    fclose(stream);
    return file;
}

static void check_vector(const struct tern_run_vector *vector) {
    static uint8_t memory[RUN_MEMORY_BYTES] __attribute__((aligned(64))), wanted[RUN_MEMORY_BYTES];
    static uint32_t writes[RUN_WRITES][2];
    const struct tern_run_vectors_record *record = &vector->record;
    assert_true(record->memory_bytes <= sizeof memory && record->writes <= RUN_WRITES);
    memcpy(writes, vector->writes, 8 * (size_t)record->writes);
    memcpy(memory, vector->before, record->memory_bytes);
    memcpy(wanted, vector->before, record->memory_bytes);
    if (record->changed_bytes) {
        memcpy(wanted + (record->changed_at - record->memory_base), vector->changed, record->changed_bytes);
    }
    uint32_t detail;
    const uint32_t status = run_case_model(record, (const uint32_t(*)[2])writes, memory, &detail);
    if (status != record->status || (record->has_detail && detail != record->detail)) {
        fail_msg("%s: status %u, detail 0x%x; expected %u, 0x%x", record->name, status, detail, record->status,
                 record->detail);
    }
    for (uint64_t i = 0; i < record->memory_bytes; i++) {
        if (memory[i] != wanted[i]) {
            fail_msg("%s: byte 0x%llx is %02x, expected %02x", record->name,
                     (unsigned long long)(record->memory_base + i), memory[i], wanted[i]);
        }
    }
}

static const struct run_file *const files[] = {&matmul_runs, &vector_runs, &attention_runs};

static void model_reproduces_the_files(void **state) {
    (void)state;
    for (size_t file = 0; file < sizeof files / sizeof files[0]; file++) {
        size_t bytes;
        uint8_t *data = file_read(files[file], &bytes);
        struct tern_run_vector vector;
        for (uint32_t i = 0; i < case_count(files[file]); i++) {
            assert_true(tern_run_vectors_find(data, bytes, i, &vector));
            check_vector(&vector);
        }
        assert_false(tern_run_vectors_find(data, bytes, case_count(files[file]), &vector));
        assert_false(tern_run_vectors_find(data, bytes - 1, 0, &vector));
        free(data);
    }
}

static void generator_writes_the_files(void **state) {
    (void)state;
    for (size_t file = 0; file < sizeof files / sizeof files[0]; file++) {
        size_t made_bytes, read_bytes;
        uint8_t *made = file_make(files[file], &made_bytes);
        uint8_t *read = file_read(files[file], &read_bytes);
        assert_int_equal(made_bytes, read_bytes);
        assert_memory_equal(made, read, made_bytes);
        free(made);
        free(read);
    }
}

static void write_files(void **state) {
    (void)state;
    for (size_t file = 0; file < sizeof files / sizeof files[0]; file++) {
        size_t bytes;
        uint8_t *data = file_make(files[file], &bytes);
        FILE *stream = fopen(files[file]->path, "wb");
        assert_non_null(stream);
        assert_int_equal(fwrite(data, 1, bytes, stream), bytes);
        assert_int_equal(fclose(stream), 0);
        free(data);
        printf("%s: %u cases, %zu bytes\n", files[file]->path, case_count(files[file]), bytes);
    }
}

int main(int count, char **arguments) {
    const struct CMUnitTest writers[] = {cmocka_unit_test(write_files)};
    if (count == 2 && strcmp(arguments[1], "--write") == 0) {
        return cmocka_run_group_tests_name("cmodel.run_vectors --write", writers, NULL, NULL);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_reproduces_the_files),
        cmocka_unit_test(generator_writes_the_files),
    };
    return cmocka_run_group_tests_name("cmodel.run_vectors", tests, NULL, NULL);
}
