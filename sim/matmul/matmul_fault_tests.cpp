// SPDX-License-Identifier: Apache-2.0
// Faults of a run. The tests check the status and detail reported and the rows in memory. The next run must be right
// without a reset.
#include "matmul_checks.hpp"

namespace tern_bench {

void recover(const char *test, Bench &bench, const Run &run) {
    bench.snapshot();
    good_run((std::string(test) + ", next run").c_str(), bench, run);
}

Run fault_run(Bench &bench) {
    const Run run = new_run(bench, random_shape(bench.random, 60, 700));
    use_memory(bench, random_config(bench.random));
    return run;
}

namespace {

// Expects rows of the strips before `strip` as the model computes them, and no other change.
void expect_rows_before(Bench &bench, const Run &run, uint64_t strip) {
    bench.model(run);
    for (uint32_t vector = 0; vector < run.shape.vectors; vector++) {
        bench.expect_unwritten(run, vector, strip * TERN_STRIP_ROWS);
    }
}

// The run has enough rows for every offset of lines to strips.
Run many_lines_run(Bench &bench) {
    const uint32_t rows = 1 + bench.random.below(260);
    const uint32_t columns = 1 + bench.random.below(100), used = 1 + bench.random.below(2);
    const Run run = new_run(bench, {rows, columns, 2, used, 1 + bench.random.below(unit_vectors)});
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
        check("weights error", bench, run, {TERN_STATUS_BUS_ERROR, static_cast<uint32_t>(strip)}, no_vector);
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
        check("checksum table error", bench, run, {TERN_STATUS_BUS_ERROR, static_cast<uint32_t>(strip)}, no_vector);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("checksum table error", bench, run);
}

// Memory refuses 16 bytes from `address` on, of an operand without which a vector has no rows: `written` are the
// others.
void refuse_operand(Bench &bench, const char *test, const Run &run, uint64_t address, Vectors written) {
    bench.config.error_base = address;
    bench.config.error_bytes = 16;
    use_memory(bench, bench.config);
    const Outcome wanted = bench.model_refused(run);
    for (uint32_t vector = 0; vector < run.shape.vectors; vector++) {
        if (!(written >> vector & 1)) {
            bench.expect_unwritten(run, vector, 0);
        }
    }
    if (wanted.status != TERN_STATUS_BUS_ERROR || wanted.detail != 0) {
        fail(test, bench, run, "the model disagrees");
    }
    if (run_to_end(test, bench, run)) {
        check(test, bench, run, wanted, no_vector);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover(test, bench, run);
}

// Half of the errors are in the header.
void test_activation_error(Bench &bench) {
    const Run run = fault_run(bench);
    const uint64_t bytes = bench.random.percent(50) ? TERN_ACTIVATION_HEADER_BYTES : run.image_bytes();
    const uint32_t vector = bench.random.below(run.shape.vectors);
    refuse_operand(bench, "activation error", run, run.image(vector) + bench.random.bits64() % bytes / 16 * 16,
                   ~(1u << vector));
}

void test_steps_error(Bench &bench) {
    const Run run = fault_run(bench);
    refuse_operand(bench, "steps error", run, run.steps + bench.random.below(steps_bytes) / 16 * 16, no_vector);
}

// Memory refuses a line of results. The strip is that of the line's first row. No other address is touched. The other
// vectors have all their rows.
void test_output_error(Bench &bench) {
    const Run run = many_lines_run(bench);
    const uint64_t line = bench.random.below((run.shape.rows + 15) / 16);
    const uint32_t vector = bench.random.below(run.shape.vectors);
    bench.config.error_base = run.output_of(vector) + line_bytes * line;
    use_memory(bench, bench.config);
    bench.model(run);
    bench.config.error_bytes = 16;
    use_memory(bench, bench.config);
    if (run_to_end("output error", bench, run)) {
        check("output error", bench, run, {TERN_STATUS_BUS_ERROR, static_cast<uint32_t>(16 * line / 5)}, 1u << vector);
    }
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    recover("output error", bench, run);
}

// Sets the window to `base`..`end`. The memory model reports any burst that leaves it.
void narrow_window(Bench &bench, const char *test, const Run &run, uint64_t base, uint64_t end, const Outcome &wanted) {
    bench.set_window(base, end - base);
    if (run_to_end(test, bench, run)) {
        check(test, bench, run, wanted, no_vector);
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
        const uint64_t cut = bench.random.bits64() % run.image_bytes() / 64 * 64;
        const uint64_t image = run.image(bench.random.below(run.shape.vectors));
        narrow_window(bench, "window of activations", run, memory_base, image + cut, {TERN_STATUS_BAD_ADDRESS, 0});
    }
}

// The steps are behind all other buffers. The window ends before them or within them.
void test_window_steps(Bench &bench) {
    Run run = fault_run(bench);
    const uint64_t source = run.steps;
    run.steps = tern_align_up(run.activation + run.images_bytes(), line_bytes);
    bench.memory_bytes.resize(tern_align_up(run.steps + 2 * line_bytes - memory_base, 4096));
    bench.memory.unmap();
    bench.memory.map(memory_base, bench.memory_bytes.data(), bench.memory_bytes.size());
    std::memcpy(bench.at(run.steps), bench.at(source), steps_bytes);
    bench.snapshot();
    narrow_window(bench, "window of steps", run, memory_base, run.steps + line_bytes * bench.random.below(2),
                  {TERN_STATUS_BAD_ADDRESS, 0});
}

// The outputs are behind all other buffers. The window ends before a line of one of them. What is before it is written.
void test_window_outputs(Bench &bench) {
    Run run = many_lines_run(bench);
    bench.memory_bytes.resize(bench.memory_bytes.size() + tern_align_up(run.outputs_bytes(), 4096));
    bench.memory.unmap();
    bench.memory.map(memory_base, bench.memory_bytes.data(), bench.memory_bytes.size());
    run.output = tern_align_up(run.activation + run.images_bytes(), line_bytes);
    bench.snapshot();
    const uint64_t line = bench.random.below((run.shape.rows + 15) / 16);
    const uint64_t first_row = 16 * line;
    const uint32_t cut = bench.random.below(run.shape.vectors);
    bench.model(run);
    for (uint32_t vector = cut; vector < run.shape.vectors; vector++) {
        bench.expect_unwritten(run, vector, vector == cut ? first_row : 0);
    }
    narrow_window(bench, "window of outputs", run, memory_base, run.output_of(cut) + line_bytes * line,
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
        {&run.steps, steps_bytes, steps_bytes},
        {&run.activation, run.images_bytes(), run.image(run.shape.vectors - 1) + run.image_bytes() - run.activation},
        {&run.output, run.outputs_bytes(), run.outputs_bytes()}};
    auto &last = buffers[4];
    std::swap(buffers[bench.random.below(5)], last);
    const std::vector<uint8_t> old = bench.memory_bytes;
    for (auto &buffer : buffers) {
        const uint64_t from = *buffer.address - memory_base;
        *buffer.address = next;
        std::copy(old.begin() + from, old.begin() + from + buffer.bytes,
                  bench.memory_bytes.begin() + next - memory_base);
        next = tern_align_up(next + buffer.bytes, line_bytes);
    }
    bench.snapshot();
    bench.set_window(memory_base, tern_align_up(*last.address + last.used, bus_bytes) - memory_base);
    good_run("window that fits", bench, run);
    bench.set_window(memory_base, bench.memory_bytes.size());
}

// Cancels at any time. The unit must soon be idle with TIMEOUT, unless the run was over. Only right rows are in memory.
void test_cancel(Bench &bench) {
    const Run run = fault_run(bench);
    bench.model(run);
    bench.program(run);
    bench.start();
    const uint64_t beats = run.strips() * run.prefix_bytes() / 16;
    bench.ticks(bench.random.below(static_cast<uint32_t>(1 + 2 * beats + 64 * (run.shape.vectors - 1) * run.strips())));
    bench.cancel();
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("cancel", bench, run, "still busy");
        return;
    }
    const Outcome got = bench.outcome();
    if (got.status == TERN_STATUS_OK) {
        check("cancel, too late", bench, run, got, no_vector);
    } else {
        check("cancel", bench, run, {TERN_STATUS_TIMEOUT, got.detail}, every_vector);
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
    check("hang", bench, run, {TERN_STATUS_TIMEOUT, bench.outcome().detail}, every_vector);
    recover("hang", bench, run);
}

} // namespace

void test_faults(Bench &bench, unsigned rounds) {
    void (*const tests[])(Bench &) = {test_checksum,
                                      test_weights_error,
                                      test_crc_error,
                                      test_activation_error,
                                      test_steps_error,
                                      test_output_error,
                                      test_window_activations,
                                      test_window_steps,
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
}

} // namespace tern_bench
