// SPDX-License-Identifier: Apache-2.0
// Clock cycles as SystemC time, and the SystemC context of a platform.
#ifndef TERN_SIM_DEVICES_VP_CLOCK_HPP
#define TERN_SIM_DEVICES_VP_CLOCK_HPP

#include <cstdint>

#define SC_INCLUDE_DYNAMIC_PROCESSES // for the sockets of tlm_utils
#include <systemc>

#include "spec/generated/tern_spec.h"

namespace tern_vp {

inline sc_core::sc_time time_of(uint64_t cycles) {
    static const double period_ns = 1e9 / TERN_CLOCK_HZ;
    return sc_core::sc_time(double(cycles) * period_ns, sc_core::SC_NS);
}

inline uint64_t cycles_of(const sc_core::sc_time &time) {
    static const uint64_t period = time_of(1).value();
    return time.value() / period;
}

// A process may open several devices, one after the other or at once. Every device has a SystemC kernel context of its
// own. While an object of this class lives, calls go to that context.
class Context {
  public:
    explicit Context(sc_core::sc_simcontext *context) : before_(sc_core::sc_curr_simcontext) {
        sc_core::sc_curr_simcontext = context;
    }
    ~Context() {
        sc_core::sc_curr_simcontext = before_;
    }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;

  private:
    sc_core::sc_simcontext *before_;
};

} // namespace tern_vp

#endif
