// SPDX-License-Identifier: Apache-2.0
// Accesses to the register port of a unit (rtl/bus/tern_native_bus.v) in a bench whose top has the port's signals.
#pragma once

#include <cstdint>

namespace tern_bench {

// tick: advances the bench by a cycle.
template <class Top, class Tick> void write_register(Top &top, uint32_t offset, uint32_t value, Tick tick) {
    top.access = top.write = 1;
    top.address = offset;
    top.write_data = value;
    top.eval();
    while (!top.ready) {
        tick();
        top.eval();
    }
    tick();
    top.access = top.write = 0;
}

// Takes no cycle: the word is combinational.
template <class Top> uint32_t read_register(Top &top, uint32_t offset) {
    top.access = 1;
    top.address = offset;
    top.eval();
    const uint32_t value = top.read_data;
    top.access = 0;
    return value;
}

template <class Top> uint64_t read_register_pair(Top &top, uint32_t offset) {
    const uint64_t low = read_register(top, offset);
    return low | static_cast<uint64_t>(read_register(top, offset + 4)) << 32;
}

} // namespace tern_bench
