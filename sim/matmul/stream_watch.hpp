// SPDX-License-Identifier: Apache-2.0
// Counts the cycles of the weight stream from the memory bus alone. A cycle takes a beat, waits for memory, or waits
// for a bank of bins. The watch knows the latencies of the unit, not its signals.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "Vtern_matmul_axi.h"

namespace tern_bench {

struct Run;

struct StreamCounts {
    uint64_t cycles, taken, starved, stalled;
    bool is_exact; // the first request of weights did not wait on the bus; else `starved` may be larger
};

class StreamWatch {
  public:
    // Begins a run: what was seen before is forgotten.
    void begin(const Run &run);
    // Looks at one cycle, after the inputs of the unit have settled.
    void look(const Vtern_matmul_axi &top);
    // The counts of the run, which was good. Its results must fit the writer, so that finish never waits: 48 rows.
    StreamCounts counts(const Run &run) const;

  private:
    struct Burst {
        uint64_t address;
        unsigned beats;
    };

    void look_at_beat();
    uint64_t word_time(const Run &run, uint64_t segment, uint64_t after) const;

    uint64_t cycle_ = 0, busy_cycles_ = 0;
    uint64_t first_request_ = 0, last_request_ = 0; // of weights; of anything before it
    uint64_t last_step_ = 0;                        // beat of the steps
    uint64_t weights_ = 0, weights_end_ = 0, crc_ = 0, crc_end_ = 0, steps_ = 0;
    std::deque<Burst> bursts_;
    std::vector<uint64_t> beats_, words_; // cycles in which they were on the bus
};

} // namespace tern_bench
