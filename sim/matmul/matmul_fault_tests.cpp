// SPDX-License-Identifier: Apache-2.0
// Everything that can go wrong around a run: the status and strip reported, which rows reach memory, and that the next
// run is right without a reset.
#include "matmul_checks.hpp"

namespace tern_bench {

namespace {

// Rows of the strips before `strip` as the model computes them, nothing else.
void expect_rows_before(Bench &bench, const Run &run, uint64_t strip) {
    bench.model(run);
    const uint64_t first = std::min<uint64_t>(strip * TERN_STRIP_ROWS, run.shape.rows);
    const uint64_t from = run.output - memory_base + 4 * first;
    std::copy(bench.before.begin() + from, bench.before.begin() + run.output - memory_base + 4 * run.shape.rows,
              bench.expected.begin() + from);
}

// A run as it should be, right after a fault: same place, same memory behaviour without the fault.
void recover(const char *test, Bench &bench, const Run &run) {
    bench.snapshot();
    good_run((std::string(test) + ", next run").c_str(), bench, run);
}

Run fault_run(Bench &bench) {
    const Run run = new_run(bench, random_shape(bench.random, 60, 700));
    use_memory(bench, random_config(bench.random));
    return run;
}

void flip(Bench &bench, uint64_t address, uint64_t bytes) {
    const uint64_t bit = bench.random.bits64() % (8 * bytes);
    *bench.at(address + bit / 8) ^= static_cast<uint8_t>(1u << bit % 8);
    bench.snapshot();
}

// One bit of a segment, or of its checksum; the model says what must happen, also for planes not in use.
void test_checksum(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t strip = bench.random.below(static_cast<uint32_t>(run.strips()));
    const uint64_t segment = bench.random.below(run.shape.depth_stored + 1);
    const uint64_t codes = tern_codes_bytes(run.columns()), plane = tern_plane_bytes(run.columns());
    const std::vector<uint8_t> sound = bench.memory_bytes;
    if (bench.random.percent(25)) {
        flip(bench, run.crc + 4 * (strip * (run.shape.depth_stored + 1) + segment), 4);
    } else if (segment == 0) {
        flip(bench, run.weights + strip * run.strip_bytes(), codes);
    } else {
        flip(bench, run.weights + strip * run.strip_bytes() + codes + (segment - 1) * plane, plane);
    }
    const bool used = segment <= run.shape.depth_used;
    const Outcome wanted = bench.model(run);
    if (wanted.status != (used ? TERN_STATUS_CHECKSUM : TERN_STATUS_OK)) {
        fail("checksum", bench, run, "the model disagrees");
    }
    good_run("checksum", bench, run);
    bench.memory_bytes = sound;
    recover("checksum", bench, run);
}

// Memory refuses a piece of the weights that is in use.
void test_weights_error(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t strip = bench.random.below(static_cast<uint32_t>(run.strips()));
    bench.config.error_base =
        run.weights + strip * run.strip_bytes() + bench.random.bits64() % run.prefix_bytes() / 16 * 16;
    bench.config.error_bytes = bench.random.percent(50) ? 16 : 4096;
    bench.config.error_response = bench.random.percent(50) ? 2 : 3;
    if (bench.config.error_bytes > 16 &&
        bench.config.error_base + 4096 > run.weights + run.strips() * run.strip_bytes()) {
        bench.config.error_bytes = 16;
    }
    use_memory(bench, bench.config);
    expect_rows_before(bench, run, strip);
    if (run_to_end("weights error", bench, run)) {
        check("weights error", bench, run, {TERN_STATUS_BUS_ERROR, static_cast<uint32_t>(strip)}, false);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("weights error", bench, run);
}

// A beat of the checksum table: the first strip that has a word in use there.
void test_crc_error(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t words = run.strips() * (run.shape.depth_stored + 1);
    const uint64_t beat = bench.random.bits64() % words / (bus_bytes / 4);
    uint64_t word = beat * (bus_bytes / 4);
    const uint64_t end = std::min<uint64_t>(word + bus_bytes / 4, words);
    while (word < end && word % (run.shape.depth_stored + 1) > run.shape.depth_used) {
        word++;
    }
    if (word == end) {
        return;
    }
    const uint64_t strip = word / (run.shape.depth_stored + 1);
    bench.config.error_base = run.crc + beat * bus_bytes;
    bench.config.error_bytes = bus_bytes;
    use_memory(bench, bench.config);
    expect_rows_before(bench, run, strip);
    if (run_to_end("checksum table error", bench, run)) {
        check("checksum table error", bench, run, {TERN_STATUS_BUS_ERROR, static_cast<uint32_t>(strip)}, false);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("checksum table error", bench, run);
}

void test_activation_error(Bench &bench) {
    const Run run = fault_run(bench);
    bench.config.error_base = run.mantissas() + bench.random.below(33 * run.groups) / 16 * 16;
    bench.config.error_bytes = 16;
    use_memory(bench, bench.config);
    bench.model(run);
    bench.expected = bench.before;
    if (run_to_end("activation error", bench, run)) {
        check("activation error", bench, run, {TERN_STATUS_BUS_ERROR, 0}, false);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("activation error", bench, run);
}

// A line of results: the strip is that of the line's first row, and no other address is touched.
void test_output_error(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t line = bench.random.below((run.shape.rows + 15) / 16);
    bench.config.error_base = run.output + line_bytes * line;
    bench.config.error_bytes = 16;
    use_memory(bench, bench.config);
    bench.model(run);
    if (run_to_end("output error", bench, run)) {
        check("output error", bench, run, {TERN_STATUS_BUS_ERROR, static_cast<uint32_t>(16 * line / 5)}, true);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("output error", bench, run);
}

// The window ends within a buffer; the memory model reports any burst that leaves it.
void test_window(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t strip = bench.random.below(static_cast<uint32_t>(run.strips()));
    const unsigned what = bench.random.below(4);
    Outcome wanted = {TERN_STATUS_BAD_ADDRESS, 0};
    bench.model(run);
    if (what == 0) { // what lies before it starts outside, so nothing is written
        bench.expected = bench.before;
        bench.set_window(run.activation + 64, memory_base + bench.memory_bytes.size() - run.activation - 64);
    } else if (what == 1) {
        bench.expected = bench.before;
        bench.set_window(memory_base,
                         run.mantissas() - memory_base + 16 * (bench.random.below(2 * run.groups)) / 64 * 64);
    } else if (what == 2) { // outputs outside: they lie behind weights and checksums, before the activations
        std::vector<uint8_t> bytes = bench.memory_bytes;
        Run moved = run;
        moved.output = tern_align_up(run.activation + tern_activation_bytes(run.columns()), line_bytes);
        bench.expected = bench.before;
        bench.set_window(memory_base, moved.output - memory_base);
        if (run_to_end("window of outputs", bench, moved)) {
            check("window of outputs", bench, moved, wanted, false);
        }
        bench.set_window(memory_base, bench.memory_bytes.size());
        return recover("window", bench, run);
    } else { // weights at the end of memory, the window closing within strip `strip`
        Run moved = run;
        const uint64_t bytes = run.strips() * run.strip_bytes();
        bench.memory_bytes.resize(bench.memory_bytes.size() + bytes + 4096);
        bench.memory.unmap();
        bench.memory.map(memory_base, bench.memory_bytes.data(), bench.memory_bytes.size());
        moved.weights = memory_base + tern_align_up(bench.memory_bytes.size() - bytes, 64) - 64;
        std::memmove(bench.at(moved.weights), bench.at(run.weights), bytes);
        bench.snapshot();
        const uint64_t cut = bench.random.bits64() % run.prefix_bytes() / 64 * 64;
        bench.set_window(memory_base, moved.weights - memory_base + strip * run.strip_bytes() + cut);
        expect_rows_before(bench, moved, strip);
        wanted.strip = static_cast<uint32_t>(strip);
        if (run_to_end("window of weights", bench, moved)) {
            check("window of weights", bench, moved, wanted, false);
        }
        bench.set_window(memory_base, bench.memory_bytes.size());
        return recover("window of weights", bench, moved);
    }
    if (run_to_end("window", bench, run)) {
        check("window", bench, run, wanted, false);
    }
    bench.set_window(memory_base, bench.memory_bytes.size());
    recover("window", bench, run);
}

// Cancelled at any time: idle soon, TIMEOUT unless it was over already, and only right rows are in memory.
void test_cancel(Bench &bench) {
    const Run run = fault_run(bench);
    bench.model(run);
    bench.program(run);
    bench.start();
    bench.ticks(bench.random.below(static_cast<uint32_t>(1 + 2 * run.strips() * run.prefix_bytes() / 16)));
    bench.cancel();
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("cancel", bench, run, "still busy");
        return;
    }
    const Outcome got = bench.outcome();
    if (got.status == TERN_STATUS_OK) {
        check("cancel, too late", bench, run, got, false);
    } else {
        check("cancel", bench, run, {TERN_STATUS_TIMEOUT, got.strip}, true);
    }
    recover("cancel", bench, run);
}

// Memory stops answering: the unit stays busy, also when cancelled, until the answers come.
void test_hang(Bench &bench) {
    const Run run = fault_run(bench);
    AxiMemoryConfig sound = bench.config;
    bench.model(run);
    bench.program(run);
    const bool reads = bench.random.percent(70);
    const uint64_t beats = run.strips() * run.prefix_bytes() / bus_bytes;
    (reads ? bench.config.hang_after_read_beats : bench.config.hang_after_write_beats) =
        bench.random.below(static_cast<uint32_t>(reads ? beats : (4 * run.shape.rows + bus_bytes - 1) / bus_bytes));
    use_memory(bench, bench.config);
    bench.start();
    if (bench.wait_idle(limit_cycles(run, sound))) {
        fail("hang", bench, run, "idle without an answer");
    }
    bench.cancel();
    bench.ticks(300);
    if (!(bench.read_register(TERN_MATMUL_REG_STATUS) & 1)) {
        fail("hang", bench, run, "idle with bursts in flight");
    }
    sound.window_base = 0;
    use_memory(bench, sound);
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("hang", bench, run, "still busy after the answers");
    }
    check("hang", bench, run, {TERN_STATUS_TIMEOUT, bench.outcome().strip}, true);
    recover("hang", bench, run);
}

// Refused before anything is read. DEPTH has two 4-bit fields.
void test_refusals(Bench &bench) {
    const Run run = new_run(bench, {20, 200, 3, 2});
    struct {
        uint32_t offset, value, status;
    } const cases[] = {
        {TERN_MATMUL_REG_ROWS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_ROWS, TERN_MAX_ROWS + 1, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_ROWS, 0xffffffff, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, 13, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, 14, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, 2052, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_GROUPS, 0x80000000, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_DEPTH, 0x00, TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, 0x03, TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, 0x30, TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, 0x43, TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, 0x15, TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, 0xff, TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_WEIGHTS_LO, static_cast<uint32_t>(run.weights) + 32, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_CRC_LO, static_cast<uint32_t>(run.crc) + 4, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_ACTIVATION_LO, static_cast<uint32_t>(run.mantissas()) + 16, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_OUTPUT_LO, static_cast<uint32_t>(run.output) + 1, TERN_STATUS_BAD_ADDRESS},
        {TERN_MATMUL_REG_STEP_0 + 4 * 26, 33u << 24, TERN_STATUS_BAD_STEPS},
        {TERN_MATMUL_REG_STEP_0, 63u << 24, TERN_STATUS_BAD_STEPS},
    };
    for (const auto &refused : cases) {
        bench.program(run);
        bench.write_register(refused.offset, refused.value);
        bench.start();
        if (!bench.wait_idle(200)) {
            fail("refusal", bench, run, "still busy");
        }
        check("refusal", bench, run, {refused.status, 0}, false);
    }
    recover("refusal", bench, run);
}

// Registers keep what they hold, ignore partial writes and writes while busy, and unused offsets read zero.
void test_registers(Bench &bench) {
    const Run run = new_run(bench, {40, 500, 4, 4});
    const uint32_t offsets[] = {0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x3c, 0x80, 0xe8};
    for (uint32_t offset : offsets) {
        const uint32_t value = bench.random.bits32() & (offset >= 0x80 ? 0x1fffffff : 0xffffffff);
        bench.write_register(offset, value);
        bench.write_register(offset, ~value, static_cast<uint8_t>(bench.random.below(15)));
        if (bench.read_register(offset) != value) {
            fail("registers", bench, run, "offset " + std::to_string(offset));
        }
    }
    if (bench.read_register(TERN_MATMUL_REG_ID) != TERN_MATMUL_ID) {
        fail("registers", bench, run, "ID");
    }
    for (uint32_t offset : {0x04u, 0x128u, 0x200u, 0xffcu}) {
        if (bench.read_register(offset) != 0) {
            fail("registers", bench, run, "an unused offset is not zero");
        }
    }
    bench.program(run);
    bench.model(run);
    bench.start();
    for (uint32_t offset : offsets) {
        bench.write_register(offset, bench.random.bits32());
    }
    bench.start(); // of no effect either
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("registers", bench, run, "still busy");
    }
    check("registers", bench, run, {TERN_STATUS_OK, 0}, false);
    bench.cancel(); // idle: nothing to cancel
    recover("registers", bench, run);
}

} // namespace

void test_faults(Bench &bench, unsigned rounds) {
    void (*const tests[])(Bench &) = {test_checksum,     test_weights_error, test_crc_error, test_activation_error,
                                      test_output_error, test_window,        test_cancel,    test_hang};
    for (unsigned round = 0; round < rounds && failures < 5; round++) {
        for (auto test : tests) {
            test(bench);
        }
    }
    use_memory(bench, {});
    test_refusals(bench);
    test_registers(bench);
}

} // namespace tern_bench
