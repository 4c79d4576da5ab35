// SPDX-License-Identifier: Apache-2.0
// An AXI4 master of 128 bits for the bench of the memory port, on the raw signals of a Verilated slave. It asks what it
// is told, with random waits on each channel, and hands back what is answered. Data of a write are offered at the
// earliest in the cycle after their address, as tern_axi_master does.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include "sim/lib/random.hpp"

namespace tern_bench {

constexpr unsigned kBeatBytes = 16;
using Beat = std::array<uint8_t, kBeatBytes>;

struct AxiSlavePorts {
    uint8_t &arid, &arlen, &arvalid, &rready, &awid, &awlen, &awvalid, &wvalid, &wlast, &bready;
    uint64_t &araddr, &awaddr;
    void *wdata;
    uint16_t &wstrb;
    const uint8_t &arready, &rid, &rresp, &rlast, &rvalid, &awready, &wready, &bid, &bresp, &bvalid;
    const void *rdata;
};

#define TERN_AXI_SLAVE_PORTS(top, p)                                                                                   \
    tern_bench::AxiSlavePorts {                                                                                        \
        (top).p##arid, (top).p##arlen, (top).p##arvalid, (top).p##rready, (top).p##awid, (top).p##awlen,               \
            (top).p##awvalid, (top).p##wvalid, (top).p##wlast, (top).p##bready, (top).p##araddr, (top).p##awaddr,      \
            &(top).p##wdata, (top).p##wstrb, (top).p##arready, (top).p##rid, (top).p##rresp, (top).p##rlast,           \
            (top).p##rvalid, (top).p##awready, (top).p##wready, (top).p##bid, (top).p##bresp, (top).p##bvalid,         \
            &(top).p##rdata                                                                                            \
    }

// A burst of either kind. `data` and `strobes` are those of a write, or what a read was answered.
struct AxiBurst {
    uint64_t address;
    unsigned beats;
    uint8_t id;
    std::vector<Beat> data;
    std::vector<uint16_t> strobes;
    bool error = false;
};

class AxiMaster {
  public:
    AxiMaster(const AxiSlavePorts &ports, uint64_t seed) : ports_(ports), random_(seed) {
    }

    unsigned busy_percent = 100; // of the cycles in which a channel is driven

    void read(AxiBurst burst) {
        to_read_.push_back(std::move(burst));
    }
    void write(AxiBurst burst) {
        to_write_.push_back(std::move(burst));
    }
    size_t reads_open() const {
        return to_read_.size() + reading_.size();
    }
    size_t writes_open() const {
        return to_write_.size() + writing_.size();
    }
    uint64_t beats_read() const {
        return beats_read_;
    }
    uint64_t beats_written() const {
        return beats_written_;
    }
    std::deque<AxiBurst> reads_done, writes_done; // for the bench to take
    const char *wrong = nullptr;                  // what the slave did, or null

    // Before the rising edge: the offers of this cycle.
    void drive() {
        drive_addresses();
        drive_data();
        ports_.rready = random_.percent(busy_percent);
        ports_.bready = random_.percent(busy_percent);
    }

    // Before the rising edge, with the slave's answers to drive().
    void look() {
        look_at_addresses();
        look_at_reads();
        look_at_writes();
    }

  private:
    void drive_addresses() {
        if (!ports_.arvalid && !to_read_.empty() && random_.percent(busy_percent)) {
            const AxiBurst &burst = to_read_.front();
            ports_.arvalid = 1;
            ports_.araddr = burst.address;
            ports_.arlen = static_cast<uint8_t>(burst.beats - 1);
            ports_.arid = burst.id;
        }
        if (!ports_.awvalid && !to_write_.empty() && random_.percent(busy_percent)) {
            const AxiBurst &burst = to_write_.front();
            ports_.awvalid = 1;
            ports_.awaddr = burst.address;
            ports_.awlen = static_cast<uint8_t>(burst.beats - 1);
            ports_.awid = burst.id;
            writing_.push_back(burst);
            to_write_.pop_front();
            fresh_ = true;
            return;
        }
        fresh_ = false;
    }

    // `fresh_` says that the last burst's address is offered in this cycle for the first time.
    void drive_data() {
        const size_t known = writing_.size() - (fresh_ ? 1 : 0);
        if (!ports_.wvalid && sent_bursts_ < known && random_.percent(busy_percent)) {
            const AxiBurst &burst = writing_[sent_bursts_];
            ports_.wvalid = 1;
            std::memcpy(ports_.wdata, burst.data[sent_beats_].data(), kBeatBytes);
            ports_.wstrb = burst.strobes[sent_beats_];
            ports_.wlast = sent_beats_ + 1 == burst.beats;
        }
    }

    void look_at_addresses() {
        if (ports_.arvalid && ports_.arready) {
            reading_.push_back(std::move(to_read_.front()));
            to_read_.pop_front();
            take_ar_ = true;
        }
        take_aw_ = ports_.awvalid && ports_.awready;
        take_w_ = ports_.wvalid && ports_.wready;
        if (take_w_) {
            beats_written_++;
            if (++sent_beats_ == writing_[sent_bursts_].beats) {
                sent_beats_ = 0;
                sent_bursts_++;
            }
        }
    }

    void look_at_reads() {
        if (!ports_.rvalid || !ports_.rready) {
            return;
        }
        if (reading_.empty()) {
            wrong = "a beat that was not asked for";
            return;
        }
        AxiBurst &burst = reading_.front();
        burst.data.emplace_back();
        std::memcpy(burst.data.back().data(), ports_.rdata, kBeatBytes);
        const bool error = ports_.rresp != 0, last = burst.data.size() == burst.beats;
        if (ports_.rid != burst.id || (burst.data.size() > 1 && error != burst.error) || ports_.rlast != last) {
            wrong = "a beat has a wrong ID, response or RLAST";
        }
        burst.error = error;
        beats_read_++;
        if (last) {
            reads_done.push_back(std::move(burst));
            reading_.pop_front();
        }
    }

    void look_at_writes() {
        if (!ports_.bvalid || !ports_.bready) {
            return;
        }
        if (!sent_bursts_ || ports_.bid != writing_.front().id) {
            wrong = "an answer to no write, or to another";
            return;
        }
        writing_.front().error = ports_.bresp != 0;
        writes_done.push_back(std::move(writing_.front()));
        writing_.pop_front();
        sent_bursts_--;
    }

  public:
    // After the rising edge: what was taken is no longer offered.
    void step() {
        ports_.arvalid = ports_.arvalid && !take_ar_;
        ports_.awvalid = ports_.awvalid && !take_aw_;
        ports_.wvalid = ports_.wvalid && !take_w_;
        take_ar_ = take_aw_ = take_w_ = false;
    }

  private:
    AxiSlavePorts ports_;
    Random random_;
    std::deque<AxiBurst> to_read_, to_write_, reading_, writing_;
    size_t sent_bursts_ = 0; // of writing_, those whose data are all taken
    unsigned sent_beats_ = 0;
    bool fresh_ = false, take_ar_ = false, take_aw_ = false, take_w_ = false;
    uint64_t beats_read_ = 0, beats_written_ = 0;
};

} // namespace tern_bench
