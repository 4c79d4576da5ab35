// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/unit.hpp"

#include "sim/devices/vp/word_access.hpp"

namespace tern_vp {

Unit::Unit(sc_core::sc_module_name name, const System &system) : sc_module(name), system_(system) {
    registers.register_b_transport(this, &Unit::transport);
}

void Unit::begin(const sc_core::sc_time &now) {
    begun_ = now;
    ends_ = hangs() ? sc_core::sc_max_time() : now + time_of(estimate());
}

void Unit::catch_up(const sc_core::sc_time &now) {
    if (is_busy() && now >= ends_) {
        step();
        count(cycles_of(ends_ - begun_));
    }
}

sc_core::sc_time Unit::idle_from(const sc_core::sc_time &now) {
    catch_up(now);
    return is_busy() ? ends_ : now;
}

void Unit::transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    if (!takes_word(payload)) {
        return;
    }
    const sc_core::sc_time now = sc_core::sc_time_stamp() + delay;
    const uint32_t offset = uint32_t(payload.get_address());
    uint32_t value;
    std::memcpy(&value, payload.get_data_ptr(), sizeof value);
    catch_up(now);
    if (offset >= TERN_REGISTER_BYTES) {
        value = 0;
    } else if (payload.is_write()) {
        const bool was_busy = is_busy();
        write(offset, value, system_.window());
        if (!was_busy && is_busy()) {
            begin(now);
        }
    } else {
        value = read(offset);
        // The block counts at the end of a run. Until then the counter moves with time.
        if (is_busy() && !hangs() && offset == progress_offset()) {
            value += uint32_t(cycles_of(now - begun_));
        }
    }
    if (payload.is_read()) {
        std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace tern_vp
