// SPDX-License-Identifier: Apache-2.0
// The mixed platform: some units are Verilated.
#ifndef TERN_SIM_DEVICES_VP_VERILATED_MIXED_HPP
#define TERN_SIM_DEVICES_VP_VERILATED_MIXED_HPP

#include "host_driver/device/backend.h"
#include "sim/devices/vp/platform.hpp"

namespace tern_vp {

// Puts the RTL of the units that the configuration names in the place of their models. BAD_ARGUMENT: there is no such
// unit. UNSUPPORTED: this build has no RTL of the units, or that of another device.
tern_status set_verilated(const tern_backend_config &config, Platform &platform, tern_error *error);

} // namespace tern_vp

#endif
