// SPDX-License-Identifier: Apache-2.0
// rtl.bus tests readers and writers on one arbiter and the AXI4 edge. Each master reads random bursts of one piece of
// memory and writes random bursts of another. Both are compared. Memory takes the channels in each legal order. Every
// run also has bursts outside the window, memory errors, `stop`, and a reset of the masters without memory.
//   bus_bench [BEATS [SEED]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "Vtern_bus_bench.h"
#include "sim/lib/axi_memory.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

constexpr unsigned kMasters = TERN_BENCH_MASTERS;
constexpr unsigned kBytes = TERN_BENCH_BYTES; // of a beat
constexpr uint64_t kBase = 0x7'4000'0000;
constexpr uint64_t kPieceBytes = 16384; // of a master: it reads the first half and writes the second half
constexpr unsigned kQuietLimit = 20000; // cycles in which some signal must change

unsigned failures = 0;
uint64_t seed = 1;

// Writes one of several equal signals. Narrow ones share one word; wide ones are given by address.
void set_bit(uint8_t &word, unsigned index, bool value) {
    word = static_cast<uint8_t>((word & ~(1u << index)) | (value ? 1u << index : 0u));
}
bool bit(uint8_t word, unsigned index) {
    return word >> index & 1;
}
template <class Signal> uint8_t *bytes_of(Signal &signal) {
    return reinterpret_cast<uint8_t *>(&signal);
}

struct Burst {
    uint64_t address;
    unsigned beats;
    bool in_window;
};

// The requests of one master and their expected results.
struct Master {
    std::deque<Burst> reads; // taken, not wholly answered
    unsigned read_beat = 0;  // number in the first of them
    Burst read{}, write{};   // on offer
    bool reading = false, writing = false;
    std::deque<Burst> checked; // writes taken by the writer: their beats follow, or a refusal
    unsigned sent = 0;         // beats of the first of them
    bool has_data = false;
    uint8_t data[kBytes] = {};
    uint64_t strobe = 0;
    bool errs = false;        // a beat of it that memory refuses
    std::deque<bool> written; // bursts with all data that are not answered yet: whether memory refuses them
    bool stopping = false;    // until its reader and its writer are idle
};

class Bench {
  public:
    Bench() : random_(seed), memory_(TERN_AXI_PORTS(top_, m_axi_)), data_(kMasters * kPieceBytes), expected_(data_) {
        for (uint8_t &byte : data_) {
            byte = static_cast<uint8_t>(random_.bits32());
        }
        expected_ = data_;
        memory_.map(kBase, data_.data(), data_.size());
        reset(true);
    }
    ~Bench() {
        top_.final();
    }

    void run(const AxiMemoryConfig &config, uint64_t beats);
    void reset_while_busy(const AxiMemoryConfig &config);
    uint64_t beats() const {
        return memory_.read_beats() + memory_.write_beats();
    }

  private:
    bool fail(const std::string &what);
    void reset(bool with_memory);
    bool beat_errs(uint64_t address) const;
    void draw_window();
    Burst draw(uint64_t base);
    void stop(unsigned index);
    void offer(bool may_ask);
    void offer_data(unsigned index);
    void look();
    void look_at_reads(unsigned index);
    void look_at_writes(unsigned index);
    void look_at_stop(unsigned index);
    bool is_quiet() const;
    bool drain();
    bool check_memory(const char *when);
    void tick();

    Random random_;
    Vtern_bus_bench top_;
    AxiMemory<kBytes> memory_;
    std::vector<uint8_t> data_, expected_;
    Master masters_[kMasters];
    AxiMemoryConfig config_;
    uint32_t ask_percent_ = 20; // chance of a request a cycle
    uint64_t window_base_ = kBase, window_end_ = kBase;
};

bool Bench::fail(const std::string &what) {
    if (failures++ < 5) {
        std::printf(
            "FAIL bus: %s (write order %d, done %d, ready after valid %d, read at once %d, interleaved %d, latency "
            "%u, stall %u%%, seed %llu)\n",
            what.c_str(), static_cast<int>(config_.write_order), static_cast<int>(config_.done_time),
            config_.ready_after_valid, config_.read_at_once, config_.interleaved, config_.latency_cycles,
            config_.stall_percent, static_cast<unsigned long long>(seed));
    }
    return false;
}

void Bench::reset(bool with_memory) {
    top_.rst_n = 0;
    top_.m_axi_rst_n = !with_memory;
    top_.stop = top_.read_valid = top_.write_valid = top_.data_valid = 0;
    for (Master &master : masters_) {
        master = Master{};
    }
    if (with_memory) {
        memory_.reset();
    }
    for (unsigned i = 0; i < 1 + random_.below(4); i++) {
        memory_.tick(top_);
    }
    top_.rst_n = top_.m_axi_rst_n = 1;
}

// Half of the windows end within the first and the last piece.
void Bench::draw_window() {
    const bool whole = random_.percent(50);
    const auto cut = [&] { return whole ? 0 : kBytes * random_.below(kPieceBytes / kBytes); };
    window_base_ = kBase + cut();
    window_end_ = kBase + data_.size() - cut();
    top_.window_base = window_base_;
    top_.window_bytes = window_end_ - window_base_;
    config_.window_base = window_base_;
    config_.window_bytes = window_end_ - window_base_;
    memory_.configure(config_);
}

// Draws short and long bursts of the half piece at `base`. Some are at the ends of pages and of the window. A few are
// far away, or end where 64 bits of address do.
Burst Bench::draw(uint64_t base) {
    Burst burst;
    const uint64_t offset = random_.below(kPieceBytes / 2 / kBytes) * kBytes;
    const uint64_t to_page = (4096 - offset % 4096) / kBytes;
    const uint32_t most = random_.percent(50) ? 4 : 64;
    burst.beats = 1 + random_.below(static_cast<uint32_t>(to_page < most ? to_page : most));
    burst.address = base + offset;
    if (random_.percent(5) && window_end_ - base <= kPieceBytes / 2 && window_end_ - base > 64 * kBytes) {
        const uint64_t in_page = (window_end_ - 1) % 4096 + 1;
        burst.beats = static_cast<unsigned>(std::min<uint64_t>(burst.beats, in_page / kBytes));
        burst.address = window_end_ - burst.beats * kBytes;
    } else if (random_.percent(1)) {
        const uint64_t far_away[] = {kBase + data_.size() + 4096 * random_.below(9), kBase - 4096,
                                     0 - uint64_t{burst.beats} * kBytes};
        burst.address = far_away[random_.below(3)];
    }
    burst.in_window = burst.address >= window_base_ && burst.address < window_end_ &&
                      window_end_ - burst.address >= burst.beats * kBytes;
    return burst;
}

// Memory refuses the beat.
bool Bench::beat_errs(uint64_t address) const {
    return config_.error_bytes && address < config_.error_base + config_.error_bytes &&
           config_.error_base < address + kBytes;
}

void Bench::offer_data(unsigned index) {
    Master &master = masters_[index];
    if (!master.has_data && !master.checked.empty() && random_.percent(80)) {
        master.has_data = true;
        for (uint8_t &byte : master.data) {
            byte = static_cast<uint8_t>(random_.bits32());
        }
        master.strobe = random_.percent(60) ? ~uint64_t{0} : random_.bits64();
        master.strobe &= kBytes == 64 ? ~uint64_t{0} : (uint64_t{1} << kBytes) - 1;
        std::memcpy(bytes_of(top_.data) + kBytes * index, master.data, kBytes);
        std::memcpy(bytes_of(top_.strobe) + kBytes / 8 * index, &master.strobe, kBytes / 8);
    }
    set_bit(top_.data_valid, index, master.has_data);
}

// A stopped master withdraws what it offers. Its reader and writer drop requests that they have not sent yet.
void Bench::stop(unsigned index) {
    Master &master = masters_[index];
    master.stopping = true;
    master.reading = master.writing = false;
}

void Bench::look_at_stop(unsigned index) {
    Master &master = masters_[index];
    if (!master.stopping || !bit(top_.read_idle, index) || !bit(top_.write_idle, index)) {
        return;
    }
    if (master.reads.size() > 1 || master.read_beat || master.checked.size() > 1 || master.sent ||
        !master.written.empty()) {
        fail("idle after `stop`, but more is missing than one forgotten request");
    }
    master = Master{};
}

void Bench::offer(bool may_ask) {
    for (unsigned i = 0; i < kMasters; i++) {
        Master &master = masters_[i];
        bool more = may_ask;
        if (more && random_.below(500) == 0) {
            stop(i);
        }
        more = more && !master.stopping;
        if (!master.reading && more && random_.percent(ask_percent_)) {
            master.reading = true;
            master.read = draw(kBase + i * kPieceBytes);
            std::memcpy(bytes_of(top_.read_address) + 8 * i, &master.read.address, 8);
            bytes_of(top_.read_beats)[i] = static_cast<uint8_t>(master.read.beats);
        }
        // Bursts are checked one at a time, so that a refusal belongs to one burst.
        if (!master.writing && more && master.checked.empty() && random_.percent(ask_percent_)) {
            master.writing = true;
            master.write = draw(kBase + i * kPieceBytes + kPieceBytes / 2);
            std::memcpy(bytes_of(top_.write_address) + 8 * i, &master.write.address, 8);
            bytes_of(top_.write_beats)[i] = static_cast<uint8_t>(master.write.beats);
        }
        set_bit(top_.read_valid, i, master.reading);
        set_bit(top_.write_valid, i, master.writing);
        set_bit(top_.stop, i, master.stopping);
        offer_data(i);
    }
}

void Bench::look_at_reads(unsigned index) {
    Master &master = masters_[index];
    if (master.reading && bit(top_.read_ready, index)) {
        master.reads.push_back(master.read);
        master.reading = false;
    }
    if (!bit(top_.beat_valid, index)) {
        return;
    }
    if (master.reads.empty()) {
        fail("a beat that was not asked for");
        return;
    }
    if (bit(top_.read_idle, index)) {
        fail("a beat comes from an idle reader");
    }
    const Burst burst = master.reads.front();
    const bool refused = bit(top_.beat_refused, index), error = bit(top_.beat_error, index);
    const uint64_t address = burst.address + master.read_beat * kBytes;
    const bool errs = burst.in_window && beat_errs(address);
    if (refused == burst.in_window || error != errs) {
        fail("a beat is refused, or an error, wrongly");
    }
    if (burst.in_window && !errs &&
        std::memcmp(bytes_of(top_.beat_data) + kBytes * index, &data_[address - kBase], kBytes) != 0) {
        fail("a beat has other data than memory");
    }
    if (++master.read_beat == burst.beats || !burst.in_window) {
        master.reads.pop_front();
        master.read_beat = 0;
    }
}

void Bench::look_at_writes(unsigned index) {
    Master &master = masters_[index];
    if (bit(top_.write_refused, index)) {
        if (master.checked.empty() || master.checked.front().in_window || master.sent) {
            fail("a write is refused wrongly");
        }
        master.checked.clear();
        master.has_data = false;
    }
    if (master.has_data && bit(top_.data_ready, index)) {
        const Burst burst = master.checked.front();
        const uint64_t address = burst.address + master.sent * kBytes;
        const bool errs = beat_errs(address);
        master.errs = master.errs || errs;
        for (unsigned i = 0; i < kBytes && !errs; i++) {
            if (master.strobe >> i & 1) {
                expected_[address - kBase + i] = master.data[i];
            }
        }
        master.has_data = false;
        if (++master.sent == burst.beats) {
            master.checked.pop_front();
            master.sent = 0;
            master.written.push_back(master.errs);
            master.errs = false;
        }
    }
    if (bit(top_.write_answered, index)) {
        // Not before the last data.
        if (master.written.empty()) {
            fail("an answer to no write");
        } else if (bit(top_.write_error, index) != master.written.front()) {
            fail("the error of a write is not that of memory");
        }
        master.written.pop_front();
    }
    if (master.writing && bit(top_.write_ready, index)) {
        master.checked.push_back(master.write);
        master.writing = false;
    }
}

void Bench::look() {
    for (unsigned i = 0; i < kMasters; i++) {
        look_at_reads(i);
        look_at_writes(i);
        look_at_stop(i);
    }
}

void Bench::tick() {
    memory_.tick(top_, [this] { look(); });
    if (memory_.violations()) {
        fail(memory_.first_violation());
    }
    if (broken_rules()) {
        fail(first_broken_rule());
    }
}

bool Bench::is_quiet() const {
    bool quiet = memory_.idle();
    for (const Master &master : masters_) {
        quiet = quiet && master.reads.empty() && !master.reading && !master.writing && master.checked.empty() &&
                master.written.empty();
    }
    const unsigned all = (1u << kMasters) - 1;
    return quiet && top_.read_idle == all && top_.write_idle == all;
}

bool Bench::drain() {
    for (unsigned i = 0; i < kQuietLimit && failures == 0; i++) {
        offer(false);
        tick();
        if (is_quiet()) {
            return true;
        }
    }
    return failures ? false : fail("hangs");
}

bool Bench::check_memory(const char *when) {
    for (size_t i = 0; i < data_.size(); i++) {
        if (data_[i] != expected_[i]) {
            char text[120];
            std::snprintf(text, sizeof text, "%s: byte 0x%zx of memory is %02x, expected %02x", when, i, data_[i],
                          expected_[i]);
            return fail(text);
        }
    }
    return true;
}

void Bench::run(const AxiMemoryConfig &config, uint64_t beats) {
    config_ = config;
    ask_percent_ = random_.percent(30) ? 100 : 20;
    draw_window();
    const uint64_t end = this->beats() + beats;
    uint64_t last = this->beats(), quiet = 0;
    while (this->beats() < end && failures == 0) {
        offer(true);
        tick();
        quiet = this->beats() == last ? quiet + 1 : 0;
        last = this->beats();
        if (quiet > kQuietLimit) {
            fail("hangs");
        }
    }
    if (drain()) {
        check_memory("after a run");
    }
}

// The masters are reset in the middle of bursts, memory is not. The edge must end the bursts that memory has begun. It
// must write no data that no master has sent. After that all bursts are right again. Half of the time the masters ask
// again at once; the edge must let them wait.
void Bench::reset_while_busy(const AxiMemoryConfig &config) {
    config_ = config;
    draw_window();
    for (unsigned i = random_.below(600); i > 0 && failures == 0; i--) {
        offer(true);
        tick();
    }
    reset(false);
    const bool asks = random_.percent(50);
    unsigned waits = 0;
    while (top_.waiting && failures == 0) {
        offer(asks);
        tick();
        if (++waits > kQuietLimit) {
            fail("waits for ever after a reset");
        }
    }
    if (failures == 0 && !asks && !memory_.idle()) {
        fail("does not wait for memory after a reset");
    }
    if (drain()) {
        check_memory("after a reset");
    }
    run(config, 300);
}

AxiMemoryConfig draw_config(Random &random, unsigned round) {
    AxiMemoryConfig config;
    draw_orders(random, config);
    // Runs each order of writes with each time of their answers.
    config.write_order = static_cast<WriteOrder>(round % static_cast<unsigned>(WriteOrder::count));
    config.done_time = static_cast<DoneTime>(round / static_cast<unsigned>(WriteOrder::count) %
                                             static_cast<unsigned>(DoneTime::count));
    config.seed = random.bits64();
    config.latency_cycles = random.percent(50) ? 0 : random.below(80);
    config.latency_jitter_cycles = random.percent(50) ? 0 : random.below(40);
    config.stall_percent = random.percent(50) ? 0 : random.below(70);
    config.outstanding = 1 + random.below(16);
    if (random.percent(50)) {
        config.error_base = kBase + random.below(kMasters * kPieceBytes);
        config.error_bytes = 1 + random.below(2000);
        config.error_response = static_cast<uint8_t>(2 + random.below(2));
    }
    return config;
}

} // namespace

int main(int argc, char **argv) {
    const uint64_t beats = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 100000;
    seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    Random random(seed);
    Bench bench;
    unsigned round = 0;
    for (; bench.beats() < beats && failures == 0; round++) {
        bench.run(draw_config(random, round), 2000);
        AxiMemoryConfig config = draw_config(random, round);
        config.error_bytes = 0;
        bench.reset_while_busy(config);
    }
    std::printf("bus, %u masters of %u bytes: %llu beats in %u rounds, %u failures\n", kMasters, kBytes,
                static_cast<unsigned long long>(bench.beats()), round, failures);
    return failures != 0;
}
