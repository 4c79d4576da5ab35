// SPDX-License-Identifier: Apache-2.0
// The program of the core's bench. It runs every float and multiply instruction on each operand pair that the bench
// left in memory. It writes the results to memory. Then it measures the cycles of 64 equal instructions in a row, by
// rdcycle.
#include <stdint.h>

#include "core_program_layout.h"

static volatile const uint32_t *const pair_count = (const uint32_t *)CORE_PAIR_COUNT;
static const uint32_t *const pairs = (const uint32_t *)CORE_PAIRS;
static uint32_t *const results = (uint32_t *)CORE_RESULTS;
static volatile uint32_t *const timing = (uint32_t *)CORE_TIMING;

// The compiler knows RV32IM only. The directive enables Zfinx for the one instruction.
#define ZFINX(text) ".option push\n.option arch, +zfinx\n" text "\n.option pop"

#define TWO(text)                                                                                                      \
    do {                                                                                                               \
        uint32_t result;                                                                                               \
        __asm__ volatile(ZFINX(text) : "=r"(result) : "r"(a), "r"(b));                                                 \
        *out++ = result;                                                                                               \
    } while (0)
#define ONE(text)                                                                                                      \
    do {                                                                                                               \
        uint32_t result;                                                                                               \
        __asm__ volatile(ZFINX(text) : "=r"(result) : "r"(a));                                                         \
        *out++ = result;                                                                                               \
    } while (0)

static uint32_t *float_arithmetic(uint32_t a, uint32_t b, uint32_t *out) {
    TWO("fadd.s %0, %1, %2, rne");
    TWO("fadd.s %0, %1, %2, dyn");
    TWO("fsub.s %0, %1, %2, rne");
    TWO("fsub.s %0, %1, %2, dyn");
    TWO("fmul.s %0, %1, %2, rne");
    TWO("fmul.s %0, %1, %2, dyn");
    TWO("fsgnj.s %0, %1, %2");
    TWO("fsgnjn.s %0, %1, %2");
    TWO("fsgnjx.s %0, %1, %2");
    TWO("fmin.s %0, %1, %2");
    TWO("fmax.s %0, %1, %2");
    TWO("fle.s %0, %1, %2");
    TWO("flt.s %0, %1, %2");
    TWO("feq.s %0, %1, %2");
    return out;
}

static uint32_t *float_conversions(uint32_t a, uint32_t *out) {
    ONE("fcvt.w.s %0, %1, rne");
    ONE("fcvt.w.s %0, %1, rtz");
    ONE("fcvt.w.s %0, %1, rdn");
    ONE("fcvt.w.s %0, %1, rup");
    ONE("fcvt.w.s %0, %1, rmm");
    ONE("fcvt.w.s %0, %1, dyn");
    ONE("fcvt.wu.s %0, %1, rne");
    ONE("fcvt.wu.s %0, %1, rtz");
    ONE("fcvt.wu.s %0, %1, rdn");
    ONE("fcvt.wu.s %0, %1, rup");
    ONE("fcvt.wu.s %0, %1, rmm");
    ONE("fcvt.wu.s %0, %1, dyn");
    ONE("fcvt.s.w %0, %1, rne");
    ONE("fcvt.s.w %0, %1, dyn");
    ONE("fcvt.s.wu %0, %1, rne");
    ONE("fcvt.s.wu %0, %1, dyn");
    return out;
}

static uint32_t *integer_arithmetic(uint32_t a, uint32_t b, uint32_t *out) {
    TWO("mul %0, %1, %2");
    TWO("mulh %0, %1, %2");
    TWO("mulhsu %0, %1, %2");
    TWO("mulhu %0, %1, %2");
    TWO("div %0, %1, %2");
    TWO("divu %0, %1, %2");
    TWO("rem %0, %1, %2");
    TWO("remu %0, %1, %2");
    return out;
}

// Coprocessor instructions follow directly. State of one must not affect the next.
static uint32_t *chain(uint32_t a, uint32_t b, uint32_t *out) {
    uint32_t result;
    __asm__ volatile(ZFINX("fmul.s %0, %1, %2\n"
                           "fadd.s %0, %0, %2\n"
                           "mul %0, %0, %1\n"
                           "fsub.s %0, %0, %1\n"
                           "mulhu %0, %0, %2\n"
                           "mul %0, %0, %1\n"
                           "fcvt.s.wu %0, %0\n"
                           "fmin.s %0, %0, %2")
                     : "=&r"(result)
                     : "r"(a), "r"(b));
    *out++ = result;
    return out;
}

// Cycles between two rdcycle with 64 times the instruction between them.
#define TIMED(slot, text)                                                                                              \
    do {                                                                                                               \
        uint32_t begin, end, value = 0x3f800000u, address = CORE_RESULTS;                                              \
        __asm__ volatile(ZFINX("rdcycle %0\n.rept %c[count]\n" text "\n.endr\nrdcycle %1")                             \
                         : "=&r"(begin), "=&r"(end), "+&r"(value), "+&r"(address)                                      \
                         : [count] "i"(CORE_TIMED_INSTRUCTIONS)                                                        \
                         : "memory");                                                                                  \
        timing[slot] = end - begin;                                                                                    \
    } while (0)

static void measure(void) {
    TIMED(0, "");
    TIMED(1, "add %2, %2, %2");
    TIMED(2, "lw %2, 0(%3)");
    TIMED(3, "sw %2, 0(%3)");
    TIMED(4, "mul %2, %2, %2");
    TIMED(5, "mulhu %2, %2, %2");
    TIMED(6, "fadd.s %2, %2, %2");
    TIMED(7, "fmul.s %2, %2, %2");
    TIMED(8, "flt.s %2, %2, %2");
    TIMED(9, "fcvt.w.s %2, %2, rtz");
}

void core_main(uint32_t stack_pointer);

void core_main(uint32_t stack_pointer) {
    *(volatile uint32_t *)CORE_STACK_SEEN = stack_pointer;
    measure();
    uint32_t *out = results;
    for (uint32_t pair = 0; pair < *pair_count; pair++) {
        uint32_t a = pairs[2 * pair];
        uint32_t b = pairs[2 * pair + 1];
        out = float_arithmetic(a, b, out);
        out = float_conversions(a, out);
        out = integer_arithmetic(a, b, out);
        out = chain(a, b, out);
    }
}
