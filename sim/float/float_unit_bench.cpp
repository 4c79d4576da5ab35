// SPDX-License-Identifier: Apache-2.0
// Compares tern_float_unit with the host's arithmetic. Every pair of special operands goes through every operation,
// then random pairs. Requests have random gaps and results are refused at random. Results must come in order and stay
// unchanged until taken. Usage: float_unit_bench [random operations] [seed]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>

#include "Vtern_float_unit.h"
#include "sim/float/float_operands.hpp"
#include "sim/float/float_reference.hpp"
#include "sim/lib/random.hpp"
#include "verilated.h"

using namespace tern_bench;

namespace {

constexpr uint32_t pipeline_latency_cycles = 6;
constexpr uint32_t phase_operations = 4096;

struct Request {
    const FloatOperation *operation;
    OperandPair operands;
    uint32_t expected;
    uint32_t tag;
};

struct Counts {
    uint64_t results, subnormal, zero, infinite, nan, stalls;
};

class Bench {
  public:
    explicit Bench(uint64_t seed) : unit_(new Vtern_float_unit), random_(seed), seed_(seed) {
        reset();
    }
    ~Bench() {
        unit_->final();
    }

    bool run_latency();
    bool run_specials();
    bool run_random(uint64_t operations);
    const Counts &counts() const {
        return counts_;
    }

  private:
    void reset();
    void tick();
    void offer(const Request &request);
    bool step(const Request *request, bool *accepted);
    bool send(const FloatOperation &operation, OperandPair operands);
    bool drain();
    bool check(const Request &request);
    void classify(const Request &request);

    std::unique_ptr<Vtern_float_unit> unit_;
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

void Bench::reset() {
    unit_->rst_n = 0;
    unit_->s_valid = 0;
    unit_->m_ready = 1;
    for (int cycle = 0; cycle < 4; cycle++) {
        tick();
    }
    unit_->rst_n = 1;
}

void Bench::tick() {
    unit_->clk = 0;
    unit_->eval();
    unit_->clk = 1;
    unit_->eval();
}

void Bench::offer(const Request &request) {
    unit_->s_operation = request.operation->funct5;
    unit_->s_function = request.operation->funct3;
    unit_->s_unsigned = request.operation->rs2_field;
    unit_->s_a = request.operands.a;
    unit_->s_b = request.operands.b;
    unit_->s_tag = request.tag;
}

bool Bench::check(const Request &request) {
    if (unit_->m_result == request.expected && unit_->m_tag == request.tag) {
        return true;
    }
    std::printf("float_unit: %s a=%08x b=%08x: got %08x, expected %08x (tag got %02x, expected %02x), "
                "seed %" PRIu64 "\n",
                request.operation->name, request.operands.a, request.operands.b, unit_->m_result, request.expected,
                unit_->m_tag, request.tag, seed_);
    return false;
}

void Bench::classify(const Request &request) {
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
bool Bench::step(const Request *request, bool *accepted) {
    unit_->s_valid = request != nullptr;
    if (request) {
        offer(*request);
    }
    unit_->m_ready = !random_.percent(refuse_percent_);
    unit_->clk = 0;
    unit_->eval();
    if (held_ && (!unit_->m_valid || unit_->m_result != held_result_)) {
        std::printf("float_unit: a result not taken changed from %08x to %08x (valid %u), seed %" PRIu64 "\n",
                    held_result_, unit_->m_result, unit_->m_valid, seed_);
        return false;
    }
    held_ = unit_->m_valid && !unit_->m_ready;
    held_result_ = unit_->m_result;
    counts_.stalls += held_;
    if (unit_->m_valid && unit_->m_ready) {
        if (pending_.empty()) {
            std::printf("float_unit: a result %08x without a request, seed %" PRIu64 "\n", unit_->m_result, seed_);
            return false;
        }
        if (!check(pending_.front())) {
            return false;
        }
        classify(pending_.front());
        pending_.pop_front();
    }
    *accepted = request && unit_->s_ready;
    if (*accepted) {
        pending_.push_back(*request);
    }
    unit_->clk = 1;
    unit_->eval();
    return true;
}

bool Bench::send(const FloatOperation &operation, OperandPair operands) {
    Request request = {&operation, operands, float_reference(operation, operands.a, operands.b), next_tag_++ & 0xffu};
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

bool Bench::drain() {
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

bool Bench::run_latency() {
    for (const FloatOperation &operation : float_operations) {
        if (!send(operation, {0x3f800000u, 0x40000000u})) {
            return false;
        }
        unit_->s_valid = 0;
        uint32_t cycles = 1;
        for (; !unit_->m_valid && cycles < 100; cycles++) {
            tick();
        }
        if (cycles != pipeline_latency_cycles) {
            std::printf("float_unit: %s took %u cycles, expected %u\n", operation.name, cycles,
                        pipeline_latency_cycles);
            return false;
        }
        if (!drain()) {
            return false;
        }
    }
    return true;
}

bool Bench::run_specials() {
    gap_percent_ = 10;
    refuse_percent_ = 10;
    for (const FloatOperation &operation : float_operations) {
        for (uint32_t first = 0; first < 2 * special_operand_count; first++) {
            for (uint32_t second = 0; second < 2 * special_operand_count; second++) {
                if (!send(operation, {special_operands[first / 2] ^ (first & 1u) << 31,
                                      special_operands[second / 2] ^ (second & 1u) << 31})) {
                    return false;
                }
            }
        }
    }
    return drain();
}

bool Bench::run_random(uint64_t operations) {
    static const uint32_t rates[] = {0, 0, 20, 60};
    for (uint64_t done = 0; done < operations; done++) {
        if (done % phase_operations == 0) {
            gap_percent_ = rates[random_.below(4)];
            refuse_percent_ = rates[random_.below(4)];
        }
        // Half of the operations are the three that round.
        const FloatOperation &operation =
            float_operations[random_.percent(50) ? random_.below(6) : random_.below(float_operation_count)];
        if (!send(operation, random_operands(random_))) {
            return false;
        }
    }
    return drain();
}

} // namespace

int main(int argc, char **argv) {
    uint64_t operations = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 16000000;
    uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    Bench bench(seed);
    if (!bench.run_latency() || !bench.run_specials() || !bench.run_random(operations)) {
        return 1;
    }
    const Counts &counts = bench.counts();
    std::printf("float_unit: %" PRIu64 " results equal the host's, of sums and products %" PRIu64 " zero, %" PRIu64
                " subnormal, %" PRIu64 " infinite, %" PRIu64 " NaN; %" PRIu64
                " stalled cycles; latency %u; seed %" PRIu64 "\n",
                counts.results, counts.zero, counts.subnormal, counts.infinite, counts.nan, counts.stalls,
                pipeline_latency_cycles, seed);
    if (!counts.zero || !counts.subnormal || !counts.infinite || !counts.nan || !counts.stalls) {
        std::printf("float_unit: a class of results never occurred\n");
        return 1;
    }
    return 0;
}
