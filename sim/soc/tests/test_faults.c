// SPDX-License-Identifier: Apache-2.0
// Tests memory that gives errors, never answers or has a flipped bit. Each command must end in its status code. The
// next one must be right without a reset.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmodel/layout.h"
#include "sim/soc/tests/soc_pair.h"

#define SEED 3107
#define ROWS 38u // 8 strips, the last of 3 rows
#define COLUMNS 300u
#define STORED 3u

static void set_faults(struct soc_pair *pair, struct tern_rtl_faults faults) {
    soc_set_faults(&pair->rtl, &faults);
}

static void heal(struct soc_pair *pair) {
    soc_set_faults(&pair->rtl, NULL);
}

static struct tern_rtl_faults error_at(uint64_t address, uint64_t bytes) {
    return (struct tern_rtl_faults){address, bytes, TERN_RTL_NEVER, TERN_RTL_NEVER};
}

static void expect(struct tern_completion got, enum tern_status status, uint32_t detail, const char *what) {
    if (got.status != (uint32_t)status || got.detail != detail) {
        fail_msg("%s: status %u, detail %u, expected %u, %u", what, got.status, got.detail, (unsigned)status, detail);
    }
}

static void open_with_matrix(struct soc_pair *pair, struct build_matrix *matrix, uint32_t used, int stalls) {
    soc_pair_open(pair, 1 << 18, SEED, stalls);
    build_matrix(&pair->model, ROWS, COLUMNS, STORED, used, matrix);
    soc_pair_run_ok(pair, matrix->quantize, "QUANTIZE");
}

static void close_with_matrix(struct soc_pair *pair, struct build_matrix *matrix) {
    build_matrix_free(matrix);
    soc_pair_close(pair);
}

// The flipped bits are in the scale codes, each plane and each checksum in use, in the first, a middle and the last
// strip.
static void flipped_bits(uint32_t used, int stalls) {
    static const uint32_t strips[] = {0, 3, 7};
    struct soc_pair pair;
    struct build_matrix matrix;
    open_with_matrix(&pair, &matrix, used, stalls);
    const struct tern_command_matmul *command = &matrix.matmul.matmul;
    uint64_t plane_bytes = TERN_BEAT_BYTES * (uint64_t)matrix.groups;
    uint64_t strip_bytes = tern_strip_bytes(16 * (uint64_t)matrix.groups, STORED);
    uint64_t codes_bytes = strip_bytes - STORED * plane_bytes;
    for (size_t s = 0; s < sizeof strips / sizeof *strips; s++) {
        for (uint32_t segment = 0; segment <= 2 * used + 1; segment++) {
            int is_crc = segment > used;
            uint32_t part = is_crc ? segment - used - 1 : segment;
            uint64_t start = part ? codes_bytes + (part - 1) * plane_bytes : 0;
            uint64_t byte = start + test_random_below(&pair.rtl.random, (uint32_t)(part ? plane_bytes : codes_bytes));
            uint8_t *data = is_crc ? bench_at(&pair.model, command->crc + 4 * (strips[s] * (STORED + 1) + part))
                                   : bench_at(&pair.model, command->weights + strips[s] * strip_bytes + byte);
            char what[64];
            snprintf(what, sizeof what, "flipped bit, strip %u, segment %u", strips[s], segment);
            *data ^= 0x10;
            expect(soc_pair_run(&pair, matrix.matmul, what), TERN_STATUS_CHECKSUM, strips[s], what);
            *data ^= 0x10;
            soc_pair_run_ok(&pair, matrix.matmul, "MATMUL after it");
        }
    }
    close_with_matrix(&pair, &matrix);
}

static void test_flipped_bits(void **state) {
    (void)state;
    flipped_bits(3, 0);
    flipped_bits(1, 1);
}

// The status of a bus error in each operand of MATMUL. The strip is the first that needs the beat.
static void matmul_bus_errors(int stalls) {
    struct soc_pair pair;
    struct build_matrix matrix;
    open_with_matrix(&pair, &matrix, 2, stalls);
    const struct tern_command_matmul *command = &matrix.matmul.matmul;
    uint64_t strip_bytes = tern_strip_bytes(16 * (uint64_t)matrix.groups, STORED);
    const struct {
        const char *what;
        uint64_t address;
        uint32_t strip;
    } errors[] = {
        {"first beat of the codes", command->weights, 0},
        {"a beat of strip 4", command->weights + 4 * strip_bytes + 128, 4},
        {"header of the activation", command->activation, 0},
        {"mantissas", command->activation + TERN_ACTIVATION_HEADER_BYTES + 32, 0},
        {"steps", command->steps, 0},
        {"first checksums", command->crc, 0},
        {"output", command->output, 0},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        set_faults(&pair, error_at(errors[i].address, 16));
        expect(soc_pair_run_rtl(&pair, matrix.matmul, errors[i].what), TERN_STATUS_BUS_ERROR, errors[i].strip,
               errors[i].what);
        heal(&pair);
        soc_pair_run_ok(&pair, matrix.matmul, "MATMUL after it");
    }
    // Planes not in use are not read.
    set_faults(&pair, error_at(command->weights + strip_bytes - 64, 64));
    soc_pair_run_ok(&pair, matrix.matmul, "MATMUL, error in a plane not in use");
    close_with_matrix(&pair, &matrix);
}

static void test_matmul_bus_errors(void **state) {
    (void)state;
    matmul_bus_errors(0);
    matmul_bus_errors(1);
}

// Tests the DMA engine in both directions. The bus error is in the first, a middle and the last beat.
static void dma_bus_errors(int stalls) {
    static const uint32_t beats[] = {0, 100, 255};
    struct soc_pair pair;
    soc_pair_open(&pair, 1 << 18, SEED, stalls);
    union tern_command add = build_add(&pair.model, 1024);
    for (size_t i = 0; i < sizeof beats / sizeof *beats; i++) {
        const uint64_t operands[] = {add.add.left, add.add.right, add.add.output};
        for (int operand = 0; operand < 3; operand++) {
            char what[64];
            snprintf(what, sizeof what, "operand %d, beat %u", operand, beats[i]);
            set_faults(&pair, error_at(operands[operand] + 16 * beats[i], 16));
            expect(soc_pair_run_rtl(&pair, add, what), TERN_STATUS_BUS_ERROR, 0, what);
            heal(&pair);
            soc_pair_run_ok(&pair, add, "ADD after it");
        }
    }
    soc_pair_close(&pair);
}

static void test_dma_bus_errors(void **state) {
    (void)state;
    dma_bus_errors(0);
    dma_bus_errors(1);
}

// The completion could not be written: the driver finds an old sequence in the ring.
static int is_lost(struct tern_completion completion) {
    return completion.sequence == 0;
}

// Reads stop after so many beats of 16 bytes, so the command runs out of time. Where the DMA engine hangs, the
// completion cannot be written, but COMPLETED still advances.
static void reads_hang(struct soc_pair *pair, union tern_command command, uint64_t beats, int in_unit,
                       const char *what) {
    set_faults(pair, (struct tern_rtl_faults){0, 0, beats / pair->rtl.lanes, TERN_RTL_NEVER});
    struct tern_completion completion = soc_pair_run_rtl(pair, command, what);
    if (in_unit ? completion.status != TERN_STATUS_TIMEOUT : !is_lost(completion)) {
        fail_msg("%s: status %u, sequence %u", what, completion.status, completion.sequence);
    }
    assert_in_range(pair->cycles, SOC_WAIT_LIMIT, 6 * SOC_WAIT_LIMIT);
    assert_true(is_lost(soc_pair_run_rtl(pair, build_nop(), "NOP while reads hang")));
    heal(pair);
    soc_pair_run_ok(pair, command, "the same in sound memory");
}

static void test_reads_hang(void **state) {
    (void)state;
    // The DMA engine reads the 8 beats of the command before the unit starts. Steps, image and checksums are some 60.
    static const struct {
        uint64_t beats;
        int in_unit;
    } hangs[] = {{0, 0}, {4, 0}, {8, 1}, {12, 1}, {30, 1}, {70, 1}, {400, 1}};
    struct soc_pair pair;
    struct build_matrix matrix;
    open_with_matrix(&pair, &matrix, 3, 0);
    if (!soc_is_rtl(&pair.rtl)) {
        close_with_matrix(&pair, &matrix);
        skip();
    }
    for (size_t i = 0; i < sizeof hangs / sizeof *hangs; i++) {
        char what[64];
        snprintf(what, sizeof what, "MATMUL, reads hang after %llu beats", (unsigned long long)hangs[i].beats);
        reads_hang(&pair, matrix.matmul, hangs[i].beats, hangs[i].in_unit, what);
    }
    reads_hang(&pair, build_add(&pair.model, 1024), 100, 1, "ADD, reads hang");
    close_with_matrix(&pair, &matrix);
}

// Memory takes writes and never answers them.
static struct tern_completion writes_hang(struct soc_pair *pair, union tern_command command, const char *what) {
    set_faults(pair, (struct tern_rtl_faults){0, 0, TERN_RTL_NEVER, 0});
    struct tern_completion completion = soc_pair_run_rtl(pair, command, what);
    assert_in_range(pair->cycles, SOC_WAIT_LIMIT, 8 * SOC_WAIT_LIMIT);
    heal(pair);
    soc_pair_run_ok(pair, command, "the same in sound memory");
    return completion;
}

static void test_writes_hang(void **state) {
    (void)state;
    struct soc_pair pair;
    struct build_matrix matrix;
    open_with_matrix(&pair, &matrix, 3, 0);
    if (!soc_is_rtl(&pair.rtl)) {
        close_with_matrix(&pair, &matrix);
        skip();
    }
    expect(writes_hang(&pair, matrix.matmul, "MATMUL, writes hang"), TERN_STATUS_TIMEOUT, 7, "MATMUL, writes hang");
    expect(writes_hang(&pair, build_add(&pair.model, 1024), "ADD, writes hang"), TERN_STATUS_TIMEOUT, 0,
           "ADD, writes hang");
    // The command writes only its completion, which arrives.
    assert_false(is_lost(writes_hang(&pair, build_nop(), "NOP, writes hang")));
    close_with_matrix(&pair, &matrix);
}

// A unit that never ends by itself. In the RTL memory that hangs has this effect.
static void test_units_hang(void **state) {
    (void)state;
    struct soc_pair pair;
    struct build_matrix matrix;
    open_with_matrix(&pair, &matrix, 3, 0);
    if (soc_is_rtl(&pair.rtl)) {
        close_with_matrix(&pair, &matrix);
        skip();
    }
    const struct {
        const char *what;
        union tern_command command;
        struct tern_device_fault fault;
    } hangs[] = {{"MATMUL, the unit hangs", matrix.matmul, {.matmul_hangs = true}},
                 {"ADD, the unit hangs", build_add(&pair.model, 1024), {.vector_hangs = true}},
                 {"DOT, the unit hangs", build_dot(&pair.model, 0, 2, 3, 40, 50), {.attention_hangs = true}}};
    for (size_t i = 0; i < sizeof hangs / sizeof *hangs; i++) {
        soc_set_unit_faults(&pair.rtl, &hangs[i].fault);
        expect(soc_pair_run_rtl(&pair, hangs[i].command, hangs[i].what), TERN_STATUS_TIMEOUT, 0, hangs[i].what);
        // Memory that never answers a Verilated unit also keeps its abort.
        assert_in_range(pair.cycles, SOC_WAIT_LIMIT, 4 * SOC_WAIT_LIMIT);
        soc_set_faults(&pair.rtl, NULL);
        soc_pair_run_ok(&pair, hangs[i].command, "the same in a sound unit");
    }
    close_with_matrix(&pair, &matrix);
}

// The engine keeps an abort until memory has answered all requests on the bus. Then it is idle, and the next copy is
// right.
static void test_abort(void **state) {
    (void)state;
    enum { BYTES = 32768, LIMIT = 20000 };
    static uint8_t data[BYTES];
    struct soc_bench bench;
    soc_open(&bench, 1 << 17, SEED, 0);
    if (!soc_is_rtl(&bench)) {
        soc_close(&bench);
        skip();
    }
    const uint64_t base = bench.backend.memory_base;
    for (int d = 0; d < 2; d++) {
        soc_set_faults(&bench, &(struct tern_rtl_faults){0, 0, 50, 50});
        soc_dma_start(&bench, base, 0, BYTES, soc_directions[d]);
        assert_int_equal(soc_dma_wait(&bench, LIMIT), UINT32_MAX);
        soc_write(&bench, TERN_DMA_BASE + TERN_DMA_REG_CONTROL, TERN_DMA_CONTROL_ABORT_MASK);
        assert_int_equal(soc_dma_wait(&bench, LIMIT), UINT32_MAX);
        soc_set_faults(&bench, NULL);
        assert_int_equal(soc_dma_wait(&bench, LIMIT), TERN_STATUS_TIMEOUT);
        soc_random_memory(&bench, base, data, BYTES);
        assert_int_equal(soc_dma_copy(&bench, base, 0, BYTES, TERN_DMA_CONTROL_TO_SCRATCH_MASK), TERN_STATUS_OK);
        soc_expect_scratch(&bench, 0, data, BYTES, "copy after an abort");
    }
    soc_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flipped_bits),   cmocka_unit_test(test_matmul_bus_errors),
        cmocka_unit_test(test_dma_bus_errors), cmocka_unit_test(test_reads_hang),
        cmocka_unit_test(test_writes_hang),    cmocka_unit_test(test_units_hang),
        cmocka_unit_test(test_abort),
    };
    return cmocka_run_group_tests_name("soc.faults", tests, NULL, NULL);
}
