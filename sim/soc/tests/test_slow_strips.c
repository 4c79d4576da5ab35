// SPDX-License-Identifier: Apache-2.0
// Runs strips of every matrix shape of Qwen2.5-7B and 72B through the driver on the devices model and rtl, or vp.
// Ranges are the first two strips, three times two in the middle, and the last two (ragged). They lie at their true
// places in a matrix far above 4 GB. Every depth is tested, stored and cut.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/matmul/strip.h"
#include "cmodel/tests/random.h"
#include "host_driver/device/device.h"

#define SEED 727
#define GIB ((uint64_t)1 << 30)
#define BASE ((uint64_t)TERN_DEVICE_MEMORY_BASE)
// Memory is reserved, not allocated. Pages are allocated at the first access.
#define MEMORY_BYTES (64 * GIB)
#define INPUT_AT (BASE + 1 * GIB)
#define ACTIVATION_AT (BASE + 3 * GIB)
#define STEPS_AT (BASE + 6 * GIB)
#define CRC_AT (BASE + 13 * GIB)
#define OUTPUT_AT (BASE + 27 * GIB)
#define WEIGHTS_AT (BASE + 40 * GIB)

enum { RANGE_STRIPS = 2, RANGES = 5, RANGE_ROWS = RANGE_STRIPS * TERN_STRIP_ROWS, DEVICES = 2, GUARD = 16 };

struct shape {
    const char *name;
    uint32_t rows, columns;
};

struct rig {
    struct tern_device *devices[DEVICES];
    struct test_random random;
    uint8_t *strips; // of one range
    int8_t *levels;  // [RANGE_ROWS][columns]
    uint8_t *codes;  // [RANGE_ROWS][groups]
    uint32_t rows_compared;
};

static void put(struct rig *rig, uint64_t address, const void *data, size_t bytes) {
    for (int i = 0; i < DEVICES; i++) {
        struct tern_error error = {""};
        assert_int_equal(tern_device_write(rig->devices[i], address, data, bytes, &error), TERN_STATUS_OK);
    }
}

static void run(struct rig *rig, const union tern_command *command, const char *what) {
    for (int i = 0; i < DEVICES; i++) {
        struct tern_error error = {""};
        if (tern_device_run(rig->devices[i], command, &error, NULL) != TERN_STATUS_OK) {
            fail_msg("%s: %s", what, error.message);
        }
    }
}

static void expect_same(struct rig *rig, uint64_t address, size_t words, const char *what) {
    uint32_t *got[DEVICES];
    struct tern_error error = {""};
    for (int i = 0; i < DEVICES; i++) {
        got[i] = malloc(4 * words);
        assert_non_null(got[i]);
        assert_int_equal(tern_device_read(rig->devices[i], address, got[i], 4 * words, &error), TERN_STATUS_OK);
    }
    for (size_t word = 0; word < words; word++) {
        if (got[0][word] != got[1][word]) {
            fail_msg("%s: word %zu: expected %08x, got %08x, seed %d", what, word, got[0][word], got[1][word], SEED);
        }
    }
    free(got[0]);
    free(got[1]);
}

static void open_rig(struct rig *rig, uint32_t columns) {
    const char *chosen = getenv("TERN_TEST_DEVICE"), *names[DEVICES] = {"model", chosen ? chosen : "rtl"};
    const struct tern_backend_config config = {.memory_bytes = MEMORY_BYTES};
    struct tern_error error = {""};
    memset(rig, 0, sizeof *rig);
    rig->random = test_random_seed(SEED);
    for (int i = 0; i < DEVICES; i++) {
        if (tern_device_open(names[i], &config, &error, &rig->devices[i]) != TERN_STATUS_OK) {
            fail_msg("%s", error.message);
        }
    }
    rig->strips = malloc(RANGE_STRIPS * tern_strip_bytes(columns, TERN_MAX_DEPTH));
    rig->levels = malloc((size_t)RANGE_ROWS * columns);
    rig->codes = malloc(RANGE_ROWS * tern_groups(columns));
    assert_true(rig->strips && rig->levels && rig->codes);
}

static void close_rig(struct rig *rig) {
    tern_device_close(rig->devices[0]);
    tern_device_close(rig->devices[1]);
    free(rig->strips);
    free(rig->levels);
    free(rig->codes);
}

// One vector serves all matrices of this width. Some groups are large, some zero, so that every shift occurs.
static void make_activation(struct rig *rig, uint32_t columns) {
    float *x = malloc(columns * sizeof *x);
    assert_non_null(x);
    for (uint32_t i = 0; i < columns; i++) {
        float scale = 1.0f / (float)(1u << (i / TERN_GROUP_COLUMNS % 18));
        x[i] = scale * (float)test_random_between(&rig->random, -30000, 30000) / 1000.0f;
    }
    put(rig, INPUT_AT, x, columns * sizeof *x);
    free(x);
    float steps[TERN_STEPS];
    for (int i = 0; i < TERN_STEPS; i++) {
        steps[i] = 1e-4f * (float)test_random_between(&rig->random, 1, 100000);
    }
    put(rig, STEPS_AT, steps, sizeof steps);
    const union tern_command quantize = {.quantize = {TERN_OPCODE_QUANTIZE, 0, .length = columns, .rows = 1,
                                                      .input = INPUT_AT, .output = ACTIVATION_AT}};
    run(rig, &quantize, "QUANTIZE");
    expect_same(rig, ACTIVATION_AT, tern_activation_bytes(columns) / 4, "activation image");
}

// Packs random levels for `rows` rows from strip `first` of the matrix on, at their true place.
static void place_strips(struct rig *rig, uint32_t columns, unsigned depth, uint64_t first, uint32_t rows) {
    size_t groups = tern_groups(columns), strip_bytes = tern_strip_bytes(columns, depth);
    uint32_t crc[RANGE_STRIPS * (TERN_MAX_DEPTH + 1)];
    int limit = tern_level_limit(depth);
    for (size_t i = 0; i < (size_t)rows * columns; i++) {
        rig->levels[i] = (int8_t)test_random_between(&rig->random, -limit, limit);
    }
    for (size_t i = 0; i < rows * groups; i++) {
        rig->codes[i] = (uint8_t)test_random_below(&rig->random, TERN_STEPS);
    }
    for (uint32_t row = 0, strip = 0; row < rows; row += TERN_STRIP_ROWS, strip++) {
        uint32_t here = rows - row < TERN_STRIP_ROWS ? rows - row : TERN_STRIP_ROWS;
        tern_strip_pack(rig->levels + (size_t)row * columns, columns, rig->codes + row * groups, groups, here, columns,
                        depth, rig->strips + strip * strip_bytes, crc + strip * (depth + 1));
    }
    put(rig, WEIGHTS_AT + first * strip_bytes, rig->strips, tern_strips(rows) * strip_bytes);
    put(rig, CRC_AT, crc, tern_crc_bytes(rows, depth));
}

static void multiply(struct rig *rig, const struct shape *shape, unsigned stored, unsigned used, uint64_t first,
                     uint32_t rows) {
    static const uint32_t guard[RANGE_ROWS + GUARD] = {0};
    char what[128];
    snprintf(what, sizeof what, "%s %u x %u, depth %u of %u, strip %llu", shape->name, shape->rows, shape->columns,
             used, stored, (unsigned long long)first);
    const union tern_command command = {
        .matmul = {TERN_OPCODE_MATMUL, 0, .rows = rows, .columns = shape->columns, .depth_stored = stored,
                   .depth_used = used, .weights = WEIGHTS_AT + first * tern_strip_bytes(shape->columns, stored),
                   .crc = CRC_AT, .steps = STEPS_AT, .activation = ACTIVATION_AT, .output = OUTPUT_AT, .vectors = 1}};
    put(rig, OUTPUT_AT, guard, sizeof guard);
    run(rig, &command, what);
    expect_same(rig, OUTPUT_AT, RANGE_ROWS + GUARD, what);
    uint32_t sum[2];
    struct tern_error error = {""};
    assert_int_equal(tern_device_read(rig->devices[1], OUTPUT_AT, sum, sizeof sum, &error), TERN_STATUS_OK);
    assert_true(sum[0] && sum[1]); // the result is not empty
    rig->rows_compared += rows;
}

static void strips_of(struct rig *rig, const struct shape *shape) {
    uint64_t strips = tern_strips(shape->rows), last = strips - RANGE_STRIPS;
    uint64_t starts[RANGES] = {0, last};
    for (int i = 2; i < RANGES; i++) {
        starts[i] = 1 + test_random_below(&rig->random, (uint32_t)last - 1);
    }
    for (unsigned stored = 1; stored <= TERN_MAX_DEPTH; stored++) {
        for (int i = 0; i < RANGES; i++) {
            uint32_t left = shape->rows - (uint32_t)starts[i] * TERN_STRIP_ROWS;
            uint32_t rows = left < RANGE_ROWS ? left : RANGE_ROWS;
            place_strips(rig, shape->columns, stored, starts[i], rows);
            for (unsigned used = 1; used <= stored; used++) {
                multiply(rig, shape, stored, used, starts[i], rows);
            }
        }
    }
}

// Shapes with one number of columns share the activation image.
static void columns_of(const struct shape *shapes, size_t count) {
    struct rig rig;
    struct tern_error error = {""};
    struct tern_counters counters;
    open_rig(&rig, shapes->columns);
    make_activation(&rig, shapes->columns);
    for (size_t i = 0; i < count; i++) {
        strips_of(&rig, &shapes[i]);
    }
    assert_int_equal(tern_device_counters(rig.devices[1], &error, &counters), TERN_STATUS_OK);
    printf("soc.strips: %u columns: %u rows the same, %llu cycles\n", shapes->columns, rig.rows_compared,
           (unsigned long long)counters.time_cycles);
    close_rig(&rig);
}

static void test_7b_hidden(void **state) {
    (void)state;
    static const struct shape shapes[] = {
        {"7B q/o_proj", 3584, 3584}, {"7B k/v_proj", 512, 3584}, {"7B gate/up_proj", 18944, 3584}};
    columns_of(shapes, sizeof shapes / sizeof *shapes);
}

static void test_7b_intermediate(void **state) {
    (void)state;
    static const struct shape shape = {"7B down_proj", 3584, 18944};
    columns_of(&shape, 1);
}

static void test_72b_hidden(void **state) {
    (void)state;
    static const struct shape shapes[] = {
        {"72B q/o_proj", 8192, 8192}, {"72B k/v_proj", 1024, 8192}, {"72B gate/up_proj", 29568, 8192}};
    columns_of(shapes, sizeof shapes / sizeof *shapes);
}

static void test_72b_intermediate(void **state) {
    (void)state;
    static const struct shape shape = {"72B down_proj", 8192, 29568};
    columns_of(&shape, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_7b_hidden),
        cmocka_unit_test(test_7b_intermediate),
        cmocka_unit_test(test_72b_hidden),
        cmocka_unit_test(test_72b_intermediate),
    };
    return cmocka_run_group_tests_name("soc.strips", tests, NULL, NULL);
}
