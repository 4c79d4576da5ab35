// SPDX-License-Identifier: Apache-2.0
// Counts the cycles of the stream of images and records from the memory bus alone. A cycle takes a beat, waits for
// memory, or waits for finish. The watch knows the latencies of the unit, not its signals.
#pragma once

#include <cstdint>
#include <vector>

#include "Vtern_attention_unit.h"

namespace tern_bench {

struct Run;

struct StreamCounts {
    uint64_t taken, starved, stalled;
};

class StreamWatch {
  public:
    // Begins a run: what was seen before is forgotten.
    void begin();
    // Looks at one cycle, after the inputs of the unit have settled.
    void look(const Vtern_attention_unit &top);
    // The counts of the run, which was good. Lines of results must be full, and memory must take them without stalls,
    // so that finish never waits for the writer.
    StreamCounts counts(const Run &run) const;

  private:
    uint64_t cycle_ = 0, first_request_ = 0;
    std::vector<uint64_t> beats_; // cycles in which they were on the bus
};

} // namespace tern_bench
