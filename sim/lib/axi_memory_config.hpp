// SPDX-License-Identifier: Apache-2.0
// The behaviour of the benches' AXI4 memory. Every choice is legal. A master that needs another one is wrong.
#pragma once

#include <cstdint>

#include "sim/lib/random.hpp"

namespace tern_bench {

// The order in which a slave takes the address and the data of a write (AXI4 A3.3.1 allows all).
enum class WriteOrder {
    any,               // both at any time
    address_first,     // no data before their address
    address_with_data, // no address before its first data are offered
    data_first,        // no address before all its data
    both_awaited,      // address and first data in one cycle, when both are offered
    count
};

// The time of the answer to a write.
enum class DoneTime { usual, late, with_last, count }; // with_last: in the cycle of the last data

struct AxiMemoryConfig {
    unsigned latency_cycles = 0;        // from an address to its first answer, at least
    unsigned latency_jitter_cycles = 0; // 0..this more, drawn per burst
    unsigned bandwidth_percent = 100;   // data beats a cycle; below 100 for reads and writes together
    unsigned outstanding = 16;          // bursts accepted and not yet answered, each direction
    unsigned stall_percent = 0;         // chance a cycle of not being ready (AR, AW, W) or of holding back (R, B)
    uint64_t seed = 1;
    WriteOrder write_order = WriteOrder::any;
    DoneTime done_time = DoneTime::usual;
    bool ready_after_valid = false; // READY waits for VALID; otherwise it may be up before
    bool read_at_once = false;      // the first beat comes in the cycle of its address if no other is due
    bool interleaved = false;       // answers of different IDs in any order, beat by beat
    // Beats that touch [error_base, error_base + error_bytes) answer error_response (2 SLVERR, 3 DECERR).
    uint64_t error_base = 0, error_bytes = 0;
    uint8_t error_response = 2;
    // Memory stops answering after so many beats. ~0 is never.
    uint64_t hang_after_read_beats = ~uint64_t{0};
    uint64_t hang_after_write_beats = ~uint64_t{0};
    // Addresses outside [window_base, window_base + window_bytes) are violations. 0 bytes: no check.
    uint64_t window_base = 0, window_bytes = 0;
};

// Draws the orders of the channels, which change the speed little.
inline void draw_orders(Random &random, AxiMemoryConfig &config) {
    config.write_order = static_cast<WriteOrder>(random.below(static_cast<uint32_t>(WriteOrder::count)));
    config.done_time = static_cast<DoneTime>(random.below(static_cast<uint32_t>(DoneTime::count)));
    config.ready_after_valid = random.percent(30);
    config.read_at_once = random.percent(30);
    config.interleaved = random.percent(50);
}

} // namespace tern_bench
