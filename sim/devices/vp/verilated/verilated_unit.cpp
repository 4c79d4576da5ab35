// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/verilated/verilated_unit.hpp"

namespace tern_vp {

namespace {

constexpr unsigned kHoldCycles = 3; // HOLD of rtl/soc/tern_clock_gate.v
constexpr unsigned kAccessCycles = 1000;
// The slowest memory that can be set up moves a beat in 20000 cycles. A run without one for so long does not end.
constexpr uint64_t kStuckCycles = 200000;

} // namespace

// Beats of a run are all since the end of the one before.
void VerilatedUnit::follow_run() {
    if (is_running_ == !is_idle()) {
        return;
    }
    is_running_ = !is_running_;
    if (is_running_) {
        last_.begin = time_ - 1;
        return;
    }
    const VerilatedRun before = last_;
    last_ = {before.begin, time_, read_beats(), written_beats()};
    if (receiver_) {
        receiver_(
            {last_.begin, last_.end, last_.read_beats - before.read_beats, last_.written_beats - before.written_beats});
    }
}

// The cycle that has just passed.
void VerilatedUnit::count_cycle() {
    time_++;
    if (!is_idle()) {
        hold_ = kHoldCycles;
        ended_ = time_ + 1;
    } else if (hold_) {
        hold_--;
    }
    const uint64_t beats = read_beats() + written_beats();
    if (is_idle() || beats != beats_) {
        moved_ = time_;
        beats_ = beats;
    }
    follow_run();
}

std::string VerilatedUnit::broken_rule() const {
    if (is_deaf_) {
        return name_ + ": an access to a register does not end in " + std::to_string(kAccessCycles) + " cycles";
    }
    if (time_ - moved_ > kStuckCycles) {
        return name_ + ": a run has moved no data for " + std::to_string(kStuckCycles) + " cycles and does not end";
    }
    return broken_port();
}

void VerilatedUnit::run_to(uint64_t now) {
    while (time_ < now && (hold_ || !is_idle())) {
        tick();
        count_cycle();
    }
    if (time_ < now) {
        time_ = moved_ = now;
    }
}

uint32_t VerilatedUnit::finish_access(bool is_write, uint32_t offset, uint32_t value) {
    bool is_done = false;
    for (unsigned i = 0; i < kAccessCycles && !is_done; i++) {
        is_done = access(is_write, offset, &value);
        count_cycle();
    }
    is_deaf_ = is_deaf_ || !is_done;
    return value;
}

uint32_t VerilatedUnit::read(uint32_t offset, uint64_t now) {
    run_to(now);
    return finish_access(false, offset, 0);
}

void VerilatedUnit::write(uint32_t offset, uint32_t value, tern_window window, uint64_t now) {
    run_to(now);
    set_window(window);
    finish_access(true, offset, value);
}

uint64_t VerilatedUnit::idle_from(uint64_t now) {
    run_to(now + kAhead);
    return ended_;
}

} // namespace tern_vp
