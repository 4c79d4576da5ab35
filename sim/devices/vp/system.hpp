// SPDX-License-Identifier: Apache-2.0
// The system registers as a TLM target around cmodel/device/system.h. They also hold what the core does: whether it is
// let run, has trapped, or wants to sleep.
#ifndef TERN_SIM_DEVICES_VP_SYSTEM_HPP
#define TERN_SIM_DEVICES_VP_SYSTEM_HPP

#include "sim/devices/vp/clock.hpp"

#include <tlm_utils/simple_target_socket.h>

#include "cmodel/device/system.h"

namespace tern_vp {

class System : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<System> registers{"registers"};
    // Something that the core may wait for has changed: RUN, DOORBELL, or a unit by the hand of the host.
    sc_core::sc_event changed{"changed"};

    System(sc_core::sc_module_name name, const tern_hardware &hardware);

    tern_window window() const {
        return tern_system_unit_window(&unit_);
    }
    bool lets_core_run() const;
    bool firmware_is_idle() const;
    // DOORBELL was written after the end of the last sleep.
    bool rung() const {
        return rung_;
    }
    void end_sleep() {
        rung_ = false;
    }
    void set_trapped() {
        trapped_ = true;
    }
    // RUN was 0 after the last begin_run(). The core may look only after it is 1 again.
    bool was_held() const {
        return was_held_;
    }
    void begin_run() {
        was_held_ = trapped_ = wants_sleep_ = false;
    }
    // SLEEP was written; take_sleep() returns the word and forgets it.
    bool wants_sleep() const {
        return wants_sleep_;
    }
    uint32_t take_sleep() {
        wants_sleep_ = false;
        return sleep_word_;
    }

  private:
    void transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    uint32_t read(uint32_t offset, const sc_core::sc_time &now);
    void write(uint32_t offset, uint32_t value);

    tern_system_unit unit_;
    bool was_held_ = false, rung_ = false, trapped_ = false, wants_sleep_ = false;
    uint32_t sleep_word_ = 0;
};

} // namespace tern_vp

#endif
