// SPDX-License-Identifier: Apache-2.0
// Drives tern_float_unit: requests have random gaps and results are refused at random. Results must come in order,
// equal what the caller expects, and stay unchanged until taken.
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <deque>

#include "Vtern_float_unit.h"
#include "sim/float/float_operands.hpp"
#include "sim/float/float_reference.hpp"
#include "sim/lib/random.hpp"

namespace tern_bench {

class FloatDriver {
  public:
    struct Counts {
        uint64_t results, subnormal, zero, infinite, nan, stalls;
    };

    explicit FloatDriver(uint64_t seed) : random_(seed), seed_(seed) {
        reset();
    }
    ~FloatDriver() {
        unit_.final();
    }

    // Sends a request and checks the results that come meanwhile. False: a result or the order was wrong, and printed.
    bool send(const FloatOperation &operation, OperandPair operands, uint32_t expected);
    // Takes all results still to come.
    bool drain();
    // Every 4096 requests the rates of gaps and refusals change.
    void draw_rates();
    void set_rates(uint32_t gap_percent, uint32_t refuse_percent) {
        gap_percent_ = gap_percent;
        refuse_percent_ = refuse_percent;
    }
    // Cycles until the request that was just sent, the only one, has its result.
    uint32_t latency();

    Random &random() {
        return random_;
    }
    const Counts &counts() const {
        return counts_;
    }
    // Whether a class of results never occurred.
    bool is_incomplete() const {
        return !counts_.zero || !counts_.subnormal || !counts_.infinite || !counts_.nan || !counts_.stalls;
    }

  private:
    struct Request {
        const FloatOperation *operation;
        OperandPair operands;
        uint32_t expected;
        uint32_t tag;
    };

    void reset();
    void tick();
    void offer(const Request &request);
    bool step(const Request *request, bool *accepted);
    bool check(const Request &request);
    void classify(const Request &request);

    Vtern_float_unit unit_;
    Random random_;
    uint64_t seed_;
    std::deque<Request> pending_;
    uint32_t next_tag_ = 0;
    uint32_t gap_percent_ = 0;
    uint32_t refuse_percent_ = 0;
    bool held_ = false;
    uint32_t held_result_ = 0;
    Counts counts_ = {};
};

inline void FloatDriver::reset() {
    unit_.rst_n = 0;
    unit_.s_valid = 0;
    unit_.m_ready = 1;
    for (int cycle = 0; cycle < 4; cycle++) {
        tick();
    }
    unit_.rst_n = 1;
}

inline void FloatDriver::tick() {
    unit_.clk = 0;
    unit_.eval();
    unit_.clk = 1;
    unit_.eval();
}

inline void FloatDriver::offer(const Request &request) {
    unit_.s_operation = request.operation->funct5;
    unit_.s_function = request.operation->funct3;
    unit_.s_unsigned = request.operation->rs2_field;
    unit_.s_a = request.operands.a;
    unit_.s_b = request.operands.b;
    unit_.s_tag = request.tag;
}

inline bool FloatDriver::check(const Request &request) {
    if (unit_.m_result == request.expected && unit_.m_tag == request.tag) {
        return true;
    }
    std::printf("float_unit: %s a=%08x b=%08x: got %08x, expected %08x (tag got %02x, expected %02x), "
                "seed %" PRIu64 "\n",
                request.operation->name, request.operands.a, request.operands.b, unit_.m_result, request.expected,
                unit_.m_tag, request.tag, seed_);
    return false;
}

inline void FloatDriver::classify(const Request &request) {
    counts_.results++;
    if (request.operation->reference > FloatReference::multiply) {
        return;
    }
    uint32_t magnitude = request.expected & 0x7fffffffu;
    counts_.zero += magnitude == 0;
    counts_.subnormal += magnitude != 0 && magnitude < 0x00800000u;
    counts_.infinite += magnitude == 0x7f800000u;
    counts_.nan += magnitude > 0x7f800000u;
}

// Runs one clock and offers a request, if any. *accepted says whether the unit took it.
inline bool FloatDriver::step(const Request *request, bool *accepted) {
    unit_.s_valid = request != nullptr;
    if (request) {
        offer(*request);
    }
    unit_.m_ready = !random_.percent(refuse_percent_);
    unit_.clk = 0;
    unit_.eval();
    if (held_ && (!unit_.m_valid || unit_.m_result != held_result_)) {
        std::printf("float_unit: a result not taken changed from %08x to %08x (valid %u), seed %" PRIu64 "\n",
                    held_result_, unit_.m_result, unit_.m_valid, seed_);
        return false;
    }
    held_ = unit_.m_valid && !unit_.m_ready;
    held_result_ = unit_.m_result;
    counts_.stalls += held_;
    if (unit_.m_valid && unit_.m_ready) {
        if (pending_.empty()) {
            std::printf("float_unit: a result %08x without a request, seed %" PRIu64 "\n", unit_.m_result, seed_);
            return false;
        }
        if (!check(pending_.front())) {
            return false;
        }
        classify(pending_.front());
        pending_.pop_front();
    }
    *accepted = request && unit_.s_ready;
    if (*accepted) {
        pending_.push_back(*request);
    }
    unit_.clk = 1;
    unit_.eval();
    return true;
}

inline bool FloatDriver::send(const FloatOperation &operation, OperandPair operands, uint32_t expected) {
    Request request = {&operation, operands, expected, next_tag_++ & 0xffu};
    bool accepted = false;
    while (random_.percent(gap_percent_)) {
        if (!step(nullptr, &accepted)) {
            return false;
        }
    }
    for (uint32_t limit = 0; limit < 10000; limit++) {
        if (!step(&request, &accepted)) {
            return false;
        }
        if (accepted) {
            return true;
        }
    }
    std::printf("float_unit: no request accepted in 10000 cycles, seed %" PRIu64 "\n", seed_);
    return false;
}

inline bool FloatDriver::drain() {
    bool accepted = false;
    for (uint32_t limit = 0; limit < 10000 && !pending_.empty(); limit++) {
        if (!step(nullptr, &accepted)) {
            return false;
        }
    }
    if (pending_.empty()) {
        return true;
    }
    std::printf("float_unit: %zu results missing, seed %" PRIu64 "\n", pending_.size(), seed_);
    return false;
}

inline void FloatDriver::draw_rates() {
    static const uint32_t rates[] = {0, 0, 20, 60};
    if (next_tag_ % 4096 == 0) {
        set_rates(rates[random_.below(4)], rates[random_.below(4)]);
    }
}

inline uint32_t FloatDriver::latency() {
    unit_.s_valid = 0;
    uint32_t cycles = 1;
    for (; !unit_.m_valid && cycles < 100; cycles++) {
        tick();
    }
    return cycles;
}

} // namespace tern_bench
