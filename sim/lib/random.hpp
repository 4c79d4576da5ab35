// SPDX-License-Identifier: Apache-2.0
// Reproducible random numbers for benches: splitmix64 with one 64-bit seed. The sequence is the same on every host.
#pragma once

#include <cstdint>

namespace tern_bench {

class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {
    }

    uint64_t bits64() {
        uint64_t value = (state_ += 0x9e3779b97f4a7c15u);
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
        return value ^ (value >> 31);
    }

    uint32_t bits32() {
        return static_cast<uint32_t>(bits64() >> 32);
    }

    // 0 .. bound - 1; bound is at least 1
    uint32_t below(uint32_t bound) {
        return static_cast<uint32_t>((static_cast<uint64_t>(bits32()) * bound) >> 32);
    }

    // lowest .. highest, both included
    int32_t between(int32_t lowest, int32_t highest) {
        return lowest + static_cast<int32_t>(below(static_cast<uint32_t>(highest - lowest) + 1u));
    }

    bool percent(uint32_t chance) {
        return below(100) < chance;
    }

  private:
    uint64_t state_;
};

} // namespace tern_bench
