// SPDX-License-Identifier: Apache-2.0
// Device memory of a simulated device, as its configuration says.
#pragma once

#include "host_driver/device/backend.h"
#include "sim/lib/axi_memory_config.hpp"

namespace tern_bench {

inline AxiMemoryConfig axi_config_of(const tern_backend_config &device) {
    constexpr unsigned default_latency = 60, stall_percent = 25;
    AxiMemoryConfig config;
    config.latency_cycles = device.latency_cycles ? device.latency_cycles : default_latency;
    config.bandwidth_percent = device.bandwidth_percent ? device.bandwidth_percent : 100;
    if (device.stall_seed) {
        config.seed = device.stall_seed;
        config.stall_percent = stall_percent;
        config.latency_jitter_cycles = config.latency_cycles;
        Random random(device.stall_seed);
        draw_orders(random, config);
    }
    return config;
}

} // namespace tern_bench
