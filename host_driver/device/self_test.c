// SPDX-License-Identifier: Apache-2.0
#include "host_driver/device/self_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmodel/vector/bfp.h"
#include "cmodel/layout.h"
#include "cmodel/fast/matmul_engine.h"
#include "cmodel/matmul/strip.h"

enum { ROWS = 23, COLUMNS = 208, STRIPS = 5, GROUPS = 16, MEMORY_BYTES = 16384, BAD_STRIP = 3 };
_Static_assert(STRIPS == (ROWS + TERN_STRIP_ROWS - 1) / TERN_STRIP_ROWS, "strips of the test matrix");

struct self_test {
    struct tern_device *device;
    tern_self_test_report report;
    void *context;
    struct tern_error *error;
    uint64_t window, copy; // device memory, MEMORY_BYTES each
    uint64_t seed;
};

// One packed matrix, one vector, and their product by the C model.
struct matmul_case {
    unsigned depth;
    int8_t levels[ROWS][COLUMNS];
    uint8_t codes[ROWS][GROUPS];
    uint8_t strips[STRIPS * (64 + TERN_MAX_DEPTH * TERN_BEAT_BYTES * GROUPS)];
    uint32_t crc[STRIPS * (TERN_MAX_DEPTH + 1)];
    float steps[TERN_STEPS], x[COLUMNS], expected[ROWS];
};

static uint32_t draw(struct self_test *test) {
    test->seed = test->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(test->seed >> 33);
}

static enum tern_status mismatch(struct self_test *test, const char *what, size_t index, uint32_t expected,
                                 uint32_t got) {
    return tern_error_set(test->error, TERN_STATUS_MISMATCH, "%s: %s: word %zu is 0x%08x, 0x%08x expected",
                          tern_device_name(test->device), what, index, got, expected);
}

static enum tern_status compare_words(struct self_test *test, const char *what, uint64_t address, const void *expected,
                                      size_t bytes) {
    uint32_t got[MEMORY_BYTES / 4];
    const uint8_t *wanted = expected;
    TERN_TRY(tern_device_read(test->device, address, got, bytes, test->error));
    for (size_t i = 0; i < bytes / 4; i++) {
        uint32_t word;
        memcpy(&word, wanted + 4 * i, 4);
        if (got[i] != word) {
            return mismatch(test, what, i, word, got[i]);
        }
    }
    return TERN_STATUS_OK;
}

static enum tern_status test_memory(struct self_test *test) {
    uint32_t pattern[MEMORY_BYTES / 4];
    for (size_t i = 0; i < MEMORY_BYTES / 4; i++) {
        pattern[i] = draw(test) ^ (uint32_t)i;
    }
    TERN_TRY(tern_device_write(test->device, test->window, pattern, sizeof pattern, test->error));
    TERN_TRY(compare_words(test, "memory by the host", test->window, pattern, sizeof pattern));
    const union tern_command copy = {.copy = {TERN_OPCODE_COPY, 0, .rows = 1, .row_bytes = MEMORY_BYTES,
                                              .input = test->window, .input_stride = MEMORY_BYTES, .output = test->copy,
                                              .output_stride = MEMORY_BYTES}};
    TERN_TRY(tern_device_run(test->device, &copy, test->error, NULL));
    TERN_TRY(compare_words(test, "memory by the device", test->copy, pattern, sizeof pattern));
    test->report(test->context, "memory", "16384 bytes written, read and copied");
    return TERN_STATUS_OK;
}

static void expect_result(struct matmul_case *matrix) {
    uint8_t image[TERN_ACTIVATION_HEADER_BYTES + 2 * TERN_GROUP_COLUMNS * GROUPS + TERN_SEGMENT_ALIGN];
    int32_t exponent;
    size_t bad_index;
    uint32_t step_bits[TERN_STEPS], bad;
    struct tern_matmul_job job = {.rows = ROWS,
                                  .groups = GROUPS,
                                  .depth_stored = matrix->depth,
                                  .depth_used = matrix->depth,
                                  .weights = matrix->strips,
                                  .crc = matrix->crc,
                                  .vectors = 1};
    (void)tern_bfp_quantize(matrix->x, COLUMNS, image, &bad_index);
    memcpy(&exponent, image, sizeof exponent);
    memcpy(step_bits, matrix->steps, sizeof step_bits);
    (void)tern_step_table_make(step_bits, &job.steps, &bad);
    job.vector[0].mantissas = (const int16_t *)(const void *)(image + TERN_ACTIVATION_HEADER_BYTES);
    job.vector[0].shifts = image + tern_activation_shifts_offset(COLUMNS);
    job.vector[0].exponent = exponent + job.steps.base_exponent;
    job.vector[0].output = matrix->expected;
    (void)tern_matmul_run(&job, NULL, &bad);
}

static void make_case(struct self_test *test, unsigned depth, struct matmul_case *matrix) {
    const int largest = tern_level_limit(depth);
    size_t strip_bytes = tern_strip_bytes(COLUMNS, depth);
    memset(matrix, 0, sizeof *matrix);
    matrix->depth = depth;
    for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) {
            matrix->levels[row][column] = (int8_t)((int)(draw(test) % (unsigned)(2 * largest + 1)) - largest);
        }
        for (int group = 0; group < GROUPS; group++) {
            matrix->codes[row][group] = (uint8_t)(draw(test) % TERN_STEPS);
        }
    }
    for (int i = 0; i < TERN_STEPS; i++) {
        matrix->steps[i] = 0.001f * (float)(1 + draw(test) % 100000);
    }
    for (int column = 0; column < COLUMNS; column++) {
        matrix->x[column] = (float)((int)(draw(test) % 65535) - 32767) / 4096.0f;
    }
    for (unsigned strip = 0; strip < STRIPS; strip++) {
        unsigned first = strip * TERN_STRIP_ROWS,
                 rows = ROWS - first < TERN_STRIP_ROWS ? ROWS - first : TERN_STRIP_ROWS;
        tern_strip_pack(matrix->levels[first], COLUMNS, matrix->codes[first], GROUPS, rows, COLUMNS, depth,
                        matrix->strips + strip * strip_bytes, matrix->crc + strip * (depth + 1));
    }
    expect_result(matrix);
}

// Device addresses of the buffers of one matmul, each a multiple of 64.
struct placed {
    uint64_t strips, crc, steps, x, activation, output;
};

static enum tern_status place(struct self_test *test, const struct matmul_case *matrix, struct placed *at) {
    const struct {
        uint64_t *address;
        const void *data;
        size_t bytes;
    } buffers[] = {{&at->strips, matrix->strips, tern_matrix_bytes(ROWS, COLUMNS, matrix->depth)},
                   {&at->crc, matrix->crc, tern_crc_bytes(ROWS, matrix->depth)},
                   {&at->steps, matrix->steps, sizeof matrix->steps},
                   {&at->x, matrix->x, sizeof matrix->x}};
    uint64_t next = test->window;
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        TERN_TRY(tern_device_write(test->device, next, buffers[i].data, buffers[i].bytes, test->error));
        *buffers[i].address = next;
        next += tern_align_up(buffers[i].bytes, TERN_SEGMENT_ALIGN);
    }
    at->activation = next;
    at->output = next + tern_activation_bytes(COLUMNS);
    return TERN_STATUS_OK;
}

static enum tern_status run_matmul(struct self_test *test, const struct matmul_case *matrix, const struct placed *at,
                                   struct tern_completion *failed) {
    const union tern_command quantize = {
        .quantize = {TERN_OPCODE_QUANTIZE, 0, .length = COLUMNS, .rows = 1, .input = at->x, .output = at->activation}};
    const union tern_command matmul = {.matmul = {TERN_OPCODE_MATMUL, 0, .rows = ROWS, .columns = COLUMNS,
                                                  .depth_stored = matrix->depth, .depth_used = matrix->depth,
                                                  .weights = at->strips, .crc = at->crc, .steps = at->steps,
                                                  .activation = at->activation, .output = at->output, .vectors = 1}};
    TERN_TRY(tern_device_run(test->device, &quantize, test->error, failed));
    return tern_device_run(test->device, &matmul, test->error, failed);
}

static enum tern_status test_matmul(struct self_test *test, struct matmul_case *matrix, struct placed *at) {
    for (unsigned depth = 1; depth <= TERN_MAX_DEPTH; depth++) {
        make_case(test, depth, matrix);
        TERN_TRY(place(test, matrix, at));
        TERN_TRY(run_matmul(test, matrix, at, NULL));
        TERN_TRY(compare_words(test, "matmul", at->output, matrix->expected, sizeof matrix->expected));
    }
    test->report(test->context, "matmul", "23 x 208 at every depth as the C model");
    return TERN_STATUS_OK;
}

// Flips one bit in the last plane of a strip: the device must name the strip. With the bit restored it must compute
// right again.
static enum tern_status test_checksum(struct self_test *test, struct matmul_case *matrix, const struct placed *at) {
    size_t byte = (BAD_STRIP + 1) * tern_strip_bytes(COLUMNS, matrix->depth) - 7;
    uint8_t flipped = matrix->strips[byte] ^ 4;
    struct tern_completion failed = {0};
    TERN_TRY(tern_device_write(test->device, at->strips + byte, &flipped, 1, test->error));
    enum tern_status status = run_matmul(test, matrix, at, &failed);
    if (status != TERN_STATUS_CHECKSUM || failed.detail != BAD_STRIP) {
        return tern_error_set(test->error, TERN_STATUS_MISMATCH,
                              "%s: a flipped bit in strip %d gave status %u, detail %u", tern_device_name(test->device),
                              BAD_STRIP, failed.status, failed.detail);
    }
    TERN_TRY(tern_device_write(test->device, at->strips + byte, &matrix->strips[byte], 1, test->error));
    TERN_TRY(run_matmul(test, matrix, at, NULL));
    TERN_TRY(
        compare_words(test, "matmul after a checksum error", at->output, matrix->expected, sizeof matrix->expected));
    test->report(test->context, "checksum", "a flipped bit was found in its strip, the next command was right");
    return TERN_STATUS_OK;
}

static enum tern_status run_tests(struct self_test *test, struct matmul_case *matrix) {
    struct placed at;
    TERN_TRY(tern_device_allocate(test->device, MEMORY_BYTES, test->error, &test->window));
    TERN_TRY(tern_device_allocate(test->device, MEMORY_BYTES, test->error, &test->copy));
    TERN_TRY(test_memory(test));
    TERN_TRY(test_matmul(test, matrix, &at));
    return test_checksum(test, matrix, &at);
}

enum tern_status tern_device_self_test(struct tern_device *device, tern_self_test_report report, void *context,
                                       struct tern_error *error) {
    struct self_test test = {.device = device, .report = report, .context = context, .error = error, .seed = 1};
    struct matmul_case *matrix = malloc(sizeof *matrix);
    if (!matrix) {
        return tern_error_set(error, TERN_STATUS_OUT_OF_MEMORY, "no host memory for a self-test");
    }
    enum tern_status status = run_tests(&test, matrix);
    free(matrix);
    return status;
}
