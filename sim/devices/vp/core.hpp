// SPDX-License-Identifier: Apache-2.0
// The processor: the interpreter of iss.h in a SystemC thread, loosely timed. It runs ahead of SystemC's time by up to
// a quantum. It sleeps in SystemC's time.
#ifndef TERN_SIM_DEVICES_VP_CORE_HPP
#define TERN_SIM_DEVICES_VP_CORE_HPP

#include "sim/devices/vp/clock.hpp"

#include <functional>
#include <memory>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "sim/devices/vp/iss/iss.h"
#include "sim/devices/vp/unit.hpp"

namespace tern_vp {

class Core : public sc_core::sc_module {
  public:
    tlm_utils::simple_initiator_socket<Core> bus{"bus"};

    // units: in the order of the bits of SLEEP. Boot and scratch memory are those of the bus, as direct memory. idle:
    // is called before a wait.
    Core(sc_core::sc_module_name name, System &system, std::vector<Unit *> units, uint8_t *boot, uint8_t *scratch,
         std::function<void()> idle);
    // Ends the thread. SystemC 3.0 crashes when a simulation is destroyed that still has one.
    void end();
    bool is_good() const {
        return bool(iss_);
    }
    // Held, trapped, or waiting for the doorbell.
    bool is_idle() const;
    // Reports each sleep.
    void observe(const Observer &observer) {
        observer_ = observer;
    }
    // Somebody else has written this word of boot memory.
    void program_changed(uint32_t address);
    const tern_iss_state &state() const {
        return *tern_iss_state_of(iss_.get());
    }

  private:
#if SC_VERSION_MAJOR < 3 // later ones need no macro
    SC_HAS_PROCESS(Core);
#endif
    static tern_iss_answer access(void *context, uint32_t address, uint32_t strobes, uint32_t *word, uint32_t *wait);
    void run();
    void end_thread();
    bool runs() const;
    void run_slice();
    void sleep(uint32_t word);
    sc_core::sc_time end_of_sleep(uint32_t word, const sc_core::sc_time &until, const sc_core::sc_time &now);
    sc_core::sc_time local_time() const;

    System &system_;
    std::vector<Unit *> units_;
    Observer observer_;
    std::function<void()> idle_;
    std::unique_ptr<tern_iss, void (*)(tern_iss *)> iss_;
    tlm_utils::tlm_quantumkeeper keeper_;
    sc_core::sc_process_handle thread_;
    sc_core::sc_event end_;
    sc_core::sc_time run_begun_;    // local time when the interpreter was entered
    uint64_t run_begun_cycles_ = 0; // and its count
};

} // namespace tern_vp

#endif
