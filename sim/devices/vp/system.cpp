// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/system.hpp"

#include "sim/devices/vp/word_access.hpp"

namespace tern_vp {

System::System(sc_core::sc_module_name name, const tern_hardware &hardware) : sc_module(name) {
    tern_system_unit_reset(&unit_, &hardware);
    registers.register_b_transport(this, &System::transport);
}

bool System::lets_core_run() const {
    return TERN_FIELD_GET(SYSTEM_CONTROL_RUN, tern_registers_get(&unit_.registers, TERN_SYSTEM_REG_CONTROL));
}

bool System::firmware_is_idle() const {
    const tern_registers &registers = unit_.registers;
    return tern_registers_get(&registers, TERN_SYSTEM_REG_FIRMWARE_STATE) == TERN_SYSTEM_FIRMWARE_STATE_IDLE &&
           tern_registers_get(&registers, TERN_SYSTEM_REG_DOORBELL) ==
               tern_registers_get(&registers, TERN_SYSTEM_REG_COMPLETED);
}

uint32_t System::read(uint32_t offset, const sc_core::sc_time &now) {
    unit_.time = cycles_of(now);
    const uint32_t word = tern_system_unit_read(&unit_, offset);
    return offset == TERN_SYSTEM_REG_STATUS ? word | TERN_FIELD_PUT(SYSTEM_STATUS_TRAPPED, trapped_) : word;
}

void System::write(uint32_t offset, uint32_t value) {
    tern_system_unit_write(&unit_, offset, value);
    switch (offset) {
    case TERN_SYSTEM_REG_DOORBELL:
        rung_ = true;
        changed.notify(sc_core::SC_ZERO_TIME);
        break;
    case TERN_SYSTEM_REG_CONTROL:
        was_held_ = was_held_ || !lets_core_run();
        trapped_ = trapped_ && lets_core_run(); // a core that is held is in reset
        changed.notify(sc_core::SC_ZERO_TIME);
        break;
    case TERN_SYSTEM_REG_SLEEP:
        wants_sleep_ = true;
        sleep_word_ = value;
        break;
    default: break;
    }
}

void System::transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    serve_word(
        payload, [&](uint32_t offset) { return read(offset, sc_core::sc_time_stamp() + delay); },
        [&](uint32_t offset, uint32_t value) { write(offset, value); });
}

} // namespace tern_vp
