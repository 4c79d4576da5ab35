// SPDX-License-Identifier: Apache-2.0
// Faults of a run. The tests check the status and strip reported and the rows in memory. The next run must be right
// without a reset.
#include "matmul_checks.hpp"

namespace tern_bench {

namespace {

// Expects rows of the strips before `strip` as the model computes them, and no other change.
void expect_rows_before(Bench &bench, const Run &run, uint64_t strip) {
    bench.model(run);
    const uint64_t first = std::min<uint64_t>(strip * TERN_STRIP_ROWS, run.shape.rows);
    const uint64_t from = run.output - memory_base + 4 * first;
    std::copy(bench.before.begin() + from, bench.before.begin() + run.output - memory_base + 4 * run.shape.rows,
              bench.expected.begin() + from);
}

// Makes a good run right after a fault: same place, same memory behaviour without the fault.
void recover(const char *test, Bench &bench, const Run &run) {
    bench.snapshot();
    good_run((std::string(test) + ", next run").c_str(), bench, run);
}

Run fault_run(Bench &bench) {
    const Run run = new_run(bench, random_shape(bench.random, 60, 700));
    use_memory(bench, random_config(bench.random));
    return run;
}

// The run has enough rows for every offset of lines to strips.
Run many_lines_run(Bench &bench) {
    const uint32_t rows = 1 + bench.random.below(260);
    const Run run = new_run(bench, {rows, 1 + bench.random.below(100), 2, 1 + bench.random.below(2)});
    use_memory(bench, random_config(bench.random));
    return run;
}

void flip(Bench &bench, uint64_t address, uint64_t bytes) {
    const uint64_t bit = bench.random.bits64() % (8 * bytes);
    *bench.at(address + bit / 8) ^= static_cast<uint8_t>(1u << bit % 8);
    bench.snapshot();
}

// Flips one bit of a segment, or of its checksum. The model gives the expected outcome, also for planes not in use.
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

// Memory refuses a beat of the checksum table. The strip is the first that has a word in use there.
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

// Memory refuses a line of results. The strip is that of the line's first row. No other address is touched.
void test_output_error(Bench &bench) {
    const Run run = many_lines_run(bench);
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

// Sets the window to `base`..`end`. The memory model reports any burst that leaves it.
void narrow_window(Bench &bench, const char *test, const Run &run, uint64_t base, uint64_t end, const Outcome &wanted) {
    bench.set_window(base, end - base);
    if (run_to_end(test, bench, run)) {
        check(test, bench, run, wanted, false);
    }
    bench.set_window(memory_base, bench.memory_bytes.size());
    recover(test, bench, run);
}

// The window begins or ends within the activations. No row is written. If it begins there, the buffers before are
// outside too.
void test_window_activations(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t end = memory_base + bench.memory_bytes.size();
    bench.model(run);
    bench.expected = bench.before;
    if (bench.random.percent(50)) {
        narrow_window(bench, "window of activations", run, run.activation + 64, end, {TERN_STATUS_BAD_ADDRESS, 0});
    } else {
        const uint64_t cut = 16 * bench.random.below(2 * run.groups) / 64 * 64;
        narrow_window(bench, "window of activations", run, memory_base, run.mantissas() + cut,
                      {TERN_STATUS_BAD_ADDRESS, 0});
    }
}

// The outputs are behind all other buffers. The window ends before a line of them. The lines before it are written.
void test_window_outputs(Bench &bench) {
    Run run = many_lines_run(bench);
    bench.memory_bytes.resize(bench.memory_bytes.size() + 4096);
    bench.memory.unmap();
    bench.memory.map(memory_base, bench.memory_bytes.data(), bench.memory_bytes.size());
    run.output = tern_align_up(run.activation + tern_activation_bytes(run.columns()), line_bytes);
    bench.snapshot();
    const uint64_t line = bench.random.below((run.shape.rows + 15) / 16);
    const uint64_t first_row = 16 * line;
    bench.model(run);
    std::copy(bench.before.begin() + run.output - memory_base + 4 * first_row,
              bench.before.begin() + run.output - memory_base + 4 * run.shape.rows,
              bench.expected.begin() + run.output - memory_base + 4 * first_row);
    narrow_window(bench, "window of outputs", run, memory_base, run.output + line_bytes * line,
                  {TERN_STATUS_BAD_ADDRESS, static_cast<uint32_t>(first_row / TERN_STRIP_ROWS)});
}

// The weights are at the end of memory. The window ends within one of their strips.
void test_window_weights(Bench &bench) {
    Run run = fault_run(bench);
    const uint64_t strip = bench.random.below(static_cast<uint32_t>(run.strips()));
    const uint64_t bytes = run.strips() * run.strip_bytes();
    bench.memory_bytes.resize(bench.memory_bytes.size() + bytes + 4096);
    bench.memory.unmap();
    bench.memory.map(memory_base, bench.memory_bytes.data(), bench.memory_bytes.size());
    const uint64_t source = run.weights;
    run.weights = memory_base + tern_align_up(bench.memory_bytes.size() - bytes, 64) - 64;
    std::memmove(bench.at(run.weights), bench.at(source), bytes);
    bench.snapshot();
    const uint64_t cut = bench.random.bits64() % run.prefix_bytes() / 64 * 64;
    expect_rows_before(bench, run, strip);
    narrow_window(bench, "window of weights", run, memory_base, run.weights + strip * run.strip_bytes() + cut,
                  {TERN_STATUS_BAD_ADDRESS, static_cast<uint32_t>(strip)});
}

// The window ends with the last beat of each buffer in turn. No access is refused.
void test_window_fits(Bench &bench) {
    Run run = many_lines_run(bench);
    uint64_t next = memory_base;
    const uint64_t weights = run.strips() * run.strip_bytes(), crc = 4 * run.strips() * (run.shape.depth_stored + 1);
    struct {
        uint64_t *address;
        uint64_t bytes, used;
    } buffers[] = {
        {&run.weights, weights, (run.strips() - 1) * run.strip_bytes() + run.prefix_bytes()},
        {&run.crc, crc, crc},
        {&run.activation, tern_activation_bytes(run.columns()), TERN_ACTIVATION_HEADER_BYTES + 33 * run.groups},
        {&run.output, 4 * run.shape.rows, 4 * run.shape.rows}};
    std::swap(buffers[bench.random.below(4)], buffers[3]);
    const std::vector<uint8_t> old = bench.memory_bytes;
    for (auto &buffer : buffers) {
        const uint64_t from = *buffer.address - memory_base;
        *buffer.address = next;
        std::copy(old.begin() + from, old.begin() + from + buffer.bytes,
                  bench.memory_bytes.begin() + next - memory_base);
        next = tern_align_up(next + buffer.bytes, line_bytes);
    }
    bench.snapshot();
    bench.set_window(memory_base, tern_align_up(*buffers[3].address + buffers[3].used, bus_bytes) - memory_base);
    good_run("window that fits", bench, run);
    bench.set_window(memory_base, bench.memory_bytes.size());
}

// Cancels at any time. The unit must soon be idle with TIMEOUT, unless the run was over. Only right rows are in memory.
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

// Memory stops answering. The unit stays busy, also when cancelled, until the answers come.
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
    if (!bench.is_busy()) {
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

struct AddressRegister {
    uint32_t offset; // of the low word
    uint64_t value;
};

std::vector<AddressRegister> addresses_of(const Run &run) {
    return {{TERN_MATMUL_REG_WEIGHTS_LO, run.weights},
            {TERN_MATMUL_REG_CRC_LO, run.crc},
            {TERN_MATMUL_REG_ACTIVATION_LO, run.mantissas()},
            {TERN_MATMUL_REG_OUTPUT_LO, run.output}};
}

void expect_refusal(Bench &bench, const Run &run, uint32_t offset, uint32_t value, uint32_t status) {
    bench.program(run);
    bench.write_register(offset, value);
    bench.start();
    if (!bench.wait_idle(200)) {
        fail("refusal", bench, run, "still busy");
    }
    check("refusal", bench, run, {status, 0}, false);
}

// The window ends where 64 bits of address do. The first burst of a buffer that ends there is allowed. There is no
// memory, so it gets a bus error.
void test_last_address(Bench &bench) {
    const Run run = new_run(bench, {20, 200, 3, 2});
    use_memory(bench, {});
    bench.set_window(memory_base, 0 - memory_base);
    for (const auto &address : addresses_of(run)) {
        bench.program(run);
        bench.write_register(address.offset, 0 - static_cast<uint32_t>(TERN_SEGMENT_ALIGN));
        bench.write_register(address.offset + 4, ~0u);
        bench.start();
        if (!bench.wait_idle(limit_cycles(run, bench.config))) {
            fail("last address", bench, run, "still busy");
        }
        if (bench.outcome().status != TERN_STATUS_BUS_ERROR) {
            fail("last address", bench, run, "status " + std::to_string(bench.outcome().status));
        }
    }
    bench.set_window(memory_base, bench.memory_bytes.size());
    recover("last address", bench, run);
}

// The unit refuses these runs before it reads memory. DEPTH has two 4-bit fields.
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
        {TERN_MATMUL_REG_DEPTH, depth_word(0, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(3, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(0, 3), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(3, 4), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(TERN_MAX_DEPTH + 1, 1), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(15, 15), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_STEP_0 + 4 * 26, step_word(0, TERN_STEP_RATIO_LOG2 + 1), TERN_STATUS_BAD_STEPS},
        {TERN_MATMUL_REG_STEP_0, step_word(0, 63), TERN_STATUS_BAD_STEPS},
    };
    for (const auto &refused : cases) {
        expect_refusal(bench, run, refused.offset, refused.value, refused.status);
    }
    for (uint32_t bit = 1; bit < TERN_SEGMENT_ALIGN; bit *= 2) {
        for (const auto &address : addresses_of(run)) {
            expect_refusal(bench, run, address.offset, static_cast<uint32_t>(address.value) + bit,
                           TERN_STATUS_BAD_ADDRESS);
        }
    }
    recover("refusal", bench, run);
}

// A word of the register block, as the spec lists it.
struct Word {
    const char *name;
    uint32_t offset, bits;
    bool is_captured, is_writable;
};

#define TERN_BENCH_BLOCK(block) TERN_BLOCK_##block,
#define TERN_BENCH_WORD(block, name, offset, access, bits, captured, vectors)                                          \
    {TERN_BLOCK_##block == TERN_BLOCK_MATMUL ? #name : nullptr, offset, bits, captured && !vectors,                    \
     TERN_ACCESS_##access == TERN_ACCESS_RW && !vectors},

std::vector<Word> words_of_unit() {
    enum { TERN_BLOCK_LIST(TERN_BENCH_BLOCK) };
    static const Word all[] = {TERN_REGISTER_LIST(TERN_BENCH_WORD)};
    std::vector<Word> words;
    for (const Word &word : all) {
        if (word.name) {
            words.push_back(word);
        }
    }
    return words;
}

// Registers keep only bits of fields and ignore partial writes. Unused offsets read zero.
void test_registers(Bench &bench) {
    const Run run = new_run(bench, {40, 500, 4, 4});
    for (const Word &word : words_of_unit()) {
        if (!word.is_writable) {
            continue;
        }
        const uint32_t value = bench.random.bits32();
        bench.write_register(word.offset, value);
        bench.write_register(word.offset, ~value, static_cast<uint8_t>(bench.random.below(15)));
        if (bench.read_register(word.offset) != (value & word.bits)) {
            fail("registers", bench, run, word.name);
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
    bench.cancel(); // idle: no run to cancel
    recover("registers", bench, run);
}

// Writes each configuration register and the window while a run is under way, at once or later. The run must continue
// with its old values. The register must keep the new value for the next run.
void test_capture(Bench &bench) {
    const Run run = new_run(bench, {40, 500, 4, 4});
    AxiMemoryConfig slow;
    slow.latency_cycles = 400; // makes the run longer than the writes
    use_memory(bench, slow);
    for (const Word &word : words_of_unit()) {
        if (!word.is_captured) {
            continue;
        }
        bench.snapshot();
        bench.model(run);
        bench.program(run);
        const uint32_t value = ~bench.read_register(word.offset) & word.bits;
        bench.start();
        bench.ticks(bench.random.percent(50) ? 0 : bench.random.below(400));
        bench.write_register(word.offset, value);
        bench.start(); // this has no effect either
        if (!bench.is_busy()) {
            fail("capture", bench, run, "the run was over too soon");
        }
        if (bench.read_register(word.offset) != value) {
            fail("capture", bench, run, std::string("lost what was written meanwhile: ") + word.name);
        }
        if (!bench.wait_idle(limit_cycles(run, bench.config))) {
            fail("capture", bench, run, std::string("still busy: ") + word.name);
        }
        check((std::string("capture of ") + word.name).c_str(), bench, run, {TERN_STATUS_OK, 0}, false);
    }
    bench.snapshot();
    bench.model(run);
    bench.program(run);
    bench.start();
    bench.top->window_base = bench.top->window_bytes = 0;
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("capture", bench, run, "still busy: window");
    }
    check("capture of the window", bench, run, {TERN_STATUS_OK, 0}, false);
    bench.set_window(memory_base, bench.memory_bytes.size());
    recover("capture", bench, run);
}

} // namespace

void test_faults(Bench &bench, unsigned rounds) {
    void (*const tests[])(Bench &) = {test_checksum,
                                      test_weights_error,
                                      test_crc_error,
                                      test_activation_error,
                                      test_output_error,
                                      test_window_activations,
                                      test_window_outputs,
                                      test_window_weights,
                                      test_window_fits,
                                      test_cancel,
                                      test_hang};
    for (unsigned round = 0; round < rounds && failures < 5; round++) {
        for (auto test : tests) {
            test(bench);
        }
    }
    use_memory(bench, {});
    test_refusals(bench);
    test_last_address(bench);
    test_registers(bench);
    test_capture(bench);
}

} // namespace tern_bench
