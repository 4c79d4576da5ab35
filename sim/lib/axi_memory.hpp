// SPDX-License-Identifier: Apache-2.0
// An AXI4 memory for Verilated masters: latency, bandwidth, stalls, orders of the channels and errors by configuration.
//
//   tern_bench::AxiMemory<16> memory(TERN_AXI_PORTS(*top, m_axi_));   // 16 bytes of data bus
//   memory.map(base_address, pointer, bytes);                        // any number of regions, e.g. mmap'd
//   each cycle: memory.tick(*top);
//
// A burst must be INCR and of the full bus width. sim/rules checks what a slave may expect of a master. This memory
// counts violations that only it can detect: addresses outside the window, and a VALID that follows READY.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "sim/lib/axi_memory_config.hpp"

namespace tern_bench {

// The signals of one AXI4 master in a Verilated model. Data and strobe are given by address.
struct AxiPorts {
    const uint8_t &arvalid, &arid, &arlen;
    const uint64_t &araddr;
    uint8_t &arready;
    uint8_t &rvalid, &rid, &rresp, &rlast;
    void *rdata;
    const uint8_t &rready;
    const uint8_t &awvalid, &awid, &awlen;
    const uint64_t &awaddr;
    uint8_t &awready;
    const uint8_t &wvalid, &wlast;
    const void *wdata;
    const void *wstrb;
    uint8_t &wready;
    uint8_t &bvalid, &bid, &bresp;
    const uint8_t &bready;
};

#define TERN_AXI_PORTS(top, prefix)                                                                                    \
    tern_bench::AxiPorts {                                                                                             \
        (top).prefix##arvalid, (top).prefix##arid, (top).prefix##arlen, (top).prefix##araddr, (top).prefix##arready,   \
            (top).prefix##rvalid, (top).prefix##rid, (top).prefix##rresp, (top).prefix##rlast, &(top).prefix##rdata,   \
            (top).prefix##rready, (top).prefix##awvalid, (top).prefix##awid, (top).prefix##awlen,                      \
            (top).prefix##awaddr, (top).prefix##awready, (top).prefix##wvalid, (top).prefix##wlast,                    \
            &(top).prefix##wdata, &(top).prefix##wstrb, (top).prefix##wready, (top).prefix##bvalid, (top).prefix##bid, \
            (top).prefix##bresp, (top).prefix##bready                                                                  \
    }

template <unsigned DataBytes = 16> class AxiMemory {
  public:
    explicit AxiMemory(const AxiPorts &ports) : ports_(ports), random_(1) {
        reset();
    }

    // Device addresses [base, base + bytes) are `data`. The caller keeps it alive. Other addresses answer DECERR.
    void map(uint64_t base, void *data, uint64_t bytes) {
        regions_.push_back({base, bytes, static_cast<uint8_t *>(data)});
    }

    void unmap() {
        regions_.clear();
    }

    // Takes effect at once. Bursts in flight keep their due time. A hang ends when a later configuration has none.
    void configure(const AxiMemoryConfig &config) {
        config_ = config;
        random_ = Random(config.seed);
        hang_read_from_ = saturating_add(read_beats_, config.hang_after_read_beats);
        hang_write_from_ = saturating_add(write_beats_, config.hang_after_write_beats);
    }
    const AxiMemoryConfig &config() const {
        return config_;
    }

    // Drops bursts in flight. Call it with the reset m_axi_rst_n.
    void reset() {
        reads_.clear();
        writes_.clear();
        data_.clear();
        dones_.clear();
        ar_ = aw_ = w_ = Channel{};
        rvalid_ = bvalid_ = false;
        data_expected_ = whole_bursts_ = 0;
        budget_ = 0;
        drive();
    }

    bool idle() const {
        return reads_.empty() && writes_.empty() && data_.empty() && dones_.empty() && !rvalid_ && !bvalid_;
    }
    uint64_t violations() const {
        return violations_;
    }
    const std::string &first_violation() const {
        return first_violation_;
    }
    uint64_t read_beats() const {
        return read_beats_;
    }
    uint64_t write_beats() const {
        return write_beats_;
    }
    uint64_t cycle() const {
        return cycle_;
    }

    // Runs one clock of a model. `settled` is called before the edge, when the model's outputs of this cycle are
    // stable. `others` are memories at further ports of the model.
    template <class Top, class Settled, class... Others> void tick(Top &top, Settled settled, Others &...others) {
        top.clk = 0;
        top.eval();
        if ((settle() | ... | others.settle())) {
            top.eval();
        }
        settled();
        sample();
        (others.sample(), ...);
        top.clk = 1;
        top.eval();
        drive();
        (others.drive(), ...);
    }
    template <class Top> void tick(Top &top) {
        tick(top, [] {});
    }

  private:
    template <unsigned OtherBytes> friend class AxiMemory;
    struct Region {
        uint64_t base, bytes;
        uint8_t *data;
    };
    struct Burst {
        uint64_t address;
        uint64_t due;
        uint8_t *data; // nullptr: no memory at this address
        uint16_t beats_left;
        uint8_t id, response;
    };
    struct Beat {
        uint8_t data[DataBytes];
        uint64_t strobe;
        bool last;
    };
    struct Channel {
        bool may = false;  // READY may rise in this cycle, if the order allows
        bool seen = false; // VALID was up in the last cycle, and not taken
        bool valid = false;
    };

    static uint64_t saturating_add(uint64_t a, uint64_t b) {
        return a + b < a ? ~uint64_t{0} : a + b;
    }

    bool stall() {
        return config_.stall_percent && random_.percent(config_.stall_percent);
    }

    bool spend() {
        if (config_.bandwidth_percent >= 100) {
            return true;
        }
        if (budget_ < 100) {
            return false;
        }
        budget_ -= 100;
        return true;
    }

    void violation(const char *what, uint64_t address) {
        if (violations_++ == 0) {
            char text[160];
            std::snprintf(text, sizeof text, "%s (0x%llx)", what, static_cast<unsigned long long>(address));
            first_violation_ = text;
        }
    }

    uint8_t *find(uint64_t address, uint64_t bytes) const {
        for (const Region &region : regions_) {
            if (address - region.base < region.bytes && bytes <= region.bytes - (address - region.base)) {
                return region.data + (address - region.base);
            }
        }
        return nullptr;
    }

    Burst make_burst(uint64_t address, unsigned beats, uint8_t id) {
        const uint64_t bytes = uint64_t{beats} * DataBytes;
        if (config_.window_bytes &&
            (address < config_.window_base || address - config_.window_base > config_.window_bytes ||
             bytes > config_.window_bytes - (address - config_.window_base))) {
            violation("a burst leaves the window", address);
        }
        unsigned latency = config_.latency_cycles;
        if (config_.latency_jitter_cycles) {
            latency += random_.below(config_.latency_jitter_cycles + 1);
        }
        uint8_t *data = find(address, bytes);
        return {address, cycle_ + latency, data, static_cast<uint16_t>(beats), id, static_cast<uint8_t>(data ? 0 : 3)};
    }

    uint8_t response_at(const Burst &burst) const {
        if (!burst.data) {
            return 3;
        }
        const bool touched = burst.address < config_.error_base + config_.error_bytes &&
                             config_.error_base < burst.address + DataBytes && config_.error_bytes;
        return touched ? config_.error_response : uint8_t{0};
    }

    // Sets READY of this cycle by the master's offers in it.
    bool choose_ready() {
        bool ar = ar_.may && !(config_.ready_after_valid && !ar_.seen);
        bool aw = aw_.may && !(config_.ready_after_valid && !aw_.seen);
        bool w = w_.may && !(config_.ready_after_valid && !w_.seen);
        switch (config_.write_order) {
        case WriteOrder::address_first: w = w && data_expected_ > 0; break;
        case WriteOrder::address_with_data: aw = aw && (ports_.wvalid || data_expected_ < 0); break;
        case WriteOrder::data_first: aw = aw && whole_bursts_ > 0; break;
        case WriteOrder::both_awaited:
            if (data_expected_ > 0) {
                aw = false;
            } else {
                aw = w = aw && w && ports_.awvalid && ports_.wvalid;
            }
            break;
        default: break;
        }
        const bool changed = ports_.arready != ar || ports_.awready != aw || ports_.wready != w;
        ports_.arready = ar;
        ports_.awready = aw;
        ports_.wready = w;
        return changed;
    }

    // Takes the handshakes of this cycle, as the order requires, and gives answers that come in the same cycle. Returns
    // true when the model must be evaluated again.
    bool settle() {
        cycle_++;
        bool changed = choose_ready();
        ar_.valid = ports_.arvalid;
        aw_.valid = ports_.awvalid;
        w_.valid = ports_.wvalid;
        if (ar_.valid && ports_.arready) {
            reads_.push_back(make_burst(ports_.araddr, ports_.arlen + 1u, ports_.arid));
            if (config_.read_at_once && !rvalid_ && reads_.size() == 1) {
                reads_.front().due = cycle_;
                next_read_beat();
                changed |= rvalid_;
            }
        }
        if (aw_.valid && ports_.awready) {
            writes_.push_back(make_burst(ports_.awaddr, ports_.awlen + 1u, ports_.awid));
            data_expected_ += ports_.awlen + 1;
            whole_bursts_--;
        }
        if (w_.valid && ports_.wready) {
            take_data();
        }
        apply_data();
        if (config_.done_time == DoneTime::with_last && !bvalid_) {
            next_done();
            changed |= bvalid_;
        }
        if (changed) {
            drive_answers();
        }
        return changed;
    }

    // Runs before the rising edge: removes answers that are taken and decides on the next cycle.
    void sample() {
        if (ports_.arvalid != ar_.valid || ports_.awvalid != aw_.valid || ports_.wvalid != w_.valid) {
            violation("a VALID depends on READY in the same cycle", 0);
        }
        ar_.seen = ar_.valid && !ports_.arready;
        aw_.seen = aw_.valid && !ports_.awready;
        w_.seen = w_.valid && !ports_.wready;
        rvalid_ = rvalid_ && !ports_.rready;
        bvalid_ = bvalid_ && !ports_.bready;
        if (config_.bandwidth_percent < 100) {
            budget_ += config_.bandwidth_percent;
            budget_ = budget_ > 200 ? 200 : budget_;
        }
        if (!rvalid_) {
            next_read_beat();
        }
        if (!bvalid_) {
            next_done();
        }
        ar_.may = reads_.size() < config_.outstanding && !stall();
        aw_.may = writes_.size() + dones_.size() < config_.outstanding && !stall();
        // READY is decided before VALID is known. Only a beat that came uses bandwidth.
        w_.may = data_.size() < 64 && !stall() && (config_.bandwidth_percent >= 100 || budget_ >= 100);
    }

    // Runs after the rising edge: drives the signals as decided.
    void drive() {
        ports_.arready = ar_.may;
        ports_.awready = aw_.may;
        ports_.wready = w_.may;
        drive_answers();
    }

    void drive_answers() {
        ports_.rvalid = rvalid_;
        ports_.bvalid = bvalid_;
        if (rvalid_) {
            ports_.rid = r_.id;
            ports_.rresp = r_.response;
            ports_.rlast = r_.last;
            std::memcpy(ports_.rdata, r_.data, DataBytes);
        } else {
            // A payload without valid has no meaning. Wrong values find a master that reads it.
            std::memset(ports_.rdata, 0xa5, DataBytes);
            ports_.rresp = 3;
        }
        if (bvalid_) {
            ports_.bid = b_.id;
            ports_.bresp = b_.response;
        }
    }

    uint64_t strobe() const {
        uint64_t value = 0;
        std::memcpy(&value, ports_.wstrb, (DataBytes + 7) / 8);
        return value;
    }

    void take_data() {
        Beat beat;
        std::memcpy(beat.data, ports_.wdata, DataBytes);
        beat.strobe = strobe();
        beat.last = ports_.wlast;
        data_.push_back(beat);
        data_expected_--;
        whole_bursts_ += beat.last;
        spend();
    }

    // The first in the queue that is due. With `interleaved` it is the first due of any ID.
    size_t choose(const std::deque<Burst> &queue) {
        size_t chosen = queue.size();
        for (size_t i = 0; i < queue.size() && (config_.interleaved || i == 0); i++) {
            bool is_first_of_id = queue[i].due <= cycle_;
            for (size_t j = 0; j < i; j++) {
                is_first_of_id = is_first_of_id && queue[j].id != queue[i].id;
            }
            if (is_first_of_id && (chosen == queue.size() || random_.percent(50))) {
                chosen = i;
            }
        }
        return chosen;
    }

    void next_read_beat() {
        const size_t index = reads_.empty() ? 0 : choose(reads_);
        if (index == reads_.size() || read_beats_ >= hang_read_from_ || stall() || !spend()) {
            return;
        }
        Burst &burst = reads_[index];
        rvalid_ = true;
        r_.id = burst.id;
        r_.response = response_at(burst);
        r_.last = burst.beats_left == 1;
        if (r_.response) {
            std::memset(r_.data, 0xdb, DataBytes); // an error has no data
        } else {
            std::memcpy(r_.data, burst.data, DataBytes);
        }
        if (burst.data) {
            burst.data += DataBytes;
        }
        burst.address += DataBytes;
        read_beats_++;
        if (--burst.beats_left == 0) {
            reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(index));
        }
    }

    void apply_data() {
        while (!writes_.empty() && !data_.empty()) {
            Burst &burst = writes_.front();
            const Beat &beat = data_.front();
            const uint8_t response = response_at(burst);
            if (response) {
                burst.response = response;
            }
            for (unsigned i = 0; i < DataBytes && !response; i++) {
                if (beat.strobe >> i & 1) {
                    burst.data[i] = beat.data[i];
                }
            }
            burst.address += DataBytes;
            if (burst.data) {
                burst.data += DataBytes;
            }
            write_beats_++;
            data_.pop_front();
            if (--burst.beats_left == 0) {
                end_write(burst);
                writes_.pop_front();
            }
        }
    }

    void end_write(Burst &burst) {
        const uint64_t soonest = cycle_ + config_.latency_cycles;
        burst.due = burst.due < soonest ? soonest : burst.due;
        if (config_.done_time == DoneTime::late) {
            burst.due += 50 + random_.below(250);
        } else if (config_.done_time == DoneTime::with_last) {
            burst.due = cycle_;
        }
        dones_.push_back(burst);
    }

    void next_done() {
        const size_t index = dones_.empty() ? 0 : choose(dones_);
        if (index == dones_.size() || write_beats_ >= hang_write_from_ || stall()) {
            return;
        }
        bvalid_ = true;
        b_.id = dones_[index].id;
        b_.response = dones_[index].response;
        dones_.erase(dones_.begin() + static_cast<std::ptrdiff_t>(index));
    }

    AxiPorts ports_;
    AxiMemoryConfig config_;
    Random random_;
    std::vector<Region> regions_;
    std::deque<Burst> reads_, writes_, dones_;
    std::deque<Beat> data_;
    Channel ar_, aw_, w_;
    struct {
        uint8_t data[DataBytes] = {};
        uint8_t id = 0, response = 0, last = 0;
    } r_;
    struct {
        uint8_t id = 0, response = 0;
    } b_;
    bool rvalid_ = false, bvalid_ = false;
    int data_expected_ = 0; // beats of taken addresses to come; negative: beats ahead of their addresses
    int whole_bursts_ = 0;  // bursts with all data here, less taken addresses
    int64_t budget_ = 0;
    uint64_t cycle_ = 0, read_beats_ = 0, write_beats_ = 0;
    uint64_t hang_read_from_ = ~uint64_t{0}, hang_write_from_ = ~uint64_t{0};
    uint64_t violations_ = 0;
    std::string first_violation_;
};

} // namespace tern_bench
