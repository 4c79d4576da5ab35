// SPDX-License-Identifier: Apache-2.0
// Activation images and steps that do not fit, and runs that only check the image. The model of the unit gives the
// status and the detail. No row may be written.
#include "matmul_checks.hpp"

namespace tern_bench {

namespace {

void put_word(Bench &bench, uint64_t address, uint32_t value) {
    std::memcpy(bench.at(address), &value, sizeof value);
}

uint32_t word_at(Bench &bench, uint64_t address) {
    uint32_t value;
    std::memcpy(&value, bench.at(address), sizeof value);
    return value;
}

// A word of the header that does not fit: just out of range, or any other.
void break_header(Bench &bench, const Run &run, uint32_t word) {
    const uint64_t address = run.image(bench.random.below(run.shape.vectors)) + 4 * word;
    const uint32_t outside[] = {static_cast<uint32_t>(TERN_LEAST_BASE_EXPONENT - 1), TERN_LARGEST_BASE_EXPONENT + 1,
                                0x80000000, 0x7fffffff};
    const uint32_t bit = 1u << bench.random.below(32);
    put_word(bench, address, word == 0 ? outside[bench.random.below(4)] : word_at(bench, address) ^ bit);
}

void break_shift(Bench &bench, const Run &run) {
    const uint32_t group = bench.random.percent(30) ? run.groups - 1 : bench.random.below(run.groups);
    *bench.at(run.shifts(bench.random.below(run.shape.vectors)) + group) |=
        static_cast<uint8_t>(0x10u << bench.random.below(4));
}

// A step that is negative, infinite, not a number, or too far above the smallest one.
void break_step(Bench &bench, const Run &run) {
    const uint64_t address = run.steps + 4 * bench.random.below(TERN_STEPS);
    const uint32_t bad[] = {0x80000000, word_at(bench, address) | 0x80000000, 0x7f800000, 0x7fc00001};
    const uint32_t kind = bench.random.below(5);
    if (kind < 4) {
        put_word(bench, address, bad[kind]);
        return;
    }
    const uint64_t other = run.steps + (address - run.steps + 4) % steps_bytes;
    const uint32_t field = 1 + bench.random.below(254 - TERN_STEP_RATIO_LOG2 - 1);
    put_word(bench, address, (field + TERN_STEP_RATIO_LOG2 + 1) << 23);
    put_word(bench, other, field << 23 | (bench.random.bits32() & 0x7fffff));
}

// Breaks one operand or several, which tests what counts first. Weights are often bad too: they count last.
void break_operands(Bench &bench, const Run &run) {
    const uint32_t kind = bench.random.below(8);
    if (kind < 4 || kind == 7) {
        break_header(bench, run, kind % 4);
    }
    if (kind == 7) {
        break_header(bench, run, bench.random.below(3));
    }
    if (kind == 4 || bench.random.percent(20)) {
        break_shift(bench, run);
    }
    if (kind == 5 || kind == 6 || bench.random.percent(20)) {
        break_step(bench, run);
    }
    if (bench.random.percent(50)) {
        *bench.at(run.weights + bench.random.bits64() % run.prefix_bytes()) ^= 1;
    }
    bench.snapshot();
}

void test_bad_operands(Bench &bench) {
    const Run run = fault_run(bench);
    const std::vector<uint8_t> sound = bench.memory_bytes;
    break_operands(bench, run);
    const Outcome wanted = bench.model(run);
    if (wanted.status != TERN_STATUS_BAD_ACTIVATION && wanted.status != TERN_STATUS_BAD_STEPS) {
        fail("bad operands", bench, run, "the model disagrees");
    }
    if (run_to_end("bad operands", bench, run)) {
        check("bad operands", bench, run, wanted, no_vector);
    }
    bench.memory_bytes = sound;
    recover("bad operands", bench, run);
}

// A run that only checks judges the image alone, and takes no weights. Some are cancelled.
void test_check(Bench &bench) {
    const Run run = fault_run(bench);
    const std::vector<uint8_t> sound = bench.memory_bytes;
    if (bench.random.percent(80)) {
        break_operands(bench, run);
    }
    const Outcome wanted = bench.model(run, TERN_MATMUL_CONTROL_CHECK_MASK);
    const uint64_t taken = bench.counters().taken;
    bench.program(run);
    bench.start_check();
    const bool cancelled = bench.random.percent(20);
    if (cancelled) {
        bench.ticks(bench.random.below(200));
        bench.cancel();
    }
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("check", bench, run, "still busy");
    }
    const Outcome timeout = {TERN_STATUS_TIMEOUT, 0};
    check("check", bench, run, cancelled && bench.outcome().status == timeout.status ? timeout : wanted, no_vector);
    if (bench.counters().taken != taken) {
        fail("check", bench, run, "weights were taken");
    }
    bench.memory_bytes = sound;
    recover("check", bench, run);
}

// Memory refuses a piece of the image during a check.
void test_check_error(Bench &bench) {
    const Run run = fault_run(bench);
    bench.config.error_base =
        run.image(bench.random.below(run.shape.vectors)) + bench.random.bits64() % run.image_bytes() / 16 * 16;
    bench.config.error_bytes = 16;
    use_memory(bench, bench.config);
    bench.program(run);
    bench.start_check();
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("check error", bench, run, "still busy");
    }
    check("check error", bench, run, {TERN_STATUS_BUS_ERROR, 0}, no_vector);
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("check error", bench, run);
}

// Bad words of every kind at every entry, in a small matrix: 27 x 5 runs.
void test_every_step(Bench &bench) {
    const Run run = new_run(bench, {5, 64, 1, 1, unit_vectors});
    use_memory(bench, {});
    const uint32_t bad[] = {0x80000000, 0xbf800000, 0x7f800000, 0x7fffffff, 0x7f000000};
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        put_word(bench, run.steps + 4 * i, 0x3f800000);
    }
    bench.snapshot();
    for (unsigned i = 0; i < TERN_STEPS; i++) {
        for (uint32_t value : bad) {
            put_word(bench, run.steps + 4 * i, value);
            bench.snapshot();
            if (run_to_end("every step", bench, run)) {
                check("every step", bench, run, {TERN_STATUS_BAD_STEPS, i}, no_vector);
            }
        }
        put_word(bench, run.steps + 4 * i, 0x3f800000);
    }
    recover("every step", bench, run);
}

} // namespace

void test_operands(Bench &bench, unsigned rounds) {
    for (unsigned round = 0; round < rounds && failures < 5; round++) {
        test_bad_operands(bench);
        test_check(bench);
        test_check_error(bench);
    }
    test_every_step(bench);
}

} // namespace tern_bench
