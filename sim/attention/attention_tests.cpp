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

} // namespace

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "random";
    const unsigned runs = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 0)) : 200;
    Bench bench(argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1);
    if (!std::strcmp(what, "random")) {
        run_random(bench, runs);
    }
    std::printf("attention, %d lanes: %llu cycles, %u failures\n", TERN_BENCH_LANES,
                static_cast<unsigned long long>(bench.busy_cycles), bench.failures);
    return bench.failures != 0;
}
