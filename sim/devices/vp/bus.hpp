// SPDX-License-Identifier: Apache-2.0
// The register bus of the SoC: address map, boot and scratch memory. Two targets: the core's port and the host's. An
// address that is not mapped reads 0 and ignores writes; the host has a TLM_ADDRESS_ERROR_RESPONSE then.
// Model of rtl/bus/tern_native_bus.v.
#ifndef TERN_SIM_DEVICES_VP_BUS_HPP
#define TERN_SIM_DEVICES_VP_BUS_HPP

#include "sim/devices/vp/clock.hpp"

#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace tern_vp {

class Bus : public sc_core::sc_module {
  public:
    static constexpr unsigned kUnits = 5;
    // First address of each unit's registers; 4 KiB each.
    static constexpr uint32_t kBases[kUnits] = {TERN_SYSTEM_BASE, TERN_DMA_BASE, TERN_MATMUL_BASE, TERN_VECTOR_BASE,
                                                TERN_ATTENTION_BASE};

    tlm_utils::simple_target_socket<Bus> core{"core"}, host{"host"};
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<Bus>> units{"units", kUnits};

    explicit Bus(sc_core::sc_module_name name);
    uint8_t *boot() {
        return boot_.data();
    }
    uint8_t *scratch() {
        return scratch_.data();
    }

  private:
    void transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    void transport_host(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    bool route(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);

    std::vector<uint8_t> boot_, scratch_;
};

} // namespace tern_vp

#endif
