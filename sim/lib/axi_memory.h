// SPDX-License-Identifier: Apache-2.0
// An AXI4 memory for Verilated masters: latency, bandwidth, stalls, errors and protocol checks by configuration.
//
//   tern_bench::AxiMemory<16> memory(TERN_AXI_PORTS(*top, m_axi_));   // 16 bytes of data bus
//   memory.map(base_address, pointer, bytes);                        // any number of regions, e.g. mmap'd
//   each cycle: top->clk = 0; top->eval(); memory.sample(); top->clk = 1; top->eval(); memory.drive();
//
// Bursts are answered in the order of their addresses, reads and writes apart; all answers come from registers.
// INCR bursts of the full bus width only. Anything a slave may not expect of a master is a violation: counted, the
// first one kept as a sentence.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "sim/lib/random.hpp"

namespace tern_bench {

// The signals of one AXI4 master as a Verilated model holds them; data and strobe are given by address.
struct AxiPorts {
    const uint8_t &arvalid, &arid, &arlen, &arsize, &arburst;
    const uint64_t &araddr;
    uint8_t &arready;
    uint8_t &rvalid, &rid, &rresp, &rlast;
    void *rdata;
    const uint8_t &rready;
    const uint8_t &awvalid, &awid, &awlen, &awsize, &awburst;
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
        (top).prefix##arvalid, (top).prefix##arid, (top).prefix##arlen, (top).prefix##arsize, (top).prefix##arburst,   \
            (top).prefix##araddr, (top).prefix##arready, (top).prefix##rvalid, (top).prefix##rid, (top).prefix##rresp, \
            (top).prefix##rlast, &(top).prefix##rdata, (top).prefix##rready, (top).prefix##awvalid,                    \
            (top).prefix##awid, (top).prefix##awlen, (top).prefix##awsize, (top).prefix##awburst,                      \
            (top).prefix##awaddr, (top).prefix##awready, (top).prefix##wvalid, (top).prefix##wlast,                    \
            &(top).prefix##wdata, &(top).prefix##wstrb, (top).prefix##wready, (top).prefix##bvalid, (top).prefix##bid, \
            (top).prefix##bresp, (top).prefix##bready                                                                  \
    }

struct AxiMemoryConfig {
    unsigned latency_cycles = 0;        // from an address to its first answer, at least
    unsigned latency_jitter_cycles = 0; // 0..this more, drawn per burst
    unsigned bandwidth_percent = 100;   // data beats a cycle, reads and writes together when below 100
    unsigned outstanding = 16;          // bursts accepted and not yet answered, each direction
    unsigned stall_percent = 0;         // chance a cycle of not being ready (AR, AW, W) or of holding back (R, B)
    uint64_t seed = 1;
    // Beats that touch [error_base, error_base + error_bytes) answer error_response (2 SLVERR, 3 DECERR).
    uint64_t error_base = 0, error_bytes = 0;
    uint8_t error_response = 2;
    // No answer any more once so many beats have gone out; ~0 is never.
    uint64_t hang_after_read_beats = ~uint64_t{0};
    uint64_t hang_after_write_beats = ~uint64_t{0};
    // Addresses outside [window_base, window_base + window_bytes) are violations; 0 bytes leaves the check out.
    uint64_t window_base = 0, window_bytes = 0;
};

template <unsigned DataBytes = 16> class AxiMemory {
  public:
    explicit AxiMemory(const AxiPorts &ports) : ports_(ports), random_(1) {
        reset();
    }

    // Device addresses [base, base + bytes) are `data`; the caller keeps it alive. Elsewhere answers DECERR.
    void map(uint64_t base, void *data, uint64_t bytes) {
        regions_.push_back({base, bytes, static_cast<uint8_t *>(data)});
    }

    void unmap() {
        regions_.clear();
    }

    // Takes effect at once; what is in flight keeps its due time. A hang ends when a later configuration has none.
    void configure(const AxiMemoryConfig &config) {
        config_ = config;
        random_ = Random(config.seed);
        hang_read_from_ = saturating_add(read_beats_, config.hang_after_read_beats);
        hang_write_from_ = saturating_add(write_beats_, config.hang_after_write_beats);
    }
    const AxiMemoryConfig &config() const {
        return config_;
    }

    // Forgets what is in flight; with the master's reset.
    void reset() {
        reads_.clear();
        writes_.clear();
        write_beats_queued_.clear();
        responses_.clear();
        held_ = Held{};
        arready_ = awready_ = wready_ = rvalid_ = bvalid_ = false;
        budget_ = 0;
        drive();
    }

    bool idle() const {
        return reads_.empty() && writes_.empty() && write_beats_queued_.empty() && responses_.empty() && !rvalid_ &&
               !bvalid_;
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

    // Before the rising edge, master settled: takes the handshakes of this cycle and decides the next one.
    void sample() {
        cycle_++;
        const bool ar = ports_.arvalid && arready_;
        const bool aw = ports_.awvalid && awready_;
        const bool w = ports_.wvalid && wready_;
        if (checks_) {
            check_holds(ar, aw, w);
        }
        if (rvalid_ && ports_.rready) {
            rvalid_ = false;
        }
        if (bvalid_ && ports_.bready) {
            bvalid_ = false;
        }
        if (ar) {
            take_read_address();
        }
        if (aw) {
            take_write_address();
        }
        if (w) {
            take_write_data();
        }
        if (config_.bandwidth_percent < 100) {
            budget_ += config_.bandwidth_percent;
            if (budget_ > 200) {
                budget_ = 200;
            }
        }
        if (!reads_.empty() && !rvalid_) {
            next_read_beat();
        }
        if (!writes_.empty() && !write_beats_queued_.empty()) {
            apply_write_beats();
        }
        if (!responses_.empty() && !bvalid_) {
            next_response();
        }
        arready_ = reads_.size() < config_.outstanding && !stall();
        awready_ = writes_.size() + responses_.size() < config_.outstanding && !stall();
        wready_ = write_beats_queued_.size() < 64 && !stall() && spend_for_write();
    }

    // After the rising edge: puts the decisions on the signals.
    void drive() {
        ports_.arready = arready_;
        ports_.awready = awready_;
        ports_.wready = wready_;
        ports_.rvalid = rvalid_;
        ports_.bvalid = bvalid_;
        if (rvalid_) {
            ports_.rid = r_.id;
            ports_.rresp = r_.response;
            ports_.rlast = r_.last;
            std::memcpy(ports_.rdata, r_.data, DataBytes);
        } else if (scramble_) {
            // Payload without valid means nothing: make sure nobody looks.
            std::memset(ports_.rdata, 0xa5, DataBytes);
            ports_.rresp = 3;
        }
        if (bvalid_) {
            ports_.bid = b_.id;
            ports_.bresp = b_.response;
        }
    }

    // Benches scramble idle payload and check that valid holds; a fast simulation may leave both out.
    void set_strict(bool strict) {
        checks_ = scramble_ = strict;
    }

  private:
    struct Region {
        uint64_t base, bytes;
        uint8_t *data;
    };
    struct Burst {
        uint64_t address;
        uint64_t due;
        uint8_t *data; // nullptr: nothing mapped there
        uint16_t beats_left;
        uint8_t id, response;
    };
    struct WriteBeat {
        uint8_t data[DataBytes];
        uint64_t strobe;
        bool last;
    };
    struct Held {
        bool ar = false, aw = false, w = false;
        uint64_t araddr = 0, awaddr = 0, strobe = 0;
        uint32_t arinfo = 0, awinfo = 0;
        uint8_t data[DataBytes] = {}, wlast = 0;
    };

    static uint64_t saturating_add(uint64_t a, uint64_t b) {
        return a + b < a ? ~uint64_t{0} : a + b;
    }

    bool stall() {
        return config_.stall_percent && random_.percent(config_.stall_percent);
    }

    bool spend(int64_t beats_percent = 100) {
        if (config_.bandwidth_percent >= 100) {
            return true;
        }
        if (budget_ < beats_percent) {
            return false;
        }
        budget_ -= beats_percent;
        return true;
    }
    // Ready is given before it is known whether data comes; only a beat that came is paid for.
    bool spend_for_write() const {
        return config_.bandwidth_percent >= 100 || budget_ >= 100;
    }

    __attribute__((format(printf, 2, 3))) void violation(const char *format, ...) {
        if (violations_++ == 0) {
            char text[256];
            va_list arguments;
            va_start(arguments, format);
            std::vsnprintf(text, sizeof text, format, arguments);
            va_end(arguments);
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

    static constexpr unsigned size_code() {
        unsigned code = 0;
        while ((1u << code) < DataBytes) {
            code++;
        }
        return code;
    }

    void check_burst(const char *kind, uint64_t address, unsigned beats, unsigned size, unsigned burst) {
        const uint64_t bytes = uint64_t{beats} * DataBytes;
        const unsigned long long shown = address;
        if (burst != 1) {
            violation("%s at 0x%llx: burst type %u, INCR wanted", kind, shown, burst);
        }
        if (size != size_code()) {
            violation("%s at 0x%llx: size %u, full width wanted", kind, shown, size);
        }
        if (address % DataBytes) {
            violation("%s at 0x%llx: not aligned to the bus", kind, shown);
        }
        if ((address & 0xfff) + bytes > 4096) {
            violation("%s at 0x%llx of %u beats crosses 4 KB", kind, shown, beats);
        }
        if (config_.window_bytes &&
            (address < config_.window_base || address - config_.window_base > config_.window_bytes ||
             bytes > config_.window_bytes - (address - config_.window_base))) {
            violation("%s at 0x%llx of %u beats leaves the window", kind, shown, beats);
        }
    }

    Burst make_burst(uint64_t address, unsigned beats, uint8_t id) {
        unsigned latency = config_.latency_cycles;
        if (config_.latency_jitter_cycles) {
            latency += random_.below(config_.latency_jitter_cycles + 1);
        }
        uint8_t *data = find(address, uint64_t{beats} * DataBytes);
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

    void take_read_address() {
        const unsigned beats = ports_.arlen + 1u;
        check_burst("read", ports_.araddr, beats, ports_.arsize, ports_.arburst);
        reads_.push_back(make_burst(ports_.araddr, beats, ports_.arid));
    }

    void take_write_address() {
        const unsigned beats = ports_.awlen + 1u;
        check_burst("write", ports_.awaddr, beats, ports_.awsize, ports_.awburst);
        writes_.push_back(make_burst(ports_.awaddr, beats, ports_.awid));
    }

    uint64_t strobe() const {
        uint64_t value = 0;
        std::memcpy(&value, ports_.wstrb, (DataBytes + 7) / 8);
        return value;
    }

    void take_write_data() {
        WriteBeat beat;
        std::memcpy(beat.data, ports_.wdata, DataBytes);
        beat.strobe = strobe();
        beat.last = ports_.wlast;
        write_beats_queued_.push_back(beat);
        spend();
    }

    void next_read_beat() {
        Burst &burst = reads_.front();
        if (cycle_ < burst.due || read_beats_ >= hang_read_from_ || stall() || !spend()) {
            return;
        }
        rvalid_ = true;
        r_.id = burst.id;
        r_.response = response_at(burst);
        r_.last = burst.beats_left == 1;
        if (burst.data) {
            std::memcpy(r_.data, burst.data, DataBytes);
            burst.data += DataBytes;
        } else {
            std::memset(r_.data, 0xdb, DataBytes);
        }
        burst.address += DataBytes;
        read_beats_++;
        if (--burst.beats_left == 0) {
            reads_.pop_front();
        }
    }

    void apply_write_beats() {
        while (!writes_.empty() && !write_beats_queued_.empty()) {
            Burst &burst = writes_.front();
            const WriteBeat &beat = write_beats_queued_.front();
            const uint8_t response = response_at(burst);
            if (response) {
                burst.response = response;
            }
            for (unsigned i = 0; i < DataBytes && !response; i++) {
                if (beat.strobe >> i & 1) {
                    burst.data[i] = beat.data[i];
                }
            }
            if (beat.last != (burst.beats_left == 1)) {
                violation("write at 0x%llx: WLAST wrong with %u beats to come",
                          static_cast<unsigned long long>(burst.address), burst.beats_left - 1u);
            }
            burst.address += DataBytes;
            if (burst.data) {
                burst.data += DataBytes;
            }
            write_beats_++;
            write_beats_queued_.pop_front();
            if (--burst.beats_left == 0) {
                if (burst.due < cycle_ + config_.latency_cycles) {
                    burst.due = cycle_ + config_.latency_cycles;
                }
                responses_.push_back(burst);
                writes_.pop_front();
            }
        }
    }

    void next_response() {
        const Burst &burst = responses_.front();
        if (cycle_ < burst.due || write_beats_ >= hang_write_from_ || stall()) {
            return;
        }
        bvalid_ = true;
        b_.id = burst.id;
        b_.response = burst.response;
        responses_.pop_front();
    }

    static uint32_t pack_info(uint8_t id, uint8_t len, uint8_t size, uint8_t burst) {
        return static_cast<uint32_t>(id) << 24 | static_cast<uint32_t>(len) << 16 | static_cast<uint32_t>(size) << 8 |
               burst;
    }

    // A valid that was not taken must still be there, payload unchanged.
    void check_holds(bool ar, bool aw, bool w) {
        const uint32_t arinfo = pack_info(ports_.arid, ports_.arlen, ports_.arsize, ports_.arburst);
        const uint32_t awinfo = pack_info(ports_.awid, ports_.awlen, ports_.awsize, ports_.awburst);
        if (held_.ar && (!ports_.arvalid || ports_.araddr != held_.araddr || arinfo != held_.arinfo)) {
            violation("ARVALID or its payload changed before ARREADY");
        }
        if (held_.aw && (!ports_.awvalid || ports_.awaddr != held_.awaddr || awinfo != held_.awinfo)) {
            violation("AWVALID or its payload changed before AWREADY");
        }
        if (held_.w && (!ports_.wvalid || ports_.wlast != held_.wlast || strobe() != held_.strobe ||
                        std::memcmp(ports_.wdata, held_.data, DataBytes))) {
            violation("WVALID or its payload changed before WREADY");
        }
        held_.ar = ports_.arvalid && !ar;
        held_.aw = ports_.awvalid && !aw;
        held_.w = ports_.wvalid && !w;
        held_.araddr = ports_.araddr;
        held_.awaddr = ports_.awaddr;
        held_.arinfo = arinfo;
        held_.awinfo = awinfo;
        if (held_.w) {
            held_.wlast = ports_.wlast;
            held_.strobe = strobe();
            std::memcpy(held_.data, ports_.wdata, DataBytes);
        }
    }

    AxiPorts ports_;
    AxiMemoryConfig config_;
    Random random_;
    std::vector<Region> regions_;
    std::deque<Burst> reads_, writes_, responses_;
    std::deque<WriteBeat> write_beats_queued_;
    Held held_;
    struct {
        uint8_t data[DataBytes] = {};
        uint8_t id = 0, response = 0, last = 0;
    } r_;
    struct {
        uint8_t id = 0, response = 0;
    } b_;
    bool arready_ = false, awready_ = false, wready_ = false, rvalid_ = false, bvalid_ = false;
    bool checks_ = true, scramble_ = true;
    int64_t budget_ = 0;
    uint64_t cycle_ = 0, read_beats_ = 0, write_beats_ = 0;
    uint64_t hang_read_from_ = ~uint64_t{0}, hang_write_from_ = ~uint64_t{0};
    uint64_t violations_ = 0;
    std::string first_violation_;
};

} // namespace tern_bench
