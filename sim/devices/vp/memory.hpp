// SPDX-License-Identifier: Apache-2.0
// Device memory: a TLM target with direct access (DMI) and debug transport. Its timing is in the estimates of the
// units, which stream. An access to the range of errors has a TLM_GENERIC_ERROR_RESPONSE.
#ifndef TERN_SIM_DEVICES_VP_MEMORY_HPP
#define TERN_SIM_DEVICES_VP_MEMORY_HPP

#include "sim/devices/vp/clock.hpp"

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "cmodel/device/memory.h"

namespace tern_vp {

class Memory : public sc_core::sc_module {
  public:
    tlm_utils::multi_passthrough_target_socket<Memory> ports{"ports"};

    // The caller owns the bytes.
    Memory(sc_core::sc_module_name name, uint64_t base, uint8_t *data, uint64_t bytes, uint32_t lanes);
    void set_errors(uint64_t base, uint64_t bytes);
    // As the units of the C model access it.
    tern_bus_memory &bus_memory() {
        return memory_;
    }

  private:
    void transport(int id, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    unsigned debug(int id, tlm::tlm_generic_payload &payload);
    bool direct(int id, tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi);
    bool access(tlm::tlm_generic_payload &payload);

    tern_bus_memory memory_;
};

} // namespace tern_vp

#endif
