// SPDX-License-Identifier: Apache-2.0
// A board in simulation: the Verilated tern_board with device memory, at the end of a line to a host. It prints the
// name of the device for --device, and serves until a signal ends it.
//   board_sim [udp [PORT] | tty]    a free port without PORT
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "Vtern_board.h"
#include "host_driver/device/memory.h"
#include "sim/board/line.hpp"
#include "sim/devices/axi_config.hpp"
#include "sim/lib/axi_memory.hpp"
#include "sim/rules/rules.hpp"

using namespace tern_bench;

namespace {

constexpr unsigned kResetCycles = 8;
constexpr unsigned kLookCycles = 500;   // between two looks at the line
constexpr unsigned kQuietCycles = 2000; // without a byte, when the SoC is idle: the board waits for the host

volatile std::sig_atomic_t ended;

void end(int) {
    ended = 1;
}

class Board {
  public:
    Board(Line &line, const tern_memory &memory)
        : line_(line), soc_(TERN_AXI_PORTS(top_, m_axi_)), link_(TERN_AXI_PORTS(top_, l_axi_)) {
        soc_.map(TERN_DEVICE_MEMORY_BASE, memory.data, memory.bytes);
        link_.map(TERN_DEVICE_MEMORY_BASE, memory.data, memory.bytes);
        soc_.configure(axi_config_of({}));
        link_.configure(axi_config_of({}));
        top_.rst_n = top_.m_axi_rst_n = 0;
        for (unsigned i = 0; i < kResetCycles; i++) {
            cycle();
        }
        top_.rst_n = top_.m_axi_rst_n = 1;
    }
    ~Board() {
        top_.final();
    }

    // The first rule of a port that was broken. Empty: a signal has ended it.
    std::string run() {
        top_.m_ready = 1;
        while (!ended) {
            if (top_.idle && quiet_ > kQuietCycles) {
                line_.wait();
                quiet_ = 0;
            }
            take_frames();
            for (unsigned i = 0; i < kLookCycles; i++) {
                cycle();
            }
            if (broken_rules() || soc_.violations() || link_.violations()) {
                return first_broken_rule() + soc_.first_violation() + link_.first_violation();
            }
        }
        return {};
    }

  private:
    void take_frames() {
        for (auto frame = line_.receive(); !frame.empty(); frame = line_.receive()) {
            in_.insert(in_.end(), frame.begin(), frame.end());
            ends_.push_back(frame.size());
        }
    }

    void cycle() {
        top_.s_valid = !in_.empty();
        if (top_.s_valid) {
            top_.s_data = in_.front();
            in_.pop_front();
            top_.s_last = --ends_.front() == 0;
            if (top_.s_last) {
                ends_.pop_front();
            }
        }
        quiet_ = top_.s_valid || top_.m_valid ? 0 : quiet_ + 1;
        soc_.tick(
            top_, [this] { look(); }, link_);
    }

    void look() {
        if (top_.m_valid && top_.m_ready) {
            out_.push_back(top_.m_data);
            if (top_.m_last) {
                line_.send(out_);
                out_.clear();
            }
        }
    }

    Line &line_;
    Vtern_board top_;
    AxiMemory<TERN_LANES * TERN_BEAT_BYTES> soc_;
    AxiMemory<TERN_LINK_BEAT_BYTES> link_;
    std::deque<uint8_t> in_;
    std::deque<size_t> ends_; // bytes to come of each frame in in_
    std::vector<uint8_t> out_;
    unsigned quiet_ = 0;
};

int serve(Line &line) {
    tern_error error{};
    tern_memory memory;
    if (tern_memory_reserve("board_sim", 0, &error, &memory) != TERN_STATUS_OK) {
        std::fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const std::unique_ptr<Board> board(new Board(line, memory));
    std::printf("fpga:%s\n", line.address().c_str());
    std::fflush(stdout);
    const std::string broken = board->run();
    tern_memory_release(&memory);
    if (!broken.empty()) {
        std::fprintf(stderr, "board_sim: a rule of a port was broken: %s\n", broken.c_str());
    }
    return !broken.empty();
}

} // namespace

int main(int argc, char **argv) {
    const bool is_tty = argc > 1 && std::strcmp(argv[1], "tty") == 0;
    if (argc > 3 || (argc > 1 && !is_tty && std::strcmp(argv[1], "udp") != 0)) {
        std::fprintf(stderr, "usage: board_sim [udp [PORT] | tty]\n");
        return 2;
    }
    std::signal(SIGTERM, end);
    std::signal(SIGINT, end);
    const unsigned long port = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
    const std::unique_ptr<Line> line = is_tty ? open_tty_line() : open_udp_line(static_cast<uint16_t>(port));
    if (!line) {
        std::perror("board_sim: no line to a host");
        return 1;
    }
    return serve(*line);
}
