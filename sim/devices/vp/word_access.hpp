// SPDX-License-Identifier: Apache-2.0
// One access of 32 bits as a TLM payload: what core and host send, and what the registers of a unit take.
#ifndef TERN_SIM_DEVICES_VP_WORD_ACCESS_HPP
#define TERN_SIM_DEVICES_VP_WORD_ACCESS_HPP

#include "sim/devices/vp/clock.hpp"

#include <cstring>
#include <tlm>

#include "cmodel/device/registers.h"

namespace tern_vp {

class WordAccess {
  public:
    WordAccess(tlm::tlm_command command, uint32_t address, uint32_t value) : value_(value) {
        payload_.set_command(command);
        payload_.set_address(address);
        payload_.set_data_ptr(reinterpret_cast<unsigned char *>(&value_));
        payload_.set_data_length(sizeof value_);
        payload_.set_streaming_width(sizeof value_);
        payload_.set_byte_enable_ptr(nullptr);
        payload_.set_dmi_allowed(false);
        payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    }
    // Bits 0 to 3: the bytes that are written.
    void set_strobes(uint32_t strobes) {
        for (unsigned i = 0; i < sizeof enables_; i++) {
            enables_[i] = strobes >> i & 1u ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
        }
        payload_.set_byte_enable_ptr(enables_);
        payload_.set_byte_enable_length(sizeof enables_);
    }
    tlm::tlm_generic_payload &payload() {
        return payload_;
    }
    uint32_t value() const {
        return value_;
    }
    bool is_ok() const {
        return payload_.is_response_ok();
    }

  private:
    uint32_t value_;
    unsigned char enables_[4];
    tlm::tlm_generic_payload payload_;
};

// Whether the payload is one whole aligned word. Otherwise the response says what is wrong with it.
inline bool takes_word(tlm::tlm_generic_payload &payload) {
    const unsigned char *enables = payload.get_byte_enable_ptr();
    if (payload.get_data_length() != 4 || payload.get_address() % 4 != 0 || payload.get_streaming_width() < 4) {
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return false;
    }
    if (enables && std::memchr(enables, TLM_BYTE_DISABLED, payload.get_byte_enable_length())) {
        payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        return false;
    }
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
        payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return false;
    }
    return true;
}

// An access to the registers of a unit: read(offset) or write(offset, value). Behind the registers words read 0.
template <class Read, class Write> void serve_word(tlm::tlm_generic_payload &payload, Read read, Write write) {
    if (!takes_word(payload)) {
        return;
    }
    const uint32_t offset = uint32_t(payload.get_address());
    const bool is_register = offset < TERN_REGISTER_BYTES;
    uint32_t value = 0;
    if (payload.is_read()) {
        value = is_register ? read(offset) : 0;
        std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    } else if (is_register) {
        std::memcpy(&value, payload.get_data_ptr(), sizeof value);
        write(offset, value);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace tern_vp

#endif
