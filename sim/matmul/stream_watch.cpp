// SPDX-License-Identifier: Apache-2.0
#include "stream_watch.hpp"

#include <algorithm>

#include "matmul_bench.hpp"

namespace tern_bench {

namespace {

// Cycles from one event to the next (headers of rtl/bus/tern_memory_reader.v, rtl/bus/tern_fifo.v and rtl/matmul).
constexpr uint64_t request_latency = 4;   // request of the stream to its address on the bus
constexpr uint64_t beat_latency = 4;      // beat on the bus to the head of the queue: reader, then queue
constexpr uint64_t word_latency = 3;      // beat of checksums on the bus to its first word
constexpr uint64_t next_word_latency = 2; // last beat of a segment to the checksum of the next one
constexpr uint64_t release_latency = 39;  // last beat of a strip to the release of its bank, with one vector
constexpr uint64_t finish_cycles = 32;    // of a vector in finish; at most speed from one release to the next
constexpr uint64_t table_latency = 57;    // last beat of the steps on the bus to the table of steps
constexpr uint64_t read_cycles = 27;      // from a strip's first step to the release of its bank

} // namespace

void StreamWatch::begin(const Run &run) {
    cycle_ = busy_cycles_ = first_request_ = last_request_ = last_step_ = 0;
    steps_ = run.steps;
    weights_ = run.weights;
    weights_end_ = run.weights + run.strips() * run.strip_bytes();
    crc_ = run.crc;
    crc_end_ = tern_align_up(run.crc + 4 * run.strips() * (run.shape.depth_stored + 1), bus_bytes);
    bursts_.clear();
    beats_.clear();
    words_.clear();
}

void StreamWatch::look(const Vtern_matmul_axi &top) {
    cycle_++;
    busy_cycles_ += !top.idle;
    if (top.m_axi_arvalid && !first_request_ && top.m_axi_araddr == weights_) {
        first_request_ = cycle_;
    }
    if (top.m_axi_arvalid && top.m_axi_arready) {
        bursts_.push_back({top.m_axi_araddr, top.m_axi_arlen + 1u});
        last_request_ = first_request_ ? last_request_ : cycle_;
    }
    if (top.m_axi_rvalid && !bursts_.empty()) {
        look_at_beat();
    }
}

void StreamWatch::look_at_beat() {
    Burst &burst = bursts_.front();
    if (burst.address >= weights_ && burst.address < weights_end_) {
        beats_.push_back(cycle_);
    }
    if (burst.address >= steps_ && burst.address < steps_ + steps_bytes) {
        last_step_ = cycle_;
    }
    if (burst.address >= crc_ && burst.address < crc_end_) {
        words_.insert(words_.end(), bus_bytes / 4, cycle_);
    }
    burst.address += bus_bytes;
    if (--burst.beats == 0) {
        bursts_.pop_front();
    }
}

// When the checksum of a segment is there. `segment` counts those in use; the words of the others are passed over.
uint64_t StreamWatch::word_time(const Run &run, uint64_t segment, uint64_t after) const {
    const uint64_t used = run.shape.depth_used + 1, stored = run.shape.depth_stored + 1;
    const uint64_t word = segment / used * stored + segment % used;
    return std::max(words_.at(word) + word_latency, segment ? after + next_word_latency : 0);
}

StreamCounts StreamWatch::counts(const Run &run) const {
    const uint64_t code_beats = tern_codes_bytes(run.columns()) / bus_bytes;
    const uint64_t plane_beats = tern_plane_bytes(run.columns()) / bus_bytes;
    const uint64_t segments = run.strips() * (run.shape.depth_used + 1);
    StreamCounts counts = {busy_cycles_, 0, 0, 0, first_request_ > last_request_ + 1};
    std::vector<uint64_t> released(run.strips());
    const uint64_t others = finish_cycles * (run.shape.vectors - 1);
    uint64_t last = first_request_ - request_latency, segment_end = 0;
    for (uint64_t segment = 0; segment < segments; segment++) {
        const uint64_t strip = segment / (run.shape.depth_used + 1), part = segment % (run.shape.depth_used + 1);
        const uint64_t beats = part ? plane_beats : code_beats;
        for (uint64_t beat = 0; beat < beats; beat++) {
            uint64_t present = std::max(last + 1, beats_.at(counts.taken) + beat_latency);
            if (beat == beats - 1) {
                present = std::max(present, word_time(run, segment, segment_end));
            }
            const bool needs_bank = part == 1 && beat == 0 && strip >= 2;
            const uint64_t taken = std::max(present, needs_bank ? released[strip - 2] + 1 : 0);
            counts.starved += present - last - 1;
            counts.stalled += taken - present;
            counts.taken++;
            last = taken;
        }
        segment_end = last;
        if (part == run.shape.depth_used) {
            released[strip] =
                others + std::max(last + release_latency, strip ? released[strip - 1] + finish_cycles
                                                                : last_step_ + table_latency + read_cycles);
        }
    }
    return counts;
}

} // namespace tern_bench
