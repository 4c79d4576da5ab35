// SPDX-License-Identifier: Apache-2.0
// The top of the ULX3S in simulation. A model of its SDRAM chip is at the pins. The other end of its serial line is a
// terminal. It prints the name of the device for --device, and serves until a signal ends it. On stderr it says how far
// it has come.
//   board_sim_ulx3s [data | address]    a wire of the SDRAM is broken: data bit 3, or the highest address bit
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "Vtern_ulx3s_bench.h"
#include "sim/board/line.hpp"
#include "sim/boards/sdr_sdram.hpp"
#include "sim/lib/serial_line.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

constexpr unsigned kTicks = 8;          // changes of the input clock in a cycle (sim/boards/cells/EHXPLLL.v)
constexpr unsigned kLookCycles = 500;   // between two looks at the line
constexpr unsigned kQuietCycles = 5000; // without a byte, when the board is idle: it waits for the host
constexpr size_t kMostWaiting = 4096;   // bytes read from the terminal and not yet on the pin
constexpr unsigned kBusyLight = 6;
constexpr uint64_t kReportCycles = 1000000;

volatile std::sig_atomic_t ended;

void end(int) {
    ended = 1;
}

class Board {
  public:
    Board(Terminal &terminal, unsigned data_wires, unsigned address_wires)
        : terminal_(terminal), data_wires_(data_wires), address_wires_(address_wires),
          serial_(static_cast<double>(TERN_BOARD_HZ) / TERN_BOARD_BAUD), chip_(1e9 / (2.0 * TERN_BOARD_HZ)) {
        top_.ftdi_txd = 1;
    }
    ~Board() {
        top_.final();
    }

    // The first rule that was broken. Empty: a signal has ended it.
    std::string run() {
        while (!ended) {
            if (is_idle() && quiet_ > kQuietCycles) {
                terminal_.wait();
                quiet_ = 0;
            }
            exchange();
            for (unsigned i = 0; i < kLookCycles; i++) {
                cycle();
            }
            if (broken_rules() || !chip_.broken().empty()) {
                return first_broken_rule() + chip_.broken();
            }
        }
        return {};
    }
    uint64_t cycles() const {
        return cycles_;
    }
    uint64_t refreshes() const {
        return chip_.refreshes();
    }

  private:
    bool is_idle() const {
        return !(top_.led >> kBusyLight & 1);
    }

    void exchange() {
        if (serial_.waiting() < kMostWaiting) {
            for (const uint8_t byte : terminal_.receive()) {
                serial_.send(byte);
                in_++;
            }
        }
        auto &received = serial_.received();
        while (!received.empty() && terminal_.send(&received.front(), 1)) {
            received.pop_front();
            out_++;
            quiet_ = 0;
        }
        quiet_ = serial_.sends() ? 0 : quiet_ + kLookCycles;
    }

    void cycle() {
        top_.ftdi_txd = serial_.tick(top_.ftdi_rxd);
        for (unsigned i = 0; i < kTicks; i++) {
            const bool was_high = top_.sdram_clk;
            top_.clk_25mhz = !top_.clk_25mhz;
            top_.eval();
            if (!was_high && top_.sdram_clk) {
                chip_.tick({top_.sdram_cke != 0, top_.sdram_cs_n != 0, top_.sdram_ras_n != 0, top_.sdram_cas_n != 0,
                            top_.sdram_we_n != 0, top_.sdram_ba, top_.sdram_a & address_wires_, top_.sdram_dm,
                            top_.board_data, top_.board_drives != 0});
                top_.chip_drives = chip_.drives();
                top_.chip_data = chip_.data() & data_wires_;
            }
        }
        if (++cycles_ % kReportCycles == 0) {
            std::fprintf(stderr, "board_sim_ulx3s: %.0f ms on the board, lights 0x%02x, %llu bytes in, %llu out\n",
                         1e3 * static_cast<double>(cycles_) / TERN_BOARD_HZ, top_.led,
                         static_cast<unsigned long long>(in_), static_cast<unsigned long long>(out_));
        }
    }

    Terminal &terminal_;
    unsigned data_wires_, address_wires_; // that are whole
    Vtern_ulx3s_bench top_;
    SerialLine serial_;
    SdrSdram chip_;
    uint64_t cycles_ = 0;
    uint64_t in_ = 0, out_ = 0; // bytes
    unsigned quiet_ = 0;
};

} // namespace

int main(int argc, char **argv) {
    const std::string fault = argc > 1 ? argv[1] : "";
    if (argc > 2 || (argc == 2 && fault != "data" && fault != "address")) {
        std::fprintf(stderr, "usage: board_sim_ulx3s [data | address]\n");
        return 2;
    }
    std::signal(SIGTERM, end);
    std::signal(SIGINT, end);
    Terminal terminal;
    if (!terminal.open()) {
        std::perror("board_sim_ulx3s: no terminal");
        return 1;
    }
    const std::unique_ptr<Board> board(
        new Board(terminal, fault == "data" ? 0xfff7 : 0xffff, fault == "address" ? 0xfff : 0x1fff));
    std::printf("fpga:%s\n", terminal.address().c_str());
    std::fflush(stdout);
    const std::string broken = board->run();
    std::fprintf(stderr, "board_sim_ulx3s: %llu cycles, %llu refreshes\n",
                 static_cast<unsigned long long>(board->cycles()), static_cast<unsigned long long>(board->refreshes()));
    if (!broken.empty()) {
        std::fprintf(stderr, "board_sim_ulx3s: a rule was broken: %s\n", broken.c_str());
    }
    return !broken.empty();
}
