// SPDX-License-Identifier: Apache-2.0
// Compares the counters of the vector unit with counts made from its bus.
#pragma once

#include <cstdint>

namespace tern_bench {

// Runs so many commands under each kind of memory. Returns the number of failures.
unsigned run_counter_tests(unsigned commands, uint64_t seed);

} // namespace tern_bench
