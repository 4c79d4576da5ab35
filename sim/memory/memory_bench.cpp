// SPDX-License-Identifier: Apache-2.0
// The memory port on a controller: that of LiteDRAM, or a stand-in with random waits. Both AXI4 ports read and write
// the same pieces of memory at random. Each byte is compared. A piece that one port writes, no other touches before the
// answer; then either may. So an answer that comes before its data are safe is seen.
//   memory_bench BURSTS [SEED]   random traffic
//   memory_bench rate            bytes a cycle of several streams
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "Vtern_memory_bench.h"
#include "sim/memory/axi_master.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

constexpr uint64_t kBase = 0x1'0000'0000;
constexpr uint64_t kBytes = uint64_t{1} << TERN_BENCH_MEMORY_LOG2;
constexpr double kPeak = TERN_BENCH_PEAK; // bytes a cycle at the pins
constexpr uint64_t kPieceBytes = 4096;    // a burst is within one
constexpr unsigned kPieces = 32;          // half at the begin of memory, half at its end
constexpr unsigned kQuietLimit = 20000;   // cycles in which some beat must move
constexpr uint64_t kRateBytes = 1 << 20;
constexpr unsigned kOpen = 8; // bursts of a port and a kind

class Bench {
  public:
    explicit Bench(uint64_t seed)
        : random_(seed), masters_{AxiMaster(TERN_AXI_SLAVE_PORTS(top_, s_axi_), seed + 1),
                                  AxiMaster(TERN_AXI_SLAVE_PORTS(top_, l_axi_), seed + 2)},
          expected_(kPieces * kPieceBytes) {
        start();
    }
    ~Bench() {
        top_.final();
    }

    bool traffic(uint64_t bursts);
    void rates();

  private:
    struct Lock {
        unsigned readers = 0;
        bool written = false;
    };
    enum class Order { Rising, Scattered };

    void tick();
    void start();
    uint32_t access(bool write, unsigned address, uint32_t data);
    void fill();
    uint64_t address_of(unsigned piece) const {
        return piece < kPieces / 2 ? kBase + piece * kPieceBytes : kBase + kBytes - (kPieces - piece) * kPieceBytes;
    }
    unsigned piece_of(uint64_t address) const {
        return static_cast<unsigned>(address < kBase + kBytes / 2
                                         ? (address - kBase) / kPieceBytes
                                         : kPieces - (kBase + kBytes - address + kPieceBytes - 1) / kPieceBytes);
    }
    void ask(unsigned master, bool write);
    void ask_outside(unsigned master, bool write);
    void settle(unsigned master);
    AxiBurst burst(uint64_t address, unsigned beats, bool write);
    double stream(unsigned open, unsigned beats, unsigned write_percent, Order order);
    void fail(const std::string &what);

    Vtern_memory_bench top_;
    Random random_;
    AxiMaster masters_[2];
    std::vector<uint8_t> expected_;
    Lock locks_[kPieces];
    uint64_t cycles_ = 0, moved_ = 0, moved_at_ = 0;
    bool failed_ = false;
};

void Bench::fail(const std::string &what) {
    if (!failed_) {
        std::fprintf(stderr, "memory_bench: cycle %llu: %s\n", static_cast<unsigned long long>(cycles_), what.c_str());
    }
    failed_ = true;
}

void Bench::tick() {
    for (AxiMaster &master : masters_) {
        master.drive();
    }
    top_.clk = 0;
    top_.eval();
    for (AxiMaster &master : masters_) {
        master.look();
        if (master.wrong) {
            fail(master.wrong);
        }
    }
    top_.clk = 1;
    top_.eval();
    for (AxiMaster &master : masters_) {
        master.step();
    }
    cycles_++;
    uint64_t moved = 0;
    for (const AxiMaster &master : masters_) {
        moved += master.beats_read() + master.beats_written();
    }
    moved_at_ = moved == moved_ ? moved_at_ : cycles_;
    moved_ = moved;
    if (broken_rules()) {
        fail(first_broken_rule());
    }
}

// One access of a register of the controller.
uint32_t Bench::access(bool write, unsigned address, uint32_t data) {
    top_.c_access = 1;
    top_.c_write = write;
    top_.c_address = static_cast<uint16_t>(address);
    top_.c_write_data = data;
    for (unsigned i = 0; i < 100; i++) {
        top_.clk = 0;
        top_.eval();
        const bool ready = top_.c_ready;
        const uint32_t read = top_.c_read_data;
        tick();
        if (ready) {
            top_.c_access = 0;
            tick();
            return read;
        }
    }
    fail("a register of the controller gives no answer");
    return 0;
}

// Reset, then the registers: the memory is open only when init_done is set.
void Bench::start() {
    top_.rst_n = 0;
    for (unsigned i = 0; i < 20; i++) {
        tick();
    }
    top_.rst_n = 1;
    if (access(false, 0, 0) != 0) {
        fail("init_done is set after a reset");
    }
    access(true, 0, 1);
    if (access(false, 0, 0) != 1) {
        fail("init_done does not keep what was written");
    }
}

AxiBurst Bench::burst(uint64_t address, unsigned beats, bool write) {
    AxiBurst made{address, beats, static_cast<uint8_t>(random_.below(16)), {}, {}};
    for (unsigned i = 0; write && i < beats; i++) {
        Beat beat;
        for (uint8_t &byte : beat) {
            byte = static_cast<uint8_t>(random_.bits32());
        }
        made.data.push_back(beat);
        const bool whole = random_.percent(70);
        made.strobes.push_back(whole ? uint16_t{0xffff} : static_cast<uint16_t>(random_.bits32()));
    }
    return made;
}

// A random burst of a piece that it may have.
void Bench::ask(unsigned master, bool write) {
    const unsigned piece = random_.below(kPieces);
    Lock &lock = locks_[piece];
    if (lock.written || (write && lock.readers)) {
        return;
    }
    const unsigned first = random_.below(kPieceBytes / kBeatBytes);
    const unsigned most = kPieceBytes / kBeatBytes - first;
    const unsigned longest = random_.percent(50) ? 8 : 64;
    const unsigned beats = 1 + random_.below(most < longest ? most : longest);
    AxiBurst made = burst(address_of(piece) + first * kBeatBytes, beats, write);
    if (write) {
        lock.written = true;
        masters_[master].write(std::move(made));
    } else {
        lock.readers++;
        masters_[master].read(std::move(made));
    }
}

void Bench::ask_outside(unsigned master, bool write) {
    const uint64_t at[] = {0, kBase - kPieceBytes, kBase + kBytes, kBase + (uint64_t{1} << 40)};
    AxiBurst made = burst(at[random_.below(4)], 1 + random_.below(8), write);
    if (write) {
        masters_[master].write(std::move(made));
    } else {
        masters_[master].read(std::move(made));
    }
}

// What was answered is compared, and its pieces are free.
void Bench::settle(unsigned master) {
    const auto outside = [](const AxiBurst &burst) { return burst.address < kBase || burst.address >= kBase + kBytes; };
    for (; !masters_[master].reads_done.empty(); masters_[master].reads_done.pop_front()) {
        const AxiBurst &read = masters_[master].reads_done.front();
        if (read.error != outside(read)) {
            fail("a read is refused, or answered, wrongly");
        }
        if (read.error || outside(read)) {
            continue;
        }
        const unsigned piece = piece_of(read.address);
        const uint8_t *data = &expected_[piece * kPieceBytes + read.address % kPieceBytes];
        if (std::memcmp(read.data.data(), data, read.beats * kBeatBytes) != 0) {
            fail("a read has other data than were written");
        }
        locks_[piece].readers--;
    }
    for (; !masters_[master].writes_done.empty(); masters_[master].writes_done.pop_front()) {
        const AxiBurst &write = masters_[master].writes_done.front();
        if (write.error != outside(write)) {
            fail("a write is refused, or answered, wrongly");
        }
        if (write.error || outside(write)) {
            continue;
        }
        const unsigned piece = piece_of(write.address);
        uint8_t *data = &expected_[piece * kPieceBytes + write.address % kPieceBytes];
        for (unsigned i = 0; i < write.beats * kBeatBytes; i++) {
            if (write.strobes[i / kBeatBytes] >> i % kBeatBytes & 1) {
                data[i] = write.data[i / kBeatBytes][i % kBeatBytes];
            }
        }
        locks_[piece].written = false;
    }
}

// Every byte of the pieces is written once.
void Bench::fill() {
    for (unsigned piece = 0; piece < kPieces; piece++) {
        for (unsigned offset = 0; offset < kPieceBytes; offset += 64 * kBeatBytes) {
            AxiBurst made = burst(address_of(piece) + offset, 64, true);
            made.strobes.assign(64, 0xffff);
            masters_[piece % 2].write(std::move(made));
        }
    }
    while (!failed_ && masters_[0].writes_open() + masters_[1].writes_open()) {
        tick();
        settle(0);
        settle(1);
        if (cycles_ - moved_at_ > kQuietLimit) {
            fail("memory takes no more writes");
        }
    }
}

bool Bench::traffic(uint64_t bursts) {
    fill();
    for (uint64_t asked = 0; asked < bursts && !failed_;) {
        const unsigned spell = 1000;
        const bool reads = random_.percent(80), writes = !reads || random_.percent(80);
        for (AxiMaster &master : masters_) {
            master.busy_percent = random_.percent(50) ? 100 : 10 + random_.below(90);
        }
        for (unsigned i = 0; i < spell || masters_[0].reads_open() + masters_[1].reads_open() +
                                              masters_[0].writes_open() + masters_[1].writes_open();
             i++) {
            for (unsigned m = 0; m < 2 && i < spell; m++) {
                const bool write = writes && (!reads || random_.percent(50));
                if ((write ? masters_[m].writes_open() : masters_[m].reads_open()) < kOpen) {
                    random_.below(40) ? ask(m, write) : ask_outside(m, write);
                    asked++;
                }
            }
            tick();
            settle(0);
            settle(1);
            if (cycles_ - moved_at_ > kQuietLimit) {
                fail("no beat moves any more");
            }
            if (failed_) {
                return false;
            }
        }
    }
    std::printf("%llu beats in %llu cycles\n", static_cast<unsigned long long>(moved_),
                static_cast<unsigned long long>(cycles_));
    return !failed_;
}

// Bytes a cycle of the SoC's port, with so many bursts outstanding.
double Bench::stream(unsigned open, unsigned beats, unsigned write_percent, Order order) {
    const uint64_t bytes = beats * kBeatBytes, places = kRateBytes / bytes;
    AxiMaster &master = masters_[0];
    const uint64_t before = cycles_, moved = moved_;
    for (uint64_t asked = 0; asked < places || master.reads_open() + master.writes_open();) {
        while (asked < places && master.reads_open() + master.writes_open() < open) {
            const uint64_t place = order == Order::Rising ? asked : random_.below(kBytes / bytes);
            const bool write = random_.percent(write_percent);
            AxiBurst made = burst(kBase + place * bytes, beats, write);
            write ? master.write(std::move(made)) : master.read(std::move(made));
            asked++;
        }
        tick();
        master.reads_done.clear();
        master.writes_done.clear();
    }
    return static_cast<double>((moved_ - moved) * kBeatBytes) / static_cast<double>(cycles_ - before);
}

void Bench::rates() {
    const struct {
        const char *name;
        unsigned open, beats, write_percent;
        Order order;
    } rows[] = {{"sequential reads of 1 KiB, 16 outstanding", 16, 64, 0, Order::Rising},
                {"sequential reads of 1 KiB, 8 outstanding", 8, 64, 0, Order::Rising},
                {"sequential reads of 1 KiB, 4 outstanding", 4, 64, 0, Order::Rising},
                {"sequential reads of 1 KiB, 1 outstanding", 1, 64, 0, Order::Rising},
                {"sequential reads of 256 bytes, 16 outstanding", 16, 16, 0, Order::Rising},
                {"random reads of 128 bytes, 16 outstanding", 16, 8, 0, Order::Scattered},
                {"sequential writes of 1 KiB, 4 outstanding", 4, 64, 100, Order::Rising},
                {"sequential reads and writes of 1 KiB, 8 outstanding", 8, 64, 50, Order::Rising}};
    for (const auto &row : rows) {
        const double rate = stream(row.open, row.beats, row.write_percent, row.order);
        std::printf("%-52s %5.2f bytes a cycle, %.3f of peak\n", row.name, rate, rate / kPeak);
    }
}

} // namespace

int main(int argc, char **argv) {
    const std::string what = argc > 1 ? argv[1] : "2000";
    Bench bench(argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1);
    if (what == "rate") {
        bench.rates();
        return 0;
    }
    return bench.traffic(std::strtoull(what.c_str(), nullptr, 0)) ? 0 : 1;
}
