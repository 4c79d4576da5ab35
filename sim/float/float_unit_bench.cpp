// SPDX-License-Identifier: Apache-2.0
// Compares tern_float_unit with the host's arithmetic. Every pair of special operands goes through every operation,
// then random pairs. Usage: float_unit_bench [random operations] [seed]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "sim/float/float_driver.hpp"
#include "verilated.h"

using namespace tern_bench;

namespace {

constexpr uint32_t pipeline_latency_cycles = 6;

bool send(FloatDriver &driver, const FloatOperation &operation, OperandPair operands) {
    return driver.send(operation, operands, float_reference(operation, operands.a, operands.b));
}

bool run_latency(FloatDriver &driver) {
    for (const FloatOperation &operation : float_operations) {
        if (!send(driver, operation, {0x3f800000u, 0x40000000u})) {
            return false;
        }
        const uint32_t cycles = driver.latency();
        if (cycles != pipeline_latency_cycles) {
            std::printf("float_unit: %s took %u cycles, expected %u\n", operation.name, cycles,
                        pipeline_latency_cycles);
            return false;
        }
        if (!driver.drain()) {
            return false;
        }
    }
    return true;
}

bool run_specials(FloatDriver &driver) {
    driver.set_rates(10, 10);
    for (const FloatOperation &operation : float_operations) {
        for (uint32_t pair = 0; pair < special_pair_count; pair++) {
            if (!send(driver, operation, special_pair(pair))) {
                return false;
            }
        }
    }
    return driver.drain();
}

bool run_random(FloatDriver &driver, uint64_t operations) {
    Random &random = driver.random();
    for (uint64_t done = 0; done < operations; done++) {
        driver.draw_rates();
        // Half of the operations are the three that round.
        const FloatOperation &operation =
            float_operations[random.percent(50) ? random.below(6) : random.below(float_operation_count)];
        if (!send(driver, operation, random_operands(random))) {
            return false;
        }
    }
    return driver.drain();
}

} // namespace

int main(int argc, char **argv) {
    uint64_t operations = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 16000000;
    uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    FloatDriver driver(seed);
    if (!run_latency(driver) || !run_specials(driver) || !run_random(driver, operations)) {
        return 1;
    }
    const FloatDriver::Counts &counts = driver.counts();
    std::printf("float_unit: %" PRIu64 " results equal the host's, of sums and products %" PRIu64 " zero, %" PRIu64
                " subnormal, %" PRIu64 " infinite, %" PRIu64 " NaN; %" PRIu64
                " stalled cycles; latency %u; seed %" PRIu64 "\n",
                counts.results, counts.zero, counts.subnormal, counts.infinite, counts.nan, counts.stalls,
                pipeline_latency_cycles, seed);
    if (driver.is_incomplete()) {
        std::printf("float_unit: a class of results never occurred\n");
        return 1;
    }
    return 0;
}
