// SPDX-License-Identifier: Apache-2.0
// Runs of several vectors of which some fail alone, and what only a unit of several vectors refuses. The model says
// which failure counts. A vector that failed has the rows before its failure, the others have all of theirs.
#include "matmul_checks.hpp"

namespace tern_bench {

namespace {

// A run of two vectors or more, in a memory of any behaviour.
Run vectors_run(Bench &bench) {
    Shape shape = random_shape(bench.random, 60, 300);
    shape.vectors = 2 + bench.random.below(unit_vectors - 1);
    const Run run = new_run(bench, shape);
    use_memory(bench, random_config(bench.random));
    return run;
}

void flip_weight(Bench &bench, const Run &run, uint32_t strip) {
    *bench.at(run.weights + strip * run.strip_bytes() + bench.random.bits64() % run.prefix_bytes()) ^= 1;
}

// A failure of all vectors, of another one, of none, or behind the one in the image of `lost`.
void break_more(Bench &bench, const Run &run, uint32_t lost, uint32_t other) {
    const uint32_t magic = ~TERN_ACTIVATION_MAGIC, negative = 0xbf800000;
    switch (bench.random.below(5)) {
    case 0: flip_weight(bench, run, bench.random.below(static_cast<uint32_t>(run.strips()))); break;
    case 1: std::memcpy(bench.at(run.steps + 4 * bench.random.below(TERN_STEPS)), &negative, 4); break;
    case 2:
        if (other != lost) {
            std::memcpy(bench.at(run.image(other) + 12), &magic, 4);
        }
        break;
    case 3: *bench.at(run.shifts(other) + bench.random.below(run.groups)) |= 0x80; break;
    default: break;
    }
    bench.snapshot();
}

void forget_error(Bench &bench, const char *test, const Run &run, const std::vector<uint8_t> &sound) {
    bench.config.error_bytes = 0;
    use_memory(bench, bench.config);
    bench.memory_bytes = sound;
    recover(test, bench, run);
}

// Memory refuses a piece of one image, or all of several, and another operand may be bad too.
void test_lost_image(Bench &bench, uint32_t control) {
    const Run run = vectors_run(bench);
    const std::vector<uint8_t> sound = bench.memory_bytes;
    const uint32_t vector = bench.random.below(run.shape.vectors);
    const uint32_t last = vector + bench.random.below(run.shape.vectors - vector);
    const bool whole = bench.random.percent(40);
    const uint64_t from = whole ? 0 : bench.random.bits64() % run.image_bytes() / 16 * 16;
    const bool behind = !whole && from < run.shifts(0) - run.activation && bench.random.percent(30);
    const uint32_t other =
        behind ? vector : (vector + 1 + bench.random.below(run.shape.vectors - 1)) % run.shape.vectors;
    bench.config.error_base = run.image(vector) + from;
    bench.config.error_bytes = whole ? run.image(last) + run.image_bytes() - run.image(vector) : 16;
    use_memory(bench, bench.config);
    break_more(bench, run, vector, other);
    const Outcome wanted = bench.model_refused(run, control);
    bench.program(run);
    bench.write_register(TERN_MATMUL_REG_CONTROL, control);
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        fail("lost image", bench, run, "still busy");
    }
    check("lost image", bench, run, wanted, no_vector);
    forget_error(bench, "lost image", run, sound);
}

// Memory refuses a line of results of one vector, or all from there to the last vector's. A checksum may be wrong too.
// It is not of the strip in which a refused line begins: there the model looks at memory first, the unit at the
// checksum.
void test_lost_output(Bench &bench) {
    const Run run = vectors_run(bench);
    const std::vector<uint8_t> sound = bench.memory_bytes;
    const uint32_t vector = bench.random.below(run.shape.vectors);
    const uint32_t last = bench.random.percent(40) ? run.shape.vectors - 1 : vector;
    const uint32_t line = bench.random.below((run.shape.rows + 15) / 16);
    const uint64_t refused = run.output_of(vector) + line_bytes * line;
    const uint32_t strip = bench.random.below(static_cast<uint32_t>(run.strips()));
    if (bench.random.percent(50) && strip != line * 16 / TERN_STRIP_ROWS && (last == vector || strip > 0)) {
        flip_weight(bench, run, strip);
    }
    bench.snapshot();
    bench.model(run); // the rows, as if memory took them all
    const std::vector<uint8_t> rows = bench.expected;
    bench.config.error_base = refused;
    bench.config.error_bytes = last == vector ? 16 : run.output_of(last) + run.output_bytes() - refused;
    use_memory(bench, bench.config);
    const Outcome wanted = bench.model_refused(run);
    bench.expected = rows;
    Vectors partial = no_vector;
    for (uint32_t i = vector; i <= last; i++) {
        partial |= 1u << i;
    }
    if (run_to_end("lost output", bench, run)) {
        check("lost output", bench, run, wanted, partial);
    }
    forget_error(bench, "lost output", run, sound);
}

// All vectors have one image: a stride of 0.
void test_one_image(Bench &bench) {
    Run run = vectors_run(bench);
    run.activation_stride = 0;
    bench.snapshot();
    good_run("one image", bench, run);
}

// One vector of a unit of several uses no stride.
void test_one_vector(Bench &bench) {
    Run run = new_run(bench, {23, 170, 3, 2, 1});
    run.activation_stride = bench.random.bits64();
    run.output_stride = bench.random.bits64();
    use_memory(bench, random_config(bench.random));
    good_run("one vector", bench, run);
}

void refuse(Bench &bench, const Run &run, uint32_t offset, uint32_t value, uint32_t status) {
    bench.program(run);
    bench.write_register(offset, value);
    bench.start();
    if (!bench.wait_idle(200)) {
        fail("vectors refused", bench, run, "still busy");
    }
    check("vectors refused", bench, run, {status, 0}, no_vector);
}

void test_refused(Bench &bench) {
    const Run run = new_run(bench, {20, 200, 3, 2, unit_vectors});
    use_memory(bench, {});
    for (uint32_t vectors : {0u, unit_vectors + 1, 0x100u + unit_vectors, 0x80000000u, ~0u}) {
        refuse(bench, run, TERN_MATMUL_REG_VECTORS, vectors, TERN_STATUS_BAD_LENGTH);
    }
    for (uint32_t stride : {TERN_MATMUL_REG_ACTIVATION_STRIDE_LO, TERN_MATMUL_REG_OUTPUT_STRIDE_LO}) {
        for (uint32_t bit = 1; bit < TERN_SEGMENT_ALIGN; bit *= 2) {
            refuse(bench, run, stride, 4096 + bit, TERN_STATUS_BAD_ADDRESS);
        }
        for (uint32_t bit = TERN_STRIDE_LIMIT_LOG2 - 32; bit < 32; bit++) {
            refuse(bench, run, stride + 4, 1u << bit, TERN_STATUS_BAD_ADDRESS);
        }
    }
    recover("vectors refused", bench, run);
}

} // namespace

void test_vectors(Bench &bench, unsigned rounds) {
    if (unit_vectors == 1) {
        return;
    }
    for (unsigned round = 0; round < rounds && failures < 5; round++) {
        test_lost_image(bench, TERN_MATMUL_CONTROL_START_MASK);
        test_lost_image(bench, TERN_MATMUL_CONTROL_CHECK_MASK);
        test_lost_output(bench);
        test_one_image(bench);
        test_one_vector(bench);
    }
    test_refused(bench);
}

} // namespace tern_bench
