// SPDX-License-Identifier: Apache-2.0
// rtl.uart: bytes both ways at once over tern_uart. The host's clock is right, or 2 % off. Its edges are late by up to
// a tenth of a bit. The line has breaks and noise.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "Vtern_uart.h"
#include "sim/lib/random.hpp"
#include "sim/lib/serial_line.hpp"

using namespace tern_bench;

namespace {

constexpr double kCyclesABit = static_cast<double>(TERN_UART_HZ) / TERN_UART_BAUD;
constexpr unsigned kBytes = 20000;
constexpr double kJitter = kCyclesABit < 8 ? 0 : 0.1; // four cycles a bit leave no room

Random jitter_random(7);

double draw() {
    return static_cast<double>(jitter_random.bits64() >> 40) / (1 << 24);
}

struct Bench {
    explicit Bench(double factor) : line(kCyclesABit) {
        line.set_factor(factor);
        top.rx = 1;
        cycles(20);
        top.rst_n = 1;
        cycles(static_cast<unsigned>(12 * kCyclesABit));
    }
    ~Bench() {
        top.final();
    }
    void cycle() {
        top.rx = line.tick(top.tx) && !noise;
        top.clk = 0;
        top.eval();
        taken = top.s_valid && top.s_ready;
        top.clk = 1;
        top.eval();
        if (top.m_valid) {
            received.push_back(top.m_data);
        }
    }
    void cycles(unsigned count) {
        for (unsigned i = 0; i < count; i++) {
            cycle();
        }
    }

    Vtern_uart top;
    SerialLine line;
    std::vector<uint8_t> received;
    bool taken = false;
    bool noise = false; // the line is pulled low
};

unsigned failures;

void check(bool right, const char *what, double factor) {
    if (!right) {
        std::printf("FAIL: %s, host's bits %.2f as long\n", what, factor);
        failures++;
    }
}

// Bytes of both sides, with gaps now and then.
void both_ways(double factor, double jitter) {
    Bench bench(factor);
    Random random(static_cast<uint64_t>(factor * 1000));
    bench.line.set_jitter(jitter, draw);
    std::vector<uint8_t> to_board, to_host;
    while (to_host.size() < kBytes) {
        if (bench.line.waiting() < 2 && random.percent(2)) {
            to_board.push_back(static_cast<uint8_t>(random.bits32()));
            bench.line.send(to_board.back());
        }
        if (!bench.top.s_valid && random.percent(5)) {
            bench.top.s_valid = 1;
            bench.top.s_data = static_cast<uint8_t>(random.bits32());
        }
        bench.cycle();
        if (bench.taken) {
            to_host.push_back(bench.top.s_data);
            bench.top.s_valid = 0;
        }
    }
    bench.cycles(static_cast<unsigned>(40 * kCyclesABit));
    const auto &host = bench.line.received();
    check(bench.received == to_board, "the board received other bytes", factor);
    check(std::vector<uint8_t>(host.begin(), host.end()) == to_host, "the host received other bytes", factor);
    check(bench.line.framing_errors() == 0, "the host saw a wrong stop bit", factor);
}

// Without gaps a byte takes ten bits and less than two cycles.
void rate() {
    Bench bench(1);
    bench.top.s_valid = 1;
    unsigned taken = 0, cycles = 0;
    while (taken < 1000) {
        bench.cycle();
        taken += bench.taken;
        cycles += taken > 0;
    }
    const double bits = cycles / (999 * kCyclesABit);
    std::printf("rtl.uart: %.2f cycles a bit, %.3f bits a byte\n", kCyclesABit, bits);
    check(bits > 9.9 && bits < 10 + 2 / kCyclesABit, "a byte takes another time", 1);
}

// A break and noise are no bytes. What comes after a break is right.
void breaks() {
    Bench bench(1);
    Random random(3);
    std::vector<uint8_t> sent;
    for (unsigned i = 0; i < 200; i++) {
        bench.line.send_break(static_cast<unsigned>(10 + random.below(40)));
        bench.cycles(static_cast<unsigned>(60 * kCyclesABit));
        bench.noise = true;
        bench.cycle();
        bench.noise = false;
        bench.cycles(static_cast<unsigned>(12 * kCyclesABit));
        sent.push_back(static_cast<uint8_t>(random.bits32()));
        bench.line.send(sent.back());
        bench.cycles(static_cast<unsigned>(12 * kCyclesABit));
    }
    check(bench.received == sent, "a break or noise became a byte, or lost one", 1);
}

} // namespace

int main() {
    for (const double factor : {0.98, 1.0, 1.02}) {
        both_ways(factor, 0);
        both_ways(factor, kJitter);
    }
    breaks();
    rate();
    std::printf("rtl.uart: %u bytes both ways, 6 times; %u failures\n", kBytes, failures);
    return failures != 0;
}
