// SPDX-License-Identifier: Apache-2.0
// rtl.attention compares the attention unit behind the AXI4 edge with the C model's unit.
//   attention_bench random [RUNS [SEED]] | rate
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attention_bench.hpp"

using namespace tern_bench;

namespace {

AxiMemoryConfig draw_memory(Random &random) {
    AxiMemoryConfig config;
    draw_orders(random, config);
    config.seed = random.bits64();
    config.latency_cycles = random.percent(50) ? 0 : random.below(60);
    config.latency_jitter_cycles = random.percent(50) ? 0 : random.below(40);
    config.stall_percent = random.percent(50) ? 0 : random.below(70);
    return config;
}

Shape draw_shape(Random &random) {
    static const uint32_t head_sizes[] = {8, 16, 40, 64, 80, 96, 128, 256};
    Shape shape = {random.percent(50) ? TERN_CACHE_KEYS : TERN_CACHE_VALUES, 1 + random.below(4), 1 + random.below(8),
                   head_sizes[random.below(8)], 1 + random.below(random.percent(50) ? 40 : 300)};
    if (random.percent(10)) {
        shape.head_size = 1 + random.below(256);
    }
    if (random.percent(3)) {
        shape = {shape.kind, 1 + random.below(2), shape.vectors, 8 * (1 + random.below(3)),
                 2000 + 2048 * random.below(2) + random.below(400)};
    }
    return shape;
}

// Wrong operands: words of headers, shifts, exponent bytes. Some are where nothing reads.
void draw_bad_operand(Bench &bench, const Run &run) {
    Random &random = bench.random;
    const Shape &shape = run.shape;
    const uint64_t image = run.images + random.below(shape.images()) * run.image_stride;
    const uint32_t group = random.below(static_cast<uint32_t>(tern_groups(shape.length())) + 8);
    const uint64_t record = run.cache + random.below(shape.kv_heads) * run.head_stride +
                            random.below(tern_cache_records(shape.positions)) *
                                uint64_t{tern_cache_record_bytes(shape.kind, shape.head_size)};
    switch (random.below(3)) {
    case 0: bench.poke(image + random.below(20), static_cast<uint8_t>(random.bits32())); break;
    case 1:
        bench.poke(image + tern_activation_shifts_offset(shape.length()) + group,
                   static_cast<uint8_t>(16u << random.below(4)));
        break;
    default:
        bench.poke(record + random.below(tern_cache_mantissas_offset(shape.kind, shape.head_size)),
                   static_cast<uint8_t>(32u << random.below(3)));
        break;
    }
}

uint64_t draw_place(Random &random, const Run &run) {
    return run.images + 64 * random.below(static_cast<uint32_t>((run.end - run.images) / 64));
}

// A range of memory that errs. It has whole beats of any bus, because the model compares bytes and hardware beats.
void draw_bus_error(Random &random, const Run &run, AxiMemoryConfig &config) {
    config.error_base = draw_place(random, run);
    config.error_bytes = 64 * (1 + random.below(20));
    config.error_response = static_cast<uint8_t>(2 + random.below(2));
}

// Registers with one value that no run may have.
void draw_bad_register(Bench &bench) {
    static const uint32_t addresses[] = {TERN_ATTENTION_REG_IMAGES_LO,      TERN_ATTENTION_REG_CACHE_LO,
                                         TERN_ATTENTION_REG_OUTPUT_LO,      TERN_ATTENTION_REG_IMAGE_STRIDE_LO,
                                         TERN_ATTENTION_REG_HEAD_STRIDE_LO, TERN_ATTENTION_REG_OUTPUT_STRIDE_LO};
    static const struct {
        uint32_t offset, largest;
    } counts[] = {{TERN_ATTENTION_REG_KIND, TERN_CACHE_VALUES},
                  {TERN_ATTENTION_REG_KV_HEADS, TERN_MAX_HEADS},
                  {TERN_ATTENTION_REG_VECTORS, TERN_DOT_VECTORS},
                  {TERN_ATTENTION_REG_HEAD_SIZE, TERN_MAX_HEAD_SIZE},
                  {TERN_ATTENTION_REG_POSITIONS, TERN_MAX_POSITIONS}};
    const uint32_t i = bench.random.below(11);
    if (i < 6) {
        bench.write(addresses[i], bench.read(addresses[i]) ^ 1u << bench.random.below(6));
        return;
    }
    const bool is_kind = i == 6;
    bench.write(counts[i - 6].offset, bench.random.percent(30) && !is_kind ? 0
                                      : bench.random.percent(50)           ? counts[i - 6].largest + 1
                                                                           : 1u << 31 | 1u);
}

// A run with any of the faults. The next one must be as if there had been none.
void run_one(Bench &bench) {
    Random &random = bench.random;
    AxiMemoryConfig config = draw_memory(random);
    bench.set_memory(config);
    bench.set_window(memory_base, memory_bytes);
    const Run run = bench.make_run(draw_shape(random), static_cast<dot_draw>(random.below(DOT_DRAWS)));
    // One kind of fault: of two in one record hardware sees the first beat or burst, the model first the window.
    const uint32_t fault = random.below(8);
    if (fault == 0) {
        draw_bus_error(random, run, config);
        bench.set_memory(config);
    } else if (fault == 1) {
        const uint64_t edge = draw_place(random, run);
        random.percent(50) ? bench.set_window(edge, memory_base + memory_bytes - edge)
                           : bench.set_window(memory_base, edge - memory_base);
    } else if (fault == 2) {
        for (unsigned bad = 1 + random.below(3); bad > 0; bad--) {
            draw_bad_operand(bench, run);
        }
    }
    bench.program(run);
    if (random.percent(5)) {
        draw_bad_register(bench);
    }
    bench.start();
    if (random.percent(10)) {
        bench.start(); // during a run this has no effect
    }
    if (random.percent(50)) {
        bench.write_all();
    }
    bench.finish(run, random.percent(10) ? random.below(random.percent(50) ? 100 : 5000) : ~0u);
}

void run_random(Bench &bench, unsigned runs) {
    for (unsigned i = 0; i < runs && bench.failures == 0; i++) {
        run_one(bench);
    }
}

// --- memory that hangs, and reset ---

// Memory stops answering. An abort is remembered until memory answers again; then the next run is correct.
void test_hang(Bench &bench) {
    Random &random = bench.random;
    AxiMemoryConfig config = draw_memory(random);
    const Run run = bench.make_run({TERN_CACHE_KEYS, 2, 3, 64, 200}, DOT_ANY);
    (random.percent(50) ? config.hang_after_read_beats : config.hang_after_write_beats) = random.below(60);
    bench.set_memory(config);
    bench.set_window(memory_base, memory_bytes);
    bench.program(run);
    bench.start();
    for (unsigned i = 0; i < 6000; i++) {
        bench.tick();
    }
    bench.check(!bench.top.idle, "a run ended without memory");
    bench.write(TERN_ATTENTION_REG_CONTROL, TERN_FIELD_PUT(ATTENTION_CONTROL_ABORT, 1));
    for (unsigned i = 0; i < 300; i++) {
        bench.tick();
    }
    bench.check(!bench.top.idle, "an abort ended before memory answered");
    config.hang_after_read_beats = config.hang_after_write_beats = ~uint64_t{0};
    bench.set_memory(config);
    bench.finish(run, 0);
}

// The unit and its memory port are reset at any time of a run.
void test_reset(Bench &bench) {
    bench.set_memory(draw_memory(bench.random));
    bench.set_window(memory_base, memory_bytes);
    const Run run = bench.make_run(draw_shape(bench.random), DOT_ANY);
    bench.program(run);
    bench.start();
    for (unsigned i = bench.random.below(3000); i > 0; i--) {
        bench.tick();
    }
    bench.reset();
    bench.check(bench.read(TERN_ATTENTION_REG_POSITIONS) == 0, "a register survives the reset");
    bench.check(bench.read(TERN_ATTENTION_REG_STATUS) == 0, "STATUS survives the reset");
}

// The counters against a count made from the bus. Lines of results are full, and memory takes writes at once.
void test_counters(Bench &bench) {
    Random &random = bench.random;
    AxiMemoryConfig config;
    config.latency_cycles = random.below(100);
    config.latency_jitter_cycles = random.percent(50) ? 0 : random.below(40);
    bench.set_memory(config);
    bench.set_window(memory_base, memory_bytes);
    Shape shape = draw_shape(random);
    shape.positions = tern_align_up(shape.positions, 16);
    shape.head_size = shape.kind == TERN_CACHE_KEYS ? shape.head_size : tern_align_up(shape.head_size, 16);
    const Run run = bench.make_run(shape, DOT_ANY);
    static const uint32_t offsets[] = {TERN_ATTENTION_REG_TAKEN_LO, TERN_ATTENTION_REG_STARVED_LO,
                                       TERN_ATTENTION_REG_STALLED_LO};
    uint64_t before[3];
    for (unsigned i = 0; i < 3; i++) {
        before[i] = bench.pair(offsets[i]);
    }
    bench.program(run);
    bench.start();
    bench.finish(run);
    const StreamCounts counts = bench.watch.counts(run);
    const uint64_t expected[] = {counts.taken, counts.starved, counts.stalled};
    static const char *const names[] = {"TAKEN", "STARVED", "STALLED"};
    bench.current = &run;
    for (unsigned i = 0; i < 3; i++) {
        const uint64_t got = bench.pair(offsets[i]) - before[i];
        bench.stalled += i == 2 ? got : 0;
        bench.check(got == expected[i], std::string(names[i]) + " is " + std::to_string(got) + ", from the bus " +
                                            std::to_string(expected[i]));
    }
    bench.current = nullptr;
}

void test_all(Bench &bench, unsigned runs) {
    run_random(bench, runs);
    for (unsigned i = 0; i < 20 && bench.failures == 0; i++) {
        for (unsigned k = 0; k < 5; k++) {
            test_counters(bench);
        }
        test_hang(bench);
        run_random(bench, 2);
        test_reset(bench);
        run_random(bench, 2);
    }
}

// --- rate ---

struct Rate {
    const char *name;
    Shape shape;
    double least; // taken / offered
};

double measure(Bench &bench, const Rate &rate, unsigned latency) {
    AxiMemoryConfig config;
    config.latency_cycles = latency;
    bench.set_memory(config);
    const Run run = bench.make_run(rate.shape, DOT_ANY);
    const uint64_t taken = bench.pair(TERN_ATTENTION_REG_TAKEN_LO), offered = bench.pair(TERN_ATTENTION_REG_OFFERED_LO);
    const uint64_t cycles = bench.busy_cycles;
    bench.program(run);
    bench.start();
    bench.finish(run);
    const uint64_t beats = bench.pair(TERN_ATTENTION_REG_TAKEN_LO) - taken;
    const uint64_t slots = bench.pair(TERN_ATTENTION_REG_OFFERED_LO) - offered;
    const uint64_t record_beats =
        run.beats() - rate.shape.images() * tern_activation_bytes(rate.shape.length()) / bus_bytes;
    const double share = static_cast<double>(beats) / static_cast<double>(slots);
    std::printf("%-12s latency %3u: %7llu / %7llu = %.3f, of records alone %.3f, %llu cycles\n", rate.name, latency,
                static_cast<unsigned long long>(beats), static_cast<unsigned long long>(slots), share,
                static_cast<double>(record_beats) / static_cast<double>(slots),
                static_cast<unsigned long long>(bench.busy_cycles - cycles));
    return share;
}

// Beats taken of beats offered, at the shapes of 0.5B and 7B.
void run_rate(Bench &bench) {
    static const Rate rates[] = {{"0.5B keys", {TERN_CACHE_KEYS, 2, 7, 64, 2048}, 0.95},
                                 {"0.5B values", {TERN_CACHE_VALUES, 2, 7, 64, 2048}, 0.95},
                                 {"7B keys", {TERN_CACHE_KEYS, 4, 7, 128, 2048}, 0.95},
                                 {"7B values", {TERN_CACHE_VALUES, 4, 7, 128, 2048}, 0.95}};
    for (const Rate &rate : rates) {
        for (unsigned latency : {40u, 60u, 200u}) {
            const double share = measure(bench, rate, latency);
            bench.check(TERN_BENCH_LANES > 1 || share >= rate.least, std::string(rate.name) + " is slow");
        }
    }
}

} // namespace

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "random";
    const unsigned runs = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 0)) : 1200;
    Bench bench(argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1);
    if (!std::strcmp(what, "random")) {
        test_all(bench, runs);
    } else if (!std::strcmp(what, "rate")) {
        run_rate(bench);
    }
    std::printf("attention, %d lanes: %u runs,", TERN_BENCH_LANES, bench.runs);
    for (const auto &count : bench.endings) {
        std::printf(" %u %s,", count.second, tern_status_text(static_cast<tern_status>(count.first)));
    }
    std::printf(" %llu cycles stalled, %u failures\n", static_cast<unsigned long long>(bench.stalled), bench.failures);
    return bench.failures != 0;
}
