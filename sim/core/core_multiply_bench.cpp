// SPDX-License-Identifier: Apache-2.0
// Compares tern_core_multiply with 64-bit host arithmetic: every pair of corner values, then random pairs, with and
// without gaps. Each result must come exactly two cycles after its request. Usage: core_multiply_bench [operations]
// [seed]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "Vtern_core_multiply.h"
#include "sim/core/core_multiply_reference.hpp"
#include "sim/lib/random.hpp"
#include "verilated.h"

using namespace tern_bench;

namespace {

constexpr uint32_t latency_cycles = 2;
constexpr uint32_t corners[] = {0x00000000, 0x00000001, 0x00000002, 0x00007fff, 0x00008000, 0x00008001, 0x0000ffff,
                                0x00010000, 0x00010001, 0x55555555, 0x7fff8000, 0x7fffffff, 0x80000000, 0x80000001,
                                0x80008000, 0xaaaaaaaa, 0xfffeffff, 0xffff0000, 0xffff7fff, 0xffff8000, 0xffffffff};

struct Request {
    bool valid;
    uint32_t function, a, b;
};

class Bench {
  public:
    explicit Bench(uint64_t seed) : multiplier_(new Vtern_core_multiply), seed_(seed) {
        reset();
    }
    ~Bench() {
        multiplier_->final();
    }

    bool step(Request request);
    uint64_t checked() const {
        return checked_;
    }

  private:
    void reset();
    void tick();

    std::unique_ptr<Vtern_core_multiply> multiplier_;
    uint64_t seed_;
    uint64_t checked_ = 0;
    Request history_[latency_cycles] = {};
};

void Bench::tick() {
    multiplier_->clk = 0;
    multiplier_->eval();
    multiplier_->clk = 1;
    multiplier_->eval();
}

void Bench::reset() {
    multiplier_->rst_n = 0;
    multiplier_->s_valid = 1;
    for (int cycle = 0; cycle < 4; cycle++) {
        tick();
    }
    multiplier_->rst_n = 1;
}

bool Bench::step(Request request) {
    multiplier_->s_valid = request.valid;
    multiplier_->s_function = request.function;
    multiplier_->s_a = request.a;
    multiplier_->s_b = request.b;
    tick();
    history_[1] = history_[0];
    history_[0] = request;
    const Request &due = history_[latency_cycles - 1];
    uint32_t expected = multiply_reference(due.function, due.a, due.b);
    checked_ += due.valid;
    if (multiplier_->m_valid == due.valid && (!due.valid || multiplier_->m_result == expected)) {
        return true;
    }
    std::printf("core_multiply: function %u a=%08x b=%08x: got %08x, expected %08x (valid got %u, expected %u), "
                "seed %" PRIu64 "\n",
                due.function, due.a, due.b, multiplier_->m_result, expected, multiplier_->m_valid, due.valid, seed_);
    return false;
}

bool run(Bench &bench, uint64_t operations, uint64_t seed) {
    Random random(seed);
    for (uint32_t function = 0; function < 4; function++) {
        for (uint32_t a : corners) {
            for (uint32_t b : corners) {
                if (!bench.step({true, function, a, b})) {
                    return false;
                }
            }
        }
    }
    for (uint64_t done = 0; done < operations; done++) {
        uint32_t a = random.bits32() >> random.below(32);
        uint32_t b = random.percent(50) ? random.bits32() : ~0u << random.below(32);
        if (!bench.step({random.percent(80), random.below(4), random.percent(50) ? a : ~a, b})) {
            return false;
        }
    }
    return bench.step({}) && bench.step({});
}

} // namespace

int main(int argc, char **argv) {
    uint64_t operations = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 4000000;
    uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
    Bench bench(seed);
    if (!run(bench, operations, seed)) {
        return 1;
    }
    std::printf("core_multiply: %" PRIu64 " products equal the host's, latency %u, seed %" PRIu64 "\n", bench.checked(),
                latency_cycles, seed);
    return bench.checked() == 0;
}
