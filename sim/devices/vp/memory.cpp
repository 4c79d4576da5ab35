// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/memory.hpp"

#include <cstring>

namespace tern_vp {

Memory::Memory(sc_core::sc_module_name name, uint64_t base, uint8_t *data, uint64_t bytes, uint32_t lanes)
    : sc_module(name), memory_{base, bytes, data, 0, 0, lanes} {
    ports.register_b_transport(this, &Memory::transport);
    ports.register_transport_dbg(this, &Memory::debug);
    ports.register_get_direct_mem_ptr(this, &Memory::direct);
}

void Memory::set_errors(uint64_t base, uint64_t bytes) {
    memory_.error_base = base;
    memory_.error_bytes = bytes;
}

bool Memory::access(tlm::tlm_generic_payload &payload) {
    const uint64_t address = payload.get_address();
    const unsigned bytes = payload.get_data_length();
    if (!tern_range_holds(memory_.base, memory_.bytes, address, bytes)) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return false;
    }
    uint8_t *at = tern_bus_at(&memory_, address);
    if (payload.is_read()) {
        std::memcpy(payload.get_data_ptr(), at, bytes);
    } else if (payload.is_write()) {
        std::memcpy(at, payload.get_data_ptr(), bytes);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    return true;
}

void Memory::transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &) {
    if (payload.get_byte_enable_ptr()) {
        payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    } else if (access(payload) && tern_bus_errs(&memory_, payload.get_address(), payload.get_data_length())) {
        payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
}

unsigned Memory::debug(int, tlm::tlm_generic_payload &payload) {
    return access(payload) ? payload.get_data_length() : 0;
}

// The units of the C model look for errors themselves, so all of memory is direct.
bool Memory::direct(int, tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi) {
    dmi.set_start_address(memory_.base);
    dmi.set_end_address(memory_.base + memory_.bytes - 1);
    dmi.set_dmi_ptr(memory_.data);
    dmi.set_granted_access(tlm::tlm_dmi::DMI_ACCESS_READ_WRITE);
    return true;
}

} // namespace tern_vp
