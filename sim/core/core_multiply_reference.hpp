// SPDX-License-Identifier: Apache-2.0
// RV32M's multiplications by 64-bit host arithmetic. `function` is funct3: 0 mul, 1 mulh, 2 mulhsu, 3 mulhu.
#pragma once

#include <cstdint>

namespace tern_bench {

inline uint32_t multiply_reference(uint32_t function, uint32_t a, uint32_t b) {
    int64_t signed_a = static_cast<int32_t>(a);
    int64_t signed_b = static_cast<int32_t>(b);
    int64_t unsigned_b = b;
    switch (function) {
    case 0: return a * b;
    case 1: return static_cast<uint32_t>(static_cast<uint64_t>(signed_a * signed_b) >> 32);
    case 2: return static_cast<uint32_t>(static_cast<uint64_t>(signed_a * unsigned_b) >> 32);
    default: return static_cast<uint32_t>(static_cast<uint64_t>(a) * b >> 32);
    }
}

} // namespace tern_bench
