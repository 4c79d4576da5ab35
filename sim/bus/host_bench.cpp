// SPDX-License-Identifier: Apache-2.0
// rtl.host_bridge tests the host's AXI4-Lite port alone. Address and data of a write come in different cycles. New
// reads wait behind answers that are not taken. The native side delays its answers and refuses some addresses. Every
// write must arrive once and whole, and every read must get its word. Neither may wait for more than one of the other
// kind.
//   host_bench [ACCESSES [SEED]]
#include <cstdio>
#include <cstdlib>
#include <deque>

#include "Vtern_host_bridge.h"
#include "sim/lib/random.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

constexpr unsigned kHangCycles = 2000;

struct Write {
    uint32_t address, data;
    uint8_t strobe;
};

struct Chances { // percent a cycle
    uint32_t address, data, read, take, native;
};

// The native side's answer at an address: a word, and an error for some.
uint32_t word_at(uint32_t address) {
    return address * 2654435761u;
}
bool is_refused(uint32_t address) {
    return address >> 28 & 1;
}

class Bench {
  public:
    explicit Bench(uint64_t seed) : random_(seed) {
        top_.rst_n = 0;
        tick();
        top_.rst_n = 1;
        tick();
    }
    ~Bench() {
        top_.final();
    }
    void run(unsigned accesses, const Chances &chances);
    unsigned failures() const {
        return failures_;
    }

  private:
    void check(bool good, const char *what);
    void offer_writes(bool more);
    void offer_reads(bool more);
    void native();
    void look();
    void look_at_writes();
    void look_at_reads();
    void tick();
    bool owed() const {
        return !addresses_.empty() || !words_.empty() || !written_.empty() || !reads_.empty() || top_.s_axil_arvalid;
    }

    Random random_;
    Vtern_host_bridge top_;
    Chances chances_{};
    unsigned left_ = 0, failures_ = 0;
    std::deque<Write> addresses_; // writes whose address is not taken
    std::deque<Write> words_;     // writes whose data are not taken
    std::deque<Write> expected_;  // taken, not yet seen on the native side
    std::deque<Write> written_;   // not answered
    std::deque<uint32_t> reads_;  // not answered
    uint64_t words_taken_ = 0, writes_answered_ = 0;
    bool took_address_ = false, took_data_ = false, took_read_ = false; // in this cycle
    unsigned writes_past_read_ = 0, reads_past_write_ = 0;
};

void Bench::check(bool good, const char *what) {
    if (!good && failures_++ < 5) {
        std::printf("FAIL host bridge: %s\n", what);
    }
}

// A write's address and data are offered independently.
void Bench::offer_writes(bool more) {
    if (more && left_ && addresses_.size() < 4 && words_.size() < 4) {
        left_--;
        const Write write = {random_.bits32() & ~3u, random_.bits32(),
                             static_cast<uint8_t>(random_.percent(70) ? 15 : random_.below(16))};
        addresses_.push_back(write);
        words_.push_back(write);
    }
    if (!top_.s_axil_awvalid && !addresses_.empty() && random_.percent(chances_.address)) {
        top_.s_axil_awvalid = 1;
        top_.s_axil_awaddr = addresses_.front().address;
    }
    if (!top_.s_axil_wvalid && !words_.empty() && random_.percent(chances_.data)) {
        top_.s_axil_wvalid = 1;
        top_.s_axil_wdata = words_.front().data;
        top_.s_axil_wstrb = words_.front().strobe;
    }
}

void Bench::offer_reads(bool more) {
    if (more && left_ && !top_.s_axil_arvalid && random_.percent(chances_.read)) {
        left_--;
        top_.s_axil_arvalid = 1;
        top_.s_axil_araddr = random_.bits32() & ~3u;
    }
}

void Bench::native() {
    top_.m_ready = top_.m_valid && random_.percent(chances_.native);
    top_.m_error = is_refused(top_.m_address);
    top_.m_read = top_.m_ready ? word_at(top_.m_address) : random_.bits32();
}

void Bench::look_at_writes() {
    took_address_ = top_.s_axil_awvalid && top_.s_axil_awready;
    took_data_ = top_.s_axil_wvalid && top_.s_axil_wready;
    if (took_address_) {
        written_.push_back(addresses_.front());
        if (addresses_.front().strobe) {
            expected_.push_back(addresses_.front());
        }
        addresses_.pop_front();
        writes_past_read_ = top_.s_axil_arvalid ? writes_past_read_ + 1 : 0;
        reads_past_write_ = 0;
    }
    if (took_data_) {
        words_.pop_front();
        words_taken_++;
    }
    if (top_.s_axil_bvalid && top_.s_axil_bready) {
        check(!written_.empty() && writes_answered_++ < words_taken_, "a write is answered before it was taken");
        if (!written_.empty()) {
            const Write write = written_.front();
            written_.pop_front();
            check(expected_.size() <= written_.size(), "a write is answered before it is done");
            const unsigned response = write.strobe && is_refused(write.address) ? 2 : 0;
            check(top_.s_axil_bresp == response, "a write has the wrong response");
        }
    }
    check(writes_past_read_ <= 1, "a second write goes before a read that waits");
}

void Bench::look_at_reads() {
    took_read_ = top_.s_axil_arvalid && top_.s_axil_arready;
    if (took_read_) {
        reads_.push_back(top_.s_axil_araddr);
        writes_past_read_ = 0;
        const bool waits = top_.s_axil_awvalid && top_.s_axil_wvalid;
        reads_past_write_ = waits ? reads_past_write_ + 1 : 0;
    }
    if (top_.s_axil_rvalid && top_.s_axil_rready) {
        check(!reads_.empty(), "an answer that was not asked for");
        if (!reads_.empty()) {
            const uint32_t address = reads_.front();
            reads_.pop_front();
            check(top_.s_axil_rdata == word_at(address), "a read has another word");
            check(top_.s_axil_rresp == (is_refused(address) ? 2 : 0), "a read has the wrong response");
        }
    }
    check(reads_past_write_ <= 1, "a second read goes before a write that waits");
}

void Bench::look() {
    if (top_.m_valid && top_.m_ready && top_.m_strobe) {
        const bool right = !expected_.empty() && top_.m_address == expected_.front().address &&
                           top_.m_write == expected_.front().data && top_.m_strobe == expected_.front().strobe;
        check(right, "a write arrives that is not the next one");
        if (!expected_.empty()) {
            expected_.pop_front();
        }
    } else if (top_.m_valid && top_.m_ready) {
        check(!reads_.empty() && top_.m_address == reads_.front(), "a read arrives that is not the next one");
    }
    look_at_writes();
    look_at_reads();
    check(!broken_rules(), first_broken_rule().c_str());
}

void Bench::tick() {
    top_.clk = 0;
    top_.eval();
    native();
    top_.eval();
    look();
    top_.clk = 1;
    top_.eval();
    // After the edge the offers that were taken end.
    top_.s_axil_awvalid = top_.s_axil_awvalid && !took_address_;
    top_.s_axil_wvalid = top_.s_axil_wvalid && !took_data_;
    top_.s_axil_arvalid = top_.s_axil_arvalid && !took_read_;
}

void Bench::run(unsigned accesses, const Chances &chances) {
    chances_ = chances;
    left_ = accesses;
    unsigned quiet = 0;
    while ((left_ || owed()) && failures_ == 0) {
        const unsigned before = left_;
        offer_writes(random_.percent(50));
        offer_reads(true);
        top_.s_axil_bready = random_.percent(chances.take);
        top_.s_axil_rready = random_.percent(chances.take);
        tick();
        quiet = left_ == before ? quiet + 1 : 0;
        check(quiet < kHangCycles, "hangs");
    }
}

} // namespace

int main(int argc, char **argv) {
    const unsigned accesses = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 0)) : 100000;
    const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    Random random(seed);
    Bench bench(seed);
    unsigned done = 0;
    for (; done < accesses && bench.failures() == 0; done += 500) {
        const auto chance = [&] { return random.percent(30) ? 100 : 5 + random.below(95); };
        bench.run(500, {chance(), chance(), chance(), chance(), chance()});
    }
    std::printf("host bridge: %u accesses, %u failures\n", done, bench.failures());
    return bench.failures() != 0;
}
