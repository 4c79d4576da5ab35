// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/unit.hpp"

#include <algorithm>

#include "sim/devices/vp/word_access.hpp"

namespace tern_vp {

namespace {

// A read of a unit passes rtl/bus/tern_register_port.v, which takes a cycle. A write is over for the core when it is
// there.
constexpr uint64_t kReadCycles = 1;

} // namespace

Unit::Unit(sc_core::sc_module_name name, const System &system) : sc_module(name), system_(system) {
    registers.register_b_transport(this, &Unit::transport);
}

void Unit::set_verilated(std::unique_ptr<VerilatedUnit> verilated) {
    verilated_ = std::move(verilated);
    verilated_->observe([this](const VerilatedRun &run) {
        observer_.report(part_, time_of(run.begin), time_of(run.end), run.read_beats, run.written_beats);
    });
}

// The bytes of a Verilated unit's AXI4 memory are those of device memory, as direct memory.
void Unit::start_of_simulation() {
    tlm::tlm_generic_payload payload;
    tlm::tlm_dmi direct;
    if (verilated_ && memory->get_direct_mem_ptr(payload, direct)) {
        const uint64_t base = direct.get_start_address();
        verilated_->map(base, direct.get_dmi_ptr(), direct.get_end_address() - base + 1);
    }
}

void Unit::set_memory_errors(uint64_t base, uint64_t bytes) {
    if (verilated_) {
        verilated_->set_faults(base, bytes, hangs());
    }
}

bool Unit::goes_on(const sc_core::sc_time &now) {
    catch_up(now);
    return is_busy() && !hangs();
}

// Cycles to the end.
uint64_t Unit::left(const sc_core::sc_time &now) const {
    return cycles_of(ends_ - now);
}

// This run streams. The beats that the other run reads meanwhile come later.
void Unit::wait_for(const Unit &other, const sc_core::sc_time &now) {
    const uint64_t beside = std::min(left(now), other.left(now));
    const uint64_t beats = other.run_.reads * beside / std::max<uint64_t>(other.run_.cycles, 1);
    run_.cycles += beats;
    run_.starved += beats;
    ends_ += time_of(beats);
}

// This run does not stream. As long as the other one does, it goes as slowly as all of it would beside a stream. The
// rest of it takes its usual time.
void Unit::run_beside(const Unit &stream, const sc_core::sc_time &now) {
    const uint64_t slower = estimate(&stream.run_).cycles;
    if (slower <= run_.cycles) {
        return; // streams before this one have slowed it as much
    }
    const uint64_t all = left(now) * slower / std::max<uint64_t>(run_.cycles, 1);
    const uint64_t more = std::min(all, stream.left(now)) * (slower - run_.cycles) / slower;
    run_.cycles += more;
    run_.starved += more;
    ends_ += time_of(more);
}

// Of two streams, which no firmware lets run at once, each keeps its time.
void Unit::meet(Unit &peer, const sc_core::sc_time &now) {
    if (peer.run_.queued && !run_.queued) {
        run_beside(peer, now);
        peer.wait_for(*this, now);
    } else if (run_.queued && !peer.run_.queued) {
        peer.run_beside(*this, now);
        wait_for(peer, now);
    }
}

void Unit::begin(const sc_core::sc_time &now) {
    begun_ = now;
    run_ = estimate(nullptr);
    ends_ = hangs() ? sc_core::sc_max_time() : now + time_of(run_.cycles);
    for (Unit *peer : peers_) {
        if (peer != this && !hangs() && peer->goes_on(now)) {
            meet(*peer, now);
        }
    }
}

void Unit::catch_up(const sc_core::sc_time &now) {
    if (is_busy() && now >= ends_) {
        step();
        count(run_);
        observer_.report(part_, begun_, ends_, run_.reads, run_.writes);
    }
}

sc_core::sc_time Unit::idle_from(const sc_core::sc_time &now) {
    if (verilated_) {
        return time_of(verilated_->idle_from(cycles_of(now)));
    }
    catch_up(now);
    return is_busy() ? ends_ : now;
}

// The unit counts at the end of a run. Until then the counter moves with time. The core, which runs ahead, may have
// started the run later than the host reads.
uint32_t Unit::read_at(uint32_t offset, const sc_core::sc_time &now) {
    if (verilated_) {
        return verilated_->read(offset, cycles_of(now));
    }
    const bool moves = is_busy() && !hangs() && offset == progress_offset() && now > begun_;
    return read(offset) + (moves ? uint32_t(cycles_of(now - begun_)) : 0);
}

void Unit::write_at(uint32_t offset, uint32_t value, const sc_core::sc_time &now) {
    if (verilated_) {
        verilated_->write(offset, value, system_.window(), cycles_of(now));
        return;
    }
    const bool was_busy = is_busy();
    write(offset, value, system_.window());
    if (!was_busy && is_busy()) {
        begin(now);
    }
}

void Unit::transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    const sc_core::sc_time now = sc_core::sc_time_stamp() + delay;
    catch_up(now);
    serve_word(
        payload, [&](uint32_t offset) { return read_at(offset, now); },
        [&](uint32_t offset, uint32_t value) { write_at(offset, value, now); });
    if (payload.is_read() && payload.is_response_ok()) {
        delay += time_of(kReadCycles);
    }
}

} // namespace tern_vp
