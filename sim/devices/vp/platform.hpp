// SPDX-License-Identifier: Apache-2.0
// The virtual platform: core, register bus, units and device memory, in a SystemC context of its own.
#ifndef TERN_SIM_DEVICES_VP_PLATFORM_HPP
#define TERN_SIM_DEVICES_VP_PLATFORM_HPP

#include "sim/devices/vp/clock.hpp"

#include "cmodel/device/device_model.h"
#include "sim/devices/vp/bus.hpp"
#include "sim/devices/vp/core.hpp"
#include "sim/devices/vp/memory.hpp"
#include "sim/devices/vp/system.hpp"
#include "sim/devices/vp/unit.hpp"

namespace tern_vp {

class Platform : public sc_core::sc_module {
  public:
    // Makes it in the current context. The caller owns the memory.
    Platform(sc_core::sc_module_name name, uint8_t *data, uint64_t bytes, const tern_hardware &hardware,
             const tern_vp_memory &timing);
    ~Platform() override {
        core.end();
    }

    // The host's access to a register or a word of boot or scratch memory; false when the address is not mapped.
    bool host_access(bool is_write, uint32_t address, uint32_t *value);
    // Lets so many cycles pass, fewer when nothing works and nothing waits but the core for the doorbell.
    void advance(uint64_t cycles);
    uint64_t cycles() const {
        return cycles_of(sc_core::sc_time_stamp());
    }
    // Nothing works, and the core is held, has trapped, or waits for the doorbell.
    bool is_idle();
    void set_fault(const tern_device_fault &fault);
    void observe(const Observer &observer);
    // The first rule of a port that a Verilated unit broke. Empty: none.
    std::string broken_rule() const;
    bool is_good() const {
        return core.is_good();
    }

  private:
    const tern_vp_memory timing_;

  public:
    Memory memory;
    System system;
    Bus bus{"bus"};
    Dma dma;
    Matmul matmul;
    Vector vector;
    Attention attention;
    Core core;

  private:
    void stop_if_idle();

    const std::vector<Unit *> units_{&dma, &matmul, &vector, &attention}; // as in Bus::kBases, behind SYSTEM
    bool may_stop_ = false;                                               // in advance()

    tlm_utils::simple_initiator_socket<Platform> host_{"host"};
};

} // namespace tern_vp

#endif
