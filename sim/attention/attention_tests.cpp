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
        shape = {shape.kind, 1 + random.below(2), shape.vectors, 8 * (1 + random.below(3)), 4000 + random.below(400)};
    }
    return shape;
}

void run_random(Bench &bench, unsigned runs) {
    for (unsigned i = 0; i < runs && bench.failures == 0; i++) {
        bench.set_memory(draw_memory(bench.random));
        bench.set_window(memory_base, memory_bytes);
        const Run run = bench.make_run(draw_shape(bench.random), static_cast<dot_draw>(bench.random.below(DOT_DRAWS)));
        bench.program(run);
        bench.start();
        bench.finish(run);
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
    const unsigned runs = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 0)) : 200;
    Bench bench(argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1);
    if (!std::strcmp(what, "random")) {
        run_random(bench, runs);
    } else if (!std::strcmp(what, "rate")) {
        run_rate(bench);
    }
    std::printf("attention, %d lanes: %llu cycles, %u failures\n", TERN_BENCH_LANES,
                static_cast<unsigned long long>(bench.busy_cycles), bench.failures);
    return bench.failures != 0;
}
