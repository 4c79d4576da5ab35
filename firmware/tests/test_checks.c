// SPDX-License-Identifier: Apache-2.0
// Sets every field of every command to bad values: status and word must be right, and memory must not change. Then runs
// random commands: memory outside the window must not change, and the next command must be right.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/attention/cache.h"
#include "cmodel/layout.h"
#include "firmware/check.h"
#include "firmware/tests/operands.h"

#define SEED 20263
#define WINDOW_BYTES (1u << 20)
#define STRIDE_LIMIT ((uint64_t)1 << TERN_STRIDE_LIMIT_LOG2)

// One bad value of one field.
struct bad {
    uint32_t word;
    bool is_pair;
    uint64_t value;
    enum tern_status status;
    uint32_t detail;
};

static void refuse(struct bench *bench, const union tern_command *good, struct bad bad) {
    union tern_command command = *good;
    char what[120];
    snprintf(what, sizeof what, "opcode %u with word %u = 0x%llx", good->header.opcode, bad.word,
             (unsigned long long)bad.value);
    command.words[bad.word] = (uint32_t)bad.value;
    if (bad.is_pair) {
        command.words[bad.word + 1] = (uint32_t)(bad.value >> 32);
    }
    bench_run_refused(bench, &command, bad.status, bad.detail, what);
}

// Counts of 0, limit + 1 and far more.
static void refuse_counts(struct bench *bench, const union tern_command *good, uint32_t word, uint32_t limit) {
    const uint32_t values[] = {0, limit + 1, 0x7fffffff, 0x80000000, 0xffffffff, 1000000000};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        refuse(bench, good, (struct bad){word, 0, values[i], TERN_STATUS_BAD_LENGTH, word});
    }
}

// Addresses that are misaligned, before the window, over its end by one alignment unit, far away, or wrap at 2^64.
static void refuse_addresses(struct bench *bench, const union tern_command *good, uint32_t word, uint64_t bytes,
                             uint32_t align) {
    uint64_t address = (uint64_t)good->words[word + 1] << 32 | good->words[word];
    uint64_t end = bench->window_base + bench->window_bytes;
    uint64_t over = (end - bytes) / align * align + align;
    const uint64_t values[] = {address + 1,
                               address + 2,
                               address + align / 2,
                               bench->window_base - align,
                               over,
                               end,
                               0,
                               (uint32_t)address,
                               UINT64_MAX - 63,
                               UINT64_MAX - 3,
                               (uint64_t)1 << 63,
                               address | (uint64_t)1 << 40,
                               0 - bytes,
                               end + UINT32_MAX - 63,
                               UINT64_MAX};
    const size_t aligned = align == 1 ? 3 : 0; // the first values are misaligned
    for (size_t i = aligned; i < sizeof values / sizeof values[0]; i++) {
        refuse(bench, good, (struct bad){word, 1, values[i], TERN_STATUS_BAD_ADDRESS, word});
    }
}

static void refuse_strides(struct bench *bench, const union tern_command *good, uint32_t word, uint32_t address_word,
                           uint32_t align) {
    const uint64_t values[] = {1, 2, align + align / 2, UINT64_MAX, STRIDE_LIMIT, (uint64_t)1 << 63, UINT64_MAX - 3};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        refuse(bench, good, (struct bad){word, 1, values[i], TERN_STATUS_BAD_ADDRESS, word});
    }
    const uint64_t too_long[] = {WINDOW_BYTES, STRIDE_LIMIT - align, (uint64_t)1 << 32};
    for (size_t i = 0; i < sizeof too_long / sizeof too_long[0]; i++) {
        refuse(bench, good, (struct bad){word, 1, too_long[i], TERN_STATUS_BAD_ADDRESS, address_word});
    }
}

static void test_opcodes(void **state) {
    (void)state;
    const uint32_t opcodes[] = {TERN_OPCODE_COUNT, 100, 0x40000000, 0x7fffffff, 256};
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command nop = build_nop();
    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++) {
        refuse(&bench, &nop, (struct bad){0, 0, opcodes[i], TERN_STATUS_BAD_OPCODE, opcodes[i]});
    }
    nop.header.opcode |= TERN_COMMAND_BESIDE;
    bench_run_ok(&bench, &nop);
    bench_close(&bench);
}

static void refuse_operand(struct bench *bench, const union tern_command *good, const struct operand *operand) {
    switch (operand->kind) {
    case OPERAND_COUNT: refuse_counts(bench, good, operand->word, operand->limit); break;
    case OPERAND_STRIDE: refuse_strides(bench, good, operand->word, operand->of, operand->align); break;
    case OPERAND_BUFFER:
    case OPERAND_INPUT:
    case OPERAND_OUTPUT: refuse_addresses(bench, good, operand->word, operand->bytes, operand->align); break;
    case OPERAND_OTHER: break;
    }
}

// Makes the command of a row of operands.c in a new bench.
static void open_row(struct bench *bench, uint32_t opcode, struct operands *operands) {
    bench_open(bench, WINDOW_BYTES, SEED);
    operands_rows[opcode].make(bench, 5000, operands);
    assert_int_equal(operands->command.header.opcode, opcode);
    bench_run_ok(bench, &operands->first);
}

// The operands of every command, as its row in operands.c lists them.
static void test_operands(void **state) {
    (void)state;
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        struct bench bench;
        struct operands operands;
        open_row(&bench, opcode, &operands);
        for (size_t i = 0; i < operands.count; i++) {
            refuse_operand(&bench, &operands.command, &operands.list[i]);
        }
        bench_run_ok(&bench, &operands.command);
        bench_close(&bench);
    }
}

// The window begins below 4 GiB and ends above, so that only the exact checks accept an operand.
static void test_window_over_4_gib(void **state) {
    (void)state;
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        struct bench bench;
        struct operands operands;
        open_row(&bench, opcode, &operands);
        const uint64_t end = bench.window_base + bench.window_bytes;
        bench.window_base = TERN_DEVICE_MEMORY_BASE - 4096;
        bench.window_bytes = end - bench.window_base;
        bench_set_window(&bench);
        bench_run_ok(&bench, &operands.command);
        for (size_t i = 0; i < operands.count; i++) {
            refuse_operand(&bench, &operands.command, &operands.list[i]);
        }
        bench_run_ok(&bench, &operands.command);
        bench_close(&bench);
    }
}

// A word that a row does not list must not be checked: a missing operand of a row is found here.
static void test_rows_are_complete(void **state) {
    (void)state;
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        struct bench bench;
        struct operands operands;
        open_row(&bench, opcode, &operands);
        for (uint32_t word = TERN_WORD(nop, reserved_2); word < TERN_COMMAND_BYTES / 4; word++) {
            union tern_command command = operands.command;
            command.words[word] ^= test_random_word(&bench.random) | 1;
            if (!operands_cover(&operands, word) && bench_run(&bench, &command).status != TERN_STATUS_OK) {
                fail_msg("%s checks word %u, which its row in operands.c does not list", operands_rows[opcode].name,
                         word);
            }
        }
        bench_close(&bench);
    }
}

// The largest length is allowed, but this window is too small: the error is in the first operand.
static void test_largest_length(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command commands[] = {build_add(&bench, 5000), build_rmsnorm(&bench, 1, 5000),
                                     build_swiglu(&bench, 5000)};
    for (int i = 0; i < 3; i++) {
        refuse(&bench, &commands[i], (struct bad){2, 0, TERN_MAX_LENGTH, TERN_STATUS_BAD_ADDRESS, 4});
    }
    bench_close(&bench);
}

static void test_rope(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command good = build_rope(&bench, 4, 64, 4, 12);
    refuse(&bench, &good, (struct bad){3, 0, 63, TERN_STATUS_BAD_LENGTH, 3});
    bench_run_ok(&bench, &good);
    bench_close(&bench);
}

static void test_dot(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command good = build_dot(&bench, 1, 4, 3, 64, 50);
    const struct tern_command_dot *dot = &good.dot;
    refuse(&bench, &good, (struct bad){2, 0, 2, TERN_STATUS_BAD_LENGTH, 2});
    refuse(&bench, &good, (struct bad){2, 0, 0xffffffff, TERN_STATUS_BAD_LENGTH, 2});
    refuse(&bench, &good, (struct bad){4, 0, 65, TERN_STATUS_BAD_LENGTH, 4});
    // 64 results are 256 bytes.
    refuse(&bench, &good, (struct bad){18, 1, 192, TERN_STATUS_BAD_ADDRESS, 18});
    const uint64_t overlaps[] = {dot->images, dot->cache, dot->images + 11 * dot->image_stride,
                                 dot->cache + 3 * dot->head_stride, dot->cache - 64};
    for (size_t i = 0; i < sizeof overlaps / sizeof *overlaps; i++) {
        refuse(&bench, &good, (struct bad){16, 1, overlaps[i], TERN_STATUS_BAD_ADDRESS, 16});
    }
    bench_run_ok(&bench, &good);
    bench_close(&bench);
}

// Errors that DOT finds in memory, not in its words.
static void test_dot_contents(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command good = build_dot(&bench, 1, 2, 3, 64, 50);
    const uint64_t image = good.dot.images + 1 * good.dot.image_stride;
    const struct {
        uint64_t address;
        uint32_t value, detail;
    } cases[] = {
        {image, TERN_LARGEST_BASE_EXPONENT + 1, 0x100},
        {image + 4, 8, 0x101},
        {image + 8, 51, 0x102},
        {image + 12, 0, 0x103},
        {image + tern_activation_shifts_offset(50), 0x10000000, 0x104},
        {good.dot.cache + tern_cache_record_bytes(TERN_CACHE_VALUES, 64) * 2 + 60, 0x20000000, 0x20005},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t *word = bench_at(&bench, cases[i].address);
        const uint32_t saved = *word;
        char what[80];
        snprintf(what, sizeof what, "case %zu of DOT's contents", i);
        *word = cases[i].value;
        bench_run_refused(&bench, &good, TERN_STATUS_BAD_ACTIVATION, cases[i].detail, what);
        *word = saved;
    }
    bench_run_ok(&bench, &good);
    bench_close(&bench);
}

static void test_softmax(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command good = build_softmax(&bench, 2, 100, 0);
    const uint32_t scales[] = {0, 0x80000000, 0x7f800000, 0x7fc00000, 0xffc00000, 0xff800000, 0xbf800000};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        refuse(&bench, &good, (struct bad){4, 0, scales[i], TERN_STATUS_BAD_LENGTH, 4});
    }
    bench_run_ok(&bench, &good);
    bench_close(&bench);
}

static void test_copy(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command good = build_copy(&bench, 3, 100, 4, 8);
    const uint32_t odd[] = {1, 2, 3, 99, 101};
    for (int i = 0; i < 5; i++) {
        refuse(&bench, &good, (struct bad){3, 0, odd[i], TERN_STATUS_BAD_LENGTH, 3});
    }
    // Overlapping rows that would copy more than the window holds.
    union tern_command endless = good;
    endless.copy.rows = TERN_MAX_ROWS;
    endless.copy.row_bytes = 8;
    endless.copy.input_stride = endless.copy.output_stride = 0;
    bench_run_refused(&bench, &endless, TERN_STATUS_BAD_LENGTH, 3, "endless copy");
    bench_run_ok(&bench, &good);
    bench_close(&bench);
}

static void test_matmul_fields(void **state) {
    (void)state;
    struct bench bench;
    struct build_matrix matrix;
    bench_open(&bench, WINDOW_BYTES, SEED);
    build_matrix(&bench, 33, 288, 3, 2, &matrix);
    bench_run_ok(&bench, &matrix.quantize);
    const union tern_command *good = &matrix.matmul;
    const uint32_t depths[] = {0, TERN_MAX_DEPTH + 1, 16, 0x13, 0xffffffff};
    for (int i = 0; i < 5; i++) {
        refuse(&bench, good, (struct bad){4, 0, depths[i], TERN_STATUS_BAD_DEPTH, 4});
        refuse(&bench, good, (struct bad){5, 0, i == 1 ? 4 : depths[i], TERN_STATUS_BAD_DEPTH, 5});
    }
    refuse(&bench, good, (struct bad){4, 0, 1, TERN_STATUS_BAD_DEPTH, 5});
    // The output overlaps an operand: its first and its last 64 bytes.
    const uint64_t overlaps[] = {good->matmul.weights,       good->matmul.weights + tern_matrix_bytes(33, 288, 3) - 64,
                                 good->matmul.weights - 128, good->matmul.crc,
                                 good->matmul.activation,    good->matmul.activation + tern_activation_bytes(288) - 64,
                                 good->matmul.steps,         good->matmul.steps + 64};
    for (int i = 0; i < 8; i++) {
        refuse(&bench, good, (struct bad){14, 1, overlaps[i], TERN_STATUS_BAD_ADDRESS, 14});
    }
    bench_run_ok(&bench, &matrix.matmul);
    build_matrix_check(&bench, &matrix, 33);
    build_matrix_free(&matrix);
    bench_close(&bench);
}

static void test_matmul_vectors(void **state) {
    (void)state;
    struct bench bench;
    struct build_matrix matrix;
    bench_open(&bench, WINDOW_BYTES, SEED);
    build_matrix(&bench, 33, 288, 3, 2, &matrix);
    build_matrix_vectors(&bench, 3, 64, &matrix);
    for (uint32_t i = 0; i < 3; i++) {
        union tern_command quantize = build_matrix_quantize(&matrix, i);
        bench_run_ok(&bench, &quantize);
    }
    const union tern_command *good = &matrix.matmul;
    const uint64_t last_image = good->matmul.activation + 2 * good->matmul.activation_stride;
    refuse_counts(&bench, good, 16, TERN_MAX_VECTORS);
    for (uint32_t word = 18; word <= 20; word += 2) {
        const uint64_t bad[] = {1, 4, 32, 96, STRIDE_LIMIT, (uint64_t)1 << 63, UINT64_MAX - 63};
        const uint64_t too_long[] = {WINDOW_BYTES, STRIDE_LIMIT - 64, (uint64_t)1 << 32};
        for (int i = 0; i < 7; i++) {
            refuse(&bench, good, (struct bad){word, 1, bad[i], TERN_STATUS_BAD_ADDRESS, word});
        }
        for (int i = 0; i < 3; i++) {
            refuse(&bench, good, (struct bad){word, 1, too_long[i], TERN_STATUS_BAD_ADDRESS, word - 6});
        }
    }
    refuse(&bench, good, (struct bad){20, 1, 128, TERN_STATUS_BAD_ADDRESS, 20}); // 33 rows are 132 bytes
    refuse(&bench, good, (struct bad){20, 1, 0, TERN_STATUS_BAD_ADDRESS, 20});
    refuse_addresses(&bench, good, 12, last_image - good->matmul.activation + tern_activation_bytes(288), 64);
    refuse_addresses(&bench, good, 14, 2 * good->matmul.output_stride + 4 * 33, 64);
    refuse(&bench, good, (struct bad){14, 1, last_image, TERN_STATUS_BAD_ADDRESS, 14});
    uint32_t *magic = bench_at(&bench, last_image + 12);
    *magic ^= 1;
    bench_run_refused(&bench, &matrix.matmul, TERN_STATUS_BAD_ACTIVATION, 0x203, "magic of vector 2");
    *magic ^= 1;
    bench_run_ok(&bench, &matrix.matmul);
    build_matrix_check(&bench, &matrix, 33);
    matrix.matmul.matmul.vectors = 1;
    matrix.matmul.matmul.activation_stride = matrix.matmul.matmul.output_stride = UINT64_MAX;
    bench_run_ok(&bench, &matrix.matmul);
    build_matrix_check(&bench, &matrix, 33);
    build_matrix_free(&matrix);
    bench_close(&bench);
}

// Errors that MATMUL finds in memory, not in its words.
static void test_matmul_contents(void **state) {
    (void)state;
    struct bench bench;
    struct build_matrix matrix;
    bench_open(&bench, WINDOW_BYTES, SEED);
    build_matrix(&bench, 33, 288, 3, 2, &matrix);
    bench_run_ok(&bench, &matrix.quantize);
    const uint64_t header = matrix.matmul.matmul.activation, steps = matrix.matmul.matmul.steps;
    const struct {
        uint64_t address;
        uint32_t value;
        enum tern_status status;
        uint32_t detail;
    } cases[] = {
        {header + 12, 0, TERN_STATUS_BAD_ACTIVATION, 3},
        {header + 12, TERN_ACTIVATION_MAGIC + 1, TERN_STATUS_BAD_ACTIVATION, 3},
        {header + 4, 16, TERN_STATUS_BAD_ACTIVATION, 1},
        {header + 4, 0xffffffff, TERN_STATUS_BAD_ACTIVATION, 1},
        {header + 8, 287, TERN_STATUS_BAD_ACTIVATION, 2},
        {header, TERN_LARGEST_BASE_EXPONENT + 1, TERN_STATUS_BAD_ACTIVATION, 0},
        {header, 0x80000000, TERN_STATUS_BAD_ACTIVATION, 0},
        {header, (uint32_t)(TERN_LEAST_BASE_EXPONENT - 1), TERN_STATUS_BAD_ACTIVATION, 0},
        {header + tern_activation_shifts_offset(288), 16, TERN_STATUS_BAD_ACTIVATION, 4},
        {header + tern_activation_shifts_offset(288) + 16, 0xff000000, TERN_STATUS_BAD_ACTIVATION, 4},
        {steps, 0x80000000, TERN_STATUS_BAD_STEPS, 0},
        {steps + 4 * 13, 0xbf800000, TERN_STATUS_BAD_STEPS, 13},
        {steps + 4 * 26, 0x7f800000, TERN_STATUS_BAD_STEPS, 26},
        {steps + 4 * 26, 0x7fc00000, TERN_STATUS_BAD_STEPS, 26},
        {steps + 4 * 26, 0x7f000000, TERN_STATUS_BAD_STEPS, 26},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t *word = bench_at(&bench, cases[i].address);
        uint32_t saved = *word;
        char what[80];
        snprintf(what, sizeof what, "case %zu of contents", i);
        *word = cases[i].value;
        bench_run_refused(&bench, &matrix.matmul, cases[i].status, cases[i].detail, what);
        *word = saved;
        bench_run_ok(&bench, &matrix.matmul);
        build_matrix_check(&bench, &matrix, 33);
    }
    build_matrix_free(&matrix);
    bench_close(&bench);
}

// A buffer at the very end of the window is accepted.
static void test_last_place_fits(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    union tern_command command = build_add(&bench, 64);
    command.add.left = bench.window_base + bench.window_bytes - 256;
    command.add.output = command.add.left;
    memset(bench_at(&bench, command.add.left), 0, 256);
    bench_remember(&bench);
    bench_run_ok(&bench, &command);
    bench_check_unchanged(&bench, command.add.output, 256, "last place");
    assert_memory_equal(bench_at(&bench, command.add.output), bench_at(&bench, command.add.right), 256);
    bench_close(&bench);
}

// A random word, often a plausible value.
static uint32_t random_field(struct bench *bench) {
    const uint32_t likely[] = {0, 1, 4, 16, 64, 0xffffffff, 0x80000000};
    switch (test_random_below(&bench->random, 4)) {
    case 0: return likely[test_random_below(&bench->random, 7)];
    case 1: return test_random_below(&bench->random, 70);
    default: return test_random_word(&bench->random);
    }
}

static void check_margins(const struct bench *bench, uint64_t trial) {
    uint64_t start = bench->window_base - TERN_DEVICE_MEMORY_BASE, end = start + bench->window_bytes;
    if (memcmp(bench->memory, bench->before, start) != 0 ||
        memcmp(bench->memory + end, bench->before + end, bench->memory_bytes - end) != 0) {
        fail_msg("random command %llu of seed %d changed memory outside the window", (unsigned long long)trial, SEED);
    }
}

static void test_random_commands(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench, WINDOW_BYTES, SEED);
    bench_remember(&bench);
    uint32_t accepted = 0;
    for (uint64_t trial = 0; trial < 30000; trial++) {
        union tern_command command;
        for (int i = 0; i < 32; i++) {
            command.words[i] = random_field(&bench);
        }
        command.header.opcode = test_random_below(&bench.random, TERN_OPCODE_COUNT + 1);
        // Pairs of words as addresses near the ends of the window.
        for (int i = 4; i < 20; i += 2) {
            if (test_random_below(&bench.random, 8)) {
                uint32_t offset = test_random_below(&bench.random, WINDOW_BYTES + 4096) & ~63u;
                uint64_t address = bench.ring + 2048 + offset;
                command.words[i] = (uint32_t)address;
                command.words[i + 1] = (uint32_t)(address >> 32);
            }
        }
        accepted += bench_run(&bench, &command).status == TERN_STATUS_OK;
        if (trial % 64 == 0) {
            check_margins(&bench, trial);
        }
    }
    check_margins(&bench, 30000);
    // Some random commands must pass all checks.
    assert_true(accepted > 300);
    union tern_command command = build_add(&bench, 64);
    bench_run_ok(&bench, &command);
    bench_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opcodes),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_window_over_4_gib),
        cmocka_unit_test(test_rows_are_complete),
        cmocka_unit_test(test_largest_length),
        cmocka_unit_test(test_rope),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_dot_contents),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_matmul_fields),
        cmocka_unit_test(test_matmul_contents),
        cmocka_unit_test(test_matmul_vectors),
        cmocka_unit_test(test_last_place_fits),
        cmocka_unit_test(test_random_commands),
    };
    return cmocka_run_group_tests_name("fw.checks", tests, NULL, NULL);
}
