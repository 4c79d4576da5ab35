// SPDX-License-Identifier: Apache-2.0
// Tests testvectors/unit/matmul.tuv. The C model reproduces it, and the generator below writes exactly these bytes.
// `--write` writes the file anew.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/float/f32.h"
#include "cmodel/layout.h"
#include "cmodel/reference/reference.h"
#include "cmodel/matmul/tests/matmul_case.h"
#include "testvectors/unit/unit_vectors.h"

#define VECTORS_PATH TERN_SOURCE_DIR "/testvectors/unit/matmul.tuv"
#define FILE_BYTES_MAX 200000
#define INTACT (-1)

// The cases. A damaged byte is flipped after packing, a damaged checksum after that.
struct recipe {
    const char *name;
    uint32_t rows, groups, depth_stored, depth_used;
    enum matmul_levels levels;
    enum matmul_codes codes;
    enum matmul_mantissas mantissas;
    enum matmul_shifts shifts;
    enum matmul_steps steps;
    int32_t activation_exponent;
    int32_t damaged_byte, damaged_crc_word;
    uint32_t status, strip;
};

#define RANDOM LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_SPACED
#define SOUND INTACT, INTACT, TERN_STATUS_OK, 0
#define REFUSED(byte, word, strip) byte, word, TERN_STATUS_CHECKSUM, strip

static const struct recipe recipes[] = {
    {"one row, depth 1", 1, 4, 1, 1, RANDOM, -10, SOUND},
    {"one strip, depth 1", 5, 4, 1, 1, RANDOM, -10, SOUND},
    {"one strip, depth 2", 5, 4, 2, 2, RANDOM, -10, SOUND},
    {"one strip, depth 3", 5, 4, 3, 3, RANDOM, -10, SOUND},
    {"one strip, depth 4", 5, 4, 4, 4, RANDOM, -10, SOUND},
    {"many strips, depth 3", 33, 8, 3, 3, RANDOM, -12, SOUND},
    {"wide, depth 3", 6, 128, 3, 3, RANDOM, -20, SOUND},
    {"wide, depth 4", 6, 132, 4, 4, RANDOM, -20, SOUND},
    {"wide, depth 1", 11, 68, 1, 1, RANDOM, -20, SOUND},
    {"depth 1 of 2", 7, 8, 2, 1, RANDOM, -8, SOUND},
    {"depth 1 of 3", 7, 8, 3, 1, RANDOM, -8, SOUND},
    {"depth 2 of 3", 7, 8, 3, 2, RANDOM, -8, SOUND},
    {"depth 1 of 4", 7, 8, 4, 1, RANDOM, -8, SOUND},
    {"depth 2 of 4", 7, 8, 4, 2, RANDOM, -8, SOUND},
    {"depth 3 of 4", 7, 8, 4, 3, RANDOM, -8, SOUND},
    {"largest sums", 5, 64, 4, 4, LEVELS_LARGEST, CODES_EQUAL, MANTISSAS_LARGEST, SHIFTS_LARGEST, STEPS_WIDEST, -40,
     SOUND},
    {"smallest sums", 5, 64, 4, 4, LEVELS_SMALLEST, CODES_EQUAL, MANTISSAS_LARGEST, SHIFTS_LARGEST, STEPS_WIDEST, -40,
     SOUND},
    {"cancelling sums", 5, 32, 4, 4, LEVELS_ALTERNATING, CODES_RANDOM, MANTISSAS_LARGEST, SHIFTS_RANDOM, STEPS_WIDEST,
     0, SOUND},
    {"same bin each beat", 5, 32, 2, 2, LEVELS_RANDOM, CODES_EQUAL, MANTISSAS_SIGNS, SHIFTS_RANDOM, STEPS_SPACED, 0,
     SOUND},
    {"bins in turn", 5, 32, 2, 2, LEVELS_RANDOM, CODES_IN_TURN, MANTISSAS_SMALL, SHIFTS_ZERO, STEPS_ONE, 0, SOUND},
    {"all steps zero", 5, 4, 3, 3, LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_ZERO, 0, SOUND},
    {"some steps zero", 5, 8, 3, 3, LEVELS_SPARSE, CODES_RANDOM, MANTISSAS_SMALL, SHIFTS_RANDOM, STEPS_SPARSE, 0,
     SOUND},
    {"subnormal steps", 5, 8, 3, 3, LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_SUBNORMAL, 20,
     SOUND},
    {"subnormal results", 15, 8, 3, 3, LEVELS_SPARSE, CODES_RANDOM, MANTISSAS_SMALL, SHIFTS_ZERO, STEPS_SPACED, -131,
     SOUND},
    {"results that vanish", 10, 8, 3, 3, RANDOM, -240, SOUND},
    {"results near overflow", 15, 8, 3, 3, RANDOM, 113, SOUND},
    {"overflow to infinity", 10, 8, 3, 3, RANDOM, 170, SOUND},
    {"rounding of small sums", 15, 4, 4, 4, LEVELS_RANDOM, CODES_IN_TURN, MANTISSAS_SMALL, SHIFTS_RANDOM, STEPS_WIDEST,
     0, SOUND},
    {"bit of a code", 15, 4, 3, 3, RANDOM, 0, REFUSED(256 + 5, INTACT, 1)},
    {"bit of the padding", 15, 4, 3, 3, RANDOM, 0, REFUSED(512 + 63, INTACT, 2)},
    {"bit of the top plane", 15, 4, 3, 1, RANDOM, 0, REFUSED(64, INTACT, 0)},
    {"last bit of a strip", 15, 4, 3, 3, RANDOM, 0, REFUSED(256 + 255, INTACT, 1)},
    {"bit of the last strip", 13, 4, 3, 2, RANDOM, 0, REFUSED(512 + 100, INTACT, 2)},
    {"bit of an unused plane", 15, 4, 3, 2, RANDOM, 0, 256 + 200, INTACT, TERN_STATUS_OK, 0},
    {"checksum of the codes", 15, 4, 3, 3, RANDOM, 0, REFUSED(INTACT, 4, 1)},
    {"checksum of plane 0", 15, 4, 3, 3, RANDOM, 0, REFUSED(INTACT, 11, 2)},
    {"unused checksum", 15, 4, 3, 2, RANDOM, 0, INTACT, 7, TERN_STATUS_OK, 0},
    {"ties", 32, 4, 4, 4, LEVELS_TIES, CODES_IN_TURN, MANTISSAS_TIES, SHIFTS_TIES, STEPS_ONE, 0, SOUND},
};

#define CASES (sizeof recipes / sizeof recipes[0])

static void case_make(const struct recipe *recipe, struct matmul_case *c) {
    struct test_random random = test_random_seed((uint64_t)(recipe - recipes) + 1);
    matmul_case_allocate(c, recipe->rows, recipe->groups, recipe->depth_stored, recipe->depth_used);
    c->activation_exponent = recipe->activation_exponent;
    matmul_case_fill_levels(c, recipe->levels, &random);
    matmul_case_fill_codes(c, recipe->codes, &random);
    matmul_case_fill_mantissas(c, recipe->mantissas, &random);
    matmul_case_fill_shifts(c, recipe->shifts, &random);
    matmul_case_fill_steps(c, recipe->steps, &random);
    matmul_case_finish(c);
    if (recipe->damaged_byte != INTACT) {
        c->weights[recipe->damaged_byte] ^= 0x40;
    }
    if (recipe->damaged_crc_word != INTACT) {
        c->crc[recipe->damaged_crc_word] ^= 0x00010000u;
    }
}

static uint8_t *append(uint8_t *at, const void *data, size_t bytes) {
    memcpy(at, data, bytes);
    return at + tern_unit_vectors_pad(bytes);
}

static uint8_t *append_activation(uint8_t *at, const struct matmul_case *c) {
    uint32_t header[16] = {(uint32_t)c->activation_exponent, c->groups, 16 * c->groups, TERN_ACTIVATION_MAGIC};
    at = append(at, header, sizeof header);
    at = append(at, c->mantissas, 32 * (size_t)c->groups);
    return append(at, c->shifts, c->groups);
}

static uint8_t *append_case(uint8_t *start, const struct recipe *recipe) {
    struct matmul_case c;
    uint32_t step_words[TERN_STEPS];
    uint8_t *at = start + sizeof(struct tern_unit_vectors_record);
    case_make(recipe, &c);
    struct tern_matmul_job job = matmul_case_job(&c, NULL);
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        step_words[i] = job.steps.mantissa[i] | (uint32_t)job.steps.shift[i] << 24;
    }
    uint32_t rows_written = recipe->status == TERN_STATUS_OK ? c.rows : 5 * recipe->strip;
    at = append(at, c.weights, c.weights_bytes);
    at = append(at, c.crc, 4 * (size_t)((c.rows + 4) / 5) * (c.depth_stored + 1));
    at = append_activation(at, &c);
    at = append(at, c.step_bits, sizeof c.step_bits);
    at = append(at, step_words, sizeof step_words);
    memcpy(at, c.expected, 4 * (size_t)rows_written);
    at += tern_unit_vectors_pad(4 * (size_t)c.rows);
    struct tern_unit_vectors_record record = {
        .rows = c.rows,
        .groups = c.groups,
        .depth_stored = c.depth_stored,
        .depth_used = c.depth_used,
        .exponent = job.vector[0].exponent,
        .status = recipe->status,
        .strip = recipe->strip,
        .rows_written = rows_written,
        .bytes = (uint32_t)(at - start),
    };
    snprintf(record.name, sizeof record.name, "%s", recipe->name);
    memcpy(start, &record, sizeof record);
    matmul_case_free(&c);
    return at;
}

// Returns the whole file in zeroed memory. The caller frees it.
static uint8_t *file_make(size_t *bytes) {
    uint8_t *file = calloc(1, 2 * FILE_BYTES_MAX);
    assert_non_null(file);
    struct tern_unit_vectors_header header = {.version = TERN_UNIT_VECTORS_VERSION, .cases = CASES};
    uint8_t *at = file + sizeof header;
    for (size_t i = 0; i < CASES; i++) {
        at = append_case(at, &recipes[i]);
        assert_true(at - file <= FILE_BYTES_MAX);
    }
    memcpy(header.magic, "TERNUNIT", sizeof header.magic);
    header.bytes = (uint32_t)(at - file);
    memcpy(file, &header, sizeof header);
    *bytes = header.bytes;
    return file;
}

static uint8_t *file_read(size_t *bytes) {
    FILE *stream = fopen(VECTORS_PATH, "rb");
    uint8_t *file = calloc(1, 2 * FILE_BYTES_MAX);
    assert_non_null(stream);
    assert_non_null(file);
    *bytes = fread(file, 1, 2 * FILE_BYTES_MAX, stream);
    fclose(stream);
    return file;
}

static void job_of_vector(const struct tern_unit_vector *vector, struct tern_matmul_job *job, uint32_t *crc,
                          int16_t *mantissas) {
    uint32_t step_bits[TERN_STEPS], step_words[TERN_STEPS], bad_entry = 0;
    int32_t activation_exponent;
    const size_t mantissa_bytes = 32 * (size_t)vector->record.groups;
    memcpy(&activation_exponent, vector->activation, sizeof activation_exponent);
    memcpy(crc, vector->crc, vector->crc_bytes);
    memcpy(mantissas, vector->activation + TERN_ACTIVATION_HEADER_BYTES, mantissa_bytes);
    memcpy(step_bits, vector->step_bits, sizeof step_bits);
    memcpy(step_words, vector->step_words, sizeof step_words);
    job->rows = vector->record.rows;
    job->groups = vector->record.groups;
    job->depth_stored = vector->record.depth_stored;
    job->depth_used = vector->record.depth_used;
    job->weights = vector->weights;
    job->crc = crc;
    job->vectors = 1;
    job->vector[0].mantissas = mantissas;
    job->vector[0].shifts = vector->activation + TERN_ACTIVATION_HEADER_BYTES + mantissa_bytes;
    assert_int_equal(tern_step_table_make(step_bits, &job->steps, &bad_entry), TERN_STATUS_OK);
    job->vector[0].exponent = activation_exponent + job->steps.base_exponent;
    assert_int_equal(job->vector[0].exponent, vector->record.exponent);
    for (uint32_t i = 0; i < TERN_STEPS; i++) {
        assert_int_equal(step_words[i], job->steps.mantissa[i] | (uint32_t)job->steps.shift[i] << 24);
    }
}

static void check_result(const struct tern_unit_vector *vector, enum tern_status status, uint32_t bad_strip,
                         const float *out) {
    if (status != (enum tern_status)vector->record.status || bad_strip != vector->record.strip) {
        fail_msg("%s: status %d at strip %u, expected %u at %u", vector->record.name, status, bad_strip,
                 vector->record.status, vector->record.strip);
    }
    for (uint32_t row = 0; row < vector->record.rows; row++) {
        uint32_t expected;
        memcpy(&expected, vector->output + 4 * row, sizeof expected);
        if (tern_f32_to_bits(out[row]) != expected) {
            fail_msg("%s: row %u: got %08x, expected %08x", vector->record.name, row, tern_f32_to_bits(out[row]),
                     expected);
        }
    }
}

// Each case is run by tern_matmul_exact() and by the engine.
static void check_vector(const struct tern_unit_vector *vector) {
    static uint32_t crc[FILE_BYTES_MAX / 4];
    static int16_t mantissas[FILE_BYTES_MAX / 2];
    static float exact[FILE_BYTES_MAX / 4], fast[FILE_BYTES_MAX / 4];
    struct tern_matmul_job job;
    uint32_t bad_strip = 0;
    job_of_vector(vector, &job, crc, mantissas);
    memset(exact, 0, sizeof exact);
    memset(fast, 0, sizeof fast);
    job.vector[0].output = exact;
    enum tern_status status = tern_matmul_exact(&job, &bad_strip);
    check_result(vector, status, bad_strip, exact);
    job.vector[0].output = fast;
    bad_strip = 0;
    status = tern_matmul_run(&job, NULL, &bad_strip);
    check_result(vector, status, bad_strip, fast);
}

static void model_reproduces_the_file(void **state) {
    (void)state;
    size_t bytes;
    uint8_t *file = file_read(&bytes);
    struct tern_unit_vector vector;
    for (uint32_t i = 0; i < CASES; i++) {
        assert_true(tern_unit_vectors_find(file, bytes, i, &vector));
        check_vector(&vector);
    }
    assert_false(tern_unit_vectors_find(file, bytes, CASES, &vector));
    assert_false(tern_unit_vectors_find(file, bytes - 1, 0, &vector));
    free(file);
}

static void generator_writes_the_file(void **state) {
    (void)state;
    size_t made_bytes, read_bytes;
    uint8_t *made = file_make(&made_bytes);
    uint8_t *read = file_read(&read_bytes);
    assert_int_equal(made_bytes, read_bytes);
    assert_memory_equal(made, read, made_bytes);
    free(made);
    free(read);
}

static int write_file(void) {
    size_t bytes;
    uint8_t *file = file_make(&bytes);
    FILE *stream = fopen(VECTORS_PATH, "wb");
    int failed = !stream || fwrite(file, 1, bytes, stream) != bytes;
    failed |= stream && fclose(stream) != 0;
    free(file);
    if (failed) {
        fprintf(stderr, "%s: cannot be written\n", VECTORS_PATH);
        return 1;
    }
    printf("%s: %zu cases, %zu bytes\n", VECTORS_PATH, CASES, bytes);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--write") == 0) {
        return write_file();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_reproduces_the_file),
        cmocka_unit_test(generator_writes_the_file),
    };
    return cmocka_run_group_tests_name("cmodel.unit_vectors", tests, NULL, NULL);
}
