// SPDX-License-Identifier: Apache-2.0
// rtl.matmul, rtl.matmul_long and rtl.matmul_rate: the unit against the model, bit for bit.
//   matmul_bench fast|long|rate [seed]
//   matmul_bench golden FILE
//   matmul_bench shape ROWS COLUMNS STORED USED [LATENCY [BANDWIDTH [STALL [VECTORS]]]]
//   matmul_bench vectors
#include <cstdlib>

#include "matmul_checks.hpp"

using namespace tern_bench;

namespace {

void test_random_runs(Bench &bench, unsigned runs, uint32_t largest_rows, uint32_t largest_columns) {
    for (unsigned i = 0; i < runs && failures < 5; i++) {
        const Run run = new_run(bench, random_shape(bench.random, largest_rows, largest_columns));
        use_memory(bench, random_config(bench.random));
        good_run("random", bench, run);
    }
}

// Sizes at which something changes: segments of codes, the largest row, one row, a row over a strip, lines of results.
void test_edge_shapes(Bench &bench, bool every_depth) {
    static const uint32_t columns[] = {1, 64, 172, 288, 336, 1024, 1025, 4096};
    static const uint32_t rows[] = {1, 4, 5, 6, 10, 16, 17, 79, 80, 81};
    use_memory(bench, {});
    for (uint32_t k : columns) {
        for (uint32_t n : rows) {
            for (uint32_t used = every_depth ? 1 : 2; used <= (every_depth ? 4 : 2); used++) {
                good_run("edge", bench, new_run(bench, {n, k, every_depth ? 4u : 3u, used, unit_vectors}));
            }
        }
    }
    for (uint32_t depth = 1; depth <= 4; depth++) {
        good_run("largest row", bench, new_run(bench, {7, TERN_MAX_COLUMNS, depth, depth, unit_vectors}));
    }
}

struct Rate {
    uint64_t cycles, taken, offered, starved, stalled;
    double share() const {
        return static_cast<double>(taken) / static_cast<double>(offered);
    }
};

Rate measure(Bench &bench, const Shape &shape) {
    const Run run = new_run(bench, shape);
    const Counters before = bench.counters();
    const bool good = good_run("rate", bench, run);
    const Counters after = bench.counters();
    Rate rate = {after.cycles - before.cycles, after.taken - before.taken, after.offered - before.offered,
                 after.starved - before.starved, after.stalled - before.stalled};
    std::printf(
        "%-4s rows %u columns %u depth %u of %u vectors %u latency %u: %llu cycles, taken %llu of %llu = %.4f, starved "
        "%llu, stalled %llu\n",
        good ? "ok" : "FAIL", shape.rows, shape.columns, shape.depth_used, shape.depth_stored, shape.vectors,
        bench.config.latency_cycles, (unsigned long long)rate.cycles, (unsigned long long)rate.taken,
        (unsigned long long)rate.offered, rate.share(), (unsigned long long)rate.starved,
        (unsigned long long)rate.stalled);
    return rate;
}

// The lengths of rows in 7B and 72B. Their matrices have 512 rows or more, and more rows only raise the share.
void test_rate_of_models(Bench &bench) {
    constexpr uint32_t least_rows = 512;
    for (uint32_t latency : {40u, 60u, 200u}) {
        AxiMemoryConfig config;
        config.latency_cycles = latency;
        use_memory(bench, config);
        for (uint32_t columns : {3584u, 18944u, 8192u, 29568u}) {
            if (measure(bench, {least_rows, columns, 3, 3, unit_vectors}).share() < 0.99) {
                failures++;
                std::printf("FAIL rate: below 0.99\n");
            }
        }
    }
}

// The ratio of beats taken to beats offered, with memory 60 cycles away. It is in cycles, so every machine gives the
// same.
void test_rate(Bench &bench) {
    AxiMemoryConfig config;
    config.latency_cycles = 60;
    use_memory(bench, config);
    for (uint32_t columns : {2048u, 8192u}) {
        for (uint32_t stored = 1; stored <= 4; stored++) {
            for (uint32_t used = 1; used <= stored; used += stored - 1 ? stored - 1 : 1) {
                const Shape shape = {250, columns, stored, used, unit_vectors};
                if (measure(bench, shape).share() < 0.95) {
                    failures++;
                    std::printf("FAIL rate: below 0.95\n");
                }
            }
        }
    }
    measure(bench, {250, 896, 3, 3, unit_vectors});
    measure(bench, {250, 96, 3, 3, unit_vectors});
}

// All vectors of the unit take at most a tenth more cycles than one, at every shape of 7B.
void test_vectors_of_7b(Bench &bench) {
    AxiMemoryConfig config;
    config.latency_cycles = 60;
    use_memory(bench, config);
    const Shape shapes[] = {{3584, 3584, 3, 3}, {512, 3584, 3, 3}, {18944, 3584, 3, 3}, {3584, 18944, 3, 3}};
    for (Shape shape : shapes) {
        const uint64_t one = measure(bench, shape).cycles;
        shape.vectors = unit_vectors;
        const double ratio = static_cast<double>(measure(bench, shape).cycles) / static_cast<double>(one);
        std::printf("%u vectors take %.4f of the cycles of one\n", unit_vectors, ratio);
        if (ratio > 1.1) {
            failures++;
            std::printf("FAIL vectors of 7B: above 1.1\n");
        }
    }
}

} // namespace

int main(int argc, char **argv) {
    const std::string mode = argc > 1 ? argv[1] : "fast";
    auto number = [&](int index, unsigned fallback) {
        return argc > index ? static_cast<uint32_t>(std::strtoul(argv[index], nullptr, 0)) : fallback;
    };
    seed = mode == "fast" || mode == "long" || mode == "rate" ? number(2, 1) : 1;
    Bench bench(seed);
    if (mode == "shape") {
        bench.config.latency_cycles = number(6, 60);
        bench.config.bandwidth_percent = number(7, 100);
        bench.config.stall_percent = number(8, 0);
        measure(bench, {number(2, 10), number(3, 64), number(4, 3), number(5, 3), number(9, unit_vectors)});
    } else if (mode == "golden") {
        test_golden(bench, argc > 2 ? argv[2] : "");
    } else if (mode == "rate") {
        test_rate(bench);
        test_rate_of_models(bench);
    } else if (mode == "vectors") {
        test_vectors_of_7b(bench);
    } else if (mode == "fast" || mode == "long") {
        const bool slow = mode == "long";
        test_edge_shapes(bench, slow);
        test_random_runs(bench, slow ? 6000 : 600, slow ? 120 : 60, slow ? 5000 : 1500);
        test_faults(bench, slow ? 300 : 25);
        test_operands(bench, slow ? 1000 : 100);
        test_vectors(bench, slow ? 400 : 40);
        test_registers(bench);
        if (slow) {
            test_random_runs(bench, 6, 200, TERN_MAX_COLUMNS);
            good_run("many rows", bench, new_run(bench, {TERN_MAX_ROWS, 16, 1, 1}));
        }
    } else {
        std::printf("unknown mode %s\n", mode.c_str());
        return 2;
    }
    std::printf("%s: %u failures\n", mode.c_str(), failures);
    return failures != 0;
}
