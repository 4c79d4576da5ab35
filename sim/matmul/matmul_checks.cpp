// SPDX-License-Identifier: Apache-2.0
#include "matmul_checks.hpp"

namespace tern_bench {

unsigned failures = 0;
uint64_t seed = 1;

std::string describe(const Run &run, const AxiMemoryConfig &config) {
    char text[320];
    std::snprintf(
        text, sizeof text,
        "rows %u columns %u depth %u of %u vectors %u, latency %u+%u bandwidth %u%% stall %u%% outstanding %u "
        "memory seed %llu, seed %llu",
        run.shape.rows, run.shape.columns, run.shape.depth_used, run.shape.depth_stored, run.shape.vectors,
        config.latency_cycles, config.latency_jitter_cycles, config.bandwidth_percent, config.stall_percent,
        config.outstanding, (unsigned long long)config.seed, (unsigned long long)seed);
    return text;
}

bool fail(const char *test, const Bench &bench, const Run &run, const std::string &what) {
    failures++;
    std::printf("FAIL %s: %s (%s)\n", test, what.c_str(), describe(run, bench.config).c_str());
    return false;
}

uint64_t limit_cycles(const Run &run, const AxiMemoryConfig &config) {
    const uint64_t beats =
        run.strips() * run.prefix_bytes() / TERN_BEAT_BYTES + run.shape.vectors * (run.groups * 3 + run.strips() * 60);
    return (beats * 100 / config.bandwidth_percent + 2000) * (config.stall_percent + 20) / 10 +
           (beats / 4 + 100) * (config.latency_cycles + config.latency_jitter_cycles + 20) / 2;
}

bool check(const char *test, Bench &bench, const Run &run, const Outcome &wanted, Vectors partial) {
    const Outcome got = bench.outcome();
    std::string why;
    if (bench.memory.violations()) {
        return fail(test, bench, run, bench.memory.first_violation());
    }
    if (broken_rules()) {
        return fail(test, bench, run, first_broken_rule());
    }
    if (got.status != wanted.status || got.detail != wanted.detail) {
        char text[120];
        std::snprintf(text, sizeof text, "status %u detail %u, expected status %u detail %u", got.status, got.detail,
                      wanted.status, wanted.detail);
        return fail(test, bench, run, text);
    }
    if (!bench.memory.idle()) {
        return fail(test, bench, run, "idle with bursts in flight");
    }
    if (!bench.memory_is_right(run, partial, &why)) {
        return fail(test, bench, run, why);
    }
    return true;
}

bool run_to_end(const char *test, Bench &bench, const Run &run) {
    bench.program(run);
    bench.watch.begin(run);
    bench.start();
    if (!bench.wait_idle(limit_cycles(run, bench.config))) {
        return fail(test, bench, run, "still busy");
    }
    return true;
}

// The least and the most beats that a good run reads and writes. Checksums of planes not in use in the last strip may
// be left out.
static std::string count_beats(const Run &run, uint64_t reads, uint64_t writes) {
    auto beats = [](uint64_t bytes) { return (bytes + bus_bytes - 1) / bus_bytes; };
    const uint64_t words = run.shape.depth_stored + 1, unused = run.shape.depth_stored - run.shape.depth_used;
    const uint64_t sure = beats(steps_bytes) + run.shape.vectors * beats(run.image_bytes()) +
                          run.strips() * run.prefix_bytes() / bus_bytes;
    const uint64_t most = sure + beats(4 * run.strips() * words);
    const uint64_t least = sure + beats(4 * (run.strips() * words - unused));
    const uint64_t lines =
        run.shape.vectors * (run.shape.rows / 16 * beats(line_bytes) + beats(4 * (run.shape.rows % 16)));
    char text[160];
    if (reads >= least && reads <= most && writes == lines) {
        return "";
    }
    std::snprintf(text, sizeof text, "read %llu beats, %llu to %llu expected; wrote %llu, %llu expected",
                  (unsigned long long)reads, (unsigned long long)least, (unsigned long long)most,
                  (unsigned long long)writes, (unsigned long long)lines);
    return text;
}

// Finish never waits when the results of the whole run fit the writer.
constexpr uint32_t rows_without_waiting = 48;

// Compares the counters of a good run with the counts made from the bus.
static std::string check_counters(const Bench &bench, const Run &run, const Counters &before, const Counters &after) {
    if (run.shape.rows > rows_without_waiting) {
        return "";
    }
    const StreamCounts wanted = bench.watch.counts(run);
    const uint64_t cycles = after.cycles - before.cycles, taken = after.taken - before.taken;
    const uint64_t starved = after.starved - before.starved, stalled = after.stalled - before.stalled;
    if (cycles == wanted.cycles && taken == wanted.taken && stalled == wanted.stalled &&
        (wanted.is_exact ? starved == wanted.starved : starved >= wanted.starved)) {
        return "";
    }
    char text[240];
    std::snprintf(
        text, sizeof text, "cycles %llu, taken %llu, starved %llu, stalled %llu; from the bus %llu, %llu, %llu, %llu%s",
        (unsigned long long)cycles, (unsigned long long)taken, (unsigned long long)starved, (unsigned long long)stalled,
        (unsigned long long)wanted.cycles, (unsigned long long)wanted.taken, (unsigned long long)wanted.starved,
        (unsigned long long)wanted.stalled, wanted.is_exact ? "" : ", or more starved");
    return text;
}

bool good_run(const char *test, Bench &bench, const Run &run) {
    const Counters before = bench.counters();
    const uint64_t reads = bench.memory.read_beats(), writes = bench.memory.write_beats();
    const Outcome wanted = bench.model(run);
    if (!run_to_end(test, bench, run) || !check(test, bench, run, wanted, no_vector)) {
        return false;
    }
    const Counters after = bench.counters();
    const std::string counters = wanted.status == TERN_STATUS_OK ? check_counters(bench, run, before, after) : "";
    if (!counters.empty()) {
        return fail(test, bench, run, counters);
    }
    const uint64_t taken = after.taken - before.taken;
    const std::string beats = count_beats(run, bench.memory.read_beats() - reads, bench.memory.write_beats() - writes);
    if (wanted.status == TERN_STATUS_OK && !beats.empty()) {
        return fail(test, bench, run, beats);
    }
    if (after.offered != after.taken + after.starved + after.stalled) {
        return fail(test, bench, run, "offered is not taken + starved + stalled");
    }
    if (wanted.status == TERN_STATUS_OK && taken != run.strips() * run.prefix_bytes() / bus_bytes) {
        return fail(test, bench, run,
                    "taken " + std::to_string(taken) + " beats, expected " +
                        std::to_string(run.strips() * run.prefix_bytes() / bus_bytes));
    }
    return true;
}

AxiMemoryConfig random_config(Random &random) {
    AxiMemoryConfig config;
    config.seed = random.bits32();
    draw_orders(random, config);
    switch (random.below(7)) {
    case 0: break;
    case 1: config.latency_cycles = random.below(200) + 1; break;
    case 2:
        config.latency_cycles = random.below(60);
        config.latency_jitter_cycles = 100;
        break;
    case 3: config.stall_percent = random.below(90) + 1; break;
    case 4:
        config.bandwidth_percent = 30;
        config.latency_cycles = random.below(80);
        break;
    case 5:
        config.outstanding = random.below(3) + 1;
        config.latency_cycles = random.below(30);
        break;
    default:
        config.stall_percent = random.below(60);
        config.latency_cycles = random.below(100);
        config.latency_jitter_cycles = random.below(50);
        config.bandwidth_percent = random.between(20, 100);
        config.outstanding = random.below(16) + 1;
    }
    return config;
}

void use_memory(Bench &bench, const AxiMemoryConfig &config) {
    const uint64_t base = bench.config.window_base, bytes = bench.config.window_bytes;
    bench.config = config;
    bench.set_window(base, bytes);
}

Shape random_shape(Random &random, uint32_t largest_rows, uint32_t largest_columns) {
    Shape shape;
    shape.rows = 1 + random.below(random.percent(30) ? 6 : largest_rows);
    shape.columns = 1 + random.below(random.percent(40) ? 200 : largest_columns);
    shape.depth_stored = 1 + random.below(TERN_MAX_DEPTH);
    shape.depth_used = 1 + random.below(shape.depth_stored);
    shape.vectors = unit_vectors == 1 || random.percent(40) ? unit_vectors : 1 + random.below(unit_vectors);
    return shape;
}

Run new_run(Bench &bench, const Shape &shape) {
    bench.new_memory(Bench::bytes_needed(shape));
    return bench.random_run(shape);
}

} // namespace tern_bench
