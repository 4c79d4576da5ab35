// SPDX-License-Identifier: Apache-2.0
// Registers of the unit: values that it refuses, what each word keeps, and that a run takes them at its start.
#include "matmul_checks.hpp"

namespace tern_bench {

namespace {

struct AddressRegister {
    uint32_t offset; // of the low word
    uint64_t value;
};

std::vector<AddressRegister> addresses_of(const Run &run) {
    return {{TERN_MATMUL_REG_WEIGHTS_LO, run.weights},
            {TERN_MATMUL_REG_CRC_LO, run.crc},
            {TERN_MATMUL_REG_STEPS_LO, run.steps},
            {TERN_MATMUL_REG_ACTIVATION_LO, run.activation},
            {TERN_MATMUL_REG_OUTPUT_LO, run.output}};
}

void expect_refusal(Bench &bench, const Run &run, uint32_t offset, uint32_t value, uint32_t status) {
    bench.program(run);
    bench.write_register(offset, value);
    bench.start();
    if (!bench.wait_idle(200)) {
        fail("refusal", bench, run, "still busy");
    }
    check("refusal", bench, run, {status, 0}, no_vector);
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
        {TERN_MATMUL_REG_COLUMNS, 0, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_COLUMNS, TERN_MAX_COLUMNS + 1, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_COLUMNS, 0x10000 + run.shape.columns, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_COLUMNS, 0x80000000, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_COLUMNS, 0xffffffff, TERN_STATUS_BAD_LENGTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(0, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(3, 0), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(0, 3), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(3, 4), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(TERN_MAX_DEPTH + 1, 1), TERN_STATUS_BAD_DEPTH},
        {TERN_MATMUL_REG_DEPTH, depth_word(15, 15), TERN_STATUS_BAD_DEPTH},
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
    {TERN_BLOCK_##block == TERN_BLOCK_MATMUL ? #name : nullptr, offset, bits,                                          \
     captured && (unit_vectors > 1 || !(vectors)),                                                                     \
     TERN_ACCESS_##access == TERN_ACCESS_RW && (unit_vectors > 1 || !(vectors))},

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
void test_words(Bench &bench) {
    const Run run = new_run(bench, {40, 500, 4, 4, unit_vectors});
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
    for (uint32_t offset : {0x04u, 0x58u, 0x80u, 0xfcu, 0x128u, 0xffcu}) {
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
    const Run run = new_run(bench, {40, 500, 4, 4, unit_vectors});
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
        check((std::string("capture of ") + word.name).c_str(), bench, run, {TERN_STATUS_OK, 0}, no_vector);
    }
    bench.snapshot();
    bench.model(run);
    bench.program(run);
    bench.start();
    bench.top->window_base = bench.top->window_bytes = 0;
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("capture", bench, run, "still busy: window");
    }
    check("capture of the window", bench, run, {TERN_STATUS_OK, 0}, no_vector);
    bench.set_window(memory_base, bench.memory_bytes.size());
    recover("capture", bench, run);
}

} // namespace

void test_registers(Bench &bench) {
    use_memory(bench, {});
    test_refusals(bench);
    test_last_address(bench);
    test_words(bench);
    test_capture(bench);
}

} // namespace tern_bench
