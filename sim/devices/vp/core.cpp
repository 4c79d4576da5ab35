// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/core.hpp"

#include <algorithm>

#include "sim/devices/vp/word_access.hpp"

namespace tern_vp {

namespace {

// The firmware without a command asks for the doorbell all the time. So it is at most a quantum late that time stops.
constexpr uint64_t kQuantumCycles = 64;
// Cycles from the event that ends a sleep to the core's next access. The events and the end of the sleep are registers
// (tern_system_registers.v). Then the bus looks at the access.
constexpr uint64_t kWakeCycles = 4;

} // namespace

Core::Core(sc_core::sc_module_name name, System &system, std::vector<Unit *> units, uint8_t *boot, uint8_t *scratch,
           std::function<void()> idle)
    : sc_module(name), system_(system), units_(std::move(units)), idle_(std::move(idle)),
      iss_(nullptr, tern_iss_destroy) {
    const tern_iss_machine machine = {boot, scratch, access, this};
    iss_.reset(tern_iss_create(&machine));
    SC_THREAD(run);
    set_stack_size(1 << 18);
    thread_ = sc_core::sc_get_last_created_process_handle();
    SC_METHOD(end_thread);
    sensitive << end_;
    dont_initialize();
}

void Core::end() {
    if (sc_core::sc_is_running()) {
        end_.notify(sc_core::SC_ZERO_TIME);
        sc_core::sc_start(time_of(1));
    }
}

void Core::end_thread() {
    thread_.kill();
}

bool Core::is_idle() const {
    return !system_.lets_core_run() || state().trap != TERN_ISS_NO_TRAP || system_.firmware_is_idle();
}

void Core::program_changed(uint32_t address) {
    tern_iss_written(iss_.get(), address);
}

// Since its reset the core was not held.
bool Core::runs() const {
    return system_.lets_core_run() && !system_.was_held();
}

sc_core::sc_time Core::local_time() const {
    return run_begun_ + time_of(state().cycles - run_begun_cycles_);
}

// The delay of the transport is how far the core is ahead of SystemC's time.
tern_iss_answer Core::access(void *context, uint32_t address, uint32_t strobes, uint32_t *word, uint32_t *wait) {
    Core &core = *static_cast<Core *>(context);
    WordAccess access(strobes ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, *word);
    if (strobes && strobes != 15) {
        access.set_strobes(strobes);
    }
    const sc_core::sc_time ahead = core.local_time() - sc_core::sc_time_stamp();
    sc_core::sc_time delay = ahead;
    core.bus->b_transport(access.payload(), delay);
    *word = access.value();
    *wait = uint32_t(cycles_of(delay - ahead));
    return strobes && core.system_.wants_sleep() ? TERN_ISS_STALL : TERN_ISS_OK;
}

// The earliest event of the word, `until` at the latest.
sc_core::sc_time Core::end_of_sleep(uint32_t word, const sc_core::sc_time &until, const sc_core::sc_time &now) {
    sc_core::sc_time end = until;
    for (size_t i = 0; i < units_.size(); i++) {
        if (word >> i & 1u) {
            end = std::min(end, std::max(now, units_[i]->idle_from(now)));
        }
    }
    return TERN_FIELD_GET(SYSTEM_SLEEP_DOORBELL, word) && system_.rung() ? now : end;
}

// Ends early when the host holds the core. The core's counter of cycles stands still meanwhile.
void Core::sleep(uint32_t word) {
    keeper_.sync();
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    const sc_core::sc_time until = begin + time_of(TERN_FIELD_GET(SYSTEM_SLEEP_CYCLES, word));
    while (runs()) {
        const sc_core::sc_time now = sc_core::sc_time_stamp(), end = end_of_sleep(word, until, now);
        if (end <= now) {
            break;
        }
        idle_();
        wait(end - now, system_.changed);
    }
    system_.end_sleep();
    observer_.report(TERN_PART_CORE, begin, sc_core::sc_time_stamp(), 0, 0);
    keeper_.inc(time_of(kWakeCycles));
}

// To the end of the quantum, or to an earlier stop.
void Core::run_slice() {
    run_begun_ = keeper_.get_current_time();
    run_begun_cycles_ = state().cycles;
    const tern_iss_stop stop = tern_iss_run(iss_.get(), run_begun_cycles_ + kQuantumCycles);
    keeper_.set(local_time() - sc_core::sc_time_stamp());
    if (stop == TERN_ISS_BUS_STOPPED) {
        sleep(system_.take_sleep());
        return;
    }
    if (stop != TERN_ISS_TRAPPED) {
        idle_();
    }
    keeper_.sync();
    if (stop == TERN_ISS_TRAPPED && runs()) {
        system_.set_trapped();
    }
}

void Core::run() {
    for (;;) {
        while (!system_.lets_core_run()) {
            idle_();
            wait(system_.changed);
        }
        tern_iss_reset(iss_.get());
        system_.begin_run();
        keeper_.reset();
        while (runs() && state().trap == TERN_ISS_NO_TRAP) {
            run_slice();
        }
        while (runs()) {
            idle_();
            wait(system_.changed);
        }
    }
}

} // namespace tern_vp
