// SPDX-License-Identifier: Apache-2.0
#include "sim/devices/vp/bus.hpp"

#include <cstring>

namespace tern_vp {

namespace {

constexpr uint32_t kUnitBytes = 4096;

// Bytes of `memory` at `offset`, as far as the payload's byte enables go.
void access(std::vector<uint8_t> &memory, uint64_t offset, tlm::tlm_generic_payload &payload) {
    unsigned char *data = payload.get_data_ptr();
    const unsigned char *enables = payload.get_byte_enable_ptr();
    for (unsigned i = 0; i < payload.get_data_length(); i++) {
        if (enables && enables[i % payload.get_byte_enable_length()] == TLM_BYTE_DISABLED) {
            continue;
        }
        if (payload.is_write()) {
            memory[offset + i] = data[i];
        } else {
            data[i] = memory[offset + i];
        }
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool holds(const std::vector<uint8_t> &memory, uint64_t offset, const tlm::tlm_generic_payload &payload) {
    return offset < memory.size() && payload.get_data_length() <= memory.size() - offset;
}

} // namespace

Bus::Bus(sc_core::sc_module_name name) : sc_module(name), boot_(TERN_BOOT_BYTES), scratch_(TERN_SCRATCH_BYTES) {
    core.register_b_transport(this, &Bus::transport);
    host.register_b_transport(this, &Bus::transport_host);
}

// false: the address is not mapped.
bool Bus::route(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    const uint64_t address = payload.get_address();
    if (holds(boot_, address - TERN_BOOT_BASE, payload)) {
        access(boot_, address - TERN_BOOT_BASE, payload);
        return true;
    }
    if (holds(scratch_, address - TERN_SCRATCH_BASE, payload)) {
        access(scratch_, address - TERN_SCRATCH_BASE, payload);
        return true;
    }
    for (unsigned i = 0; i < kUnits; i++) {
        if (address - kBases[i] < kUnitBytes) {
            payload.set_address(address - kBases[i]);
            units[i]->b_transport(payload, delay);
            payload.set_address(address);
            return true;
        }
    }
    return false;
}

void Bus::transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    if (!route(payload, delay)) {
        if (payload.is_read()) {
            std::memset(payload.get_data_ptr(), 0, payload.get_data_length());
        }
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
}

void Bus::transport_host(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    if (!route(payload, delay)) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
}

} // namespace tern_vp
