// SPDX-License-Identifier: Apache-2.0
// Compares the firmware on the soft core with the same source compiled natively. Two model devices have equal memory.
// They run one command at a time, then every byte of memory is compared. Cycles an element are printed, DMA takes none.
// fw.rv32 has the Verilated core, and block RAM with one wait cycle. fw.iss has the interpreter with the SoC's cycles.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/image.h"
#include "firmware/tests/operands.h"
#include "sim/firmware/firmware_core.h"

#define SEED 20266
#define STACK_LIMIT 2048u // of the 4096 bytes that link.ld keeps

struct pair {
    struct bench native, rv32;
    struct firmware_core *core;
};

static void open_pair(struct pair *pair, uint64_t bytes) {
    bench_open(&pair->native, bytes, SEED);
    bench_open(&pair->rv32, bytes, SEED);
    pair->core = firmware_core_open(tern_firmware_image, tern_firmware_image_words, pair->rv32.model);
    assert_non_null(pair->core);
    pair->rv32.poll = firmware_core_poll;
    pair->rv32.poll_context = pair->core;
}

static void close_pair(struct pair *pair) {
    uint32_t stack = firmware_core_stack_bytes(pair->core);
    printf("rv32: stack %u bytes\n", stack);
    if (stack < 64 || stack > STACK_LIMIT) {
        fail_msg("the stack took %u bytes", stack);
    }
    firmware_core_close(pair->core);
    bench_close(&pair->native);
    bench_close(&pair->rv32);
}

static void compare(const struct pair *pair, const char *what) {
    for (uint64_t i = 0; i < pair->native.memory_bytes; i++) {
        if (pair->native.memory[i] != pair->rv32.memory[i]) {
            fail_msg("%s: memory differs at 0x%llx: native %02x, rv32 %02x, seed %d", what,
                     (unsigned long long)(TERN_DEVICE_MEMORY_BASE + i), pair->native.memory[i], pair->rv32.memory[i],
                     SEED);
        }
    }
}

// Runs a command on both. elements: the divisor of the cycles.
static void run_both(struct pair *pair, union tern_command command, const char *what, double elements) {
    union tern_command other = command;
    struct tern_completion expected = bench_run(&pair->native, &command);
    struct tern_completion got = bench_run(&pair->rv32, &other);
    assert_memory_equal(&got, &expected, sizeof got);
    compare(pair, what);
    if (elements > 0) {
        uint64_t cycles = firmware_core_cycles(pair->core);
        printf("rv32: %-28s %9llu cycles, %7.1f an element, %.2f an instruction\n", what, (unsigned long long)cycles,
               (double)cycles / elements, (double)cycles / (double)firmware_core_instructions(pair->core));
    }
}

// Makes the command of a row on both benches. Equal seeds give equal operands and addresses.
static void run_row(struct pair *pair, uint32_t opcode, uint32_t size) {
    struct operands native, rv32;
    char what[40];
    operands_rows[opcode].make(&pair->native, size, &native);
    operands_rows[opcode].make(&pair->rv32, size, &rv32);
    assert_memory_equal(&native.command, &rv32.command, sizeof native.command);
    snprintf(what, sizeof what, "%s, size %u", operands_rows[opcode].name, size);
    run_both(pair, native.first, what, 0);
    run_both(pair, native.command, what, native.elements);
}

static void fill_ring(struct bench *bench, union tern_command command) {
    const uint32_t number = bench_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL);
    for (uint32_t i = 0; i < bench->entries; i++) {
        command.header.sequence = 500 + i;
        memcpy(bench_at(bench, bench->ring + i * TERN_COMMAND_BYTES), &command, sizeof command);
    }
    bench_set_register(bench, TERN_SYSTEM_BASE + TERN_SYSTEM_REG_DOORBELL, number + bench->entries);
}

// A command alone, then a full ring of it. Printed is the core's time for one more command.
static void run_ring(struct pair *pair, uint32_t opcode) {
    struct operands native, rv32;
    operands_rows[opcode].make(&pair->native, 96, &native);
    operands_rows[opcode].make(&pair->rv32, 96, &rv32);
    run_both(pair, native.first, operands_rows[opcode].name, 0);
    run_both(pair, native.command, operands_rows[opcode].name, 0);
    const uint64_t alone = firmware_core_cycles(pair->core);
    fill_ring(&pair->native, native.command);
    fill_ring(&pair->rv32, native.command);
    assert_int_equal(tern_firmware_poll(tern_port_of(pair->native.model)), pair->native.entries);
    assert_int_equal(firmware_core_poll(pair->core), pair->rv32.entries);
    compare(pair, operands_rows[opcode].name);
    printf("rv32: %-10s %5llu cycles alone, %5llu in a full ring\n", operands_rows[opcode].name,
           (unsigned long long)alone,
           (unsigned long long)((firmware_core_cycles(pair->core) - alone) / (pair->rv32.entries - 1)));
}

static void test_rings(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, 1 << 20);
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        run_ring(&pair, opcode);
    }
    close_pair(&pair);
}

// Every command, in one tile and in two.
static void test_operations(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, 1 << 20);
    for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
        run_row(&pair, opcode, 896);
        run_row(&pair, opcode, 4099);
    }
    close_pair(&pair);
}

// Calls the same maker on both benches.
#define RUN(what, elements, maker, ...)                                                                                \
    run_both(&pair, ((void)maker(&pair.native, __VA_ARGS__), maker(&pair.rv32, __VA_ARGS__)), what, elements)

// Further shapes of the commands whose loops depend on the shape.
static void test_shapes(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, 1 << 20);
    RUN("QUANTIZE 172", 172, build_quantize, 172, 4.0f);
    RUN("QUANTIZE 16400, two tiles", 16400, build_quantize, 16400, 4.0f);
    RUN("STORE a key, 2 x 64", 2 * 64, build_store, 2, 1, 64, 8);
    RUN("STORE values, 2 x 64 x 16", 2 * 64 * 16, build_store, 2, 64, 16, 0);
    RUN("DOT of keys, 2 x 64 x 150", 2 * 64 * 150, build_dot, 0, 1, 2, 64, 150);
    RUN("DOT of values, 2 x 64 x 150", 2 * 64 * 150, build_dot, 1, 1, 2, 64, 150);
    RUN("SOFTMAX 2 x 150", 2 * 150, build_softmax, 2, 150, 0);
    RUN("SCALE 2 x 64", 2 * 64, build_scale, 2, 64, 0);
    RUN("COPY 2 x 64 words", 128, build_copy, 2, 256, 4, 4);
    close_pair(&pair);
}

static void test_matmul(void **state) {
    (void)state;
    struct pair pair;
    struct build_matrix native, rv32;
    open_pair(&pair, 1 << 19);
    build_matrix(&pair.native, 64, 288, 3, 2, &native);
    build_matrix(&pair.rv32, 64, 288, 3, 2, &rv32);
    run_both(&pair, native.quantize, "QUANTIZE 288", 288);
    run_both(&pair, native.matmul, "MATMUL (core's share)", 1);
    build_matrix_check(&pair.rv32, &rv32, 64);
    build_matrix_free(&native);
    build_matrix_free(&rv32);
    close_pair(&pair);
}

// Special values go through every operation: infinities, NaNs, subnormals, zeros of both signs.
static void test_special_values(void **state) {
    (void)state;
    static const uint32_t specials[] = {0x7f800000, 0xff800000, 0x7fc00001, 0xffc12345, 0x7f800001, 0x00000001,
                                        0x807fffff, 0x00800000, 0x80000000, 0,          0x7f7fffff, 0xff7fffff};
    struct pair pair;
    open_pair(&pair, 1 << 19);
    struct test_random random = test_random_seed(SEED);
    for (int trial = 0; trial < 40; trial++) {
        struct operands operands[TERN_OPCODE_COUNT], other;
        uint64_t start = pair.native.next;
        for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
            operands_rows[opcode].make(&pair.native, 48, &operands[opcode]);
            operands_rows[opcode].make(&pair.rv32, 48, &other);
        }
        for (uint64_t at = start; at + 4 <= pair.native.next; at += 4) {
            if (test_random_below(&random, trial < 20 ? 200 : 20) == 0) {
                uint32_t value = specials[test_random_below(&random, sizeof specials / sizeof specials[0])];
                memcpy(bench_at(&pair.native, at), &value, 4);
                memcpy(bench_at(&pair.rv32, at), &value, 4);
            }
        }
        for (uint32_t opcode = 0; opcode < TERN_OPCODE_COUNT; opcode++) {
            run_both(&pair, operands[opcode].command, operands_rows[opcode].name, 0);
        }
        pair.native.next = pair.rv32.next = start;
    }
    close_pair(&pair);
}

// Both refuse the command in the same way.
static void test_random_commands(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, 1 << 16);
    struct test_random random = test_random_seed(SEED + 1);
    for (int trial = 0; trial < 1000; trial++) {
        union tern_command command;
        for (int i = 0; i < 32; i++) {
            command.words[i] =
                test_random_below(&random, 3) ? test_random_below(&random, 40) : test_random_word(&random);
        }
        command.header.opcode = test_random_below(&random, TERN_OPCODE_COUNT + 1);
        for (int i = 4; i < 20; i += 2) {
            uint64_t address = pair.native.ring + 2048 + (test_random_below(&random, 1 << 16) & ~63u);
            command.words[i] = (uint32_t)address;
            command.words[i + 1] = test_random_below(&random, 30) ? (uint32_t)(address >> 32) : 0;
        }
        run_both(&pair, command, "random command", 0);
    }
    close_pair(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),     cmocka_unit_test(test_rings),
        cmocka_unit_test(test_shapes),         cmocka_unit_test(test_matmul),
        cmocka_unit_test(test_special_values), cmocka_unit_test(test_random_commands),
    };
    return cmocka_run_group_tests_name("rv32", tests, NULL, NULL);
}
