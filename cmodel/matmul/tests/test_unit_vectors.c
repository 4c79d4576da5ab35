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
#include "cmodel/matmul/activation_check.h"
#include "cmodel/reference/reference.h"
#include "cmodel/matmul/tests/matmul_case.h"
#include "testvectors/unit/unit_vectors.h"

#define VECTORS_PATH TERN_SOURCE_DIR "/testvectors/unit/matmul.tuv"
#define FILE_BYTES_MAX 200000

// What is damaged after packing. The place is a byte of the weights, a word of the checksums, of the header or of the
// steps, or a shift.
enum damage { DAMAGE_NONE, DAMAGE_WEIGHTS, DAMAGE_CRC, DAMAGE_HEADER, DAMAGE_SHIFT, DAMAGE_STEP };

struct recipe {
    const char *name;
    uint32_t rows, groups, depth_stored, depth_used;
    enum matmul_levels levels;
    enum matmul_codes codes;
    enum matmul_mantissas mantissas;
    enum matmul_shifts shifts;
    enum matmul_steps steps;
    int32_t activation_exponent;
    enum damage damage;
    uint32_t place, value; // value: of a header word, shift or step
    enum tern_status status;
    uint32_t detail;
};

#define RANDOM LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_SPACED
#define SOUND DAMAGE_NONE, 0, 0, TERN_STATUS_OK, 0
#define WEIGHTS(byte, strip) DAMAGE_WEIGHTS, byte, 0, TERN_STATUS_CHECKSUM, strip
#define CRC(word, strip) DAMAGE_CRC, word, 0, TERN_STATUS_CHECKSUM, strip
#define HEADER(word, value) DAMAGE_HEADER, word, value, TERN_STATUS_BAD_ACTIVATION, word
#define SHIFT(group, value) DAMAGE_SHIFT, group, value, TERN_STATUS_BAD_ACTIVATION, TERN_ACTIVATION_SHIFT
#define STEP(entry, value) DAMAGE_STEP, entry, value, TERN_STATUS_BAD_STEPS, entry

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
    {"results that vanish", 10, 8, 3, 3, LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_SUBNORMAL,
     TERN_LEAST_BASE_EXPONENT, SOUND},
    {"results near overflow", 15, 8, 3, 3, LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_LARGE,
     -36, SOUND},
    {"overflow to infinity", 10, 8, 3, 3, LEVELS_RANDOM, CODES_RANDOM, MANTISSAS_RANDOM, SHIFTS_RANDOM, STEPS_LARGE,
     TERN_LARGEST_BASE_EXPONENT, SOUND},
    {"rounding of small sums", 15, 4, 4, 4, LEVELS_RANDOM, CODES_IN_TURN, MANTISSAS_SMALL, SHIFTS_RANDOM, STEPS_WIDEST,
     0, SOUND},
    {"bit of a code", 15, 4, 3, 3, RANDOM, 0, WEIGHTS(256 + 5, 1)},
    {"bit of the padding", 15, 4, 3, 3, RANDOM, 0, WEIGHTS(512 + 63, 2)},
    {"bit of the top plane", 15, 4, 3, 1, RANDOM, 0, WEIGHTS(64, 0)},
    {"last bit of a strip", 15, 4, 3, 3, RANDOM, 0, WEIGHTS(256 + 255, 1)},
    {"bit of the last strip", 13, 4, 3, 2, RANDOM, 0, WEIGHTS(512 + 100, 2)},
    {"bit of an unused plane", 15, 4, 3, 2, RANDOM, 0, DAMAGE_WEIGHTS, 256 + 200, 0, TERN_STATUS_OK, 0},
    {"checksum of the codes", 15, 4, 3, 3, RANDOM, 0, CRC(4, 1)},
    {"checksum of plane 0", 15, 4, 3, 3, RANDOM, 0, CRC(11, 2)},
    {"unused checksum", 15, 4, 3, 2, RANDOM, 0, DAMAGE_CRC, 7, 0, TERN_STATUS_OK, 0},
    {"base exponent too small", 10, 4, 3, 3, RANDOM, 0, HEADER(0, (uint32_t)TERN_LEAST_BASE_EXPONENT - 1)},
    {"base exponent too large", 10, 4, 3, 3, RANDOM, 0, HEADER(0, TERN_LARGEST_BASE_EXPONENT + 1)},
    {"groups of the image", 10, 4, 3, 3, RANDOM, 0, HEADER(1, 8)},
    {"columns of the image", 10, 4, 3, 3, RANDOM, 0, HEADER(2, 63)},
    {"magic of the image", 10, 4, 3, 3, RANDOM, 0, HEADER(3, 0)},
    {"shift of 16", 10, 8, 3, 3, RANDOM, 0, SHIFT(7, TERN_MAX_SHIFT + 1)},
    {"shift of 128", 10, 20, 3, 3, RANDOM, 0, SHIFT(16, 128)},
    {"step of -0", 10, 4, 3, 3, RANDOM, 0, STEP(0, 0x80000000)},
    {"step that is infinite", 10, 4, 3, 3, RANDOM, 0, STEP(26, 0x7f800000)},
    {"step too far above", 10, 4, 3, 3, RANDOM, 0, STEP(13, 0x7f000000)},
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
    switch (recipe->damage) {
    case DAMAGE_WEIGHTS: c->weights[recipe->place] ^= 0x40; break;
    case DAMAGE_CRC: c->crc[recipe->place] ^= 0x00010000u; break;
    case DAMAGE_SHIFT: c->shifts[recipe->place] = (uint8_t)recipe->value; break;
    case DAMAGE_STEP: c->step_bits[recipe->place] = recipe->value; break;
    default: break;
    }
}

static uint8_t *append(uint8_t *at, const void *data, size_t bytes) {
    memcpy(at, data, bytes);
    return at + tern_unit_vectors_pad(bytes);
}

static uint8_t *append_activation(uint8_t *at, const struct recipe *recipe, const struct matmul_case *c) {
    uint32_t header[16] = {(uint32_t)c->activation_exponent, c->groups, 16 * c->groups, TERN_ACTIVATION_MAGIC};
    if (recipe->damage == DAMAGE_HEADER) {
        header[recipe->place] = recipe->value;
    }
    at = append(at, header, sizeof header);
    at = append(at, c->mantissas, 32 * (size_t)c->groups);
    return append(at, c->shifts, c->groups);
}

static uint8_t *append_case(uint8_t *start, const struct recipe *recipe) {
    struct matmul_case c;
    uint8_t *at = start + sizeof(struct tern_unit_vectors_record);
    case_make(recipe, &c);
    uint32_t rows_written = recipe->status == TERN_STATUS_OK         ? c.rows
                            : recipe->status == TERN_STATUS_CHECKSUM ? 5 * recipe->detail
                                                                     : 0;
    at = append(at, c.weights, c.weights_bytes);
    at = append(at, c.crc, 4 * (size_t)((c.rows + 4) / 5) * (c.depth_stored + 1));
    at = append_activation(at, recipe, &c);
    at = append(at, c.step_bits, sizeof c.step_bits);
    memcpy(at, c.expected, 4 * (size_t)rows_written);
    at += tern_unit_vectors_pad(4 * (size_t)c.rows);
    struct tern_unit_vectors_record record = {
        .rows = c.rows,
        .groups = c.groups,
        .depth_stored = c.depth_stored,
        .depth_used = c.depth_used,
        .status = recipe->status,
        .detail = recipe->detail,
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

// The arrays of a case, aligned as libtern takes them.
struct operands {
    uint32_t crc[FILE_BYTES_MAX / 4], step_bits[TERN_STEPS];
    int16_t image[FILE_BYTES_MAX / 2] __attribute__((aligned(4)));
};

// Makes the job of a case, as the unit does. Its errors are those of the image and of the steps.
static enum tern_status job_of_vector(const struct tern_unit_vector *vector, struct operands *operands,
                                      struct tern_matmul_job *job, uint32_t *detail) {
    const uint32_t groups = vector->record.groups, columns = TERN_GROUP_COLUMNS * groups;
    const uint32_t *header = (const uint32_t *)(const void *)operands->image;
    const uint8_t *shifts = vector->activation + tern_activation_shifts_offset(columns);
    memcpy(operands->crc, vector->crc, vector->crc_bytes);
    memcpy(operands->image, vector->activation, vector->activation_bytes);
    memcpy(operands->step_bits, vector->step_bits, sizeof operands->step_bits);
    *job = (struct tern_matmul_job){.rows = vector->record.rows,
                                    .groups = groups,
                                    .depth_stored = vector->record.depth_stored,
                                    .depth_used = vector->record.depth_used,
                                    .weights = vector->weights,
                                    .crc = operands->crc,
                                    .vectors = 1};
    TERN_TRY(tern_activation_check_header(header, columns, detail));
    TERN_TRY(tern_activation_check_shifts(shifts, groups, detail));
    TERN_TRY(tern_step_table_make(operands->step_bits, &job->steps, detail));
    job->vector[0].mantissas = operands->image + TERN_ACTIVATION_HEADER_BYTES / 2;
    job->vector[0].shifts = shifts;
    job->vector[0].exponent = (int32_t)header[0] + job->steps.base_exponent;
    return TERN_STATUS_OK;
}

static void check_result(const struct tern_unit_vector *vector, enum tern_status status, uint32_t detail,
                         const float *out) {
    if (status != (enum tern_status)vector->record.status || detail != vector->record.detail) {
        fail_msg("%s: status %d at %u, expected %u at %u", vector->record.name, status, detail, vector->record.status,
                 vector->record.detail);
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
    static struct operands operands;
    static float exact[FILE_BYTES_MAX / 4], fast[FILE_BYTES_MAX / 4];
    struct tern_matmul_job job;
    uint32_t detail = 0;
    memset(exact, 0, sizeof exact);
    memset(fast, 0, sizeof fast);
    enum tern_status status = job_of_vector(vector, &operands, &job, &detail);
    if (status != TERN_STATUS_OK) {
        check_result(vector, status, detail, exact);
        return;
    }
    job.vector[0].output = exact;
    status = tern_matmul_exact(&job, &detail);
    check_result(vector, status, detail, exact);
    job.vector[0].output = fast;
    detail = 0;
    status = tern_matmul_run(&job, NULL, &detail);
    check_result(vector, status, detail, fast);
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
